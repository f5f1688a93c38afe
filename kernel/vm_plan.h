/*
 * What is decided about VMs before anything is done on the machine: what there is for all of them, where a vCPU lives,
 * where RAM lies. Pure: Corbel decides by it when it creates its VMs, tools/corbel-check when it tells beforehand.
 */
#ifndef KERNEL_VM_PLAN_H
#define KERNEL_VM_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/bundle.h"
#include "kernel/config.h"
#include "kernel/guest_map.h"
#include "platform/hw_info.h"

/* Kept back from what VMs may have: MAX_VMS times structs, stage 2 tables and device tree. */
#define VM_OVERHEAD_BYTES (MAX_VMS * UINT64_C(384) * 1024)

/* More than any guest platform window needs, and what the smallest ARMv8-A servers have. */
#define IPA_BITS_WANTED 40

/*
 * What the bundle's VMs may have together. free_bytes: of the page allocator before the first VM is created; ipa_bytes:
 * what stage 2 can translate; has_firmware: some answers SMC.
 */
struct bundle_host vm_plan_host(const struct hw_info *hw, const struct guest_map *map, uint64_t free_bytes,
				uint64_t ipa_bytes, bool has_firmware);

/* Who is online, and how many vCPUs live there so far. */
struct vm_plan_cpus {
	uint64_t online; /* bit n: pCPU n */
	unsigned int nr_assigned[MAX_CPUS];
	unsigned int nr_first[MAX_CPUS]; /* of them, vCPUs 0 */
};

/*
 * The home pCPU for a vCPU with this affinity mask: the least loaded one that is online; MAX_CPUS: there is none. Of
 * equals, for a VM's first vCPU, the one where the fewest of these live: a VM's job loads it there, and a kernel boots
 * there. Then the first one.
 */
unsigned int vm_plan_choose_home(const struct vm_plan_cpus *cpus, uint64_t affinity, bool is_first);

/* Why a VM with corbel,direct-map was not created. */
#define VM_PLAN_NO_BLOCK "no such block of memory is left"

/* RAM moves to `base`, and with it the kernel: for a guest whose RAM is where it is on the host (corbel,direct-map). */
void vm_plan_move_ram(struct vm_config *config, struct guest_map *map, pa_t base);

#endif

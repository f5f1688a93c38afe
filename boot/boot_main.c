/* The boot story: from start.S to kernel_main(), one commented line a step. */
#include <stddef.h>

#include "arch/arm64/barrier.h"
#include "arch/arm64/cache.h"
#include "arch/arm64/el2_init.h"
#include "arch/arm64/el2_mmu.h"
#include "arch/arm64/sections.h"
#include "arch/arm64/smc_call.h"
#include "arch/arm64/timer.h"
#include "boot/boot.h"
#include "kernel/main.h"
#include "lib/bits.h"
#include "lib/log.h"
#include "psci/psci_host.h"

struct percpu percpu_areas[HW_MAX_CPUS];
static struct hw_info hw;

/* What start.S knows of struct percpu. */
_Static_assert(offsetof(struct percpu, stack_top) == 0, "PERCPU_STACK_TOP");
_Static_assert(offsetof(struct percpu, mpidr) == 8, "PERCPU_MPIDR");
_Static_assert(sizeof(struct percpu) == 32, "PERCPU_BYTES");
_Static_assert(HW_MAX_CPUS == BOOT_NR_PERCPU, "BOOT_NR_PERCPU");

#define NO_MPIDR UINT64_MAX /* no CPU has it: bits outside the affinity fields are set */

/*
 * What was written with the MMU off is in memory; lines that a cache took from there before are stale now. Only reads
 * since: none of them is dirty (start.S threw those out), so dropping them loses nothing. Boot CPU, MMU off, nobody
 * else runs.
 */
static void drop_stale_lines(void)
{
	uintptr_t line = cache_dline_bytes();

	for (uintptr_t at = (uintptr_t)__image_start; at < (uintptr_t)__image_end; at += line)
		__asm__ volatile("dc ivac, %0" : : "r"(at) : "memory");
	dsb(sy);
}

/* The index of the CPU that runs this. One that the tree does not list is added: it is there, after all. */
static unsigned int find_boot_cpu(void)
{
	uint64_t mpidr = read_sysreg(mpidr_el1) & MPIDR_AFFINITY;

	for (unsigned int cpu = 0; cpu < hw.nr_cpus; cpu++)
		if (hw.cpus[cpu].mpidr == mpidr)
			return cpu;
	if (hw.nr_cpus == HW_MAX_CPUS)
		boot_refuse("the boot CPU is not among the first 16 of /cpus in the host's device tree");
	hw.cpus[hw.nr_cpus] = (struct hw_cpu){ .mpidr = mpidr, .enable = HW_ENABLE_NONE };
	return hw.nr_cpus++;
}

/* Gives each CPU its area and stack. start.S put us on the first stack, so that one stays the boot CPU's. */
static void init_percpu(void)
{
	uint64_t stride = (uint64_t)(__stacks_end - __stacks_start) / HW_MAX_CPUS;
	uint64_t first_top = (uint64_t)(uintptr_t)__stacks_start + stride;
	unsigned int boot_cpu = find_boot_cpu();

	for (unsigned int cpu = 0; cpu < HW_MAX_CPUS; cpu++) {
		percpu_areas[cpu].cpu = cpu;
		percpu_areas[cpu].mpidr = cpu < hw.nr_cpus ? hw.cpus[cpu].mpidr : NO_MPIDR;
		percpu_areas[cpu].stack_top = first_top + cpu * stride;
	}
	percpu_areas[0].stack_top = first_top + boot_cpu * stride;
	percpu_areas[boot_cpu].stack_top = first_top;
	write_sysreg((uint64_t)(uintptr_t)&percpu_areas[boot_cpu], tpidr_el2);
}

/* Corbel's own image is memory that nobody may be given. */
static void reserve_image(void)
{
	if (hw.nr_reserved == HW_MAX_RESERVED)
		boot_refuse("the host's device tree has more than 31 reserved memory regions, which is Corbel's limit");
	hw.reserved[hw.nr_reserved++] = (struct hw_range){
		.base = pa((uint64_t)(uintptr_t)__image_start),
		.size_bytes = (uint64_t)(__image_end - __image_start),
	};
}

static void init_psci(void)
{
	psci_host_init(hw.psci == HW_PSCI_SMC, smc_call);
	if (hw.psci == HW_PSCI_HVC)
		log_warn("boot", "the host's PSCI wants HVC, which at EL2 would call Corbel itself: running on the "
				 "boot CPU alone");
}

void boot_main(const void *fdt, unsigned int entry, uint64_t loader_sp)
{
	static const struct boot_ops ops = { .start_secondary = boot_start_secondary };
	static char message[HW_MESSAGE_MAX];

	/* At EL2 with the MMU off, as the boot protocol says? If not, tell and stop. */
	if (entry != BOOT_AGREED)
		boot_refuse_entry(fdt, entry, entry == BOOT_MMU_ON ? loader_sp : 0);
	/* W^X before anything else: the image by sections, guard pages under the stacks, and the DTB. */
	boot_map_image();
	boot_map_fdt(fdt);
	drop_stale_lines();
	el2_mmu_enable();
	/* No register of EL2 keeps an unknown value. */
	el2_init();
	/* What is this machine? A tree that does not say ends in a sentence on its console. */
	enum hv_err err = fdt_scan(fdt, &hw, message);
	boot_refuse_use(&hw, true);
	if (err != HV_OK)
		boot_refuse(message);
	if (timer_frequency_hz() == 0)
		boot_refuse("CNTFRQ_EL0 is 0: the firmware did not say how fast the counter runs");
	/* Who am I among its CPUs? this_cpu() is right from here on. */
	init_percpu();
	/* All RAM, and the devices that Corbel drives. */
	reserve_image();
	boot_map_machine(&hw);
	/* The firmware, where there is one that answers. */
	init_psci();
	/* The rest is the kernel's; it starts the other CPUs when it is ready for them. */
	kernel_set_boot_ops(&ops);
	kernel_main(&hw);
}

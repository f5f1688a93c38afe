/*
 * A virtual machine: its configuration, memory, devices and vCPUs, and its life: created from the bundle, loaded in
 * slices, run, stopped asynchronously, and started again from the bundle's bytes.
 *
 * Races, thought through:
 * - Stop is posted, never awaited: vm_stop() moves RUNNING to STOPPING under the lock and posts VCPU_REQ_STOP to every
 * vCPU; each goes offline on its own pCPU and decrements nr_live; the last one queues the VM's job on its home pCPU.
 * CPU_ON checks the state under the same lock, so no vCPU comes up behind a stop.
 * - The job (load, start, finish) runs on home_cpu only, between turns of its run loop, in slices.
 */
#ifndef KERNEL_VM_H
#define KERNEL_VM_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/arm64/stage2.h"
#include "arch/arm64/vmid.h"
#include "dev/vgic.h"
#include "kernel/bundle.h"
#include "kernel/config.h"
#include "kernel/guest_map.h"
#include "kernel/mmio_bus.h"
#include "kernel/soft_timer.h"
#include "kernel/vdev.h"
#include "kernel/vm_layout.h"
#include "psci/psci.h"
#include "vcpu/idregs.h"

enum vm_state {
	VM_NEW,	    /* created, never started */
	VM_LOADING, /* its job copies images */
	VM_RUNNING,
	VM_STOPPING, /* waits for its vCPUs to go offline */
	VM_OFF,	     /* powered off, or stopped after a crash */
};

/* Why a VM stops, which decides what comes next. */
enum vm_stop_reason { VM_STOP_OFF, VM_STOP_RESET, VM_STOP_CRASH };

#define VM_MAX_CHUNKS 64
#define VM_FDT_ORDER  5 /* 2^5 pages: twice GUEST_FDT_MAX_BYTES */

/* Guest RAM comes in naturally aligned chunks of physical memory, largest first, so that stage 2 can use blocks. */
struct vm_chunk {
	ipa_t ipa;
	pa_t pa;
	uint64_t size_bytes;
};

struct vm {
	/* Constant after creation. */
	unsigned int id;
	const struct vm_config *config;
	const struct guest_map *map;
	struct vm_layout layout;
	struct vcpu *vcpus[MAX_VCPUS_PER_VM];
	unsigned int nr_vcpus;
	struct vm_chunk chunks[VM_MAX_CHUNKS];
	unsigned int nr_chunks;
	void *fdt_buffer; /* the tree and libfdt's scratch: VM_FDT_ORDER */
	struct mmio_bus bus;
	struct id_regs id_regs;
	struct psci_vm psci;
	unsigned int home_cpu; /* runs its jobs: vCPU 0's */

	/* lock (LOCK_VM). */
	struct spinlock lock;
	enum vm_state state;
	enum vm_stop_reason stop_reason;
	unsigned int nr_live; /* vCPUs that are on, or not yet offline */

	/* Stage 2: written under the lock; vmid by the VMID lock; last_vcpu[n] by pCPU n. */
	struct stage2 stage2;
	uint64_t vtcr;
	struct vmid vmid;
	uint8_t last_vcpu[MAX_CPUS];
	uint64_t cntvoff; /* CNTPCT at start: a guest's counter begins at 0; written while no vCPU runs */

	/* Own locks inside. */
	struct vgic vgic;
	struct vdev_uart uart;
	struct vdev_rtc rtc;

	/* The job: owned by home_cpu, queued under its LOCK_SCHED. */
	struct list_node job_node;
	bool job_queued;
	unsigned int load_step;
	uint64_t load_offset;
};

/* The VMs of the bundle, in its order. Written by the boot CPU before the others run guests. */
extern struct vm *vms[MAX_VMS];
extern unsigned int nr_vms;

/*
 * Creates a VM: memory, stage 2, devices, vCPUs, home pCPUs. Boot CPU, before guests run. HV_ENOMEM with a log line
 * saying what of. config stays referenced.
 */
enum hv_err vm_create(const struct vm_config *config, const struct guest_map *map);

/* Starts loading (NEW, OFF): HV_EBUSY in any other state. Any pCPU. */
enum hv_err vm_start(struct vm *vm);
/* Stops it, asynchronously; does nothing unless it is RUNNING. Any pCPU, no lock held. */
void vm_stop(struct vm *vm, enum vm_stop_reason reason);
/* One slice of the VM's job, on its home pCPU. Returns true when there is more to do. */
bool vm_job_step(struct vm *vm);
/* A vCPU is in the machine for the first time since CPU_ON: ON_PENDING becomes ON. Its own pCPU, no lock held. */
void vm_vcpu_came_up(struct vcpu *vcpu);
/* A vCPU has gone offline (CPU_OFF or stop): called by its pCPU with no lock held. */
void vm_vcpu_gone(struct vm *vm);
/* CPU_ON by PSCI: see vpsci_cpu_on(); starts the target. */
psci_ret_t vm_cpu_on(struct vm *vm, uint64_t target_mpidr, uint64_t entry, uint64_t context_id);
psci_ret_t vm_affinity_info(struct vm *vm, uint64_t target_mpidr, uint64_t level);

/* Is it loading, running or about to stop? Is any? */
bool vm_is_alive(const struct vm *vm);
bool vm_any_alive(void);
const char *vm_state_name(enum vm_state state);

#endif

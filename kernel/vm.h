/*
 * A virtual machine: its configuration, memory, devices and vCPUs, and its life: created from the bundle, loaded in
 * steps, run, stopped asynchronously, and started again from the bundle's bytes. RAM is its own from the start until it
 * is off for good; then it is scrubbed and given back. A reset keeps it, as a board's reset does.
 *
 *   NEW --start--> LOADING --> RUNNING --stop--> STOPPING --+--> OFF --start--> LOADING
 *                     |                           ^   ^     |
 *                     +------------stop-----------+   |     +--(reset)--> LOADING
 *                                                     |     |
 *                                                     +stop-+--(crash, on-crash = restart)--> WAITING --> LOADING
 *   RUNNING <--suspend, resume--> PAUSED --stop--> STOPPING
 *
 * Races, thought through:
 * - Stop is posted, never awaited: vm_stop() moves RUNNING to STOPPING under the lock and posts VCPU_REQ_STOP to every
 * vCPU; each goes offline on its own pCPU and decrements nr_live; the last one wakes the VM's job. CPU_ON checks the
 * state under the same lock, so no vCPU comes up behind a stop.
 * - While LOADING no vCPU is on: a stop only wakes the job, which looks at the state before each step. Its last step
 * makes the VM RUNNING under the lock, and only if it is LOADING still.
 * - Two stops: the first one's reason counts. The operator's destroy overrides it as long as the VM would come back:
 * the job asks for the reason again, under the lock, when it makes the VM LOADING.
 * - WAITING, after a crash (kernel/restart_policy.h): no vCPU is on, the job looks at the clock whenever it is woken,
 * by its timer or by a stop. Who makes it LOADING, the job when the time has come or vm_start() before, does so under
 * the lock and only if it is WAITING still; a timer that comes late finds nothing to do.
 * - A reboot that was asked for, comes_back, ends with the guest's power-off, with another order, or after
 * REBOOT_PATIENCE_S of the guest's own time, which the job looks at, woken by the timer, under the lock: whoever is
 * first. A guest that did not listen and powers off hours later stays off.
 * - Suspend is posted, too: vm_suspend() makes it PAUSED under the lock and holds every vCPU (sched_hold()), those that
 * are off as well. The job waits until all are out of the machine, and only then the VM's time stands; what a vCPU does
 * until it is out counts as done before. So PAUSED is RUNNING for all that a vCPU does on its way out: CPU_ON starts a
 * vCPU that is held, the last CPU_OFF and SYSTEM_OFF stop the VM, SYSTEM_SUSPEND parks it.
 * - A hold is the scheduler's, and changes nothing of what a vCPU waits for: one in WFI, SYSTEM_SUSPEND, MMIO_WAIT or
 * before a clean RAM may be woken meanwhile, and is then held instead of BLOCKED or PENDING. The pass of a ram_clean
 * stands with its job, and goes on after the resume.
 * - Resume is a wish (`resumes`) that the job grants, under the lock, when time stands and the VM is PAUSED still:
 * CNTVOFF moves by the time that it stood, while all vCPUs are out and held, then they are released. So a resume right
 * behind a suspend waits for it, and the other way round the wish is taken back.
 * - Stop of a PAUSED VM: who has to stop passes the hold, as it passes a budget, and goes offline without entering the
 * guest. The holds end at the next start.
 * - The job (load, finish, scrub) runs on its home pCPU only, in steps; see kernel/job.h.
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
#include "kernel/guest_fdt.h"
#include "kernel/guest_map.h"
#include "kernel/irq_storm.h"
#include "kernel/job.h"
#include "kernel/mmio_bus.h"
#include "kernel/passthrough.h"
#include "kernel/restart_policy.h"
#include "kernel/soft_timer.h"
#include "kernel/vdev.h"
#include "kernel/vdev_power_key.h"
#include "kernel/vm_layout.h"
#include "psci/psci.h"
#include "smc/smccc.h"
#include "vcpu/idregs.h"

enum vm_state {
	VM_NEW,	    /* created, never started */
	VM_LOADING, /* its job takes RAM and copies images */
	VM_RUNNING,
	VM_PAUSED,   /* suspended by the operator: its vCPUs are held, its time stands */
	VM_STOPPING, /* its vCPUs go offline; then, unless it starts again, its RAM is scrubbed */
	VM_WAITING,  /* it has crashed, and will be started again after a pause */
	VM_OFF,	     /* powered off, or stopped after a crash */
};

/* Why a VM stops, which decides what comes next: the guest's wishes by the VM's policies, the operator's at once. */
enum vm_stop_reason {
	VM_STOP_OFF,	 /* the guest powered off */
	VM_STOP_RESET,	 /* the guest asked for a reset */
	VM_STOP_CRASH,	 /* the guest did what cannot go on */
	VM_STOP_DESTROY, /* the operator cut its power */
	VM_STOP_RESTART, /* the operator pressed its reset button */
};

#define VM_MAX_CHUNKS 64

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
	struct vm_config own_config; /* corbel,direct-map: config and map are these, with RAM where it is */
	struct guest_map own_map;
	struct passthrough passthrough; /* host devices: kernel/host_devices.h */
	struct vm_layout layout;
	char size_text[32]; /* "2 vCPUs, 256 MiB" */
	struct vcpu *vcpus[MAX_VCPUS_PER_VM];
	unsigned int nr_vcpus;
	struct mmio_bus bus;
	struct id_regs id_regs;
	struct psci_vm psci;
	struct smccc_vm smccc;

	/* lock (LOCK_VM). */
	struct spinlock lock;
	enum vm_state state;
	enum vm_stop_reason stop_reason;
	bool told;		    /* STOPPING: its job acts on stop_reason already */
	const struct vcpu *crashed; /* VM_STOP_CRASH: who, and what of, as a clause */
	const char *crash_why;
	struct restart_policy restart_policy;
	bool comes_back;	     /* VM_STOP_OFF: the operator has asked for a reboot */
	uint64_t reboot_ends_ticks;  /* of the virtual counter: then comes_back lapses */
	bool gives_up;		     /* VM_STOP_CRASH, told: it has crashed too often in a row */
	uint64_t restart_due_ticks;  /* WAITING: CNTPCT */
	uint64_t stands_since_ticks; /* PAUSED: CNTPCT; 0 until all vCPUs are out */
	bool resumes;		     /* PAUSED: it shall go on */
	unsigned int nr_live;	     /* vCPUs that are on, or not yet offline */

	/* Stage 2: written under the lock; vmid as arch/arm64/vmid.h says. */
	struct stage2 stage2;
	uint64_t vtcr;
	struct vmid vmid;
	struct pv_time_record *pv_time; /* a page, one record a vCPU: kernel/pv_time.h */
	uint64_t cntvoff;		/* CNTPCT at start, and the time that it stood: written while no vCPU runs */

	/* The vGIC's lock. */
	bool takes_host_irqs;
	struct irq_storm storm;

	uint32_t clean_wanted; /* atomic: vCPUs that wait for the next pass */
	/* Own locks inside. */
	struct vgic vgic;
	struct vdev_uart uart;
	struct vdev_rtc rtc;
	struct vdev_power_key power_key;

	/* The job's: on its home pCPU, vCPU 0's. */
	struct job job;
	unsigned int report_row;
	bool devices_are_reset;		 /* STOPPING */
	struct soft_timer restart_timer; /* WAITING; RUNNING with comes_back */
	unsigned int load_stage;
	uint64_t load_offset;
	struct vm_chunk chunks[VM_MAX_CHUNKS]; /* kernel/vm_ram.h; none while it is off */
	unsigned int nr_chunks;
	uint64_t ram_bytes, mapped_bytes, scrubbed_bytes; /* from the start of RAM on */
	uint32_t clean_pass;				  /* vCPUs whose pass this is: kernel/ram_clean.h */
	uint64_t cleaned_bytes;				  /* in it */
	void *fdt; /* the guest's tree, GUEST_FDT_MAX_BYTES: built at creation, copied at each start */
	struct guest_fdt_seeds fdt_seeds;
};

/* The VMs of the bundle, in its order. Written by the boot CPU before the others run guests. */
extern struct vm *vms[MAX_VMS];
extern unsigned int nr_vms;

/*
 * Creates a VM: device tree, stage 2, devices, vCPUs, home pCPUs; all but its RAM. Boot CPU, before guests run. Errors
 * have been logged. config stays referenced.
 */
enum hv_err vm_create(const struct vm_config *config, const struct guest_map *map);

/* Starts loading (NEW, OFF, and WAITING before its pause is over): HV_EBUSY in any other state. Any pCPU. */
enum hv_err vm_start(struct vm *vm);
/* Stops it, asynchronously (LOADING, RUNNING, PAUSED, WAITING). HV_EBUSY: it is stopping already; HV_ENOENT: it is not
 * on. Any pCPU, no lock held. */
enum hv_err vm_stop(struct vm *vm, enum vm_stop_reason reason);
/*
 * Its vCPUs stop where they are, and its virtual counter stands, until vm_resume(); both asynchronously. Interrupts
 * that come meanwhile arrive then; the physical counter and the RTC go on. HV_EBUSY: it does not run, or is PAUSED for
 * good; HV_ENOENT: it is off. Any pCPU, no lock held.
 */
enum hv_err vm_suspend(struct vm *vm);
/*
 * Presses its power key, which asks the guest to shut down; comes_back: it is started again when it has done so, if
 * it does within REBOOT_PATIENCE_S; not comes_back: nor by an earlier wish.
 * HV_EUNSUP: it has no such key; HV_EBUSY: it does not run; HV_ENOENT: it is off. Any pCPU, no lock held.
 */
enum hv_err vm_shutdown(struct vm *vm, bool comes_back);
/* HV_EBUSY: it is not PAUSED; HV_ENOENT: it is off. Any pCPU, no lock held. */
enum hv_err vm_resume(struct vm *vm);
/* This vCPU cannot go on: the VM stops, with a report that says why (a clause). Its own pCPU, no lock held. */
void vm_crash(const struct vcpu *vcpu, const char *why);
/* One step of the VM's job (struct job.step). */
bool vm_job_step(struct job *job);
/* The job's step of a PAUSED VM. Returns true when there is more to do. */
bool vm_pause_step(struct vm *vm);
/* Makes it LOADING. Its lock held, no vCPU on. */
void vm_begin_load(struct vm *vm);
/* Stopped: does it come back by itself? Once it is told; before the reason may change. */
bool vm_starts_again(const struct vm *vm);
/* A vCPU is in the machine for the first time since CPU_ON: ON_PENDING becomes ON. Its own pCPU, no lock held. */
void vm_vcpu_came_up(struct vcpu *vcpu);
/* A vCPU has gone offline (CPU_OFF or stop): called by its pCPU with no lock held. */
void vm_vcpu_gone(struct vm *vm);
/* CPU_ON by PSCI: see vpsci_cpu_on(); starts the target. */
psci_ret_t vm_cpu_on(struct vm *vm, uint64_t target_mpidr, uint64_t entry, uint64_t context_id);
/* SYSTEM_SUSPEND by PSCI, of the one vCPU that is on: see vpsci_system_suspend(). */
psci_ret_t vm_system_suspend(struct vcpu *vcpu, uint64_t entry, uint64_t context_id);
psci_ret_t vm_affinity_info(struct vm *vm, uint64_t target_mpidr, uint64_t level);

/* Is it loading, running, suspended, about to stop, or to be started again? Is any? */
bool vm_is_alive(const struct vm *vm);
bool vm_any_alive(void);
/* As a person reads it: NEW is "off", too. */
const char *vm_state_name(enum vm_state state);

#endif

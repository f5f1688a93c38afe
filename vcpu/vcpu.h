/*
 * A vCPU: the registers of one virtual processor, the exit that it stands at, and what the scheduler knows of it.
 * The fields are grouped by who may touch them.
 */
#ifndef VCPU_VCPU_H
#define VCPU_VCPU_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/arm64/regs/guest_state.h"
#include "arch/arm64/syndrome.h"
#include "arch/arm64/trap_frame.h"
#include "lib/log.h"
#include "lib/run_entity.h"
#include "lib/soft_timer.h"
#include "vcpu/exit.h"

struct exit_times;
struct vm;

/* PSCI power state, as AFFINITY_INFO tells it [DEN0022 5.7.1]. */
enum vcpu_power { VCPU_POWER_ON = 0, VCPU_POWER_OFF = 1, VCPU_POWER_ON_PENDING = 2 };

#define VCPU_NR_TRACED_EXITS 32

struct vcpu {
	/* Owned by the pCPU that runs it; offset 0: entry.S finds the frame by the vCPU's address. */
	struct trap_frame frame;
	struct syndrome syndrome;
	struct vcpu_exit exit;

	/* Constant after creation. */
	struct vm *vm;
	uint8_t index;	   /* 0..nr_vcpus-1 within its VM */
	uint64_t mpidr;	   /* affinity fields only: Aff0 0..15, then Aff1 */
	uint64_t affinity; /* bit mask of pCPUs that it may run on */
	char name[24];	   /* "linux.0" */

	/* Owned by the pCPU that runs it; in the machine while `loaded`. */
	struct el1_state el1;
	struct fp_state fp;
	struct timer_state timer;
	struct gic_vcpu_regs gic;
	struct soft_timer wake_timer; /* armed while parked and not loaded: its EL1 timers' next due time */
	uint64_t vmpidr, vpidr;
	uint64_t
		hcr; /* HCR_EL2 bits of its own: APK and API, once it has used pointer authentication; TVM: set_way.h */
	uint64_t shown_waited_ticks; /* run.waited_ticks as its record of stolen time has it */

	/* The VM's lock: PSCI power state; the pending CPU_ON's, or SYSTEM_SUSPEND's, entry point and context id. */
	enum vcpu_power power;
	uint64_t on_entry, on_context_id;

	/* The scheduler's: see there for the lock. */
	struct run_entity run;

	/* Posted by anyone (atomic), consumed by the pCPU that runs it. */
	uint32_t requests; /* enum vcpu_request bits */

	/* Owned by the pCPU that runs it. */
	struct log_limit log_limit;
	struct vcpu_stuck {
		uint64_t elr, digest, own_exits; /* of the last abort that it took by Corbel's hand */
		uint32_t nr_same;		 /* before it, in a row, that were just like it */
	} stuck;
	uint64_t nr_exits[EXIT_NR_REASONS]; /* since its VM was started, as the trace */
	struct exit_trace {
		uint64_t elr, esr;
		uint8_t reason;
	} trace[VCPU_NR_TRACED_EXITS];
	uint32_t trace_next;
	struct exit_times *times; /* with VCPU_REQ_TIMED */
	struct {
		size_t offset; /* in `el1` */
		uint64_t value;
	} vm_control; /* with VCPU_REQ_VM_CONTROL */

	/* Owned by the pCPU that runs it; loaded only where it is in use, so far from what every switch moves. */
	struct debug_state debug;
	struct pauth_keys pauth; /* in the machine only where `hcr` has APK */
};

/* Bits of vcpu.requests. */
enum vcpu_request {
	VCPU_REQ_STOP = 1 << 0,	      /* leave the run loop: the VM stops */
	VCPU_REQ_VGIC = 1 << 1,	      /* virtual interrupts changed: flush */
	VCPU_REQ_DEBUG = 1 << 2,      /* debug state was emulated: load it */
	VCPU_REQ_SUSPEND = 1 << 3,    /* in SYSTEM_SUSPEND: stays set, and parks it, until an interrupt ends that */
	VCPU_REQ_PAUTH = 1 << 4,      /* uses pointer authentication for the first time: give it its keys */
	VCPU_REQ_ACCESS = 1 << 5,     /* MMIO_WAIT is over: make the exit's access again before it enters */
	VCPU_REQ_VM_CONTROL = 1 << 6, /* vm_control is to be written: set_way.h */
	VCPU_REQ_CLEAN = 1 << 7,      /* waits until its VM's RAM is clean */
	VCPU_REQ_TIMED = 1 << 8,      /* its exits are timed (`times`): stays set while they are, also when it is off */
};

/*
 * What stays the same over resets: index, the MPIDR that follows from it, VMPIDR_EL2, power OFF. The caller has zeroed
 * the struct and sets vm, name, vpidr (the host's MIDR) and what the scheduler needs.
 */
void vcpu_init(struct vcpu *vcpu, uint8_t index);

/*
 * The registers with which a vCPU enters at `entry`: EL1h, all masked, MMU off, x0 = context_id, everything else zero
 * or its reset value, timers off. Power, requests and scheduling are untouched. Not while the vCPU is loaded.
 */
void vcpu_reset_regs(struct vcpu *vcpu, uint64_t entry, uint64_t context_id);

/* Its VM starts: the exits of an earlier life are forgotten. Not while the vCPU is loaded. */
void vcpu_forget_exits(struct vcpu *vcpu);
/* Every exit but interrupts, which are none of the guest's doing. */
uint64_t vcpu_own_exits(const struct vcpu *vcpu);

#endif

/* A physical CPU as the kernel knows it. The arch's part is struct percpu. */
#ifndef KERNEL_CPU_H
#define KERNEL_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/arm64/percpu.h"
#include "arch/arm64/traps.h"
#include "kernel/config.h"
#include "kernel/run_queue.h"
#include "kernel/soft_timer.h"
#include "lib/list.h"
#include "lib/spinlock.h"

struct vcpu;
struct vm;

struct cpu {
	/* Constant after bring-up. */
	unsigned int id;
	unsigned int nr_assigned; /* vCPUs whose home this is, on or off */
	uint32_t top_priority;	  /* of them; 0 where there is none */
	struct cpu_features features;

	/* lock (LOCK_SCHED). */
	struct spinlock lock;
	struct run_queue queue; /* its own pCPU may read `current` without the lock */

	/* Atomic: set under the lock by whoever changes the queue, read by the run loop without it. */
	bool resched;
	bool online;
	uint64_t offers; /* mask of pCPUs that may take one who waits here; written under the lock: kernel/migrate.h */

	/* Owned by this pCPU. */
	struct vcpu *loaded; /* whose EL1, FP, timer and GIC state is in the machine; may be parked. Others may read it,
			      * atomic */
	struct soft_timers timers;
	struct soft_timer next_look; /* a slice, a budget or its period ends */
	struct soft_timer storm_end; /* kernel/irq_storm.h: what was held back here may come again */
	bool trap_wfi;		     /* somebody else may want this pCPU: as of the last sched_pick() */
	bool listens;		     /* kernel/migrate.h: its bit in listening_cpus */
	bool moves_due;		     /* likewise: as of the last sched_pick() */
	bool wfi_traps;		     /* what HCR_EL2.TWI says for the loaded vCPU */
};

extern struct cpu cpus[MAX_CPUS];

static inline struct cpu *cpu_self(void)
{
	return (struct cpu *)this_percpu()->kernel;
}

/* Prepares cpus[id] and binds the calling pCPU to it. */
void cpu_init(unsigned int id);
/* Takes the pCPU out of its guest or its WFI, so that its run loop looks around. Any pCPU, no lock needed. */
void cpu_kick(unsigned int id);

#endif

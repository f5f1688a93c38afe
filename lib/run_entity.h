/*
 * What a run queue holds: a vCPU, or a job (work of Corbel's own in small steps). The type alone, so that structs
 * everywhere can hold one: kernel/run_queue.h orders them, kernel/sched.h runs them.
 */
#ifndef LIB_RUN_ENTITY_H
#define LIB_RUN_ENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/list.h"

enum run_state {
	RUN_OFFLINE,  /* a vCPU that is off, or whose VM does not run */
	RUN_RUNNABLE, /* on its queue */
	RUN_RUNNING,  /* the current one of its pCPU */
	RUN_BLOCKED,  /* parked: a vCPU in WFI or CPU_SUSPEND, a job with nothing to do */
	RUN_PENDING,  /* a vCPU that waits for vcpu_complete() */
	RUN_SPENT,    /* wants to run, but its budget is used up until its period ends, or it is held */
	RUN_MOVING,   /* RUNNABLE, between the queues of two pCPUs */
};

struct run_entity {
	/* Constant after creation. */
	uint32_t home_cpu;     /* the pCPU where it lives: elsewhere it is a visitor */
	uint32_t priority;     /* a higher one runs first */
	uint64_t movable_to;   /* mask of pCPUs that may take it while they have nothing to do; 0: it stays at home */
	uint64_t slice_ticks;  /* of a turn among equals: in proportion to its weight */
	uint64_t budget_ticks; /* most that it may run in each period; 0: no limit */
	uint64_t period_ticks; /* with a budget: at least as long */
	bool is_job;
	uint64_t patience_ticks;  /* waits for those before it no longer than this; 0: as long as it takes */
	struct run_entity *payer; /* whose budget and turns it uses up: itself; of a VM's job its first vCPU */

	/*
	 * Atomic; kernel/migrate.h. The pCPU whose queue it uses, and whose scheduler lock guards it: changes under
	 * that lock. Tied to it: its state is in that machine, or a timer of its on that list; that pCPU alone writes
	 * this.
	 */
	uint32_t on_cpu;
	bool tied;

	/* The scheduler lock of on_cpu. */
	bool visits;	   /* on_cpu is not its home */
	bool keeps_place;  /* it has run, or waited, elsewhere since it was taken: not begun to wait anew */
	uint64_t place;	   /* among its equals at home: a lower one is before a higher one */
	uint64_t nr_moves; /* to another pCPU, since creation */
	struct list_node node;
	enum run_state state;
	uint64_t slice_used_ticks;  /* of this turn, as far as it is charged: a preempted one goes on with the rest */
	uint64_t budget_left_ticks; /* of this period, as far as it is charged */
	uint64_t period_ends_ticks; /* CNTPCT: then the budget is whole again */
	uint64_t owed_ticks;	    /* used by those for which it pays: its next turn is that much shorter */
	uint64_t wait_ends_ticks;   /* CNTPCT: its patience; 0: not counted yet */
	bool is_held;		    /* may not run; its own pCPU may read it */
	bool urgent;		    /* before every priority: it was told to stop, or its patience is at its end */
	bool wake_pending;	    /* woken while RUNNING: the next block returns at once */
	bool counts_waits;	    /* its time on the queue is wanted: set while it is RUNNING */
	uint64_t waits_since_ticks; /* with counts_waits: RUNNABLE since then */
	uint64_t waited_ticks;	    /* likewise: all of it, by its last turn; its own pCPU may read it */
	bool completed;		    /* a vCPU's PENDING exit was answered before it could park */
};

#endif

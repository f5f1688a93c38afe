/*
 * Soft timers: many deadlines on the one EL2 timer (CNTHP) of a pCPU. A timer belongs to the pCPU whose list it is on;
 * only that pCPU touches it, so there is no lock. Callbacks run in the run loop, interrupts masked.
 */
#ifndef KERNEL_SOFT_TIMER_H
#define KERNEL_SOFT_TIMER_H

#include <stdint.h>

#include "lib/list.h"
#include "lib/soft_timer.h"

struct soft_timers {
	struct list_node armed; /* by deadline */
	uint64_t early_ticks;	/* SOFT_TIMER_EARLY_US */
};

void soft_timers_init(struct soft_timers *timers);
void soft_timer_init(struct soft_timer *timer, void (*fire)(struct soft_timer *timer));
/* Arms or moves a timer; a deadline in CNTPCT ticks, past ones fire at the next look. */
void soft_timer_arm(struct soft_timers *timers, struct soft_timer *timer, uint64_t deadline_ticks);
void soft_timer_cancel(struct soft_timers *timers, struct soft_timer *timer);
/*
 * The EL2 timer has fired: runs what is due, or nearly so where that does no harm, and arms CNTHP for the next one. A
 * callback may arm or cancel its own timer, no other.
 */
void soft_timers_run(struct soft_timers *timers);

#endif

/* A soft timer: the type alone, so that structs everywhere can hold one. kernel/soft_timer.h runs them. */
#ifndef LIB_SOFT_TIMER_H
#define LIB_SOFT_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/list.h"

struct soft_timer {
	struct list_node node;	 /* on its pCPU's list while armed */
	uint64_t deadline_ticks; /* CNTPCT */
	bool may_be_early;	 /* by SOFT_TIMER_EARLY_US, where that saves an interrupt */
	void (*fire)(struct soft_timer *timer);
};

#endif

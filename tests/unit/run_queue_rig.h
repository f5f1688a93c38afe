/* A run queue, six entities for it and a clock, for test_run_queue.c and test_run_queue_reference.c. */
#ifndef TESTS_UNIT_RUN_QUEUE_RIG_H
#define TESTS_UNIT_RUN_QUEUE_RIG_H

#include <check.h>

#include "kernel/run_queue.h"
#include "lib/bits.h"

#define SLICE 1000

static struct run_queue queue;
static struct run_entity e[6];
static uint64_t now; /* CNTPCT */

/* As kernel/sched.c: a pick, and from there the time is measured. */
static struct run_entity *pick(void)
{
	struct run_entity *picked = run_queue_pick(&queue, now);

	(void)run_queue_next_look(&queue, now);
	return picked;
}

static void setup(void)
{
	run_queue_init(&queue);
	now = 1000000;
	for (unsigned int n = 0; n < ARRAY_SIZE(e); n++) {
		e[n] = (struct run_entity){ .priority = 0, .state = RUN_OFFLINE, .slice_ticks = SLICE, .payer = &e[n] };
		list_init(&e[n].node);
	}
}

#endif

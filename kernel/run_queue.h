/*
 * The policy of one pCPU's scheduler: who runs next. Fixed priorities, the highest first, which preempt at once; round
 * robin with a time slice among equals. Who is impatient comes first when a slice ends. Pure: kernel/sched.c holds the
 * lock, arms the slice's timer and kicks.
 */
#ifndef KERNEL_RUN_QUEUE_H
#define KERNEL_RUN_QUEUE_H

#include "lib/run_entity.h"

struct run_queue {
	struct list_node waiting;   /* RUNNABLE ones, most urgent first, first in first out among equals */
	struct run_entity *current; /* RUNNING; NULL when idle. Not on `waiting`. */
	bool slice_over;	    /* the current one has had its time: equals come first */
	unsigned int nr_present;    /* who may want this pCPU: vCPUs that are not OFFLINE, jobs with work */
};

void run_queue_init(struct run_queue *queue);
/* An entity that is OFFLINE, BLOCKED or PENDING becomes RUNNABLE, behind its equals. */
void run_queue_add(struct run_queue *queue, struct run_entity *entity);
/* The current one leaves, with one of the states that do not run. */
void run_queue_leave(struct run_queue *queue, enum run_state state);
/* A RUNNABLE or RUNNING entity is urgent from now on; a RUNNABLE one goes to the head. Ended by run_queue_leave(). */
void run_queue_hurry(struct run_queue *queue, struct run_entity *entity);

/*
 * Makes the most urgent one current and returns it, NULL when nobody wants to run. One that is preempted by a higher
 * priority keeps its place before its equals, and what it has used of its slice: else a neighbour of higher priority
 * that comes often would give it the pCPU for ever. One whose slice is over goes behind its equals.
 */
struct run_entity *run_queue_pick(struct run_queue *queue);
/*
 * May the next pick be another than it would have been without this one, which has just become RUNNABLE? Not so for a
 * vCPU that is less urgent than the current one: it was present before, and its turn comes when that one leaves.
 */
bool run_queue_is_changed_by(const struct run_queue *queue, const struct run_entity *added);
/* Does an equal of the current one wait, or an impatient one, so that its time is to be counted? */
bool run_queue_is_contended(const struct run_queue *queue);

#endif

/*
 * The policy of one pCPU's scheduler: who runs next. Fixed priorities, the highest first, which preempt at once; among
 * equals round robin, each for a slice by its weight, so that those who never rest share the time as their weights are.
 * Pure: kernel/sched.c holds the lock, tells the time, arms the timer for the next look, and kicks.
 *
 * Who has patience waits that long, whoever runs meanwhile and however often they take turns; then he is urgent, before
 * every priority.
 *
 * A budget is a hard limit, whatever else wants the pCPU: who has used it up is SPENT, on no queue, until his period
 * ends. Periods are multiples of their length since the counter's 0, so whoever has the same one is refilled at once.
 * Who is told to stop may pass his budget: a VM can be stopped at any time.
 *
 * A job that others cause, a VM's, has a payer, the vCPU in whose place it works. What the job uses is taken from the
 * payer's budget, without which it does not run either, and from the payer's next turn among equals, up to a whole one:
 * so the two of them have one budget and one share.
 *
 * Who is held is SPENT, too, as soon as it wants to run, until it is held no more.
 *
 * Moves: a pCPU that has nothing to do takes one who waits elsewhere, as a visitor. Visitors run only where no resident
 * wants to, whatever the priorities: who comes to wait behind a resident is sent home at once, and there he stands
 * where he would stand had he never been away. So what residents get of their pCPU is what they get without moves; a
 * visit comes on top of that. What one runs elsewhere counts for its budget, but not for its turn at home.
 *
 * Time is charged when a turn is looked at, and only where that matters: a rival waits, or there is a budget. A turn
 * that nobody measures costs nothing.
 */
#ifndef KERNEL_RUN_QUEUE_H
#define KERNEL_RUN_QUEUE_H

#include "lib/run_entity.h"

struct run_queue {
	struct list_node waiting;     /* RUNNABLE ones, most urgent first, first in first out among equals */
	struct list_node spent;	      /* SPENT ones */
	struct run_entity *current;   /* RUNNING; NULL when idle. Not on `waiting`. */
	bool is_timed;		      /* the current one's time is measured */
	uint64_t charged_ticks;	      /* CNTPCT: by then it is charged */
	uint64_t patience_ends_ticks; /* CNTPCT: the first one's of those who wait; RUN_QUEUE_NEVER */
	uint64_t last_place;	      /* given to a resident that waits */
	unsigned int nr_present;      /* who may want this pCPU: vCPUs that are not OFFLINE, jobs with work */
};

#define RUN_QUEUE_NEVER UINT64_MAX

void run_queue_init(struct run_queue *queue);
/* An entity that is OFFLINE, BLOCKED or PENDING becomes RUNNABLE, behind its equals; one that is MOVING comes to this
 * queue, at home to its old place. */
void run_queue_add(struct run_queue *queue, struct run_entity *entity);
/* The current one leaves, with one of the states that do not run. Its time is charged. Who goes OFFLINE is at home. */
void run_queue_leave(struct run_queue *queue, enum run_state state, uint64_t now_ticks);
/* Whoever wants to run is urgent from now on, and goes to the head. Ended by run_queue_leave(). */
void run_queue_hurry(struct run_queue *queue, struct run_entity *entity);
/* A held one is not picked, unless it is urgent. In any state; it counts from the next pick on, as does its release. */
void run_queue_hold(struct run_entity *entity, bool held);

/*
 * Makes the most urgent one current and returns it, NULL when nobody may run. One that is preempted by a higher
 * priority keeps its place before its equals, and what it has used of its slice: else a neighbour of higher priority
 * that comes often would give it the pCPU for ever. One whose slice is over goes behind its equals.
 */
struct run_entity *run_queue_pick(struct run_queue *queue, uint64_t now_ticks);
/*
 * After each pick: when to pick again though nobody comes or goes, in CNTPCT ticks; RUN_QUEUE_NEVER: a slice is counted
 * only where an equal waits for its end. Patience is counted from here.
 */
uint64_t run_queue_next_look(struct run_queue *queue, uint64_t now_ticks);
/*
 * May the next pick be another than it would have been without this one, which has just become RUNNABLE? Not so for a
 * vCPU that is less urgent than the current one: it was present before, and its turn comes when that one leaves.
 */
bool run_queue_is_changed_by(const struct run_queue *queue, const struct run_entity *added);
/* Does an equal of the current one wait, so that its time is to be counted? */
bool run_queue_is_contended(const struct run_queue *queue);

/* --- moves --- */

/* Mask of the pCPUs that may take one of those that wait, tied or not. Not one who will run here in a moment: where
 * nobody does, or somebody less urgent. */
uint64_t run_queue_offers(const struct run_queue *queue);
/* Of these idle pCPUs, those that may take one now. */
uint64_t run_queue_takers(const struct run_queue *queue, uint64_t idle);
/* Takes out the most urgent one that this pCPU may take: MOVING, to be added to that one's queue. NULL: there is none,
 * or all are tied. */
struct run_entity *run_queue_take(struct run_queue *queue, unsigned int to_cpu);
/* Is there one that it could take, but for being tied? */
bool run_queue_has_tied(const struct run_queue *queue, unsigned int to_cpu);
/* Does a visitor wait here? */
bool run_queue_has_visitor(const struct run_queue *queue);
/* Takes out a visitor that waits while another one runs: MOVING, to be added to its home's queue. NULL: there is none,
 * or it is tied. */
struct run_entity *run_queue_send_home(struct run_queue *queue);

#endif

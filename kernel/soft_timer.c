/* Soft timers: see soft_timer.h. */
#include "kernel/soft_timer.h"

#include "arch/arm64/timer.h"
#include "kernel/config.h"
#include "lib/bits.h"

static struct soft_timer *timer_of(struct list_node *node)
{
	return container_of(node, struct soft_timer, node);
}

static void arm_hardware(const struct soft_timers *timers)
{
	if (list_is_empty(&timers->armed))
		timer_disarm();
	else
		timer_arm_ticks(timer_of(timers->armed.next)->deadline_ticks);
}

void soft_timers_init(struct soft_timers *timers)
{
	list_init(&timers->armed);
	timers->early_ticks = timer_us_to_ticks(SOFT_TIMER_EARLY_US);
}

void soft_timer_init(struct soft_timer *timer, void (*fire)(struct soft_timer *timer))
{
	list_init(&timer->node);
	timer->fire = fire;
}

void soft_timer_arm(struct soft_timers *timers, struct soft_timer *timer, uint64_t deadline_ticks)
{
	struct list_node *at;

	list_remove(&timer->node);
	timer->deadline_ticks = deadline_ticks;
	for (at = timers->armed.next; at != &timers->armed; at = at->next) {
		if (timer_of(at)->deadline_ticks > deadline_ticks)
			break;
	}
	list_insert_before(at, &timer->node);
	arm_hardware(timers);
}

void soft_timer_cancel(struct soft_timers *timers, struct soft_timer *timer)
{
	if (list_is_empty(&timer->node))
		return;
	list_remove(&timer->node);
	arm_hardware(timers);
}

void soft_timers_run(struct soft_timers *timers)
{
	uint64_t now = timer_now_ticks(), early = now + timers->early_ticks;
	struct list_node *at, *next;

	for (at = timers->armed.next; at != &timers->armed; at = next) {
		struct soft_timer *timer = timer_of(at);

		next = at->next;
		if (timer->deadline_ticks > early)
			break;
		if (timer->deadline_ticks > now && !timer->may_be_early)
			continue;
		list_remove(at);
		timer->fire(timer);
	}
	arm_hardware(timers);
}

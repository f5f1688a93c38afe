#include "kernel/irq_storm.h"

static bool is_new(const struct irq_storm *storm, uint64_t now_ticks, uint64_t window_ticks)
{
	return storm->last_ticks == 0 || now_ticks - storm->last_ticks > IRQ_STORM_QUIET * window_ticks;
}

enum irq_storm_answer irq_storm_count(struct irq_storm *storm, uint64_t now_ticks, uint64_t window_ticks)
{
	enum irq_storm_answer answer;

	if (now_ticks >= storm->window_ends_ticks) {
		storm->window_ends_ticks = (now_ticks / window_ticks + 1) * window_ticks;
		storm->nr = 0;
	}
	if (++storm->nr <= IRQ_STORM_MAX)
		return IRQ_STORM_LET_IN;
	answer = is_new(storm, now_ticks, window_ticks) ? IRQ_STORM_BEGINS : IRQ_STORM_HOLD_BACK;
	storm->last_ticks = now_ticks;
	return answer;
}

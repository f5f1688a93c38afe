#include "guests/loop/stats.h"

#include <stdbool.h>

#define LINEAR_SHIFT 5	/* 32 ns */
#define LINEAR_END   13 /* 2^13 ns = 256 * 32 ns */

volatile struct stats stats;
static volatile bool reset_wanted;

static unsigned int bucket_of(uint64_t ns)
{
	unsigned int n;

	if (ns >> LINEAR_END == 0)
		return (unsigned int)(ns >> LINEAR_SHIFT);
	n = STATS_LINEAR + 63 - (unsigned int)__builtin_clzl(ns) - LINEAR_END;
	return n < STATS_BUCKETS ? n : STATS_BUCKETS - 1;
}

uint64_t bucket_from_ns(unsigned int n)
{
	return n <= STATS_LINEAR ? (uint64_t)n << LINEAR_SHIFT : 1UL << (LINEAR_END + n - STATS_LINEAR);
}

static void clear(void)
{
	stats.periods = stats.missed = stats.worst_ns = stats.sum_ns = 0;
	for (unsigned int n = 0; n < STATS_BUCKETS; n++)
		stats.counts[n] = 0;
	reset_wanted = false;
}

void stats_add(uint64_t late_ns, uint64_t missed)
{
	if (reset_wanted)
		clear();
	stats.periods++;
	stats.missed += missed;
	stats.sum_ns += late_ns;
	stats.counts[bucket_of(late_ns)]++;
	if (late_ns > stats.worst_ns)
		stats.worst_ns = late_ns;
}

/* The handler is the only writer: no update is half done, and nothing must be masked here. */
void stats_reset(void)
{
	reset_wanted = true;
}

uint64_t stats_mean_ns(void)
{
	uint64_t periods = stats.periods;

	return periods == 0 ? 0 : stats.sum_ns / periods;
}

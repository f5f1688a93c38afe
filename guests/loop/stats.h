/* How late each period began. The interrupt handler counts, everybody else reads. */
#ifndef LOOP_STATS_H
#define LOOP_STATS_H

#include <stdint.h>

/* 256 buckets of 32 ns, then each twice the one before: 8 us to 16 us, ..., 0.5 s to 1 s. The last holds the rest, too.
 */
#define STATS_LINEAR  256
#define STATS_BUCKETS (STATS_LINEAR + 17)

struct stats {
	uint64_t periods; /* that began */
	uint64_t missed;  /* that should have, and were over before they could */
	uint64_t worst_ns, sum_ns;
	uint64_t counts[STATS_BUCKETS];
};
/* volatile: what main reads changes under its hands. Each field is whole, the fields may be of different periods. */
extern volatile struct stats stats;

void stats_add(uint64_t late_ns, uint64_t missed);
/* From the next stats_add() on. */
void stats_reset(void);
uint64_t stats_mean_ns(void);

/* Bucket n counts what is at least bucket_from_ns(n) and less than bucket_from_ns(n + 1). */
uint64_t bucket_from_ns(unsigned int n);

#endif

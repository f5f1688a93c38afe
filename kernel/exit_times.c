/* Times of exits: see exit_times.h. */
#include "kernel/exit_times.h"

#include "lib/bits.h"

#define SUB_LOG2 2 /* four buckets an octave */

/* 0 to 3 have one each; then the highest set bit names the octave, the two bits below it the bucket. */
static unsigned int bucket_of(uint64_t ticks)
{
	unsigned int octave;

	if (ticks < BIT(SUB_LOG2))
		return (unsigned int)ticks;
	octave = 63U - (unsigned int)__builtin_clzll(ticks);
	return (unsigned int)min_u64((octave - SUB_LOG2 + 1) << SUB_LOG2 |
					     (ticks >> (octave - SUB_LOG2) & (BIT(SUB_LOG2) - 1)),
				     EXIT_TIMES_BUCKETS - 1);
}

/* The longest time of a bucket. */
static uint64_t bucket_end(unsigned int bucket)
{
	unsigned int octave = (bucket >> SUB_LOG2) + SUB_LOG2 - 1;

	if (bucket < BIT(SUB_LOG2))
		return bucket;
	return ((BIT(SUB_LOG2) | (bucket & (BIT(SUB_LOG2) - 1))) + 1) * BIT(octave - SUB_LOG2) - 1;
}

void exit_times_add(struct exit_times *times, enum exit_reason reason, uint64_t ticks)
{
	struct exit_times_row *row = &times->row[reason];

	row->count[bucket_of(ticks)]++;
	row->max_ticks = max_u64(row->max_ticks, ticks);
}

uint64_t exit_times_count(const struct exit_times *times, enum exit_reason reason)
{
	uint64_t sum = 0;

	for (unsigned int n = 0; n < EXIT_TIMES_BUCKETS; n++)
		sum += times->row[reason].count[n];
	return sum;
}

uint64_t exit_times_percentile(const struct exit_times *times, enum exit_reason reason, unsigned int percent)
{
	const struct exit_times_row *row = &times->row[reason];
	uint64_t wanted = (exit_times_count(times, reason) * percent + 99) / 100, seen = 0;

	for (unsigned int n = 0; n + 1 < EXIT_TIMES_BUCKETS && wanted != 0; n++) {
		seen += row->count[n];
		if (seen >= wanted)
			return min_u64(bucket_end(n), row->max_ticks);
	}
	return row->max_ticks;
}

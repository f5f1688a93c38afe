/*
 * How long exits take, from the guest's last instruction before one to its first behind it: a histogram for each
 * reason, kept while the operator asks for it (`stats on`). Four buckets an octave, so a percentile is right to a
 * quarter. Pure.
 *
 * Locks: none. The vCPU's own pCPU adds; who reads meanwhile sees some of it.
 */
#ifndef KERNEL_EXIT_TIMES_H
#define KERNEL_EXIT_TIMES_H

#include <stdint.h>

#include "vcpu/exit.h"

#define EXIT_TIMES_BUCKETS 96 /* up to 2^25 ticks; what is longer counts as that */

struct exit_times {
	struct exit_times_row {
		uint64_t max_ticks;
		uint32_t count[EXIT_TIMES_BUCKETS];
	} row[EXIT_NR_REASONS];
};

void exit_times_add(struct exit_times *times, enum exit_reason reason, uint64_t ticks);
/* How many were added. */
uint64_t exit_times_count(const struct exit_times *times, enum exit_reason reason);
/* So many ticks, at most, took `percent` of them; by the end of the bucket, and no more than the longest. 0: none. */
uint64_t exit_times_percentile(const struct exit_times *times, enum exit_reason reason, unsigned int percent);

#endif

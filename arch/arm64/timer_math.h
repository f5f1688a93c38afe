/*
 * Ticks of a counter and microseconds or nanoseconds, without 128-bit arithmetic. Pure. Too much saturates: a deadline
 * that never comes.
 */
#ifndef ARCH_ARM64_TIMER_MATH_H
#define ARCH_ARM64_TIMER_MATH_H

#include <stdint.h>

#define US_PER_S UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)

/*
 * value * to / from, rounded down, for rates of 1 to 2^32 per second: whole seconds and the rest are converted apart,
 * so that neither product exceeds 64 bits unless the result itself does.
 */
static inline uint64_t timer_convert(uint64_t value, uint64_t from, uint64_t to)
{
	uint64_t seconds = value / from;
	uint64_t rest = value % from * to / from;

	if (seconds > (UINT64_MAX - rest) / to)
		return UINT64_MAX;
	return seconds * to + rest;
}

#endif

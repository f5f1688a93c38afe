/* A reproducible source of randomness for tests: xorshift64*. Seeded by the test, so a failure comes again. */
#ifndef TESTS_FAKES_PRNG_H
#define TESTS_FAKES_PRNG_H

#include <stdint.h>

static inline uint64_t prng_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(0x2545f4914f6cdd1d);
}

/* 0..bound-1 */
static inline uint64_t prng_below(uint64_t *state, uint64_t bound)
{
	return prng_next(state) % bound;
}

#endif

/* The host's stand-in for kernel/lock_rank.c: a thread is a pCPU. The same rule, so a wrong lock order fails a unit
 * test. */
#include "lib/spinlock.h"

#ifdef CORBEL_DEBUG

#include "lib/assert.h"

static _Thread_local uint32_t held_ranks;

void lock_rank_acquire(const struct spinlock *lock)
{
	ASSERT((held_ranks >> lock->rank) == 0);
	held_ranks |= 1U << lock->rank;
}

void lock_rank_release(const struct spinlock *lock)
{
	ASSERT(held_ranks & (1U << lock->rank));
	held_ranks &= ~(1U << lock->rank);
}

#endif

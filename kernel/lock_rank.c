/* DEBUG builds: a pCPU takes locks in rising rank only, so no two of them can wait for each other. */
#include "lib/spinlock.h"

#ifdef CORBEL_DEBUG

#include "arch/arm64/percpu.h"
#include "kernel/config.h"
#include "lib/assert.h"

/* Bit n: a lock of rank n is held. Each word belongs to its pCPU. */
static uint32_t held_ranks[MAX_CPUS];

/* Equal ranks count as wrong order too: two locks of one rank have none between them. */
void lock_rank_acquire(const struct spinlock *lock)
{
	uint32_t *held = &held_ranks[this_cpu()];

	ASSERT((*held >> lock->rank) == 0);
	*held |= 1U << lock->rank;
}

void lock_rank_release(const struct spinlock *lock)
{
	uint32_t *held = &held_ranks[this_cpu()];

	ASSERT(*held & (1U << lock->rank));
	*held &= ~(1U << lock->rank);
}

#endif

/* Restarts after crashes: see restart_policy.h. */
#include "kernel/restart_policy.h"

#include "kernel/config.h"
#include "lib/bits.h"

_Static_assert(RESTART_LIMIT < 32, "the last pause is shifted by the limit");

bool restart_policy_crashed(struct restart_policy *policy, uint64_t ran_us, uint64_t *pause_us)
{
	if (ran_us >= RESTART_WELL_US)
		policy->nr_restarts = 0;
	if (policy->nr_restarts >= RESTART_LIMIT)
		return false;
	*pause_us = min_u64(RESTART_PAUSE_MIN_US << policy->nr_restarts, RESTART_PAUSE_MAX_US);
	policy->nr_restarts++;
	return true;
}

void restart_policy_forget(struct restart_policy *policy)
{
	policy->nr_restarts = 0;
}

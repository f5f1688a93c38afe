/* The waiter's hint on the host. */
#include <sched.h>

#include "lib/spinlock.h"

void arch_relax(void)
{
	sched_yield();
}

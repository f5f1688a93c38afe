/* The waiter's hint: see lib/spinlock.h. */
#include "lib/spinlock.h"

void arch_relax(void)
{
	__asm__ volatile("yield" : : : "memory");
}

/* What Corbel's pure sources need of the machine. */
#include "lib/spinlock.h"

void arch_relax(void)
{
}

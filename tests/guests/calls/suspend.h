/* What C and assembly agree on. */
#ifndef GUESTS_SUSPEND_H
#define GUESTS_SUSPEND_H

#define SUSPEND_RESUMED 0x5e5e

#endif

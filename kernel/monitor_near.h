/* A mistyped name of the monitor's, and what could have been meant. Pure. */
#ifndef KERNEL_MONITOR_NEAR_H
#define KERNEL_MONITOR_NEAR_H

/* How many keys the name is from what was typed: 0, a part of it; MONITOR_NOT_NEAR, nobody meant it. */
#define MONITOR_NOT_NEAR 3
unsigned int monitor_how_far(const char *typed, const char *name);

#endif

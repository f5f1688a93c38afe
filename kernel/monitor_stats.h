/* The monitor's `stats`: the exits of vCPUs by reason, counted, and timed while that is on. */
#ifndef KERNEL_MONITOR_STATS_H
#define KERNEL_MONITOR_STATS_H

#include <stdbool.h>

/* struct monitor_command.row: argument is a VM, "on", "off", or "" for all VMs. */
bool monitor_stats_row(unsigned int row, const char *argument);

#endif

/* The monitor's `why`: what is known of a VM's vCPUs, and why they may be silent. */
#ifndef KERNEL_MONITOR_WHY_H
#define KERNEL_MONITOR_WHY_H

#include <stdbool.h>

/* struct monitor_command.row. */
bool monitor_why_row(unsigned int row, const char *argument);

#endif

/* The monitor's `mem` and `irq`: who has the host's memory and its interrupts. */
#ifndef KERNEL_MONITOR_HOST_H
#define KERNEL_MONITOR_HOST_H

#include <stdbool.h>

/* struct monitor_command.row. */
bool monitor_mem_row(unsigned int row, const char *argument);
bool monitor_irq_row(unsigned int row, const char *argument);

#endif

/* The monitor's `dominfo` and `vcpuinfo`, named as virsh names them. */
#ifndef KERNEL_MONITOR_INFO_H
#define KERNEL_MONITOR_INFO_H

#include <stdbool.h>

/* struct monitor_command.row: argument is a VM. */
bool monitor_dominfo_row(unsigned int row, const char *argument);
bool monitor_vcpuinfo_row(unsigned int row, const char *argument);

#endif

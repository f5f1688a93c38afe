/* The monitor's commands. Each answers row by row. */
#ifndef KERNEL_MONITOR_COMMANDS_H
#define KERNEL_MONITOR_COMMANDS_H

#include <stdbool.h>

#define MONITOR_LINE_BYTES 80

struct monitor_command {
	const char *name, *argument, *help;
	/* Does, or says, the row-th part of it; returns false after the last one. Boot CPU, in the monitor's job. */
	bool (*row)(unsigned int row, const char *argument);
};

/* NULL: there is none of this name. */
const struct monitor_command *monitor_command_find(const char *name);

#endif

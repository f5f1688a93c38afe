/* The monitor's commands: what one is, and the table of them. Each answers row by row. */
#ifndef KERNEL_MONITOR_COMMANDS_H
#define KERNEL_MONITOR_COMMANDS_H

#include <stdbool.h>

struct json;
struct monitor_words;

struct monitor_command {
	/* argument is the usage, and what a line is held against (kernel/monitor_parse.h): VM, one that is there; WORD,
	 * anything; on|off, one of these; [..], may be left out; [--json], the rows can answer so. */
	const char *name, *argument, *help;
	/* Does, or says, the row-th part of it; returns false after the last one. argument: the words as the usage has
	 * them, a space between, without --json. Boot CPU, in the monitor's job. */
	bool (*row)(unsigned int row, const char *argument);
};

/* Another name for a command, as users of other hypervisors know it. */
struct monitor_alias {
	const char *alias, *name;
};

/* All that a line may name. Constant once the VMs are created. */
const struct monitor_words *monitor_words(void);

/* --- for the rows --- */

/* Text for the console, MONITOR_ROW_BYTES a row at most: there is room for so much. */
#define MONITOR_ROW_BYTES 480
void monitor_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Where this row's part of the answer goes when --json was typed, and nothing is said then: what a row opens, a later
 * one may close. NULL: text is wanted. Never NULL only for commands with [--json]. */
struct json *monitor_json(void);
/* The VM of an argument, by its name or its number in the list. NULL: there is none. */
struct vm *monitor_vm(const char *argument);

#endif

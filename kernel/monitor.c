/* The monitor: see monitor.h. A line at a time; what a command is, stands in monitor_commands.c. */
#include "kernel/monitor.h"

#include <string.h>

#include "kernel/console.h"
#include "kernel/monitor_commands.h"
#include "kernel/paced_job.h"
#include "kernel/vm.h"
#include "lib/bits.h"

#define PROMPT "corbel> "
/* Between two rows of an answer. */
#define ROW_PAUSE_US 500
#define ROW_BYTES    256

static struct {
	char line[MONITOR_LINE_BYTES];
	unsigned int length;

	bool busy; /* atomic */
	/* The job's, while busy. */
	struct paced_job job;
	const struct monitor_command *command;
	const char *argument;
	unsigned int row;
	bool prompts; /* the prompt follows the answer */
} monitor;

static void say(const char *text)
{
	console_write(text, strlen(text));
}

static void show_prompt(void)
{
	/* What is half typed stays. */
	const char *line = monitor.length != 0 ? monitor.line : "";

	console_set_prompt(PROMPT, line);
	say(PROMPT);
	say(line);
}

bool monitor_is_busy(void)
{
	return __atomic_load_n(&monitor.busy, __ATOMIC_ACQUIRE);
}

/* --- answering --- */

static void finish(void)
{
	bool prompts = monitor.prompts && console_is_focused(NULL);

	__atomic_store_n(&monitor.busy, false, __ATOMIC_RELEASE);
	if (prompts)
		show_prompt();
	console_rx_pump();
}

static bool answer_row(void)
{
	if (!monitor_is_busy())
		return false;
	if (console_has_room(ROW_BYTES) && !monitor.command->row(monitor.row++, monitor.argument))
		finish();
	return monitor_is_busy();
}

static void answer(const struct monitor_command *command, const char *argument, bool prompts)
{
	monitor.command = command;
	monitor.argument = argument;
	monitor.row = 0;
	monitor.prompts = prompts;
	__atomic_store_n(&monitor.busy, true, __ATOMIC_RELEASE);
	paced_job_wake(&monitor.job);
}

/* --- typing --- */

/* Cuts the line into a command and the rest of it. */
static void run_line(void)
{
	char *name = monitor.line + strspn(monitor.line, " "), *rest = name + strcspn(name, " ");
	const struct monitor_command *command;

	if (*rest != '\0')
		*rest++ = '\0';
	rest += strspn(rest, " ");
	for (size_t end = strlen(rest); end > 0 && rest[end - 1] == ' '; end--)
		rest[end - 1] = '\0';
	command = monitor_command_find(name);
	if (command != NULL) {
		answer(command, rest, true);
		return;
	}
	if (*name != '\0')
		say("unknown command; \"help\" lists them\n");
	show_prompt();
}

void monitor_rx(uint8_t byte)
{
	if (byte == '\r' || byte == '\n') {
		console_set_prompt("", "");
		say("\n");
		monitor.line[monitor.length] = '\0';
		monitor.length = 0;
		run_line();
		return;
	}
	if ((byte == '\b' || byte == 0x7f) && monitor.length != 0) {
		monitor.line[--monitor.length] = '\0';
		say("\b \b");
	} else if (byte >= ' ' && byte < 0x7f && monitor.length < MONITOR_LINE_BYTES - 1) {
		char echo[2] = { (char)byte, '\0' };

		monitor.line[monitor.length++] = (char)byte;
		monitor.line[monitor.length] = '\0';
		say(echo);
	}
	console_set_prompt(PROMPT, monitor.line);
}

void monitor_open(void)
{
	console_set_focus(NULL); /* first: what the VM still prints would come between these lines */
	say("\nCorbel monitor: \"help\" lists the commands");
	say(vm_any_alive() ? "; Ctrl-] 1 goes back to the first VM\n" : ", \"poweroff\" ends\n");
	if (!monitor_is_busy())
		show_prompt();
}

void monitor_show_keys(void)
{
	if (monitor_is_busy())
		return;
	say("\n");
	answer(monitor_command_find("keys"), "", true);
}

void monitor_init(unsigned int cpu)
{
	paced_job_init(&monitor.job, answer_row, cpu, ROW_PAUSE_US);
}

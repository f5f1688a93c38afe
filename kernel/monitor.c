/* The monitor prompt: see monitor.h. A line at a time; commands in one table. */
#include "kernel/monitor.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "kernel/console.h"
#include "kernel/palloc.h"
#include "kernel/system.h"
#include "kernel/vm.h"
#include "lib/bits.h"
#include "lib/log.h"

#define PROMPT	       "corbel> "
#define LINE_MAX_BYTES 80

static char line[LINE_MAX_BYTES];
static unsigned int length;

static void say(const char *text)
{
	console_write(text, strlen(text));
}

static void cmd_list(void)
{
	char row[96];

	say("Id  Name             State     vCPUs  Memory\n");
	for (unsigned int n = 0; n < nr_vms; n++) {
		(void)snprintf(row, sizeof(row), "%-3u %-16s %-9s %5u  %lu MiB\n", n + 1, vms[n]->config->name,
			       vm_state_name(vms[n]->state), vms[n]->nr_vcpus,
			       (unsigned long)(vms[n]->config->memory_bytes >> 20));
		say(row);
	}
}

static void cmd_mem(void)
{
	struct palloc_stats stats = palloc_stats();
	char row[96];

	(void)snprintf(row, sizeof(row), "%lu MiB of RAM, %lu MiB free\n", (unsigned long)(stats.total_pages >> 8),
		       (unsigned long)(stats.free_pages >> 8));
	say(row);
}

static void cmd_log(void)
{
	log_replay(console_write);
}

static void cmd_help(void);

static const struct command {
	const char *name, *help;
	void (*run)(void);
} commands[] = {
	{ "help", "this list", cmd_help },
	{ "list", "the VMs and their states", cmd_list },
	{ "log", "what the log still holds", cmd_log },
	{ "mem", "physical memory", cmd_mem },
	{ "poweroff", "powers the machine off", system_power_off },
};

static void cmd_help(void)
{
	char row[96];

	for (unsigned int n = 0; n < ARRAY_SIZE(commands); n++) {
		(void)snprintf(row, sizeof(row), "  %-10s %s\n", commands[n].name, commands[n].help);
		say(row);
	}
}

static void run_line(void)
{
	for (unsigned int n = 0; n < ARRAY_SIZE(commands); n++) {
		if (strcmp(line, commands[n].name) == 0) {
			commands[n].run();
			return;
		}
	}
	if (length != 0)
		say("unknown command; \"help\" lists them\n");
}

void monitor_open(void)
{
	length = 0;
	say("Corbel monitor: \"help\" lists the commands, \"poweroff\" ends\n" PROMPT);
	/* Last: keys that waited come in with it. */
	console_set_focus(NULL);
}

void monitor_rx(uint8_t byte)
{
	if (byte == '\r' || byte == '\n') {
		say("\n");
		line[length] = '\0';
		run_line();
		length = 0;
		say(PROMPT);
	} else if ((byte == '\b' || byte == 0x7f) && length != 0) {
		length--;
		say("\b \b");
	} else if (byte >= ' ' && byte < 0x7f && length < LINE_MAX_BYTES - 1) {
		char echo[2] = { (char)byte, '\0' };

		line[length++] = (char)byte;
		say(echo);
	}
}

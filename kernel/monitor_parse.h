/*
 * From a line typed at the monitor to a command with its words, or to a sentence that says what is wrong and what could
 * have been meant. Pure: the commands, their aliases and the VMs' names are handed in. The grammar of a command is its
 * usage text: see struct monitor_command.
 */
#ifndef KERNEL_MONITOR_PARSE_H
#define KERNEL_MONITOR_PARSE_H

#include <stdbool.h>

#include "kernel/monitor_commands.h"
#include "lib/line_edit.h"

#define MONITOR_JSON "--json"

struct monitor_words {
	const struct monitor_command *commands;
	unsigned int nr_commands;
	const struct monitor_alias *aliases;
	unsigned int nr_aliases;
	const char *(*vm_name)(unsigned int n); /* of the n-th VM, from 0; NULL behind the last */
};

struct monitor_request {
	const struct monitor_command *command; /* NULL: a blank line, or one that is wrong */
	char argument[LINE_EDIT_BYTES];
	bool json;		       /* --json stands on the line, be it right or wrong */
	char error[MONITOR_ROW_BYTES]; /* one sentence, no newline; "": none */
};

void monitor_parse(const struct monitor_words *words, const char *line, struct monitor_request *request);
/* By its name or an alias; NULL: there is none. */
const struct monitor_command *monitor_find_command(const struct monitor_words *words, const char *name);
/* By its name, or its number from 1 on; -1: there is none. */
int monitor_find_vm(const struct monitor_words *words, const char *name);
/* Completion: see line_edit_words. */
bool monitor_next_word(const struct monitor_words *words, const char *before, unsigned int n,
		       char word[LINE_EDIT_BYTES]);

#endif

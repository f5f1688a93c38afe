/* The command line of corbel-check: docs/corbel-check.1. */
#ifndef TOOLS_CORBEL_CHECK_ARGUMENTS_H
#define TOOLS_CORBEL_CHECK_ARGUMENTS_H

#include <stdbool.h>

#include "platform/hw_info.h"

struct arguments {
	const char *bundle;
	const char *dtb, *image, *bootargs, *folder; /* NULL: not given */
	struct hw_range memory[HW_MAX_MEMORY];
	unsigned int nr_memory;
	bool quiet, help;
};

/* False after saying on stderr what is wrong. With help set nothing else is. */
bool arguments_take(int argc, char **argv, struct arguments *arguments);

/* On stdout. */
void arguments_print_help(void);

#endif

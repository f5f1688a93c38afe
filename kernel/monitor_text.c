/* Words of the monitor's commands: see monitor_text.h. */
#include "kernel/monitor_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/console.h"
#include "kernel/vm.h"

#define TEXT_BYTES 256 /* as the monitor waits for room for */

void monitor_say(const char *format, ...)
{
	char text[TEXT_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	console_write(text, strlen(text));
}

struct vm *monitor_find_vm(const char *argument)
{
	char *end;
	unsigned long id = strtoul(argument, &end, 10);

	for (unsigned int n = 0; n < nr_vms; n++) {
		if (strcmp(argument, vms[n]->config->name) == 0)
			return vms[n];
	}
	if (*argument != '\0' && *end == '\0' && id >= 1 && id <= nr_vms)
		return vms[id - 1];
	if (*argument == '\0')
		monitor_say("which VM? \"list\" shows them\n");
	else
		monitor_say("there is no VM \"%s\"; \"list\" shows them\n", argument);
	return NULL;
}

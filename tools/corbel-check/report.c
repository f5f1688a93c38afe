#include "tools/corbel-check/report.h"

#include <stdarg.h>
#include <stdio.h>

#define LINE_MAX_BYTES 4096

static void put_line(FILE *to, char *line)
{
	for (char *at = line; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
	fprintf(to, "%s\n", line);
}

void report_say(struct report *report, bool is_mistake, const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	va_list args;
	int length = snprintf(line, sizeof(line), "%.2000s: %s: ", report->file, is_mistake ? "error" : "warning");

	va_start(args, format);
	vsnprintf(line + length, sizeof(line) - (size_t)length, format, args);
	va_end(args);
	/* Both may be one terminal: in the order in which it came. */
	fflush(stdout);
	put_line(stderr, line);
	report->nr_mistakes += is_mistake;
	report->nr_warnings += !is_mistake;
}

bool report_trouble(const char *path, const char *why)
{
	char line[LINE_MAX_BYTES];

	snprintf(line, sizeof(line), "corbel-check: %.2000s: %s", path, why);
	put_line(stderr, line);
	return false;
}

void report_print(const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	put_line(stdout, line);
}

/* What corbel-check finds wrong: a line each on stderr, as compilers do it: FILE: error|warning: sentence. */
#ifndef TOOLS_CORBEL_CHECK_REPORT_H
#define TOOLS_CORBEL_CHECK_REPORT_H

#include <stdbool.h>

struct report {
	const char *file; /* that is looked at now */
	unsigned int nr_mistakes, nr_warnings;
};

/* is_mistake: Corbel would refuse something; else it would go on without. Control characters come out as '?', as in
 * Corbel's log: what stands in a file must not steer the terminal. */
void report_say(struct report *report, bool is_mistake, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* What keeps the program from an answer, a line on stderr in the same way. Returns false. */
bool report_trouble(const char *path, const char *why);

/* Prints text to stdout in the same way. */
void report_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif

/* The command line. */
#ifndef LOOP_BOOTARGS_H
#define LOOP_BOOTARGS_H

#include <stdbool.h>
#include <stdint.h>

struct options {
	uint64_t periods;   /* periods=N: so many, then the summary; 0: for ever */
	uint64_t period_us; /* period-us=N */
	bool plain;	    /* plain: frames without escape sequences, for logs */
	bool quiet;	    /* quiet: no frames */
};

/* Says what it does not understand, and goes on with what it does. */
void bootargs_parse(const char *text, struct options *options);

#endif

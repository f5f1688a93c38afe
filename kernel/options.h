/* Corbel's own options, from the host's /chosen/bootargs. Pure. [DESIGN section 3] */
#ifndef KERNEL_OPTIONS_H
#define KERNEL_OPTIONS_H

#include "lib/log.h"
#include "platform/hw_info.h"

/* focus: one VM has the console, keys choose which. prefix: whole lines of every VM, each led by `[name] `. */
enum guest_console { GUEST_CONSOLE_FOCUS, GUEST_CONSOLE_PREFIX };
/* What follows when the last running VM went off. */
enum on_idle { ON_IDLE_POWEROFF, ON_IDLE_MONITOR };

struct corbel_options {
	enum log_level loglevel;	  /* default info */
	char console[96];		  /* a UART's path in the host's tree, or the end of it; "": by stdout-path */
	enum guest_console guest_console; /* default focus */
	enum on_idle on_idle;		  /* default poweroff */
};

/* Called for each word that is no option, or has no such value; it is ignored then. text is one sentence's end. */
typedef void (*options_report_fn)(void *ctx, const char *word, const char *text);

/* Fills options with the defaults and then with what bootargs says; the last one of two wins. */
void options_parse(const char *bootargs, struct corbel_options *options, options_report_fn report, void *ctx);

/* The console's UART: the one that the options name, by its path or the end of it; else, or where none fits, which is
 * reported, the device tree's choice. NULL: there is none that Corbel drives. */
const struct hw_uart *options_choose_uart(const struct corbel_options *options, const struct hw_info *hw,
					  options_report_fn report, void *ctx);

#endif

#include "kernel/options.h"

#include <stdio.h>
#include <string.h>

#include "lib/bits.h"

#define WORD_MAX sizeof(((struct corbel_options *)0)->console)

static bool set_loglevel(struct corbel_options *options, const char *value)
{
	return log_level_from_name(value, &options->loglevel);
}

static bool set_console(struct corbel_options *options, const char *value)
{
	size_t length = strlen(value);

	if (length == 0 || length >= sizeof(options->console))
		return false;
	memcpy(options->console, value, length + 1);
	return true;
}

static bool set_guest_console(struct corbel_options *options, const char *value)
{
	bool prefix = strcmp(value, "prefix") == 0;

	if (!prefix && strcmp(value, "focus") != 0)
		return false;
	options->guest_console = prefix ? GUEST_CONSOLE_PREFIX : GUEST_CONSOLE_FOCUS;
	return true;
}

static bool set_on_idle(struct corbel_options *options, const char *value)
{
	bool monitor = strcmp(value, "monitor") == 0;

	if (!monitor && strcmp(value, "poweroff") != 0)
		return false;
	options->on_idle = monitor ? ON_IDLE_MONITOR : ON_IDLE_POWEROFF;
	return true;
}

static const struct option {
	const char *name; /* with its '=' */
	bool (*set)(struct corbel_options *options, const char *value);
	const char *wants;
} option_table[] = {
	{ "loglevel=", set_loglevel, "wants error, warn, info or debug" },
	{ "console=", set_console, "wants the path of a UART" },
	{ "guest-console=", set_guest_console, "wants focus or prefix" },
	{ "on-idle=", set_on_idle, "wants poweroff or monitor" },
};

/* Returns what is wrong with the word, or NULL. */
static const char *parse_word(struct corbel_options *options, const char *word)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(option_table); i++) {
		const struct option *option = &option_table[i];
		size_t length = strlen(option->name);

		if (strncmp(word, option->name, length) == 0)
			return option->set(options, word + length) ? NULL : option->wants;
	}
	return "is no option of Corbel";
}

void options_parse(const char *bootargs, struct corbel_options *options, options_report_fn report, void *ctx)
{
	const char *blanks = " \t\n";

	*options = (struct corbel_options){ .loglevel = LOG_INFO };
	for (const char *at = bootargs + strspn(bootargs, blanks); *at != '\0'; at += strspn(at, blanks)) {
		char word[2 * WORD_MAX];
		size_t length = strcspn(at, blanks);
		const char *fault;

		/* What does not fit is longer than any value could be; its beginning is enough to name it. */
		snprintf(word, sizeof(word), "%.*s", (int)length, at);
		fault = parse_word(options, word);
		if (fault)
			report(ctx, word, fault);
		at += length;
	}
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

const struct hw_uart *options_choose_uart(const struct corbel_options *options, const struct hw_info *hw,
					  options_report_fn report, void *ctx)
{
	const char *wanted = options->console;

	for (unsigned int n = 0; wanted[0] != '\0' && n < hw->nr_uarts; n++) {
		if (ends_with(hw->uarts[n].path, wanted))
			return &hw->uarts[n];
	}
	if (wanted[0] != '\0')
		report(ctx, wanted, "is the path of no UART that Corbel drives");
	return hw->console < hw->nr_uarts ? &hw->uarts[hw->console] : NULL;
}

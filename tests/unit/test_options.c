/* Corbel's own options: defaults, each value, and what is told about words that are none. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "kernel/options.h"

static struct corbel_options options;
static char reports[2048];

static void note(void *ctx, const char *word, const char *text)
{
	size_t used = strlen(reports);

	ck_assert_ptr_eq(ctx, reports);
	snprintf(reports + used, sizeof(reports) - used, "%s: %s\n", word, text);
}

static void parse(const char *bootargs)
{
	reports[0] = '\0';
	memset(&options, 0xee, sizeof(options));
	options_parse(bootargs, &options, note, reports);
}

static void check_defaults(void)
{
	ck_assert_int_eq(options.loglevel, LOG_INFO);
	ck_assert_str_eq(options.console, "");
	ck_assert_int_eq(options.guest_console, GUEST_CONSOLE_FOCUS);
	ck_assert_int_eq(options.on_idle, ON_IDLE_POWEROFF);
}

START_TEST(nothing_said)
{
	parse("");
	check_defaults();
	parse("  \t \n ");
	check_defaults();
	ck_assert_str_eq(reports, "");
}
END_TEST

START_TEST(everything_said)
{
	parse(" loglevel=debug\tconsole=/pl011@9000000 guest-console=prefix  on-idle=monitor\n");
	ck_assert_str_eq(reports, "");
	ck_assert_int_eq(options.loglevel, LOG_DEBUG);
	ck_assert_str_eq(options.console, "/pl011@9000000");
	ck_assert_int_eq(options.guest_console, GUEST_CONSOLE_PREFIX);
	ck_assert_int_eq(options.on_idle, ON_IDLE_MONITOR);
}
END_TEST

START_TEST(the_last_one_wins)
{
	parse("on-idle=monitor guest-console=prefix on-idle=poweroff guest-console=focus loglevel=error loglevel=warn");
	ck_assert_int_eq(options.on_idle, ON_IDLE_POWEROFF);
	ck_assert_int_eq(options.guest_console, GUEST_CONSOLE_FOCUS);
	ck_assert_int_eq(options.loglevel, LOG_WARN);
}
END_TEST

START_TEST(no_option)
{
	parse("quiet root=/dev/vda loglevel on-idlex=monitor xon-idle=monitor");
	check_defaults();
	ck_assert_str_eq(reports, "quiet: is no option of Corbel\nroot=/dev/vda: is no option of Corbel\n"
				  "loglevel: is no option of Corbel\non-idlex=monitor: is no option of Corbel\n"
				  "xon-idle=monitor: is no option of Corbel\n");
}
END_TEST

/* A wrong value changes nothing, not even what a right one set before. */
START_TEST(no_such_value)
{
	parse("loglevel=debug loglevel=7 guest-console=both on-idle= console=/uart console=");
	ck_assert_int_eq(options.loglevel, LOG_DEBUG);
	ck_assert_str_eq(options.console, "/uart");
	ck_assert_str_eq(reports,
			 "loglevel=7: wants error, warn, info or debug\nguest-console=both: wants focus or prefix\n"
			 "on-idle=: wants poweroff or monitor\nconsole=: wants the path of a UART\n");
}
END_TEST

START_TEST(very_long_words)
{
	char text[700], *at = text + sprintf(text, "console=");

	memset(at, 'x', 500);
	strcpy(at + 500, " on-idle=monitor");
	parse(text);
	ck_assert_str_eq(options.console, "");
	ck_assert_int_eq(options.on_idle, ON_IDLE_MONITOR);
	ck_assert_ptr_nonnull(strstr(reports, ": wants the path of a UART\n"));
	strcpy(at + sizeof(options.console), " on-idle=monitor"); /* one too long */
	parse(text);
	ck_assert_str_eq(options.console, "");
	strcpy(at + sizeof(options.console) - 1, " on-idle=monitor"); /* just fits */
	parse(text);
	ck_assert_uint_eq(strlen(options.console), sizeof(options.console) - 1);
	ck_assert_str_eq(reports, "");
}
END_TEST

/* Two UARTs, of which the tree names the second. */
static const struct hw_uart *choose(const char *bootargs)
{
	static const struct hw_info hw = { .uarts = { { .path = "/soc/serial@1" }, { .path = "/soc/serial@2" } },
					   .nr_uarts = 2,
					   .console = 1 };
	const struct hw_uart *uart;

	parse(bootargs);
	uart = options_choose_uart(&options, &hw, note, reports);
	ck_assert(uart >= hw.uarts && uart < hw.uarts + 2);
	return uart;
}

START_TEST(the_console)
{
	static const struct hw_info bare;

	ck_assert_str_eq(choose("")->path, "/soc/serial@2");
	ck_assert_str_eq(choose("console=/soc/serial@1")->path, "/soc/serial@1");
	ck_assert_str_eq(choose("console=serial@1")->path, "/soc/serial@1");
	ck_assert_str_eq(reports, "");
	ck_assert_str_eq(choose("console=serial@3")->path, "/soc/serial@2");
	ck_assert_str_eq(reports, "serial@3: is the path of no UART that Corbel drives\n");
	parse("");
	ck_assert_ptr_null(options_choose_uart(&options, &bare, note, reports));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("options");
	TCase *tcase = tcase_create("options");
	SRunner *runner = srunner_create(suite);
	int failures;

	tcase_add_test(tcase, nothing_said);
	tcase_add_test(tcase, everything_said);
	tcase_add_test(tcase, the_last_one_wins);
	tcase_add_test(tcase, no_option);
	tcase_add_test(tcase, no_such_value);
	tcase_add_test(tcase, very_long_words);
	tcase_add_test(tcase, the_console);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

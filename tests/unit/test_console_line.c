/* The line that a VM is at: what a terminal would show of it, and where its cursor would be. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "kernel/console_line.h"
#include "tests/fakes/prng.h"

static struct guest_line line;

static void begin(void)
{
	memset(&line, 0, sizeof(line));
}

static void put(const char *text)
{
	for (; *text != '\0'; text++)
		guest_line_put(&line, (uint8_t)*text);
}

/* What stands there, a | where the cursor is. */
static const char *shown(void)
{
	static char text[GUEST_LINE_BYTES + 2];

	(void)snprintf(text, sizeof(text), "%.*s|%.*s", (int)line.cursor, line.bytes, (int)(line.length - line.cursor),
		       line.bytes + line.cursor);
	ck_assert_uint_eq(guest_line_columns_back(&line), line.length - line.cursor);
	return text;
}

#define SHOWS(printed, expected)                     \
	do {                                         \
		begin();                             \
		put(printed);                        \
		ck_assert_str_eq(shown(), expected); \
	} while (0)

/* As BusyBox's and GNU's line editing write them. */
START_TEST(editing_in_a_shell)
{
	SHOWS("$ ls", "$ ls|");
	SHOWS("old\r\n$ l", "$ l|");
	SHOWS("$ abc\b\b", "$ a|bc");
	SHOWS("$ abc\b\bXbc\b\b", "$ aX|bc");
	SHOWS("$ abc\b\bc\033[J\b", "$ a|c");
	SHOWS("$ abc\b \b", "$ ab| ");
	SHOWS("$ abc\033[3D", "$ |abc");
	SHOWS("$ abc\033[3D\033[C", "$ a|bc");
	SHOWS("$ abc\033[2D\033[K", "$ a|");
	SHOWS("$ abc\033[99D\033[99C", "$ abc|");
	SHOWS("$ abc\r", "|$ abc");
	SHOWS("50%\r60%", "60%|");
	SHOWS("\033[1;32m$\033[0m \033[6nx", "$ x|");
	SHOWS("$ x\033[12;1H", "|");
	SHOWS("$ x\033[A", "|");
	SHOWS("$ \a\033=x", "$ x|");
	SHOWS("\b\b$", "$|");
}
END_TEST

START_TEST(control_sequences_end)
{
	uint8_t final;

	begin();
	ck_assert(guest_line_is_control(&line, 0x1b, &final) && final == 0);
	ck_assert(guest_line_is_control(&line, '[', &final) && final == 0);
	ck_assert(guest_line_is_control(&line, '7', &final) && final == 0);
	ck_assert(guest_line_is_control(&line, 'D', &final) && final == 'D');
	ck_assert_uint_eq(line.parameter, 7);
	ck_assert(!guest_line_is_control(&line, 'D', &final));
	ck_assert(guest_line_is_control(&line, '\r', &final));
}
END_TEST

/* Whatever a guest prints: the cursor is within the text, and that within its room. */
START_TEST(anything)
{
	static const char likely[] = "\b\r\033[0123456789;CDKJHAmx";
	uint64_t seed = 7;

	begin();
	for (unsigned int n = 0; n < 100000; n++) {
		uint64_t random = prng_next(&seed);

		guest_line_put(&line, random % 4 != 0 ? (uint8_t)likely[random / 4 % (sizeof(likely) - 1)]
						      : (uint8_t)(random / 4));
		ck_assert_uint_le(line.cursor, line.length);
		ck_assert_uint_le(line.length, GUEST_LINE_BYTES);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("console_line");
	TCase *tcase = tcase_create("console_line");
	SRunner *runner = srunner_create(suite);
	int failures;

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, editing_in_a_shell);
	tcase_add_test(tcase, control_sequences_end);
	tcase_add_test(tcase, anything);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

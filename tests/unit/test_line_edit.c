/* Line editing, as a terminal shows it: each key goes through the editor, what comes out is drawn on a row of cells,
 * and the row must be the line with the cursor in its place. Random keys hold the two together. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bits.h"
#include "lib/line_edit.h"
#include "tests/fakes/prng.h"

#define COLUMNS 80
#define PROMPT	"corbel> "

static struct line_edit edit;
static char row[COLUMNS + 1];
static unsigned int column, nr_bells;

/* --- a terminal's row --- */

static void draw_csi(const char **text)
{
	unsigned int n = (unsigned int)strtoul(*text, (char **)text, 10);
	char final = *(*text)++;

	if (final == 'K') {
		ck_assert_uint_eq(n, 0);
		memset(row + column, ' ', COLUMNS - column);
	} else if (final == 'C') {
		ck_assert_uint_gt(n, 0);
		column += n;
	} else {
		ck_assert_int_eq(final, 'D');
		ck_assert_uint_gt(n, 0);
		ck_assert_uint_ge(column, n);
		column -= n;
	}
}

static void draw_text(const char *text, unsigned int length)
{
	char copy[LINE_EDIT_OUT_BYTES + 1];

	memcpy(copy, text, length);
	copy[length] = '\0';
	ck_assert_uint_eq(strlen(copy), length);
	for (const char *at = copy; *at != '\0';) {
		char c = *at++;

		if (c == '\a') {
			nr_bells++;
		} else if (c == '\b') {
			ck_assert_uint_gt(column, 0);
			column--;
		} else if (c == '\033') {
			ck_assert_int_eq(*at++, '[');
			draw_csi(&at);
		} else {
			ck_assert(c >= ' ' && c < 0x7f);
			row[column++] = c;
		}
		/* The last column is never written, so nothing wraps. */
		ck_assert_uint_lt(column, COLUMNS);
	}
}

static void draw_prompt(void)
{
	memset(row, ' ', COLUMNS);
	memcpy(row, PROMPT, strlen(PROMPT));
	column = (unsigned int)strlen(PROMPT);
	memcpy(row + column, edit.text, edit.length);
	column += edit.cursor;
	line_edit_drawn(&edit);
}

static void check_row(void)
{
	char want[COLUMNS + 1];

	memset(want, ' ', COLUMNS);
	want[COLUMNS] = '\0';
	memcpy(want, PROMPT, strlen(PROMPT));
	memcpy(want + strlen(PROMPT), edit.text, edit.length);
	ck_assert_str_eq(row, want);
	ck_assert_uint_eq(column, strlen(PROMPT) + edit.cursor);
	ck_assert_uint_eq(line_edit_columns_back(&edit), edit.length - edit.cursor);
}

static enum line_edit_wish type_bytes(const char *bytes, size_t length)
{
	enum line_edit_wish wish = LINE_EDIT_MORE;

	for (size_t n = 0; n < length; n++) {
		wish = line_edit_key(&edit, (uint8_t)bytes[n]);
		draw_text(edit.out, edit.out_length);
		ck_assert_uint_eq(strlen(edit.text), edit.length);
		ck_assert_uint_le(edit.cursor, edit.length);
		if (wish != LINE_EDIT_MORE && wish != LINE_EDIT_LEAVE) {
			if (wish == LINE_EDIT_DONE)
				line_edit_next(&edit);
			draw_prompt();
		}
		check_row();
	}
	return wish;
}

static enum line_edit_wish type(const char *keys)
{
	return type_bytes(keys, strlen(keys));
}

/* The line with a | where the cursor is. */
static const char *line(void)
{
	static char text[LINE_EDIT_BYTES + 1];

	(void)snprintf(text, sizeof(text), "%.*s|%s", (int)edit.cursor, edit.text, edit.text + edit.cursor);
	return text;
}

/* --- what may be completed --- */

static const char *const commands[] = { "console", "destroy", "help", "list", "log", "reboot", "reset" };
static const char *const vms[] = { "debian", "loop" };

static bool words(const char *before, unsigned int n, char word[LINE_EDIT_BYTES])
{
	if (before[0] == '\0' && n < ARRAY_SIZE(commands))
		strcpy(word, commands[n]);
	else if (strcmp(before, "console ") == 0 && n < ARRAY_SIZE(vms))
		strcpy(word, vms[n]);
	else
		return false;
	return true;
}

static void set_up(void)
{
	line_edit_init(&edit, words);
	row[COLUMNS] = '\0';
	nr_bells = 0;
	draw_prompt();
}

/* --- tests --- */

static const struct {
	const char *keys, *line;
	unsigned int bells;
} edits[] = {
	{ "list", "list|", 0 },
	{ "list\033[D\033[D", "li|st", 0 },
	{ "list\002\002x", "lix|st", 0 },
	{ "list\033[D\033[D\033[C", "lis|t", 0 },
	{ "list\002\002\006", "lis|t", 0 },
	{ "list\033OD", "lis|t", 0 },
	{ "list\033[Hx", "x|list", 0 },
	{ "list\033[1~x\033[4~y", "xlisty|", 0 },
	{ "list\033[7~x\033[8~y", "xlisty|", 0 },
	{ "list\033OHx\033OFy", "xlisty|", 0 },
	{ "list\001x\005y", "xlisty|", 0 },
	{ "list\033[1;5D", "lis|t", 0 },
	{ "list\001\033[3~", "|ist", 0 },
	{ "list\001\004\004", "|st", 0 },
	{ "list\004", "list|", 1 },
	{ "\033[3~", "|", 1 },
	{ "lixst\002\002\177", "li|st", 0 },
	{ "lixst\002\002\b", "li|st", 0 },
	{ "\177", "|", 1 },
	{ "x\001\177", "|x", 1 },
	{ "reset debian\027", "reset |", 0 },
	{ "reset debian  \027", "reset |", 0 },
	{ "reset debian\027\027\027", "|", 1 },
	{ "reset debian\001\006\006\013", "re|", 0 },
	{ "reset debian\002\002\002\025", "|ian", 0 },
	{ "\033[D\033[C", "|", 2 },
	/* No keys: dropped, and what comes behind is typed as ever. */
	{ "a\033[15~b\033[200~c\033Od\033xe", "abce|", 3 },
	{ "a\033[\033[Db", "b|a", 0 },
	{ "a\033\033[Db", "b|a", 0 },
	{ "a\303\244b", "ab|", 2 },
	{ "a\033[1\177b", "b|", 0 },
};

START_TEST(edited)
{
	type(edits[_i].keys);
	ck_assert_str_eq(line(), edits[_i].line);
	ck_assert_uint_eq(nr_bells, edits[_i].bells);
}
END_TEST

START_TEST(wishes)
{
	ck_assert_int_eq(type("list\r"), LINE_EDIT_DONE);
	ck_assert_str_eq(line(), "|");
	/* \r\n is one Enter, \n alone is one, too. */
	ck_assert_int_eq(type("\n"), LINE_EDIT_MORE);
	ck_assert_int_eq(type("\n"), LINE_EDIT_DONE);
	ck_assert_int_eq(type("list\002\003"), LINE_EDIT_DROP);
	ck_assert_str_eq(line(), "|");
	ck_assert_int_eq(type("li\002\014"), LINE_EDIT_CLEAR);
	ck_assert_str_eq(line(), "l|i");
	ck_assert_int_eq(type("\004"), LINE_EDIT_MORE);
	ck_assert_int_eq(type("\025\004"), LINE_EDIT_LEAVE);
	/* A sequence that Enter breaks off. */
	ck_assert_int_eq(type("x\033[\r"), LINE_EDIT_DONE);
}
END_TEST

/* Echo is what a slow line has to carry: a key at the end sends itself alone. */
START_TEST(sends_little)
{
	type("list");
	(void)line_edit_key(&edit, 'x');
	ck_assert_uint_eq(edit.out_length, 1);
	(void)line_edit_key(&edit, '\b');
	ck_assert_uint_eq(edit.out_length, 4); /* \b, CSI K */
	(void)line_edit_key(&edit, 'B' & 0x1f);
	ck_assert_uint_eq(edit.out_length, 1);
}
END_TEST

START_TEST(full)
{
	for (unsigned int n = 0; n < LINE_EDIT_BYTES - 1; n++)
		type("x");
	ck_assert_uint_eq(nr_bells, 0);
	type("yz");
	ck_assert_uint_eq(nr_bells, 2);
	ck_assert_uint_eq(edit.length, LINE_EDIT_BYTES - 1);
	type("\002y");
	ck_assert_uint_eq(nr_bells, 3);
	type("\177y\005\001");
	ck_assert_uint_eq(nr_bells, 3);
	ck_assert_uint_eq(edit.length, LINE_EDIT_BYTES - 1);
}
END_TEST

START_TEST(history)
{
	type("one\rtwo\r\r  \rtwo\rthree\r");
	type("half\033[A");
	ck_assert_str_eq(line(), "three|");
	type("\020");
	ck_assert_str_eq(line(), "two|");
	type("\033OA");
	ck_assert_str_eq(line(), "one|");
	ck_assert_uint_eq(nr_bells, 0);
	type("\033[A");
	ck_assert_str_eq(line(), "one|");
	ck_assert_uint_eq(nr_bells, 1);
	type("\033[B\016");
	ck_assert_str_eq(line(), "three|");
	type("\033[B");
	ck_assert_str_eq(line(), "half|");
	type("\033[B");
	ck_assert_uint_eq(nr_bells, 2);
	/* What is taken from the history and run again is its newest line. */
	type("\033[A\033[A\177x\r\033[A");
	ck_assert_str_eq(line(), "twx|");
	type("\033[A");
	ck_assert_str_eq(line(), "three|");
	type("\003\033[A");
	ck_assert_str_eq(line(), "twx|");
}
END_TEST

START_TEST(history_is_a_ring)
{
	char text[8];

	for (unsigned int n = 0; n < 3 * LINE_EDIT_HISTORY; n++) {
		(void)snprintf(text, sizeof(text), "%u\r", n);
		type(text);
	}
	for (unsigned int n = 1; n <= LINE_EDIT_HISTORY; n++) {
		type("\020");
		(void)snprintf(text, sizeof(text), "%u", 3 * LINE_EDIT_HISTORY - n);
		ck_assert_str_eq(edit.text, text);
	}
	ck_assert_uint_eq(nr_bells, 0);
	type("\020");
	ck_assert_uint_eq(nr_bells, 1);
}
END_TEST

START_TEST(completion)
{
	ck_assert_int_eq(type("h\t"), LINE_EDIT_MORE);
	ck_assert_str_eq(line(), "help |");
	type("\025con\tl\t");
	ck_assert_str_eq(line(), "console loop |");
	ck_assert_uint_eq(nr_bells, 0);
	/* In the middle; the space that stands there is enough. */
	type("\025con debian\001\006\006\006\t");
	ck_assert_str_eq(line(), "console| debian");
	type("\025\013x\t");
	ck_assert_str_eq(line(), "x|");
	ck_assert_uint_eq(nr_bells, 1);
}
END_TEST

START_TEST(second_tab_lists)
{
	char word[LINE_EDIT_BYTES], all[64] = "";
	bool fits;

	ck_assert_int_eq(type("l\t"), LINE_EDIT_MORE);
	ck_assert_uint_eq(nr_bells, 1);
	ck_assert_int_eq(type("\t"), LINE_EDIT_LIST);
	for (unsigned int n = 0; line_edit_word(&edit, n, word, &fits); n++) {
		if (fits)
			strcat(strcat(all, word), " ");
	}
	ck_assert_str_eq(all, "list log ");
	ck_assert_str_eq(line(), "l|");
	/* As far as all agree first, then the list. */
	ck_assert_int_eq(type("\025r\t"), LINE_EDIT_MORE);
	ck_assert_str_eq(line(), "re|");
	ck_assert_int_eq(type("\t"), LINE_EDIT_LIST);
	/* Another key between makes it the first one again. */
	ck_assert_int_eq(type("\025l\t\002\006\t"), LINE_EDIT_MORE);
	edit.words = NULL;
	ck_assert_int_eq(type("\t\t"), LINE_EDIT_MORE);
}
END_TEST

/* Any bytes: the row is the line, nothing is written beyond it, and the editor comes back from any of them. */
START_TEST(random_keys)
{
	static const char *const some[] = { "\033[",   "\033O", "\033[A", "\033[B", "\033[C", "\033[D", "\033[3~",
					    "\033[1;", "\t",	"\t\t",	  "\001",   "\r",     "re" };
	uint64_t seed = (uint64_t)_i + 1;

	for (unsigned int n = 0; n < 20000; n++) {
		uint64_t r = prng_next(&seed);
		char byte = (char)(r >> 8);

		if (r % 3 == 0)
			type(some[(r >> 8) % ARRAY_SIZE(some)]);
		else if (r % 3 == 1)
			type_bytes(&(char){ (char)(' ' + (r >> 8) % 95) }, 1);
		else
			type_bytes(&byte, 1);
	}
	type("\003list");
	ck_assert_str_eq(line(), "list|");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("line_edit");
	Suite *suite = suite_create("line_edit");
	SRunner *runner = srunner_create(suite);
	int failures;

	tcase_add_checked_fixture(tcase, set_up, NULL);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, edited, 0, (int)ARRAY_SIZE(edits));
	tcase_add_test(tcase, wishes);
	tcase_add_test(tcase, sends_little);
	tcase_add_test(tcase, full);
	tcase_add_test(tcase, history);
	tcase_add_test(tcase, history_is_a_ring);
	tcase_add_test(tcase, completion);
	tcase_add_test(tcase, second_tab_lists);
	tcase_add_loop_test(tcase, random_keys, 0, 4);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

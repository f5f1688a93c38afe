/* The log: the form of a line, the ring before and behind the sink, levels, and the limit on guests' lines. */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "lib/log.h"

static char output[65536], replayed[65536];
static unsigned int nr_writes;
static uint64_t now_us;

static void add(char *to, const char *text, size_t length)
{
	size_t end = strlen(to);

	if (end + length >= sizeof(output))
		ck_abort_msg("the log wrote more than it can hold");
	memcpy(to + end, text, length);
	to[end + length] = 0;
}

static void sink_write(const char *text, size_t length)
{
	/* Whole lines, one at a time. */
	if (length == 0 || length > LOG_LINE_MAX || memchr(text, '\n', length) != text + length - 1)
		ck_abort_msg("not one whole line");
	nr_writes++;
	add(output, text, length);
}

/* All that the ring holds. */
static void replay(void)
{
	struct log_cursor cursor;
	char line[LOG_LINE_MAX];
	size_t length;

	log_cursor_init(&cursor);
	while ((length = log_next_line(&cursor, line)) != 0)
		add(replayed, line, length);
}

static uint64_t sink_now(void)
{
	return now_us;
}

static unsigned int sink_cpu(void)
{
	return 3;
}

static const struct log_sink sink = { sink_write, sink_now, sink_cpu };

START_TEST(line_form)
{
	log_set_sink(&sink);
	log_info("vgic", "INTID %u on %s", 33, "uart");
	log_warn("boot", "%lx", 0xabcUL);
	ck_assert_str_eq(output, "[cpu3] vgic: INTID 33 on uart\n[cpu3] boot: abc\n");
}
END_TEST

START_TEST(waits_for_the_sink)
{
	log_info("boot", "one");
	log_info("boot", "two");
	ck_assert_uint_eq(nr_writes, 0);
	log_set_sink(&sink);
	ck_assert_str_eq(output, "[cpu0] boot: one\n[cpu0] boot: two\n");
	log_info("boot", "three");
	ck_assert_str_eq(output, "[cpu0] boot: one\n[cpu0] boot: two\n[cpu3] boot: three\n");
}
END_TEST

START_TEST(replay_gives_all_again)
{
	log_info("boot", "one");
	log_set_sink(&sink);
	log_info("boot", "two");
	replay();
	ck_assert_str_eq(replayed, output);
	ck_assert_str_eq(replayed, "[cpu0] boot: one\n[cpu3] boot: two\n");
}
END_TEST

/* A reader that came late gets what comes then, line by line. */
START_TEST(cursor_follows)
{
	struct log_cursor cursor;
	char line[LOG_LINE_MAX];

	log_set_sink(&sink);
	log_info("boot", "before");
	log_cursor_follow(&cursor);
	ck_assert_uint_eq(log_next_line(&cursor, line), 0);
	log_words(LOG_INFO, "vm", "one", ": ", "two", NULL);
	log_info("vm", "three");
	ck_assert_uint_eq(log_next_line(&cursor, line), strlen("[cpu3] vm: one: two\n"));
	ck_assert_mem_eq(line, "[cpu3] vm: one: two\n", strlen("[cpu3] vm: one: two\n"));
	ck_assert_uint_eq(log_next_line(&cursor, line), strlen("[cpu3] vm: three\n"));
	ck_assert_uint_eq(log_next_line(&cursor, line), 0);
	log_set_level(LOG_WARN);
	log_words(LOG_INFO, "vm", "not wanted", NULL);
	ck_assert_uint_eq(log_next_line(&cursor, line), 0);
	ck_assert(!cursor.lost);
	for (unsigned int n = 0; n < 1000; n++)
		log_warn("vm", "one of many");
	ck_assert_uint_ne(log_next_line(&cursor, line), 0);
	ck_assert(cursor.lost);
}
END_TEST

/* The ring keeps the latest; what it lost before the sink came is counted, to the line. */
START_TEST(overflow_before_the_sink)
{
	unsigned int first_left, lost;

	for (unsigned int i = 0; i < 1000; i++)
		log_info("boot", "line %u", i);
	log_set_sink(&sink);
	ck_assert_int_eq(sscanf(output, "[cpu3] log: %u earlier lines", &lost), 1);
	ck_assert_int_eq(sscanf(strchr(output, '\n'), "\n[cpu0] boot: line %u\n", &first_left), 1);
	/* The warning itself took the place of one more or two. */
	ck_assert_uint_ge(first_left, lost);
	ck_assert_uint_le(first_left, lost + 4);
	ck_assert_uint_gt(1000 - lost, 8192 / 24 - 8);
	ck_assert_ptr_nonnull(strstr(output, "boot: line 999\n"));
	replay();
	ck_assert_uint_gt(strlen(replayed), 8192 - LOG_LINE_MAX);
	ck_assert_uint_le(strlen(replayed), 8192);
}
END_TEST

START_TEST(overflow_behind_the_sink_is_no_loss)
{
	char last[64];

	log_set_sink(&sink);
	for (unsigned int i = 0; i < 1000; i++)
		log_info("boot", "line %u", i);
	ck_assert_uint_eq(nr_writes, 1000);
	replay();
	/* It begins with a whole line and ends with the last. */
	ck_assert_int_eq(strncmp(replayed, "[cpu3] boot: line ", 18), 0);
	snprintf(last, sizeof(last), "[cpu3] boot: line 999\n");
	ck_assert_str_eq(replayed + strlen(replayed) - strlen(last), last);
}
END_TEST

START_TEST(long_line_is_cut)
{
	char text[600];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	log_set_sink(&sink);
	log_info("boot", "%s", text);
	ck_assert_uint_eq(strlen(output), LOG_LINE_MAX);
	ck_assert_int_eq(output[LOG_LINE_MAX - 1], '\n');
	ck_assert_int_eq(output[LOG_LINE_MAX - 2], 'x');
	log_info(text, "text");
	ck_assert_uint_eq(strlen(output), 2 * LOG_LINE_MAX);
}
END_TEST

/* Whole long lines come out of the ring at every offset. */
START_TEST(long_lines_wrap_whole)
{
	char text[241];

	memset(text, 'y', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	for (unsigned int i = 0; i < 300; i++) {
		log_info("boot", "%.*s", (int)(i % 240), text);
		replayed[0] = 0;
		replay();
		if (strncmp(replayed, "[cpu0] boot: ", 13) != 0 || replayed[strlen(replayed) - 1] != '\n')
			ck_abort_msg("the ring lost its lines at %u", i);
	}
}
END_TEST

START_TEST(controls_are_replaced)
{
	log_set_sink(&sink);
	log_info("boot", "a\nb\033[2J\r\tc\x7f d\xc3\xa9");
	ck_assert_str_eq(output, "[cpu3] boot: a?b?[2J??c? d\xc3\xa9\n");
}
END_TEST

START_TEST(levels)
{
	log_set_sink(&sink);
	log_debug("a", "not at first");
	ck_assert_uint_eq(nr_writes, 0);
	log_set_level(LOG_DEBUG);
	log_debug("a", "now");
	ck_assert_uint_eq(nr_writes, 1);
	log_set_level(LOG_ERROR);
	log_warn("a", "no");
	log_info("a", "no");
	ck_assert_uint_eq(nr_writes, 1);
	log_error("a", "yes");
	ck_assert_uint_eq(nr_writes, 2);
}
END_TEST

START_TEST(level_names)
{
	static const char *const names[] = { "error", "warn", "info", "debug" };
	enum log_level level;

	for (int i = 0; i < 4; i++) {
		ck_assert(log_level_from_name(names[i], &level));
		ck_assert_int_eq((int)level, i);
	}
	ck_assert(!log_level_from_name("", &level));
	ck_assert(!log_level_from_name("inf", &level));
	ck_assert(!log_level_from_name("info ", &level));
	ck_assert(!log_level_from_name("ERROR", &level));
}
END_TEST

/* --- guests ----------------------------------------------------------------------------------- */

START_TEST(guest_line_form)
{
	struct log_limit limit = { .burst_left = LOG_BURST };

	log_set_sink(&sink);
	log_guest(&limit, "linux.0", "vgic", "bad INTID %u", 1020);
	ck_assert_str_eq(output, "[cpu3] linux.0 vgic: bad INTID 1020\n");
}
END_TEST

START_TEST(guest_lines_are_limited)
{
	struct log_limit limit = { .burst_left = LOG_BURST };

	log_set_sink(&sink);
	for (unsigned int i = 0; i < LOG_BURST + 5; i++)
		log_guest(&limit, "linux.0", "vgic", "n %u", i);
	ck_assert_uint_eq(nr_writes, LOG_BURST);
	now_us = LOG_WINDOW_US - 1;
	log_guest(&limit, "linux.0", "vgic", "still the same window");
	ck_assert_uint_eq(nr_writes, LOG_BURST);
	output[0] = 0;
	now_us = LOG_WINDOW_US;
	log_guest(&limit, "linux.0", "vgic", "new");
	ck_assert_str_eq(output, "[cpu3] linux.0 log: 6 lines dropped\n[cpu3] linux.0 vgic: new\n");
	/* The new window has the whole burst, and starts to count anew. */
	for (unsigned int i = 0; i < LOG_BURST; i++)
		log_guest(&limit, "linux.0", "vgic", "n %u", i);
	output[0] = 0;
	now_us += 5 * LOG_WINDOW_US;
	log_guest(&limit, "linux.0", "vgic", "later");
	ck_assert_str_eq(output, "[cpu3] linux.0 log: 1 lines dropped\n[cpu3] linux.0 vgic: later\n");
	output[0] = 0;
	now_us += LOG_WINDOW_US;
	log_guest(&limit, "linux.0", "vgic", "quiet since");
	ck_assert_str_eq(output, "[cpu3] linux.0 vgic: quiet since\n");
}
END_TEST

START_TEST(limits_are_each_guests_own)
{
	struct log_limit a = { .burst_left = LOG_BURST }, b = { .burst_left = LOG_BURST };

	log_set_sink(&sink);
	for (unsigned int i = 0; i < 100; i++)
		log_guest(&a, "a.0", "x", "noise");
	log_guest(&b, "b.0", "x", "heard");
	ck_assert_ptr_nonnull(strstr(output, "b.0 x: heard"));
}
END_TEST

/* A guest's line is a warning, never louder. */
START_TEST(guest_level)
{
	struct log_limit limit = { .burst_left = LOG_BURST };

	log_set_sink(&sink);
	log_set_level(LOG_ERROR);
	log_guest(&limit, "linux.0", "x", "no");
	ck_assert_uint_eq(nr_writes, 0);
	ck_assert_uint_eq(limit.burst_left, LOG_BURST);
	log_set_level(LOG_WARN);
	log_guest(&limit, "linux.0", "x", "yes");
	ck_assert_uint_eq(nr_writes, 1);
}
END_TEST

/* --- several pCPUs ---------------------------------------------------------------------------- */

static unsigned int nr_threaded_writes;

static void threaded_write(const char *text, size_t length)
{
	(void)text;
	(void)length;
	__atomic_fetch_add(&nr_threaded_writes, 1, __ATOMIC_RELAXED);
}

static const struct log_sink threaded_sink = { threaded_write, sink_now, sink_cpu };

static void *logger(void *arg)
{
	for (unsigned int i = 0; i < 500; i++)
		log_info("t", "thread %lu line %u", (unsigned long)(uintptr_t)arg, i);
	return NULL;
}

/* The sink comes while others log: each line reaches it exactly once, by itself or by the replay. */
START_TEST(sink_set_meanwhile)
{
	pthread_t threads[3];
	const char *line;

	for (uintptr_t i = 0; i < 3; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, logger, (void *)i), 0);
	log_set_sink(&threaded_sink);
	for (unsigned int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	/* At most all of them and the line about those lost. */
	ck_assert_uint_le(nr_threaded_writes, 1501);
	ck_assert_uint_gt(nr_threaded_writes, 0);
	replay();
	for (line = replayed; *line; line = strchr(line, '\n') + 1) {
		unsigned int cpu, n;
		unsigned long thread;

		if (sscanf(line, "[cpu%u] t: thread %lu line %u\n", &cpu, &thread, &n) != 3 &&
		    !strstr(line, "earlier lines"))
			ck_abort_msg("torn line in the ring");
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("log");
	TCase *tc = tcase_create("log");
	SRunner *runner;
	int failures;

	tcase_add_test(tc, line_form);
	tcase_add_test(tc, waits_for_the_sink);
	tcase_add_test(tc, replay_gives_all_again);
	tcase_add_test(tc, cursor_follows);
	tcase_add_test(tc, overflow_before_the_sink);
	tcase_add_test(tc, overflow_behind_the_sink_is_no_loss);
	tcase_add_test(tc, long_line_is_cut);
	tcase_add_test(tc, long_lines_wrap_whole);
	tcase_add_test(tc, controls_are_replaced);
	tcase_add_test(tc, levels);
	tcase_add_test(tc, level_names);
	tcase_add_test(tc, guest_line_form);
	tcase_add_test(tc, guest_lines_are_limited);
	tcase_add_test(tc, limits_are_each_guests_own);
	tcase_add_test(tc, guest_level);
	tcase_add_loop_test(tc, sink_set_meanwhile, 0, 10);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	/* Each test begins with an empty log: the fork is what gives it one. */
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

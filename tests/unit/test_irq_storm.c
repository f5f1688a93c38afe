/* How many interrupts a window lets in, who is told, and when. */
#include <check.h>

#include "kernel/irq_storm.h"

#define WINDOW 1000

static struct irq_storm storm;

static void setup(void)
{
	storm = (struct irq_storm){ 0 };
}

/* n of them in the window that begins at this time. */
static void come(unsigned int n, uint64_t at, enum irq_storm_answer expected)
{
	for (unsigned int i = 0; i < n; i++)
		ck_assert_int_eq(irq_storm_count(&storm, at + i, WINDOW), expected);
}

START_TEST(a_window_lets_in_so_many)
{
	for (uint64_t window = 7; window < 20; window++)
		come(IRQ_STORM_MAX, window * WINDOW, IRQ_STORM_LET_IN);
}
END_TEST

START_TEST(who_is_held_back_comes_in_the_next)
{
	come(IRQ_STORM_MAX, 7 * WINDOW + 500, IRQ_STORM_LET_IN);
	come(1, 7 * WINDOW + 900, IRQ_STORM_BEGINS);
	ck_assert_uint_eq(storm.window_ends_ticks, 8 * WINDOW);
	come(5, 7 * WINDOW + 901, IRQ_STORM_HOLD_BACK);
	come(IRQ_STORM_MAX, 8 * WINDOW, IRQ_STORM_LET_IN);
	come(1, 8 * WINDOW + 900, IRQ_STORM_HOLD_BACK);
}
END_TEST

START_TEST(a_storm_is_told_once)
{
	for (uint64_t window = 1; window < 2 * IRQ_STORM_QUIET; window++) {
		come(IRQ_STORM_MAX, window * WINDOW, IRQ_STORM_LET_IN);
		come(1, window * WINDOW + 500, window == 1 ? IRQ_STORM_BEGINS : IRQ_STORM_HOLD_BACK);
	}
}
END_TEST

START_TEST(after_a_quiet_time_it_is_another)
{
	uint64_t next = (1 + IRQ_STORM_QUIET) * WINDOW;

	come(IRQ_STORM_MAX, WINDOW, IRQ_STORM_LET_IN);
	come(1, WINDOW + 500, IRQ_STORM_BEGINS);
	come(IRQ_STORM_MAX, next, IRQ_STORM_LET_IN);
	come(1, next + 500, IRQ_STORM_HOLD_BACK);
	next += IRQ_STORM_QUIET * WINDOW;
	come(IRQ_STORM_MAX, next, IRQ_STORM_LET_IN);
	come(1, next + 501, IRQ_STORM_BEGINS);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("irq_storm");
	TCase *tcase = tcase_create("core");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, a_window_lets_in_so_many);
	tcase_add_test(tcase, who_is_held_back_comes_in_the_next);
	tcase_add_test(tcase, a_storm_is_told_once);
	tcase_add_test(tcase, after_a_quiet_time_it_is_another);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

/* Percentiles of exits against the times themselves, sorted. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/exit_times.h"
#include "tests/fakes/prng.h"

#define NR_TIMES 10000

static struct exit_times times;

static void setup(void)
{
	memset(&times, 0, sizeof(times));
}

static int by_value(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

START_TEST(none)
{
	ck_assert_uint_eq(exit_times_count(&times, EXIT_HALT), 0);
	ck_assert_uint_eq(exit_times_percentile(&times, EXIT_HALT, 99), 0);
}
END_TEST

START_TEST(one)
{
	static const uint64_t values[] = { 0, 1, 3, 4, 7, 8, 100, 1 << 20, (1 << 25) - 1, 1 << 25, UINT64_MAX };

	for (size_t n = 0; n < sizeof(values) / sizeof(values[0]); n++) {
		setup();
		exit_times_add(&times, EXIT_HALT, values[n]);
		ck_assert_uint_eq(exit_times_percentile(&times, EXIT_HALT, 50), values[n]);
		ck_assert_uint_eq(exit_times_percentile(&times, EXIT_HALT, 99), values[n]);
		ck_assert_uint_eq(exit_times_count(&times, EXIT_NOTHING), 0);
	}
}
END_TEST

START_TEST(within_a_quarter)
{
	static const unsigned int percents[] = { 1, 50, 90, 99, 100 };
	static uint64_t values[NR_TIMES];
	uint64_t prng = 11;

	for (unsigned int n = 0; n < NR_TIMES; n++) {
		values[n] = prng_next(&prng) >> 40 >> prng_next(&prng) % 24;
		exit_times_add(&times, EXIT_MMIO_READ, values[n]);
	}
	qsort(values, NR_TIMES, sizeof(values[0]), by_value);
	ck_assert_uint_eq(exit_times_count(&times, EXIT_MMIO_READ), NR_TIMES);
	for (size_t n = 0; n < sizeof(percents) / sizeof(percents[0]); n++) {
		uint64_t exact = values[NR_TIMES * percents[n] / 100 - 1];
		uint64_t told = exit_times_percentile(&times, EXIT_MMIO_READ, percents[n]);

		ck_assert_uint_ge(told, exact);
		ck_assert_uint_le(told, exact + exact / 4);
	}
	ck_assert_uint_eq(times.row[EXIT_MMIO_READ].max_ticks, values[NR_TIMES - 1]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("exit_times");
	TCase *tcase = tcase_create("exit_times");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, none);
	tcase_add_test(tcase, one);
	tcase_add_test(tcase, within_a_quarter);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

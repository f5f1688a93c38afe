/* Ticks and microseconds: against 128-bit arithmetic, at the rates that counters have. */
#include <check.h>
#include <stdlib.h>

#include "arch/arm64/timer_math.h"
#include "lib/bits.h"

__extension__ typedef unsigned __int128 wide_t;

static const uint64_t rates[] = { 1, 24000000, 54000000, 62500000, 999999937, 1000000000, UINT64_C(1) << 32 };

static uint64_t reference(uint64_t value, uint64_t from, uint64_t to)
{
	wide_t exact = (wide_t)value * to / from;

	return exact > UINT64_MAX ? UINT64_MAX : (uint64_t)exact;
}

START_TEST(agrees_with_wide_arithmetic)
{
	uint64_t hz = rates[_i];

	for (unsigned int shift = 0; shift < 64; shift++)
		for (uint64_t low = 0; low < 3; low++) {
			uint64_t value = (UINT64_MAX >> shift) - low;

			ck_assert_uint_eq(timer_convert(value, US_PER_S, hz), reference(value, US_PER_S, hz));
			ck_assert_uint_eq(timer_convert(value, hz, US_PER_S), reference(value, hz, US_PER_S));
		}
}
END_TEST

START_TEST(known_values)
{
	/* A Raspberry Pi 4 counts at 54 MHz: exact in one direction, 18.5 ns a tick in the other. */
	ck_assert_uint_eq(timer_convert(1, US_PER_S, 54000000), 54);
	ck_assert_uint_eq(timer_convert(100, US_PER_S, 54000000), 5400);
	ck_assert_uint_eq(timer_convert(53, 54000000, US_PER_S), 0);
	ck_assert_uint_eq(timer_convert(54, 54000000, US_PER_S), 1);
	ck_assert_uint_eq(timer_convert(UINT64_C(54000000) * 86400 * 365, 54000000, US_PER_S),
			  UINT64_C(86400000000) * 365);
	/* 10 ms at 62.5 MHz, and there and back at 1 GHz. */
	ck_assert_uint_eq(timer_convert(10000, US_PER_S, 62500000), 625000);
	ck_assert_uint_eq(timer_convert(timer_convert(123456789, US_PER_S, 1000000000), 1000000000, US_PER_S),
			  123456789);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("timer_math");
	TCase *tcase = tcase_create("timer_math");

	tcase_add_loop_test(tcase, agrees_with_wide_arithmetic, 0, (int)ARRAY_SIZE(rates));
	tcase_add_test(tcase, known_values);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);

	srunner_run_all(runner, CK_NORMAL);
	int failures = srunner_ntests_failed(runner);

	srunner_free(runner);
	return failures != 0;
}

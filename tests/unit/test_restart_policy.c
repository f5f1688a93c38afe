/* Restarts after crashes: how long the pauses are, when they begin anew, when there is no further one. */
#include <check.h>

#include "kernel/config.h"
#include "kernel/restart_policy.h"

#define S UINT64_C(1000000)

static struct restart_policy policy;

static void setup(void)
{
	policy = (struct restart_policy){ .nr_restarts = 0 };
}

START_TEST(pauses_double_up_to_the_limit)
{
	static const uint64_t pauses_us[] = { 100000,  200000,	400000,	  800000,   1600000,
					      3200000, 6400000, 10000000, 10000000, 10000000 };
	uint64_t pause_us;

	for (unsigned int n = 0; n < RESTART_LIMIT; n++) {
		ck_assert(restart_policy_crashed(&policy, 0, &pause_us));
		ck_assert_uint_eq(pause_us, pauses_us[n]);
	}
	for (unsigned int n = 0; n < 100; n++)
		ck_assert(!restart_policy_crashed(&policy, 60 * S - 1, &pause_us));
}
END_TEST

START_TEST(a_life_that_went_well_ends_the_row)
{
	uint64_t pause_us;

	for (unsigned int n = 0; n < 5; n++)
		ck_assert(restart_policy_crashed(&policy, 59 * S, &pause_us));
	ck_assert_uint_eq(pause_us, 1600000);
	ck_assert(restart_policy_crashed(&policy, 60 * S, &pause_us));
	ck_assert_uint_eq(pause_us, 100000);
	/* Its own crash is the first of the next row. */
	ck_assert(restart_policy_crashed(&policy, 1, &pause_us));
	ck_assert_uint_eq(pause_us, 200000);
}
END_TEST

START_TEST(one_that_runs_well_in_between_never_stays_off)
{
	uint64_t pause_us;

	for (unsigned int n = 0; n < 10 * RESTART_LIMIT; n++)
		ck_assert(restart_policy_crashed(&policy, n % RESTART_LIMIT == 0 ? 3600 * S : 0, &pause_us));
}
END_TEST

START_TEST(the_operator_begins_anew)
{
	uint64_t pause_us;

	while (restart_policy_crashed(&policy, 0, &pause_us))
		;
	restart_policy_forget(&policy);
	ck_assert(restart_policy_crashed(&policy, 0, &pause_us));
	ck_assert_uint_eq(pause_us, 100000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("restart_policy");
	TCase *tcase = tcase_create("crashes");
	SRunner *runner = srunner_create(suite);
	int failures;

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, pauses_double_up_to_the_limit);
	tcase_add_test(tcase, a_life_that_went_well_ends_the_row);
	tcase_add_test(tcase, one_that_runs_well_in_between_never_stays_off);
	tcase_add_test(tcase, the_operator_begins_anew);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

/* The scheduler's policy: priorities, turns, who is present; and random sequences against a plain reference. */
#include <check.h>

#include "kernel/run_queue.h"
#include "lib/bits.h"
#include "tests/fakes/prng.h"

static struct run_queue queue;
static struct run_entity e[6];

static void setup(void)
{
	run_queue_init(&queue);
	for (unsigned int n = 0; n < ARRAY_SIZE(e); n++) {
		e[n] = (struct run_entity){ .priority = 0, .state = RUN_OFFLINE };
		list_init(&e[n].node);
	}
}

START_TEST(idle_when_nobody_wants)
{
	ck_assert_ptr_null(run_queue_pick(&queue));
	ck_assert(!run_queue_is_contended(&queue));
	ck_assert_uint_eq(queue.nr_present, 0);
}
END_TEST

START_TEST(higher_priority_preempts_at_once)
{
	e[1].priority = 7;
	run_queue_add(&queue, &e[0]);
	ck_assert_ptr_eq(run_queue_pick(&queue), &e[0]);
	run_queue_add(&queue, &e[1]);
	ck_assert_ptr_eq(run_queue_pick(&queue), &e[1]);
	ck_assert_int_eq(e[0].state, RUN_RUNNABLE);
	/* No slice is counted: nobody of its priority waits. */
	ck_assert(!run_queue_is_contended(&queue));
	/* Nor does a slice that is over bring a lower one in. */
	queue.slice_over = true;
	ck_assert_ptr_eq(run_queue_pick(&queue), &e[1]);
	run_queue_leave(&queue, RUN_BLOCKED);
	ck_assert_ptr_eq(run_queue_pick(&queue), &e[0]);
}
END_TEST

START_TEST(equals_take_turns)
{
	for (unsigned int n = 0; n < 3; n++)
		run_queue_add(&queue, &e[n]);
	for (unsigned int turn = 0; turn < 9; turn++) {
		ck_assert_ptr_eq(run_queue_pick(&queue), &e[turn % 3]);
		ck_assert(run_queue_is_contended(&queue));
		queue.slice_over = false;
		ck_assert_ptr_eq(run_queue_pick(&queue), &e[turn % 3]);
		queue.slice_over = true;
	}
}
END_TEST

START_TEST(preempted_one_keeps_its_place)
{
	e[2].priority = 1;
	run_queue_add(&queue, &e[0]);
	run_queue_add(&queue, &e[1]);
	ck_assert_ptr_eq(run_queue_pick(&queue), &e[0]);
	run_queue_add(&queue, &e[2]);
	ck_assert_ptr_eq(run_queue_pick(&queue), &e[2]);
	run_queue_leave(&queue, RUN_BLOCKED);
	ck_assert_ptr_eq(run_queue_pick(&queue), &e[0]); /* its turn was not over */
}
END_TEST

/* What it has used of its slice stays with it over a preemption, and only so. */
START_TEST(a_turn_is_used_up)
{
	e[2].priority = 1;
	run_queue_add(&queue, &e[0]);
	run_queue_add(&queue, &e[1]);
	ck_assert_ptr_eq(run_queue_pick(&queue), &e[0]);
	e[0].slice_used_ticks = 900;
	run_queue_add(&queue, &e[2]);
	ck_assert_ptr_eq(run_queue_pick(&queue), &e[2]);
	run_queue_leave(&queue, RUN_BLOCKED);
	ck_assert_ptr_eq(run_queue_pick(&queue), &e[0]);
	ck_assert_uint_eq(e[0].slice_used_ticks, 900);
	queue.slice_over = true;
	ck_assert_ptr_eq(run_queue_pick(&queue), &e[1]);
	ck_assert_uint_eq(e[0].slice_used_ticks, 0);
	e[1].slice_used_ticks = 500;
	run_queue_leave(&queue, RUN_BLOCKED);
	run_queue_add(&queue, &e[1]);
	ck_assert_uint_eq(e[1].slice_used_ticks, 0);
}
END_TEST

START_TEST(who_has_to_stop_comes_first)
{
	e[0].priority = UINT32_MAX;
	run_queue_add(&queue, &e[0]);
	run_queue_add(&queue, &e[1]);
	ck_assert_ptr_eq(run_queue_pick(&queue), &e[0]);
	run_queue_hurry(&queue, &e[1]);
	run_queue_hurry(&queue, &e[1]); /* twice is once */
	ck_assert_ptr_eq(run_queue_pick(&queue), &e[1]);
	run_queue_leave(&queue, RUN_OFFLINE);
	ck_assert(!e[1].urgent);
	ck_assert_ptr_eq(run_queue_pick(&queue), &e[0]);
	ck_assert_uint_eq(queue.nr_present, 1);
}
END_TEST

/* It gives way to a higher priority, but for a slice only. */
START_TEST(who_is_impatient_waits_for_a_slice)
{
	e[0].priority = 9;
	e[1].impatient = true;
	e[2].priority = 9;
	run_queue_add(&queue, &e[0]);
	ck_assert_ptr_eq(run_queue_pick(&queue), &e[0]);
	ck_assert(!run_queue_is_contended(&queue));
	run_queue_add(&queue, &e[1]);
	ck_assert(run_queue_is_contended(&queue));
	ck_assert_ptr_eq(run_queue_pick(&queue), &e[0]);
	queue.slice_over = true;
	ck_assert_ptr_eq(run_queue_pick(&queue), &e[1]);
	queue.slice_over = false;
	run_queue_add(&queue, &e[2]);
	ck_assert_ptr_eq(run_queue_pick(&queue), &e[1]); /* its step is not torn */
	run_queue_leave(&queue, RUN_BLOCKED);
	ck_assert(!e[1].urgent);
	ck_assert_ptr_eq(run_queue_pick(&queue), &e[0]);
}
END_TEST

START_TEST(present_are_those_who_may_want_to_run)
{
	e[1].is_job = true;
	e[1].state = RUN_BLOCKED;
	run_queue_add(&queue, &e[0]);
	ck_assert_uint_eq(queue.nr_present, 1);
	ck_assert_ptr_eq(run_queue_pick(&queue), &e[0]);
	run_queue_leave(&queue, RUN_BLOCKED);
	ck_assert_uint_eq(queue.nr_present, 1); /* an interrupt may wake a parked vCPU at any time */
	run_queue_add(&queue, &e[1]);
	ck_assert_uint_eq(queue.nr_present, 2);
	ck_assert_ptr_eq(run_queue_pick(&queue), &e[1]);
	run_queue_leave(&queue, RUN_BLOCKED);
	ck_assert_uint_eq(queue.nr_present, 1); /* a job without work wants nothing */
	run_queue_add(&queue, &e[0]);
	ck_assert_uint_eq(queue.nr_present, 1);
	ck_assert_ptr_eq(run_queue_pick(&queue), &e[0]);
	run_queue_leave(&queue, RUN_OFFLINE);
	ck_assert_uint_eq(queue.nr_present, 0);
}
END_TEST

START_TEST(less_urgent_ones_change_nothing)
{
	e[0].priority = 5;
	run_queue_add(&queue, &e[0]);
	ck_assert(run_queue_is_changed_by(&queue, &e[0])); /* nobody ran */
	ck_assert_ptr_eq(run_queue_pick(&queue), &e[0]);
	run_queue_add(&queue, &e[1]);
	ck_assert(!run_queue_is_changed_by(&queue, &e[1]));
	e[2].priority = 5;
	run_queue_add(&queue, &e[2]);
	ck_assert(run_queue_is_changed_by(&queue, &e[2])); /* a slice is to be counted */
	e[3].priority = 6;
	run_queue_add(&queue, &e[3]);
	ck_assert(run_queue_is_changed_by(&queue, &e[3]));
	e[4].is_job = true;
	run_queue_add(&queue, &e[4]);
	ck_assert(run_queue_is_changed_by(&queue, &e[4])); /* it was not present before */
}
END_TEST

/* The reference: no list, only who has waited since when. */
static uint64_t since[ARRAY_SIZE(e)];
static uint64_t now;

static bool comes_before(unsigned int a, unsigned int b)
{
	if (e[a].urgent != e[b].urgent)
		return e[a].urgent;
	if (!e[a].urgent && e[a].priority != e[b].priority)
		return e[a].priority > e[b].priority;
	return since[a] < since[b];
}

static int expected(void)
{
	int best = -1;

	for (unsigned int n = 0; n < ARRAY_SIZE(e); n++) {
		if ((e[n].state == RUN_RUNNABLE || e[n].state == RUN_RUNNING) &&
		    (best < 0 || comes_before(n, (unsigned int)best)))
			best = (int)n;
	}
	return best;
}

static void change_something(uint64_t *prng)
{
	unsigned int n = (unsigned int)(prng_next(prng) % ARRAY_SIZE(e));

	now++;
	if (e[n].state == RUN_RUNNING) {
		switch (prng_next(prng) % 3) {
		case 0: run_queue_leave(&queue, RUN_BLOCKED); break;
		case 1: run_queue_leave(&queue, RUN_OFFLINE); break;
		default: /* its turn is over: behind its equals */
			queue.slice_over = true;
			since[n] = now;
			break;
		}
	} else if (e[n].state != RUN_RUNNABLE) {
		since[n] = now;
		run_queue_add(&queue, &e[n]);
		ck_assert(run_queue_is_changed_by(&queue, &e[n]) || expected() != (int)n);
	} else if (prng_next(prng) % 8 == 0) {
		if (!e[n].urgent)
			since[n] = now;
		run_queue_hurry(&queue, &e[n]);
	}
}

START_TEST(agrees_with_the_reference)
{
	uint64_t prng = (uint64_t)_i + 1;

	for (unsigned int n = 0; n < ARRAY_SIZE(e); n++)
		e[n].priority = (uint32_t)(prng_next(&prng) % 3);
	for (unsigned int step = 0; step < 20000; step++) {
		struct run_entity *picked;
		int want;

		change_something(&prng);
		want = expected();
		picked = run_queue_pick(&queue);
		queue.slice_over = false;
		ck_assert_ptr_eq(picked, want < 0 ? NULL : &e[want]);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("run_queue");
	TCase *tcase = tcase_create("policy");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, idle_when_nobody_wants);
	tcase_add_test(tcase, higher_priority_preempts_at_once);
	tcase_add_test(tcase, equals_take_turns);
	tcase_add_test(tcase, preempted_one_keeps_its_place);
	tcase_add_test(tcase, a_turn_is_used_up);
	tcase_add_test(tcase, who_has_to_stop_comes_first);
	tcase_add_test(tcase, who_is_impatient_waits_for_a_slice);
	tcase_add_test(tcase, present_are_those_who_may_want_to_run);
	tcase_add_test(tcase, less_urgent_ones_change_nothing);
	tcase_add_loop_test(tcase, agrees_with_the_reference, 0, 8);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

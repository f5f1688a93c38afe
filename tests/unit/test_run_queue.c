/* The scheduler's policy: priorities, turns, who is present, shares, budgets, holds. */
#include "tests/unit/run_queue_rig.h"

START_TEST(idle_when_nobody_wants)
{
	ck_assert_ptr_null(pick());
	ck_assert(!run_queue_is_contended(&queue));
	ck_assert_uint_eq(queue.nr_present, 0);
}
END_TEST

START_TEST(higher_priority_preempts_at_once)
{
	e[1].priority = 7;
	run_queue_add(&queue, &e[0]);
	ck_assert_ptr_eq(pick(), &e[0]);
	run_queue_add(&queue, &e[1]);
	ck_assert_ptr_eq(pick(), &e[1]);
	ck_assert_int_eq(e[0].state, RUN_RUNNABLE);
	/* No slice is counted: nobody of its priority waits. */
	ck_assert(!run_queue_is_contended(&queue));
	ck_assert_uint_eq(run_queue_next_look(&queue, now), RUN_QUEUE_NEVER);
	/* Nor does a slice that is over bring a lower one in. */
	now += SLICE;
	ck_assert_ptr_eq(pick(), &e[1]);
	run_queue_leave(&queue, RUN_BLOCKED, now);
	ck_assert_ptr_eq(pick(), &e[0]);
}
END_TEST

START_TEST(equals_take_turns)
{
	for (unsigned int n = 0; n < 3; n++)
		run_queue_add(&queue, &e[n]);
	for (unsigned int turn = 0; turn < 9; turn++) {
		ck_assert_ptr_eq(pick(), &e[turn % 3]);
		ck_assert(run_queue_is_contended(&queue));
		ck_assert_uint_eq(run_queue_next_look(&queue, now), now + SLICE);
		now += SLICE - 1;
		ck_assert_ptr_eq(pick(), &e[turn % 3]);
		now++;
	}
}
END_TEST

START_TEST(preempted_one_keeps_its_place)
{
	e[2].priority = 1;
	run_queue_add(&queue, &e[0]);
	run_queue_add(&queue, &e[1]);
	ck_assert_ptr_eq(pick(), &e[0]);
	run_queue_add(&queue, &e[2]);
	ck_assert_ptr_eq(pick(), &e[2]);
	run_queue_leave(&queue, RUN_BLOCKED, now);
	ck_assert_ptr_eq(pick(), &e[0]); /* its turn was not over */
}
END_TEST

/* What it has used of its slice stays with it over a preemption, and only so. */
START_TEST(a_turn_is_used_up)
{
	e[2].priority = 1;
	run_queue_add(&queue, &e[0]);
	run_queue_add(&queue, &e[1]);
	ck_assert_ptr_eq(pick(), &e[0]);
	now += 900;
	run_queue_add(&queue, &e[2]);
	ck_assert_ptr_eq(pick(), &e[2]);
	run_queue_leave(&queue, RUN_BLOCKED, now);
	ck_assert_ptr_eq(pick(), &e[0]);
	ck_assert_uint_eq(e[0].slice_used_ticks, 900);
	now += SLICE - 900;
	ck_assert_ptr_eq(pick(), &e[1]);
	ck_assert_uint_eq(e[0].slice_used_ticks, 0);
	now += 500;
	run_queue_leave(&queue, RUN_BLOCKED, now);
	run_queue_add(&queue, &e[1]);
	ck_assert_uint_eq(e[1].slice_used_ticks, 0);
}
END_TEST

START_TEST(who_has_to_stop_comes_first)
{
	e[0].priority = UINT32_MAX;
	run_queue_add(&queue, &e[0]);
	run_queue_add(&queue, &e[1]);
	ck_assert_ptr_eq(pick(), &e[0]);
	run_queue_hurry(&queue, &e[1]);
	run_queue_hurry(&queue, &e[1]); /* twice is once */
	ck_assert_ptr_eq(pick(), &e[1]);
	run_queue_leave(&queue, RUN_OFFLINE, now);
	ck_assert(!e[1].urgent);
	ck_assert_ptr_eq(pick(), &e[0]);
	ck_assert_uint_eq(queue.nr_present, 1);
}
END_TEST

/* It gives way to a higher priority, but for so long only. */
START_TEST(patience_ends)
{
	e[0].priority = 9;
	e[1].patience_ticks = 700;
	e[2].priority = 9;
	run_queue_add(&queue, &e[0]);
	ck_assert_ptr_eq(pick(), &e[0]);
	ck_assert_uint_eq(run_queue_next_look(&queue, now), RUN_QUEUE_NEVER);
	run_queue_add(&queue, &e[1]);
	ck_assert_ptr_eq(pick(), &e[0]);
	ck_assert_uint_eq(run_queue_next_look(&queue, now), now + 700);
	now += 699;
	ck_assert_ptr_eq(pick(), &e[0]);
	ck_assert_uint_eq(run_queue_next_look(&queue, now), now + 1);
	now++;
	ck_assert_ptr_eq(pick(), &e[1]);
	run_queue_add(&queue, &e[2]);
	ck_assert_ptr_eq(pick(), &e[1]); /* its step is not torn */
	run_queue_leave(&queue, RUN_BLOCKED, now);
	ck_assert(!e[1].urgent);
	ck_assert_ptr_eq(pick(), &e[0]);
}
END_TEST

/* Two that wake each other are never at the end of a slice. */
START_TEST(patience_ends_beside_two_that_take_turns)
{
	uint64_t begin;

	e[0].priority = e[1].priority = 9;
	e[2].patience_ticks = e[3].patience_ticks = 700;
	e[3].priority = 1;
	for (unsigned int n = 0; n < 4; n++)
		run_queue_add(&queue, &e[n]);
	(void)pick();
	begin = now;
	for (unsigned int turn = 0; turn < 70; turn++) {
		struct run_entity *current = queue.current;

		now += 10;
		run_queue_leave(&queue, RUN_BLOCKED, now);
		ck_assert_ptr_ne(pick(), current);
		run_queue_add(&queue, current);
		ck_assert_uint_ge(run_queue_next_look(&queue, now), now);
		if (queue.current == &e[3])
			break;
		ck_assert_uint_lt(now - begin, 700);
	}
	ck_assert_uint_eq(now - begin, 700);
	run_queue_leave(&queue, RUN_BLOCKED, now);
	ck_assert_ptr_eq(pick(), &e[2]);
}
END_TEST

START_TEST(present_are_those_who_may_want_to_run)
{
	e[1].is_job = true;
	e[1].state = RUN_BLOCKED;
	run_queue_add(&queue, &e[0]);
	ck_assert_uint_eq(queue.nr_present, 1);
	ck_assert_ptr_eq(pick(), &e[0]);
	run_queue_leave(&queue, RUN_BLOCKED, now);
	ck_assert_uint_eq(queue.nr_present, 1); /* an interrupt may wake a parked vCPU at any time */
	run_queue_add(&queue, &e[1]);
	ck_assert_uint_eq(queue.nr_present, 2);
	ck_assert_ptr_eq(pick(), &e[1]);
	run_queue_leave(&queue, RUN_BLOCKED, now);
	ck_assert_uint_eq(queue.nr_present, 1); /* a job without work wants nothing */
	run_queue_add(&queue, &e[0]);
	ck_assert_uint_eq(queue.nr_present, 1);
	ck_assert_ptr_eq(pick(), &e[0]);
	run_queue_leave(&queue, RUN_OFFLINE, now);
	ck_assert_uint_eq(queue.nr_present, 0);
}
END_TEST

START_TEST(less_urgent_ones_change_nothing)
{
	e[0].priority = 5;
	run_queue_add(&queue, &e[0]);
	ck_assert(run_queue_is_changed_by(&queue, &e[0])); /* nobody ran */
	ck_assert_ptr_eq(pick(), &e[0]);
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

/* --- shares and budgets --- */

/* Lets whoever is picked run, to the next look, for so long in all. ran[n]: of e[n]. */
static void run_for(uint64_t ticks, uint64_t ran[ARRAY_SIZE(e)])
{
	uint64_t end = now + ticks;

	while (now < end) {
		struct run_entity *current = run_queue_pick(&queue, now);
		uint64_t look = min_u64(run_queue_next_look(&queue, now), end);

		ck_assert(look > now || current == NULL);
		if (current != NULL)
			ran[current - e] += look - now;
		now = look;
	}
	(void)pick();
}

START_TEST(shares_are_as_weights)
{
	static const uint32_t weights[] = { 16, 256, 4096, 700, 1 };
	uint64_t ran[ARRAY_SIZE(e)] = { 0 }, all = 0;

	for (unsigned int n = 0; n < ARRAY_SIZE(weights); n++) {
		e[n].slice_ticks = SLICE * weights[n] / 16;
		all += weights[n];
		run_queue_add(&queue, &e[n]);
	}
	run_for(100 * SLICE * all, ran);
	for (unsigned int n = 0; n < ARRAY_SIZE(weights); n++) {
		uint64_t due = 100 * SLICE * weights[n];

		ck_assert_uint_ge(ran[n], due - due / 50);
		ck_assert_uint_le(ran[n], due + due / 50);
	}
}
END_TEST

START_TEST(a_budget_is_a_limit)
{
	uint64_t ran[ARRAY_SIZE(e)] = { 0 };

	e[0].priority = 9;
	e[0].budget_ticks = 300;
	e[0].period_ticks = 1000;
	run_queue_add(&queue, &e[0]);
	run_for(10 * 1000, ran); /* from a period's begin */
	ck_assert_uint_eq(ran[0], 10 * 300);
	ck_assert_ptr_eq(pick(), &e[0]);
	now += 300;
	ck_assert_ptr_null(pick());
	ck_assert_int_eq(e[0].state, RUN_SPENT);
	ck_assert_uint_eq(queue.nr_present, 1);
	ck_assert_uint_eq(run_queue_next_look(&queue, now), 1011000);
	/* What it leaves is for those behind it. */
	run_queue_add(&queue, &e[1]);
	ck_assert_ptr_eq(pick(), &e[1]);
	now = 1011000;
	ck_assert_ptr_eq(pick(), &e[0]);
}
END_TEST

START_TEST(a_sleeper_saves_nothing)
{
	e[0].budget_ticks = 300;
	e[0].period_ticks = 1000;
	run_queue_add(&queue, &e[0]);
	ck_assert_ptr_eq(pick(), &e[0]);
	now += 200;
	run_queue_leave(&queue, RUN_BLOCKED, now);
	ck_assert_ptr_null(pick());
	now += 400;
	run_queue_add(&queue, &e[0]);
	ck_assert_ptr_eq(pick(), &e[0]);
	ck_assert_uint_eq(run_queue_next_look(&queue, now), now + 100);
	now += 5000; /* periods that it slept through leave one budget, not five; of this one, all is used */
	ck_assert_ptr_null(pick());
	now += 400;
	ck_assert_ptr_eq(pick(), &e[0]);
	ck_assert_uint_eq(e[0].budget_left_ticks, 300);
}
END_TEST

START_TEST(who_has_to_stop_may_pass_its_budget)
{
	e[0].budget_ticks = 300;
	e[0].period_ticks = 1000;
	run_queue_add(&queue, &e[0]);
	ck_assert_ptr_eq(pick(), &e[0]);
	now += 300;
	ck_assert_ptr_null(pick());
	run_queue_hurry(&queue, &e[0]);
	ck_assert_ptr_eq(pick(), &e[0]);
	now += 100;
	ck_assert_ptr_eq(pick(), &e[0]);
	run_queue_leave(&queue, RUN_OFFLINE, now);
	ck_assert_uint_eq(queue.nr_present, 0);
}
END_TEST

static void pays_for_job(struct run_entity *payer, struct run_entity *job)
{
	job->payer = payer;
	job->is_job = true;
	job->state = RUN_BLOCKED;
	run_queue_add(&queue, payer);
	run_queue_add(&queue, job);
}

/* A VM and its job together have a share of one, and so has the neighbour. */
START_TEST(a_job_is_paid_by_turns)
{
	uint64_t ran[ARRAY_SIZE(e)] = { 0 };

	pays_for_job(&e[0], &e[1]);
	run_queue_add(&queue, &e[2]);
	run_for(1000 * SLICE, ran);
	ck_assert_uint_ge(ran[2], 490 * SLICE);
	ck_assert_uint_le(ran[2], 510 * SLICE);
	/* Less than a turn owed shortens the next one by that. */
	setup();
	pays_for_job(&e[0], &e[1]);
	run_queue_add(&queue, &e[2]);
	ck_assert_ptr_eq(pick(), &e[0]);
	now += SLICE;
	ck_assert_ptr_eq(pick(), &e[1]);
	now += 300;
	run_queue_leave(&queue, RUN_BLOCKED, now);
	ck_assert_ptr_eq(pick(), &e[2]);
	now += SLICE;
	ck_assert_ptr_eq(pick(), &e[0]);
	ck_assert_uint_eq(run_queue_next_look(&queue, now), now + SLICE - 300);
}
END_TEST

/* The limit is one for both; and the job's patience does not pass it. */
START_TEST(a_job_is_paid_by_the_budget)
{
	uint64_t ran[ARRAY_SIZE(e)] = { 0 };

	e[0].priority = e[1].priority = 9;
	e[0].budget_ticks = 300;
	e[0].period_ticks = 1000;
	e[3].priority = 10;
	pays_for_job(&e[0], &e[1]);
	run_queue_add(&queue, &e[2]);
	run_for(100 * 1000, ran);
	ck_assert_uint_eq(ran[0] + ran[1], 100 * 300);
	ck_assert_uint_eq(ran[2], 100 * 700);
	e[1].patience_ticks = 100;
	now += 300;
	ck_assert_ptr_eq(pick(), &e[2]);
	ck_assert_int_eq(e[1].state, RUN_SPENT);
	run_queue_add(&queue, &e[3]);
	ck_assert_ptr_eq(pick(), &e[3]);
	now += 500;
	ck_assert_ptr_eq(pick(), &e[3]);
	/* Waiting, and its payer's budget used up meanwhile. */
	now += 200;
	ck_assert_ptr_eq(pick(), &e[3]);
	ck_assert_int_eq(e[1].state, RUN_RUNNABLE);
	e[0].budget_left_ticks = 0;
	now += 100;
	ck_assert_ptr_eq(pick(), &e[3]);
	ck_assert_int_eq(e[1].state, RUN_SPENT);
	ck_assert_uint_gt(run_queue_next_look(&queue, now), now);
}
END_TEST

START_TEST(held_ones_do_not_run)
{
	e[0].priority = 9;
	run_queue_add(&queue, &e[0]);
	run_queue_add(&queue, &e[1]);
	ck_assert_ptr_eq(pick(), &e[0]);
	run_queue_hold(&queue, &e[0], true); /* the current one: at the next pick */
	run_queue_hold(&queue, &e[0], true);
	ck_assert_ptr_eq(pick(), &e[1]);
	ck_assert_int_eq(e[0].state, RUN_SPENT);
	ck_assert_uint_eq(run_queue_next_look(&queue, now), RUN_QUEUE_NEVER);
	run_queue_hold(&queue, &e[2], true); /* one that is off */
	run_queue_add(&queue, &e[2]);
	run_queue_hold(&queue, &e[1], true);
	now += 100 * SLICE;
	ck_assert_ptr_null(pick());
	run_queue_hold(&queue, &e[1], false);
	ck_assert_ptr_eq(pick(), &e[1]);
	run_queue_hold(&queue, &e[0], false);
	ck_assert_ptr_eq(pick(), &e[0]);
	ck_assert_int_eq(e[2].state, RUN_SPENT);
	run_queue_hurry(&queue, &e[2]);
	ck_assert_ptr_eq(pick(), &e[2]);
}
END_TEST

/* Nobody else may want the pCPU while they are held: a neighbour that is alone keeps its WFI. */
START_TEST(held_ones_are_not_present)
{
	run_queue_add(&queue, &e[0]);
	run_queue_add(&queue, &e[1]);
	ck_assert_uint_eq(queue.nr_present, 2);
	run_queue_hold(&queue, &e[1], true); /* one that waits */
	run_queue_hold(&queue, &e[1], true);
	ck_assert_uint_eq(queue.nr_present, 1);
	ck_assert_ptr_eq(pick(), &e[0]);
	run_queue_hold(&queue, &e[0], true); /* the current one */
	ck_assert_uint_eq(queue.nr_present, 0);
	run_queue_leave(&queue, RUN_BLOCKED, now);
	ck_assert_uint_eq(queue.nr_present, 0);
	run_queue_add(&queue, &e[0]); /* woken */
	ck_assert_uint_eq(queue.nr_present, 0);
	ck_assert_ptr_null(pick());
	run_queue_hold(&queue, &e[0], false);
	run_queue_hold(&queue, &e[0], false);
	ck_assert_uint_eq(queue.nr_present, 1);
	run_queue_hurry(&queue, &e[1]); /* it stops while it is held */
	ck_assert_ptr_eq(pick(), &e[1]);
	run_queue_leave(&queue, RUN_OFFLINE, now);
	run_queue_hold(&queue, &e[1], false);
	ck_assert_uint_eq(queue.nr_present, 1);
	run_queue_hold(&queue, &e[2], true); /* one that is off */
	run_queue_add(&queue, &e[2]);
	ck_assert_uint_eq(queue.nr_present, 1);
	run_queue_hold(&queue, &e[2], false);
	ck_assert_uint_eq(queue.nr_present, 2);
}
END_TEST

START_TEST(a_hold_keeps_the_budget)
{
	e[0].budget_ticks = 300;
	e[0].period_ticks = 1000;
	run_queue_add(&queue, &e[0]);
	ck_assert_ptr_eq(pick(), &e[0]);
	now += 200;
	run_queue_hold(&queue, &e[0], true);
	ck_assert_ptr_null(pick());
	now += 100;
	run_queue_hold(&queue, &e[0], false);
	ck_assert_ptr_eq(pick(), &e[0]);
	ck_assert_uint_eq(run_queue_next_look(&queue, now), now + 100);
	run_queue_hold(&queue, &e[0], true);
	ck_assert_ptr_null(pick());
	now += 5000;
	run_queue_hold(&queue, &e[0], false);
	ck_assert_ptr_eq(pick(), &e[0]);
	ck_assert_uint_eq(e[0].budget_left_ticks, 300);
}
END_TEST

/* --- turns that are given up --- */

START_TEST(who_yields_goes_behind_its_equals)
{
	for (unsigned int n = 0; n < 3; n++)
		run_queue_add(&queue, &e[n]);
	e[3].priority = 1;
	ck_assert_ptr_eq(pick(), &e[0]);
	now += 10;
	ck_assert(run_queue_yield(&queue));
	ck_assert(run_queue_yield(&queue)); /* twice is once */
	ck_assert_ptr_eq(pick(), &e[1]);
	ck_assert_uint_eq(e[0].slice_used_ticks, 0);
	now += SLICE;
	ck_assert_ptr_eq(pick(), &e[2]);
	now += 10;
	ck_assert(run_queue_yield(&queue));
	/* A more important one that comes just then does not bring it back to the head. */
	run_queue_add(&queue, &e[3]);
	ck_assert_ptr_eq(pick(), &e[3]);
	run_queue_leave(&queue, RUN_BLOCKED, now);
	ck_assert_ptr_eq(pick(), &e[0]);
	now += SLICE - 1;
	ck_assert_ptr_eq(pick(), &e[0]); /* a whole turn */
	now++;
	ck_assert_ptr_eq(pick(), &e[1]);
}
END_TEST

START_TEST(who_yields_for_nobody_goes_on)
{
	e[0].priority = 1;
	e[0].budget_ticks = 300;
	e[0].period_ticks = 1000;
	run_queue_add(&queue, &e[0]);
	run_queue_add(&queue, &e[1]); /* less important: it gets nothing by it */
	ck_assert_ptr_eq(pick(), &e[0]);
	now += 100;
	ck_assert(!run_queue_yield(&queue));
	ck_assert_ptr_eq(pick(), &e[0]);
	/* An equal that has come since the last pick: the pick that is due counts the turn. */
	setup();
	run_queue_add(&queue, &e[0]);
	ck_assert_ptr_eq(pick(), &e[0]);
	run_queue_add(&queue, &e[1]);
	ck_assert(!run_queue_yield(&queue));
	ck_assert_ptr_eq(pick(), &e[0]);
	ck_assert_uint_eq(run_queue_next_look(&queue, now), now + SLICE);
	ck_assert(run_queue_yield(&queue));
	ck_assert_ptr_eq(pick(), &e[1]);
}
END_TEST

/* e[0] works for 10 ticks of each turn and gives up the rest: the others share that as their weights are; of a budget
 * it has used no more than it ran. */
START_TEST(shares_beside_one_that_yields)
{
	uint64_t ran[ARRAY_SIZE(e)] = { 0 }, end;

	e[0].budget_ticks = e[0].period_ticks = 1000;
	e[2].slice_ticks = 3 * SLICE;
	for (unsigned int n = 0; n < 3; n++)
		run_queue_add(&queue, &e[n]);
	end = now + 4000 * SLICE;
	while (now < end) {
		struct run_entity *current = run_queue_pick(&queue, now);
		uint64_t ticks = run_queue_next_look(&queue, now) - now;

		if (current == &e[0]) {
			ticks = 10;
			ck_assert_uint_ge(e[0].budget_left_ticks, 990);
		}
		ran[current - e] += ticks;
		now += ticks;
		if (current == &e[0])
			ck_assert(run_queue_yield(&queue));
	}
	ck_assert_uint_ge(ran[0], 9000);
	ck_assert_uint_le(ran[0], 11000);
	ck_assert_uint_ge(ran[1], 980 * SLICE);
	ck_assert_uint_le(ran[1], 1020 * SLICE);
	ck_assert_uint_ge(ran[2], 2950 * SLICE);
	ck_assert_uint_le(ran[2], 3050 * SLICE);
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
	tcase_add_test(tcase, patience_ends);
	tcase_add_test(tcase, patience_ends_beside_two_that_take_turns);
	tcase_add_test(tcase, present_are_those_who_may_want_to_run);
	tcase_add_test(tcase, shares_are_as_weights);
	tcase_add_test(tcase, a_budget_is_a_limit);
	tcase_add_test(tcase, a_sleeper_saves_nothing);
	tcase_add_test(tcase, who_has_to_stop_may_pass_its_budget);
	tcase_add_test(tcase, a_job_is_paid_by_turns);
	tcase_add_test(tcase, a_job_is_paid_by_the_budget);
	tcase_add_test(tcase, held_ones_do_not_run);
	tcase_add_test(tcase, held_ones_are_not_present);
	tcase_add_test(tcase, a_hold_keeps_the_budget);
	tcase_add_test(tcase, who_yields_goes_behind_its_equals);
	tcase_add_test(tcase, who_yields_for_nobody_goes_on);
	tcase_add_test(tcase, shares_beside_one_that_yields);
	tcase_add_test(tcase, less_urgent_ones_change_nothing);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

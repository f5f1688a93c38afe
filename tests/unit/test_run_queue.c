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

/* --- moves --- */

#define ALL UINT64_MAX

static struct run_queue other; /* of pCPU 1 */

static void movable(unsigned int n, uint64_t cpus)
{
	e[n].movable_to = cpus;
	run_queue_add(&queue, &e[n]);
}

/* pCPU 1 takes e[n] and runs it. */
static void visit(unsigned int n)
{
	run_queue_init(&other);
	ck_assert_ptr_eq(run_queue_take(&queue, 1), &e[n]);
	run_queue_add(&other, &e[n]);
	ck_assert_ptr_eq(run_queue_pick(&other, now), &e[n]);
}

/* A resident of pCPU 1 wakes up, and sleeps again. */
static void end_visit(unsigned int n)
{
	static struct run_entity resident;

	resident = (struct run_entity){ .payer = &resident, .slice_ticks = SLICE };
	run_queue_add(&other, &resident);
	ck_assert_ptr_eq(run_queue_pick(&other, now), &resident);
	ck_assert_ptr_eq(run_queue_send_home(&other), &e[n]);
	run_queue_add(&queue, &e[n]);
}

START_TEST(who_waits_in_vain_is_offered)
{
	movable(0, 0xf);
	ck_assert_uint_eq(run_queue_offers(&queue), 0); /* it is about to run */
	ck_assert_ptr_null(run_queue_take(&queue, 1));
	ck_assert_ptr_eq(pick(), &e[0]);
	ck_assert_uint_eq(run_queue_offers(&queue), 0);
	ck_assert_ptr_null(run_queue_take(&queue, 1));
	movable(1, 0x2);
	movable(2, 0x6);
	run_queue_add(&queue, &e[3]);
	ck_assert_uint_eq(run_queue_offers(&queue), 0x6);
	ck_assert_uint_eq(run_queue_takers(&queue, 0xc), 0x4);
	ck_assert_uint_eq(run_queue_takers(&queue, 0x8), 0);
	/* One who comes before the current one runs here in a moment. */
	e[4].priority = 1;
	movable(4, 0x8);
	ck_assert_uint_eq(run_queue_offers(&queue), 0x6);
	ck_assert_ptr_null(run_queue_take(&queue, 3));
	/* So does one who has to stop, and one who is held does not run anywhere. */
	run_queue_hurry(&queue, &e[2]);
	ck_assert_uint_eq(run_queue_offers(&queue), 0x2);
	ck_assert_ptr_null(run_queue_take(&queue, 2));
	run_queue_hold(&e[1], true);
	ck_assert_uint_eq(run_queue_offers(&queue), 0);
	ck_assert_ptr_null(run_queue_take(&queue, 1));
}
END_TEST

START_TEST(who_is_tied_stays)
{
	movable(0, ALL);
	ck_assert_ptr_eq(pick(), &e[0]);
	movable(1, ALL);
	movable(2, ALL);
	e[1].tied = true;
	ck_assert(run_queue_has_tied(&queue, 1));
	ck_assert_uint_eq(run_queue_takers(&queue, ALL), ALL);
	ck_assert_ptr_eq(run_queue_take(&queue, 1), &e[2]);
	ck_assert_int_eq(e[2].state, RUN_MOVING);
	ck_assert_uint_eq(e[2].on_cpu, 1);
	ck_assert_uint_eq(queue.nr_present, 2);
	ck_assert_uint_eq(run_queue_takers(&queue, ALL), 0);
	ck_assert_ptr_null(run_queue_take(&queue, 1));
	e[1].tied = false;
	ck_assert(!run_queue_has_tied(&queue, 1));
	ck_assert_ptr_eq(run_queue_take(&queue, 1), &e[1]);
}
END_TEST

START_TEST(a_stop_on_the_way)
{
	movable(0, ALL);
	ck_assert_ptr_eq(pick(), &e[0]);
	movable(1, ALL);
	ck_assert_ptr_eq(run_queue_take(&queue, 1), &e[1]);
	run_queue_hurry(&queue, &e[1]);
	run_queue_init(&other);
	e[2].priority = 9;
	run_queue_add(&other, &e[2]);
	run_queue_add(&other, &e[1]);
	ck_assert_uint_eq(other.nr_present, 2);
	ck_assert_ptr_eq(run_queue_pick(&other, now), &e[1]);
	/* Off, it is at home. */
	run_queue_leave(&other, RUN_OFFLINE, now);
	ck_assert_uint_eq(e[1].on_cpu, 0);
	ck_assert(!e[1].visits);
	ck_assert_uint_eq(other.nr_present, 1);
}
END_TEST

START_TEST(residents_come_first)
{
	e[1].priority = 9;
	e[0].priority = 10;
	movable(0, ALL);
	ck_assert_ptr_eq(pick(), &e[0]);
	movable(1, ALL);
	visit(1);
	ck_assert_ptr_null(run_queue_send_home(&other)); /* it runs */
	ck_assert(!run_queue_has_visitor(&other));
	run_queue_add(&other, &e[2]); /* priority 0 */
	ck_assert(run_queue_is_changed_by(&other, &e[2]));
	ck_assert_ptr_eq(run_queue_pick(&other, now), &e[2]);
	ck_assert(run_queue_has_visitor(&other));
	ck_assert_uint_eq(run_queue_offers(&other), 0);
	e[1].tied = true;
	ck_assert_ptr_null(run_queue_send_home(&other));
	e[1].tied = false;
	ck_assert_ptr_eq(run_queue_send_home(&other), &e[1]);
	ck_assert_uint_eq(e[1].on_cpu, 0);
	ck_assert_uint_eq(other.nr_present, 1);
	ck_assert_uint_eq(e[1].nr_moves, 2);
}
END_TEST

/* However often it is taken and comes back, or not at all: at home it stands where it would stand. */
START_TEST(visits_cost_no_turn)
{
	for (unsigned int n = 0; n < 3; n++)
		movable(n, n == 1 ? ALL : 0);
	ck_assert_ptr_eq(pick(), &e[0]);
	for (unsigned int turn = 0; turn < 60; turn++) {
		for (unsigned int part = 0; part < 4; part++) {
			ck_assert_ptr_eq(pick(), &e[turn % 3]);
			if (turn % 3 != 1) {
				visit(1);
				now += SLICE / 8;
				end_visit(1);
				pick();
				now += SLICE / 8;
			} else {
				now += SLICE / 4;
			}
		}
	}
}
END_TEST

START_TEST(who_slept_elsewhere_comes_last)
{
	for (unsigned int n = 0; n < 3; n++)
		movable(n, n == 1 ? ALL : 0);
	ck_assert_ptr_eq(pick(), &e[0]);
	visit(1);
	run_queue_leave(&other, RUN_BLOCKED, now);
	run_queue_add(&other, &e[1]);
	end_visit(1);
	pick();
	now += SLICE;
	ck_assert_ptr_eq(pick(), &e[2]);
	now += SLICE;
	ck_assert_ptr_eq(pick(), &e[1]);
}
END_TEST

/* What the job uses where its payer is not, nobody pays. */
START_TEST(a_payer_that_has_moved_pays_nothing)
{
	e[1].payer = &e[0];
	e[1].is_job = true;
	e[1].state = RUN_BLOCKED;
	e[0].on_cpu = 1;
	run_queue_add(&queue, &e[1]);
	run_queue_add(&queue, &e[2]);
	ck_assert_ptr_eq(pick(), &e[1]);
	now += SLICE;
	ck_assert_ptr_eq(pick(), &e[2]);
	ck_assert_uint_eq(e[0].owed_ticks, 0);
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
	run_queue_hold(&e[0], true); /* the current one: at the next pick */
	run_queue_hold(&e[0], true);
	ck_assert_ptr_eq(pick(), &e[1]);
	ck_assert_int_eq(e[0].state, RUN_SPENT);
	ck_assert_uint_eq(run_queue_next_look(&queue, now), RUN_QUEUE_NEVER);
	run_queue_hold(&e[2], true); /* one that is off */
	run_queue_add(&queue, &e[2]);
	run_queue_hold(&e[1], true);
	now += 100 * SLICE;
	ck_assert_ptr_null(pick());
	run_queue_hold(&e[1], false);
	ck_assert_ptr_eq(pick(), &e[1]);
	run_queue_hold(&e[0], false);
	ck_assert_ptr_eq(pick(), &e[0]);
	ck_assert_int_eq(e[2].state, RUN_SPENT);
	run_queue_hurry(&queue, &e[2]);
	ck_assert_ptr_eq(pick(), &e[2]);
}
END_TEST

START_TEST(a_hold_keeps_the_budget)
{
	e[0].budget_ticks = 300;
	e[0].period_ticks = 1000;
	run_queue_add(&queue, &e[0]);
	ck_assert_ptr_eq(pick(), &e[0]);
	now += 200;
	run_queue_hold(&e[0], true);
	ck_assert_ptr_null(pick());
	now += 100;
	run_queue_hold(&e[0], false);
	ck_assert_ptr_eq(pick(), &e[0]);
	ck_assert_uint_eq(run_queue_next_look(&queue, now), now + 100);
	run_queue_hold(&e[0], true);
	ck_assert_ptr_null(pick());
	now += 5000;
	run_queue_hold(&e[0], false);
	ck_assert_ptr_eq(pick(), &e[0]);
	ck_assert_uint_eq(e[0].budget_left_ticks, 300);
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
	tcase_add_test(tcase, who_waits_in_vain_is_offered);
	tcase_add_test(tcase, who_is_tied_stays);
	tcase_add_test(tcase, a_stop_on_the_way);
	tcase_add_test(tcase, residents_come_first);
	tcase_add_test(tcase, visits_cost_no_turn);
	tcase_add_test(tcase, who_slept_elsewhere_comes_last);
	tcase_add_test(tcase, a_payer_that_has_moved_pays_nothing);
	tcase_add_test(tcase, shares_are_as_weights);
	tcase_add_test(tcase, a_budget_is_a_limit);
	tcase_add_test(tcase, a_sleeper_saves_nothing);
	tcase_add_test(tcase, who_has_to_stop_may_pass_its_budget);
	tcase_add_test(tcase, a_job_is_paid_by_turns);
	tcase_add_test(tcase, a_job_is_paid_by_the_budget);
	tcase_add_test(tcase, held_ones_do_not_run);
	tcase_add_test(tcase, a_hold_keeps_the_budget);
	tcase_add_test(tcase, less_urgent_ones_change_nothing);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

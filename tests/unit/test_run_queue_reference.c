/* The scheduler's policy in random sequences, against a reference without lists: only who has waited since when, and
 * what each has used. */
#include "tests/fakes/prng.h"
#include "tests/unit/run_queue_rig.h"

#define PERIOD	5000 /* of all budgets */
#define VISITOR (ARRAY_SIZE(e) - 1)

static struct {
	uint64_t since, used, ran, period;
	uint64_t patience_ends; /* 0: not counted */
	bool aside;		/* its budget is used up, or it is held */
	bool urgent, held;	/* before every priority; not to run */
} ref[ARRAY_SIZE(e)];
static uint64_t order;
static int running = -1;
static uint64_t nr_taken;

static uint64_t rank(unsigned int n)
{
	if (ref[n].urgent)
		return UINT64_MAX;
	return n == VISITOR ? 0 : e[n].priority + 1UL;
}

static bool may_run(unsigned int n)
{
	if (ref[n].period != now / PERIOD)
		ref[n].ran = 0;
	ref[n].period = now / PERIOD;
	if (ref[n].urgent)
		return true;
	return !ref[n].held && (e[n].budget_ticks == 0 || ref[n].ran < e[n].budget_ticks);
}

static bool wants(unsigned int n)
{
	return e[n].state == RUN_RUNNABLE || e[n].state == RUN_RUNNING || e[n].state == RUN_SPENT;
}

/* Of those that are aside, or those that are not, but for one: whose turn it is. */
static int first(bool aside, int but)
{
	int best = -1;

	for (int n = 0; n < (int)ARRAY_SIZE(e); n++) {
		if (n == but || !wants((unsigned int)n) || ref[n].aside != aside ||
		    (aside && !may_run((unsigned int)n)))
			continue;
		if (best < 0 || (!aside && rank((unsigned int)n) > rank((unsigned int)best)) ||
		    ((aside || rank((unsigned int)n) == rank((unsigned int)best)) && ref[n].since < ref[best].since))
			best = n;
	}
	return best;
}

static void move(int n, bool aside)
{
	ref[n].aside = aside;
	ref[n].since = (order += BIT(20));
	ref[n].patience_ends = 0;
}

/* Those who have waited long enough, in the order in which they stand. */
static void end_patience(void)
{
	for (int n = 0; n < (int)ARRAY_SIZE(e); n++) {
		int best = -1;

		for (int m = 0; m < (int)ARRAY_SIZE(e); m++) {
			if (m == running || !wants((unsigned int)m) || ref[m].aside || ref[m].patience_ends == 0 ||
			    now < ref[m].patience_ends)
				continue;
			if (best < 0 || rank((unsigned int)m) > rank((unsigned int)best) ||
			    (rank((unsigned int)m) == rank((unsigned int)best) && ref[m].since < ref[best].since))
				best = m;
		}
		if (best < 0)
			return;
		move(best, !may_run((unsigned int)best));
		ref[best].urgent = !ref[best].aside;
	}
}

static void count_patience(int before)
{
	if (before >= 0 && before != running)
		ref[before].patience_ends = 0;
	for (int n = 0; n < (int)ARRAY_SIZE(e); n++) {
		if (n == running || ref[n].aside || ref[n].urgent || e[n].state != RUN_RUNNABLE)
			ref[n].patience_ends = 0;
		else if (e[n].patience_ticks != 0 && ref[n].patience_ends == 0)
			ref[n].patience_ends = now + e[n].patience_ticks;
	}
}

static int expected(bool was_timed)
{
	bool over = running >= 0 && was_timed && ref[running].used >= e[running].slice_ticks;
	int n;

	end_patience();
	while ((n = first(true, -1)) >= 0)
		move(n, false);
	if (over) {
		ref[running].used = 0;
		ref[running].since = (order += BIT(20));
	}
	if (running >= 0 && !may_run((unsigned int)running)) {
		move(running, true);
		running = -1;
	}
	while ((n = first(false, running)) >= 0 && !may_run((unsigned int)n))
		move(n, true);
	return first(false, -1);
}

/* Who is taken by an idle pCPU: of those who may go, whose turn would come first. */
static int first_offered(void)
{
	int best = -1;

	for (int n = 0; n < (int)VISITOR && running >= 0; n++) {
		if (n == running || !wants((unsigned int)n) || ref[n].aside || ref[n].urgent || ref[n].held ||
		    e[n].movable_to == 0 || e[n].tied || rank((unsigned int)n) > rank((unsigned int)running))
			continue;
		if (best < 0 || rank((unsigned int)n) > rank((unsigned int)best) ||
		    (rank((unsigned int)n) == rank((unsigned int)best) && ref[n].since < ref[best].since))
			best = n;
	}
	return best;
}

/* Another pCPU takes one, or this one sends its visitor home. Returns whether it was who had to go. */
static bool move_one(void)
{
	bool visitor_waits = wants(VISITOR) && running >= 0 && running != (int)VISITOR && !ref[VISITOR].aside &&
			     !ref[VISITOR].urgent;
	int wanted = first_offered();
	struct run_entity *taken;

	if (run_queue_send_home(&queue) != (visitor_waits ? &e[VISITOR] : NULL))
		return false;
	if (run_queue_takers(&queue, 2) != (wanted < 0 ? 0 : 2))
		return false;
	taken = run_queue_take(&queue, 1);
	nr_taken += taken != NULL;
	return taken == (wanted < 0 ? NULL : &e[wanted]);
}

/* It was on another pCPU: it has slept there, or stands where it stood. */
static void come_back(unsigned int n, bool slept)
{
	e[n].visits = n == VISITOR;
	e[n].on_cpu = 0;
	if (slept) {
		e[n].keeps_place = false;
		ref[n].since = (order += BIT(20));
		ref[n].used = 0;
	}
	ref[n].aside = false;
	ref[n].patience_ends = 0;
	run_queue_add(&queue, &e[n]);
	/* Whose turn it is keeps it, though the other one has waited longer. */
	if (running >= 0 && rank(n) == rank((unsigned int)running) && ref[n].since < ref[running].since)
		ref[running].since = ref[n].since - 1;
}

static void change_something(uint64_t *prng)
{
	unsigned int n = (unsigned int)(prng_next(prng) % ARRAY_SIZE(e));

	if ((int)n == running) {
		run_queue_leave(&queue, prng_next(prng) % 2 ? RUN_BLOCKED : RUN_OFFLINE, now);
		ref[n].urgent = false;
		running = -1;
	} else if (e[n].state == RUN_MOVING) {
		come_back(n, prng_next(prng) % 2 == 0);
	} else if (!wants(n)) {
		/* Offline, it was at home. */
		e[n].visits = n == VISITOR;
		e[n].on_cpu = 0;
		ref[n].since = (order += BIT(20));
		ref[n].used = 0;
		ref[n].aside = false;
		run_queue_add(&queue, &e[n]);
	} else if (prng_next(prng) % 8 == 0 && !ref[n].urgent) {
		run_queue_hurry(&queue, &e[n]);
		move((int)n, false);
		ref[n].urgent = true;
	}
}

static void hold_or_release(unsigned int n)
{
	ref[n].held = !ref[n].held;
	run_queue_hold(&e[n], ref[n].held);
}

/* To the next look, or less far. Returns whether the current one's time counted. */
static bool pass_time(uint64_t *prng)
{
	uint64_t look = run_queue_next_look(&queue, now);
	uint64_t ticks = min_u64(prng_next(prng) % (2 * SLICE), look - now);
	bool timed = false;

	for (unsigned int n = 0; n < ARRAY_SIZE(e) && running >= 0; n++)
		timed |= (int)n != running && e[n].state == RUN_RUNNABLE && rank(n) == rank((unsigned int)running);
	if (running >= 0 && (timed || e[running].budget_ticks != 0)) {
		ref[running].used += running == (int)VISITOR ? 0 : ticks;
		now += ticks;
		(void)may_run((unsigned int)running);
		ref[running].ran += min_u64(ticks, now % PERIOD);
		return true;
	}
	now += ticks;
	return false;
}

START_TEST(agrees_with_the_reference)
{
	uint64_t prng = (uint64_t)_i + 1, nr_spent = 0, nr_hurried = 0;

	for (unsigned int n = 0; n < ARRAY_SIZE(e); n++) {
		e[n].priority = (uint32_t)(prng_next(&prng) % 3);
		e[n].slice_ticks = SLICE / 4 + prng_next(&prng) % SLICE;
		e[n].budget_ticks = n % 2 ? 0 : 1 + prng_next(&prng) % (PERIOD / 4);
		e[n].period_ticks = PERIOD;
		e[n].home_cpu = n == VISITOR;
		e[n].movable_to = n % 3 == 0 ? 0 : 2;
		e[n].patience_ticks = n < 3 ? 1 + prng_next(&prng) % SLICE : 0;
	}
	for (unsigned int step = 0; step < 10000; step++) {
		bool timed = pass_time(&prng), agree;
		int before;

		if (prng_next(&prng) % 2)
			change_something(&prng);
		if (prng_next(&prng) % 16 == 0)
			hold_or_release((unsigned int)(prng_next(&prng) % ARRAY_SIZE(e)));
		before = running;
		running = expected(timed);
		agree = pick() == (running < 0 ? NULL : &e[running]);
		count_patience(before);
		for (unsigned int n = 0; n < ARRAY_SIZE(e); n++) {
			agree = agree && (e[n].state == RUN_SPENT) == (wants(n) && ref[n].aside);
			agree = agree && e[n].urgent == ref[n].urgent;
			nr_spent += ref[n].aside;
			nr_hurried += ref[n].urgent;
		}
		if (agree && prng_next(&prng) % 4 == 0) {
			e[prng_next(&prng) % ARRAY_SIZE(e)].tied = prng_next(&prng) % 4 == 0;
			e[VISITOR].tied = false;
			agree = move_one();
		}
		if (!agree) /* an assertion each time would take seconds */
			ck_abort_msg("step %u: %d should run", step, running);
	}
	ck_assert_uint_gt(nr_spent, 100);
	ck_assert_uint_gt(nr_hurried, 100);
	ck_assert_uint_gt(nr_taken, 100);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("run_queue_reference");
	TCase *tcase = tcase_create("random");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(tcase, agrees_with_the_reference, 0, 8);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

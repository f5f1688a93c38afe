/* The generic timer as a guest sees it: never early, always, masked when masked, quiet when turned off. [DDI0487 D11.2]
 */
#include "tests/guests/common/timer.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/irq.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/tap.h"

/* The two timers through one table. */
struct timer {
	const char *name;
	uint32_t intid;
	uint64_t (*now)(void);
	void (*set_cval)(uint64_t cval);
	void (*set_tval)(uint32_t tval);
	uint64_t (*get_cval)(void);
	void (*set_ctl)(uint64_t ctl);
	uint64_t (*get_ctl)(void);
};

#define TIMER_FUNCTIONS(t)                          \
	static void t##_set_cval(uint64_t v)        \
	{                                           \
		WRITE_REG(cnt##t##_cval_el0, v);    \
		isb();                              \
	}                                           \
	static void t##_set_tval(uint32_t v)        \
	{                                           \
		WRITE_REG(cnt##t##_tval_el0, v);    \
		isb();                              \
	}                                           \
	static uint64_t t##_get_cval(void)          \
	{                                           \
		return READ_REG(cnt##t##_cval_el0); \
	}                                           \
	static void t##_set_ctl(uint64_t v)         \
	{                                           \
		WRITE_REG(cnt##t##_ctl_el0, v);     \
		isb();                              \
	}                                           \
	static uint64_t t##_get_ctl(void)           \
	{                                           \
		isb();                              \
		return READ_REG(cnt##t##_ctl_el0);  \
	}
TIMER_FUNCTIONS(v)
TIMER_FUNCTIONS(p)

static const struct timer timers[] = {
	{ "virtual", TIMER_VIRT_INTID, timer_now, v_set_cval, v_set_tval, v_get_cval, v_set_ctl, v_get_ctl },
	{ "physical", TIMER_PHYS_INTID, timer_now_phys, p_set_cval, p_set_tval, p_get_cval, p_set_ctl, p_get_ctl },
};

/* Per CPU: what its handler saw. */
static struct seen {
	uint32_t fired, early;
	uint64_t late;	    /* ticks, the worst */
	uint64_t period;    /* != 0: arm again */
	uint32_t want;	    /* so many periods */
	bool leave_enabled; /* mask at the timer instead of turning it off */
} seen[GUEST_MAX_CPUS];

static void fired(const struct timer *t)
{
	struct seen *s = &seen[cpu_index()];
	uint64_t cval = t->get_cval(), now = t->now();

	s->early += now < cval || !(t->get_ctl() & TIMER_ISTATUS);
	if (now - cval > s->late)
		s->late = now - cval;
	if (s->period != 0 && s->fired + 1 < s->want)
		t->set_cval(cval + s->period);
	else
		t->set_ctl(s->leave_enabled ? TIMER_ENABLE | TIMER_IMASK : 0);
	STORE(s->fired, s->fired + 1);
}

static void virt_fired(uint32_t iar)
{
	(void)iar;
	fired(&timers[0]);
}

static void phys_fired(uint32_t iar)
{
	(void)iar;
	fired(&timers[1]);
}

static struct seen *begin(void)
{
	struct seen *s = &seen[cpu_index()];

	*s = (struct seen){ 0 };
	irq_forget();
	return s;
}

static void test_sweep(const struct timer *t)
{
	struct seen *s = begin();
	unsigned int n = 0;
	bool all = true;

	irq_unmask();
	for (uint64_t us = 0; us <= 2000 && all; us += us < 100 ? 5 : 100, n++) {
		t->set_cval(t->now() + timer_us(us));
		t->set_ctl(TIMER_ENABLE);
		all = wait_for(&s->fired, n + 1);
		all &= s->fired == n + 1;
	}
	irq_mask();
	tap_ok(all, "%s: fires once for each of %u deadlines", t->name, n);
	tap_is(s->early, 0, "%s: never before its deadline, and ISTATUS is 1", t->name);
	tap_note("%s: worst lateness %lu us", t->name, s->late * 1000000 / READ_REG(cntfrq_el0));
}

static void test_tval(const struct timer *t)
{
	struct seen *s = begin();
	uint64_t before = t->now(), after, status;

	t->set_tval((uint32_t)timer_ms(5));
	after = t->now();
	tap_ok(t->get_cval() - timer_ms(5) - before <= after - before, "%s: TVAL sets CVAL to now + TVAL", t->name);
	t->set_ctl(TIMER_ENABLE);
	status = t->get_ctl() & TIMER_ISTATUS;
	/* Others may have had the CPU for so long. */
	tap_is(t->now() < t->get_cval() ? status : 0, 0, "%s: ISTATUS is 0 before the deadline", t->name);
	irq_unmask();
	tap_ok(wait_for(&s->fired, 1), "%s: fires after TVAL", t->name);
	irq_mask();
	t->set_tval((uint32_t)-1);
	t->set_ctl(TIMER_ENABLE);
	irq_unmask();
	tap_ok(wait_for(&s->fired, 2), "%s: fires at once for a negative TVAL", t->name);
	irq_mask();
}

static void test_masks(const struct timer *t)
{
	struct seen *s = begin();

	t->set_cval(t->now());
	t->set_ctl(TIMER_ENABLE | TIMER_IMASK);
	irq_unmask();
	spin_ticks(timer_ms(5));
	irq_mask();
	tap_ok(t->get_ctl() & TIMER_ISTATUS, "%s: ISTATUS is 1 with IMASK set", t->name);
	tap_is(s->fired, 0, "%s: IMASK keeps the interrupt away", t->name);
	t->set_ctl(TIMER_ENABLE);
	irq_unmask();
	tap_ok(wait_for(&s->fired, 1), "%s: taken when IMASK is cleared", t->name);
	irq_mask();

	s = begin();
	t->set_ctl(0);
	t->set_cval(t->now());
	irq_unmask();
	spin_ticks(timer_ms(5));
	irq_mask();
	tap_is(s->fired, 0, "%s: a disabled timer does not fire", t->name);

	/* Not ~0: QEMU 7.2 adds CNTVOFF to it, wraps, and then spins for ever in its own timer. */
	t->set_cval(~0UL >> 1);
	t->set_ctl(TIMER_ENABLE);
	irq_unmask();
	spin_ticks(timer_ms(5));
	irq_mask();
	tap_is(s->fired, 0, "%s: a deadline in many years does not fire", t->name);
	t->set_ctl(0);

	gic_disable(t->intid);
	t->set_cval(t->now());
	t->set_ctl(TIMER_ENABLE);
	irq_unmask();
	spin_ticks(timer_ms(2));
	irq_mask();
	tap_is(s->fired, 0, "%s: disabled at the GIC does not fire", t->name);
	tap_ok(gic_is_pending(t->intid), "%s: disabled at the GIC it is pending there", t->name);
	gic_enable(t->intid);
	irq_unmask();
	tap_ok(wait_for(&s->fired, 1), "%s: enabled at the GIC again it fires", t->name);
	irq_mask();
}

/* PSTATE.I masked while it fires, turned off before it is taken: at most one stray acknowledge, no storm. */
static void test_cancelled(const struct timer *t)
{
	struct seen *s = begin();
	uint32_t worst = 0;

	s->leave_enabled = false;
	for (unsigned int i = 0; i < 100; i++) {
		uint32_t before = s->fired + irq_spurious[cpu_index()];

		t->set_cval(t->now() + timer_us(i));
		t->set_ctl(TIMER_ENABLE);
		while (!(t->get_ctl() & TIMER_ISTATUS))
			;
		spin_ticks(timer_us(20));
		t->set_ctl(0);
		irq_unmask();
		spin_ticks(timer_us(50));
		irq_mask();
		if (s->fired + irq_spurious[cpu_index()] - before > worst)
			worst = s->fired + irq_spurious[cpu_index()] - before;
	}
	tap_ok(worst <= 1, "%s: turned off before it is taken: no storm (at most %u interrupts)", t->name, worst);
	tap_ok(!gic_is_active(t->intid), "%s: not left active", t->name);
	t->set_cval(t->now());
	t->set_ctl(TIMER_ENABLE);
	s = begin();
	irq_unmask();
	tap_ok(wait_for(&s->fired, 1), "%s: fires after 100 cancelled ones", t->name);
	irq_mask();
}

/* Left with its condition true and its interrupt not masked, it comes again after EOI: level-triggered. */
static uint32_t level_count;
static void level_fired(uint32_t iar)
{
	(void)iar;
	if (++level_count == 5)
		WRITE_REG(cntv_ctl_el0, 0);
}

static void test_level(void)
{
	level_count = 0;
	irq_handler(TIMER_VIRT_INTID, level_fired);
	WRITE_REG(cntv_cval_el0, timer_now());
	WRITE_REG(cntv_ctl_el0, TIMER_ENABLE);
	isb();
	irq_unmask();
	tap_ok(wait_for(&level_count, 5), "virtual: comes again while its condition holds");
	spin_ticks(timer_ms(2));
	irq_mask();
	tap_is(level_count, 5, "virtual: stops when its condition ends");
	irq_handler(TIMER_VIRT_INTID, virt_fired);
}

#define PERIODS 200
static void test_periodic(const struct timer *t)
{
	struct seen *s = begin();
	uint64_t start = t->now();

	s->period = timer_ms(1);
	s->want = PERIODS;
	t->set_cval(start + s->period);
	t->set_ctl(TIMER_ENABLE);
	irq_unmask();
	tap_ok(wait_for(&s->fired, PERIODS), "%s: %u periods of 1 ms", t->name, PERIODS);
	irq_mask();
	if (s->fired != PERIODS)
		tap_note("%u of them; CTL=%lx pending=%u active=%u spurious=%u", s->fired, t->get_ctl(),
			 gic_is_pending(t->intid), gic_is_active(t->intid), irq_spurious[cpu_index()]);
	tap_ok(t->now() - start >= PERIODS * timer_ms(1), "%s: they took no less than %u ms", t->name, PERIODS);
	tap_is(s->early, 0, "%s: none was early", t->name);
}

/* Every CPU with both timers of its own, at different periods. */
static uint32_t cpus_done;
static bool cpu_good[GUEST_MAX_CPUS];

static void own_timers(unsigned int cpu)
{
	struct seen *s;

	gic_init_cpu();
	gic_enable(TIMER_VIRT_INTID);
	s = begin();
	s->period = timer_us(500 + 100 * cpu);
	s->want = 100;
	timers[0].set_cval(timer_now() + s->period);
	timers[0].set_ctl(TIMER_ENABLE);
	irq_unmask();
	cpu_good[cpu] = wait_for(&s->fired, 100) && s->early == 0 && s->fired == 100;
	irq_mask();
	__atomic_add_fetch(&cpus_done, 1, __ATOMIC_ACQ_REL);
}

static void test_all_cpus(void)
{
	bool good = true;

	for (unsigned int cpu = 1; cpu < platform.nr_cpus; cpu++)
		good &= cpu_on(cpu, own_timers, 0) == 0;
	own_timers(0);
	good &= wait_for(&cpus_done, platform.nr_cpus);
	for (unsigned int cpu = 0; cpu < platform.nr_cpus; cpu++)
		good &= tap_ok(cpu_good[cpu], "cpu %u: its own timer fires 100 times, while others do", cpu);
	for (unsigned int cpu = 1; cpu < platform.nr_cpus; cpu++)
		good &= wait_cpu_off(cpu);
	tap_ok(good, "all CPUs came and went");
}

/* The counter must not go back, whichever CPU reads it next. */
static uint64_t last_seen;
static uint32_t went_back, turns;
static void read_in_turn(unsigned int cpu)
{
	for (unsigned int i = 0; i < 200; i++) {
		uint64_t now;

		while (LOAD(turns) % platform.nr_cpus != cpu)
			;
		now = timer_now();
		went_back += now < last_seen;
		last_seen = now;
		STORE(turns, turns + 1);
	}
}

static void test_counter(void)
{
	for (unsigned int cpu = 1; cpu < platform.nr_cpus; cpu++)
		cpu_on(cpu, read_in_turn, 0);
	read_in_turn(0);
	wait_for(&turns, 200 * platform.nr_cpus);
	for (unsigned int cpu = 1; cpu < platform.nr_cpus; cpu++)
		wait_cpu_off(cpu);
	tap_is(went_back, 0, "CNTVCT never goes back between CPUs");
}

static void test_reset_state(void)
{
	tap_is(READ_REG(cntv_ctl_el0) & TIMER_ENABLE, 0, "virtual: off at entry");
	tap_is(READ_REG(cntp_ctl_el0) & TIMER_ENABLE, 0, "physical: off at entry");
	tap_ok(READ_REG(cntfrq_el0) >= 1000000, "CNTFRQ_EL0 is believable (%lu)", READ_REG(cntfrq_el0));
}

void guest_main(void)
{
	test_reset_state();
	gic_init();
	gic_init_cpu();
	irq_handler(TIMER_VIRT_INTID, virt_fired);
	irq_handler(TIMER_PHYS_INTID, phys_fired);
	for (unsigned int i = 0; i < 2; i++) {
		gic_enable(timers[i].intid);
		test_sweep(&timers[i]);
		test_tval(&timers[i]);
		test_masks(&timers[i]);
		test_cancelled(&timers[i]);
		test_periodic(&timers[i]);
		gic_disable(timers[i].intid);
	}
	gic_enable(TIMER_VIRT_INTID);
	test_level();
	test_all_cpus();
	test_counter();
	tap_done();
}

/*
 * Self-hosted debug: breakpoints, watchpoints and single step at EL0 and EL1, the OS lock, what a CPU begins with; none
 * of it ever at EL2. With bootargs place=N this is one of several VMs on one CPU that run the same code at the same
 * addresses: each breaks at its own place and watches its own word, for a while, and takes no exception but those. With
 * place=none it debugs nothing, and takes none. [DDI0487 D2]
 */
#include "tests/guests/common/bootargs.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/gic.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/psci.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"
#include "tests/guests/debug/points.h"

bool guest_wants_mmu = false; /* EL0 code runs anywhere */

#define NR_PLACES 8
#define MAX_STEPS 32
#define BESIDE_MS 3000
#define RTC_MR	  0x04

extern char place0[], place1[], el0_place[], el0_place_insn[], el0_touch[], el0_touch_load[];
extern char el0_steps[], el0_steps_skipped[], el0_steps_end[], el1_steps[], el1_steps_skipped[], el1_steps_end[];
void call_places(void);

static uint64_t words[NR_PLACES] __attribute__((aligned(64)));

static void mdscr(uint64_t value)
{
	WRITE_REG(mdscr_el1, value);
	isb();
}

static void os_lock(uint64_t locked)
{
	WRITE_REG(oslar_el1, locked);
	isb();
}

/* Debug exceptions at EL1 want PSTATE.D clear as well as MDSCR_EL1.KDE. */
static void unmask_debug(void)
{
	__asm__ volatile("msr daifclr, #8\n\tisb" ::: "memory");
}

static void mask_debug(void)
{
	__asm__ volatile("msr daifset, #8\n\tisb" ::: "memory");
}

static struct caught run_places(void)
{
	catch_begin(0);
	unmask_debug();
	call_places();
	mask_debug();
	return catch_end();
}

static struct caught touch(uint64_t *word, bool store)
{
	catch_begin(0);
	unmask_debug();
	if (store)
		write64((uint64_t)word, 1);
	else
		(void)read64((uint64_t)word);
	mask_debug();
	return catch_end();
}

static struct caught run_el0(const char *code, uint64_t x0, uint64_t spsr)
{
	catch_begin((uint64_t) && after);
	WRITE_REG(elr_el1, code);
	WRITE_REG(spsr_el1, spsr);
	isb();
	__asm__ goto("mov x0, %0\n\teret" ::"r"(x0) : "x0", "memory" : after);
after:
	return catch_end();
}

static void is_breakpoint(struct caught c, unsigned int ec, const char *place, const char *name)
{
	tap_ok(c.count == 1 && ESR_EC(c.esr) == ec && c.elr == (uint64_t)place, "%s (%u times, esr=%lx, elr=%lx)", name,
	       c.count, c.esr, c.elr);
}

/* What a CPU comes up with, the boot CPU and each life of another. */
static struct begin {
	uint64_t mdscr, oslsr, points;
	uint32_t done;
} begins[3];

static void look(struct begin *b)
{
	b->mdscr = READ_REG(mdscr_el1);
	b->oslsr = READ_REG(oslsr_el1);
	for (unsigned int n = 0; n < nr_breakpoints(); n++)
		b->points |= point_read(BCR, n) | point_read(BVR, n);
	for (unsigned int n = 0; n < nr_watchpoints(); n++)
		b->points |= point_read(WCR, n) | point_read(WVR, n);
}

static void secondary(unsigned int cpu)
{
	struct begin *b = &begins[arrivals[cpu].count];

	look(b);
	os_lock(0);
	point_write(BVR, 0, (uint64_t)place0);
	point_write(BCR, 0, BCR_ON | AT_EL1);
	point_write(WVR, 0, (uint64_t)words);
	mdscr(MDSCR_MDE | MDSCR_KDE | MDSCR_SS);
	STORE(b->done, 1);
}

static void test_begin(void)
{
	static const char *const names[] = { "boot CPU", "CPU_ON", "CPU_ON again" };

	for (unsigned int life = 1; life <= 2 && platform.nr_cpus > 1; life++) {
		cpu_on(1, secondary, 0);
		wait_for(&begins[life].done, 1);
		wait_cpu_off(1);
	}
	for (unsigned int n = 0; n < (platform.nr_cpus > 1 ? 3 : 1); n++) {
		tap_is(begins[n].oslsr, 0xa, "%s: the OS lock is there and held", names[n]);
		if (platform.under_corbel)
			tap_is(begins[n].mdscr | begins[n].points, 0, "%s: MDSCR_EL1 and all points are 0", names[n]);
	}
}

static void test_registers(void)
{
	static const struct {
		const char *name;
		uint64_t mask;
	} kinds[] = {
		[BVR] = { "DBGBVR", 0x0000fffffffffffc },
		[BCR] = { "DBGBCR", 0x00f0e006 }, /* without BAS, whose odd bits follow the even ones */
		[WVR] = { "DBGWVR", 0x0000fffffffffff8 },
		[WCR] = { "DBGWCR", 0x1f1fffe0 },
	};

	for (enum point kind = BVR; kind <= WCR; kind++) {
		unsigned int nr = kind < WVR ? nr_breakpoints() : nr_watchpoints(), wrong = 0, undefined = 0;

		for (unsigned int n = 0; n < nr; n++)
			point_write(kind, n, (0x5a5a5a5a5a5a5a5aUL >> n & kinds[kind].mask));
		for (unsigned int n = 0; n < nr; n++)
			wrong += point_read(kind, n) != (0x5a5a5a5a5a5a5a5aUL >> n & kinds[kind].mask);
		for (unsigned int n = nr; n < 16; n++) {
			catch_begin(0);
			(void)point_read(kind, n);
			point_write(kind, n, 0);
			undefined += catch_end().count;
		}
		tap_is(wrong, 0, "%s<0-%u>_EL1 hold their values", kinds[kind].name, nr - 1);
		tap_is(undefined, 2 * (16 - nr), "the others are undefined");
	}
	points_clear();
	catch_begin(0);
	(void)READ_REG(dbgclaimset_el1);
	if (catch_end().count != 0) {
		tap_skip("claim tags", "this QEMU's CPUs have none, and nothing to trap");
		return;
	}
	WRITE_REG(dbgclaimset_el1, 0x81);
	WRITE_REG(dbgclaimclr_el1, 0x80);
	tap_is(READ_REG(dbgclaimset_el1), 0xff, "DBGCLAIMSET_EL1 reads as ones");
	tap_is(READ_REG(dbgclaimclr_el1), 0x01, "DBGCLAIMCLR_EL1 reads the tags that are set");
	WRITE_REG(dbgclaimclr_el1, 0xff);
}

static void test_breakpoints(void)
{
	unsigned int last = nr_breakpoints() - 1;

	point_write(BVR, last, (uint64_t)place1);
	point_write(BCR, last, BCR_ON | AT_EL1);
	mdscr(MDSCR_MDE | MDSCR_KDE);
	if (platform.under_corbel) /* QEMU 7.2's own OS lock keeps nothing away */
		tap_is(run_places().count, 0, "OS lock held: no breakpoint");
	tap_is(READ_REG(mdscr_el1), MDSCR_MDE | MDSCR_KDE, "OS lock held: MDSCR_EL1 keeps its bits");
	os_lock(0);
	tap_is(READ_REG(oslsr_el1), 0x8, "OSLSR_EL1 says that it is free");
	is_breakpoint(run_places(), EC_BREAKPOINT, place1, "OS lock free: breakpoint at EL1");
	os_lock(1);
	if (platform.under_corbel)
		tap_is(run_places().count, 0, "OS lock held again: none");
	os_lock(0);
	mdscr(MDSCR_KDE);
	tap_is(run_places().count, 0, "without MDE: none");
	mdscr(MDSCR_MDE);
	tap_is(run_places().count, 0, "without KDE: none at EL1");
	mdscr(MDSCR_MDE | MDSCR_KDE);
	point_write(BCR, last, BCR_ON | AT_EL0);
	tap_is(run_places().count, 0, "one for EL0: none at EL1");
	point_write(BCR, 0, BCR_ON | AT_EL0);
	point_write(BVR, 0, (uint64_t)el0_place_insn);
	is_breakpoint(run_el0(el0_place, 0, 0), EC_BREAKPOINT_EL0, el0_place_insn, "breakpoint at EL0");
	point_write(BCR, 0, BCR_ON | AT_EL1);
	tap_is(run_el0(el0_place, 0, 0).count, 0, "one for EL1: none at EL0");
	points_clear();
	tap_is(run_places().count, 0, "disabled: none");
}

static void is_watchpoint(struct caught c, unsigned int ec, const uint64_t *word, bool store, const char *name)
{
	tap_ok(c.count == 1 && ESR_EC(c.esr) == ec && c.far == (uint64_t)word && (c.esr >> 6 & 1) == store &&
		       (c.esr & 0x3f) == 0x22,
	       "%s (%u times, esr=%lx, far=%lx)", name, c.count, c.esr, c.far);
}

static void test_watchpoints(void)
{
	unsigned int last = nr_watchpoints() - 1;

	mdscr(MDSCR_MDE | MDSCR_KDE);
	point_write(WVR, last, (uint64_t)&words[2]);
	point_write(WCR, last, WCR_ON | WCR_STORES | AT_EL1);
	words[2] = 0;
	is_watchpoint(touch(&words[2], true), EC_WATCHPOINT, &words[2], true, "watchpoint on a store at EL1");
	tap_is(words[2], 0, "the store was not done");
	tap_is(touch(&words[2], false).count + touch(&words[1], true).count + touch(&words[3], true).count, 0,
	       "none on a load, or on its neighbours");
	point_write(WCR, last, WCR_ON | WCR_LOADS | AT_EL1);
	is_watchpoint(touch(&words[2], false), EC_WATCHPOINT, &words[2], false, "watchpoint on a load at EL1");
	point_write(WCR, last, WCR_ON | WCR_LOADS | AT_EL0);
	is_watchpoint(run_el0(el0_touch, (uint64_t)&words[2], 0), EC_WATCHPOINT_EL0, &words[2], false,
		      "watchpoint on a load at EL0");
	mdscr(MDSCR_KDE);
	tap_is(run_el0(el0_touch, (uint64_t)&words[2], 0).count, 0, "without MDE: none");
	points_clear();
}

/* Where the steps went, as long as nothing but step exceptions comes. */
static struct {
	uint64_t at[MAX_STEPS], end;
	unsigned int count, ec, others;
} steps;

static bool log_step(unsigned int from, struct frame *f)
{
	if (ESR_EC(f->esr) != EC_STEP && ESR_EC(f->esr) != EC_STEP_EL0) {
		steps.others += from == FROM_EL1;
		return false;
	}
	steps.ec = (unsigned int)ESR_EC(f->esr);
	if (steps.count < MAX_STEPS)
		steps.at[steps.count++] = f->elr;
	if (f->elr != steps.end && steps.count < MAX_STEPS) {
		f->spsr |= SPSR_SS;
		return true;
	}
	mdscr(0);
	return from == FROM_EL0; /* which goes on to its SVC; EL1 is resumed */
}

/* One step for each instruction but the one that a branch jumps over. */
static void check_steps(const char *name, const char *first, const char *end, const char *skipped, unsigned int ec)
{
	unsigned int n = 0;
	bool good = true;

	for (const char *insn = first + 4; insn <= end; insn += 4) {
		if (insn == skipped)
			continue;
		good = good && n < steps.count && steps.at[n] == (uint64_t)insn;
		n++;
	}
	if (!tap_ok(good && steps.count == n && steps.ec == ec && steps.others == 0, "%s: after each instruction",
		    name)) {
		for (unsigned int i = 0; i < steps.count; i++)
			tap_note("%u: %lx, class %x", i, steps.at[i] - (uint64_t)first, steps.ec);
	}
}

static void begin_steps(const char *end)
{
	steps.count = steps.others = 0;
	steps.end = (uint64_t)end;
	catch_hook = log_step;
}

static void test_steps_locked(void)
{
	begin_steps(el0_steps_end);
	os_lock(1);
	mdscr(MDSCR_SS);
	run_el0(el0_place, 0, SPSR_SS);
	tap_is(steps.count, 0, "OS lock held: no single step");
	mdscr(0);
	os_lock(0);
}

static void test_steps(void)
{
	begin_steps(el0_steps_end);
	mdscr(MDSCR_SS);
	run_el0(el0_steps, RTC_BASE + RTC_MR, SPSR_SS);
	check_steps("single step at EL0", el0_steps, el0_steps_end, el0_steps_skipped, EC_STEP_EL0);
	begin_steps(el1_steps_end);
	mdscr(MDSCR_SS | MDSCR_KDE);
	run_el0(el1_steps, RTC_BASE + RTC_MR, SPSR_SS | 0x1c5); /* EL1h, D clear */
	check_steps("single step at EL1", el1_steps, el1_steps_end, el1_steps_skipped, EC_STEP);
	if (platform.under_corbel)
		test_steps_locked();
	catch_hook = 0;
}

/*
 * Every choice of Exception levels and Security states, EL2 among them, over a GiB in which Corbel is as well; EL1 has
 * debug exceptions masked. Whatever Corbel does for these exits, none of it is a debug exception at EL2.
 */
static void test_never_at_el2(void)
{
	unsigned int good = 0;

	mdscr(MDSCR_MDE | MDSCR_KDE);
	point_write(WVR, 0, 0x40000000);
	point_write(BVR, 0, 0x40200800);
	for (unsigned int select = 0; select < 32; select++) { /* HMC, SSC, PAC */
		uint64_t bits = (uint64_t)(select >> 4) << 13 | (uint64_t)(select >> 2 & 3) << 14 | (select & 3) << 1;

		point_write(BCR, 0, BCR_ON | bits);
		point_write(WCR, 0, WCR_ON | WCR_LOADS | WCR_STORES | 30UL << 24 | bits);
		write32(RTC_BASE + RTC_MR, select);
		good += read32(RTC_BASE + RTC_MR) == select && psci(PSCI_VERSION, 0, 0, 0) >= 0x10000;
	}
	points_clear();
	mdscr(0);
	tap_is(good, 32, "points that select EL2 do nothing there");
}

/* Beside other VMs: sleeps, so that the CPU is another's between any two rounds. */
static void sleep(void)
{
	WRITE_REG(cntv_cval_el0, timer_now() + timer_us(50));
	WRITE_REG(cntv_ctl_el0, TIMER_ENABLE);
	isb();
	do
		wfi();
	while (!(READ_REG(cntv_ctl_el0) & TIMER_ISTATUS));
	WRITE_REG(cntv_ctl_el0, 0);
}

static void test_beside(bool none, uint64_t place)
{
	uint64_t step = (uint64_t)(place1 - place0), end = timer_now() + timer_ms(BESIDE_MS), rounds = 0;
	unsigned int wrong_breakpoints = 0, wrong_watchpoints = 0;

	gic_init();
	gic_init_cpu();
	gic_enable(TIMER_VIRT_INTID);
	os_lock(0);
	if (!none) {
		point_write(BVR, 0, (uint64_t)place0 + place * step);
		point_write(BCR, 0, BCR_ON | AT_EL1);
		point_write(WVR, 1, (uint64_t)&words[place]);
		point_write(WCR, 1, WCR_ON | WCR_STORES | AT_EL1);
		mdscr(MDSCR_MDE | MDSCR_KDE);
	}
	for (; timer_now() < end; rounds++) {
		struct caught c = run_places();

		wrong_breakpoints += none ? c.count != 0 : c.count != 1 || c.elr != (uint64_t)place0 + place * step;
		sleep();
		for (unsigned int n = 0; n < NR_PLACES; n++)
			wrong_watchpoints += touch(&words[n], true).count != (!none && n == place);
	}
	tap_ok(rounds > 100, "%lu rounds", rounds);
	tap_is(wrong_breakpoints, 0, none ? "no breakpoint hits" : "its own breakpoint hits, and no other");
	tap_is(wrong_watchpoints, 0, none ? "no watchpoint hits" : "its own watchpoint hits, and no other");
}

void guest_main(void)
{
	bool none = bootargs_is("place", "none");

	look(&begins[0]);
	if (none || bootargs_number("place") != 0) {
		test_beside(none, bootargs_number("place"));
		tap_done();
		return;
	}
	test_begin();
	test_registers();
	test_breakpoints();
	test_watchpoints();
	test_steps();
	test_never_at_el2();
	tap_done();
}

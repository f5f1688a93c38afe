/*
 * A vCPU that never rests, and what of the CPU it gets: by its own counter it sees when it did not run. bootargs:
 * begin-ms=N (200), after its start; ms=N (1000) to measure, or turns=N: from the begin of a turn of its own to that of
 * a later one; then it spins on, for its neighbours to measure, too. Says how long it ran and how long at a stretch.
 * flood=1: its other vCPUs write to the RTC for ever, each of which wakes the VM's job on the boot vCPU's CPU. sweep=1:
 * they have all RAM cleaned for ever, which is that job's work, too. sleep=1: it sleeps instead, most of the time, and
 * says how late it woke. ask=N: the second vCPU takes an interrupt and spins; N times, when that one has not run for a
 * while, the boot vCPU asks the distributor whether it is active, and says how long the answer took. off=1: it powers
 * off when it has measured. stolen=1: it has its stolen time counted.
 */
#include "tests/guests/common/bootargs.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/gic.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/print.h"
#include "tests/guests/common/psci.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/timer.h"

#define PV_TIME_ST 0xc5000021U /* [DEN0057] */
#define GAP_US	   50	       /* longer than any exit of this loop's, shorter than any turn of another */

struct seen {
	uint64_t ran, longest; /* ticks */
};

static struct seen spin(uint64_t ticks)
{
	uint64_t begin = timer_now(), last = begin, stretch = begin;
	struct seen seen = { 0 };

	while (last - begin < ticks) {
		uint64_t now = timer_now();

		if (now - last > timer_us(GAP_US))
			stretch = now;
		else
			seen.ran += now - last;
		if (now - stretch > seen.longest)
			seen.longest = now - stretch;
		last = now;
	}
	return seen;
}

#define TURN_GAP_US 1000 /* longer than what comes in between of a turn, shorter than the turns of the others */

/* When the next turn of its own begins. */
static uint64_t next_turn(struct seen *seen)
{
	uint64_t last = timer_now();

	for (;;) {
		uint64_t now = timer_now();

		if (now - last > timer_us(TURN_GAP_US))
			return now;
		if (now - last <= timer_us(GAP_US))
			seen->ran += now - last;
		last = now;
	}
}

/* Returns how long they took in all. */
static uint64_t spin_turns(uint64_t turns, struct seen *seen)
{
	uint64_t begin = next_turn(seen), end = begin;

	*seen = (struct seen){ 0 };
	for (uint64_t n = 0; n < turns; n++)
		end = next_turn(seen);
	return end - begin;
}

static uint64_t ms_or(const char *key, uint64_t otherwise)
{
	uint64_t ms = bootargs_number(key);

	return timer_ms(ms ? ms : otherwise);
}

static uint64_t to_us(uint64_t ticks)
{
	return ticks * 1000000 / READ_REG(cntfrq_el0);
}

static void flood(unsigned int cpu)
{
	volatile uint32_t *rtcmr = (volatile uint32_t *)(RTC_BASE + 4);

	(void)cpu;
	for (;;)
		*rtcmr = 0;
}

#define SCTLR_C (1UL << 2)

/* By set/way, caches off, caches on: the next operation is a first one again. */
static void sweep(unsigned int cpu)
{
	(void)cpu;
	for (;;) {
		__asm__ volatile("dc cisw, xzr" ::: "memory");
		WRITE_REG(sctlr_el1, READ_REG(sctlr_el1) & ~SCTLR_C);
		isb();
		WRITE_REG(sctlr_el1, READ_REG(sctlr_el1) | SCTLR_C);
		isb();
	}
}

/* By its timer it wakes every few milliseconds, at no special place of a period. Masked: WFI ends all the same. */
static void sleep_on(uint64_t ticks)
{
	uint64_t begin = timer_now(), due = begin, late = 0;

	WRITE_REG(cntv_ctl_el0, TIMER_ENABLE);
	while (due - begin < ticks) {
		uint64_t now;

		due = timer_now() + timer_us(3700);
		WRITE_REG(cntv_cval_el0, due);
		isb();
		gic_clear_pending(TIMER_VIRT_INTID); /* the last one, which nobody has taken, is over */
		while ((now = timer_now()) < due)
			wfi();
		/* Its start has used up a budget or two. */
		if (due - begin > ticks / 4 && now - due > late)
			late = now - due;
	}
	print("share: woke %lu us late at most\n", to_us(late));
}

#define ASKED_SPI 200U

static struct {
	uint32_t holds, beat;
} holder;

static void hold(unsigned int cpu)
{
	(void)cpu;
	gic_init_cpu();
	while (gic_ack() != ASKED_SPI)
		;
	STORE(holder.holds, 1);
	for (;;)
		STORE(holder.beat, holder.beat + 1);
}

static void sleep_for(uint64_t ticks)
{
	uint64_t due = timer_now() + ticks;

	WRITE_REG(cntv_cval_el0, due);
	isb();
	gic_clear_pending(TIMER_VIRT_INTID);
	while (timer_now() < due)
		wfi();
}

static void wait_until_it(bool runs)
{
	uint32_t before;

	do {
		before = LOAD(holder.beat);
		sleep_for(timer_us(2000));
	} while ((LOAD(holder.beat) != before) != runs);
}

static void ask(uint64_t times)
{
	gic_set_edge(ASKED_SPI, true);
	gic_set_target(ASKED_SPI, 1);
	gic_enable(ASKED_SPI);
	(void)cpu_on(1, hold, 0);
	gic_set_pending(ASKED_SPI);
	WRITE_REG(cntv_ctl_el0, TIMER_ENABLE);
	while (LOAD(holder.holds) == 0)
		sleep_for(timer_us(100));
	print("share: asks\n");
	for (uint64_t n = 0; n < times; n++) {
		uint64_t begin;
		bool active;

		wait_until_it(false);
		begin = timer_now();
		active = gic_is_active(ASKED_SPI);
		print("share: %s after %lu us\n", active ? "active" : "not active", to_us(timer_now() - begin));
		if (n + 1 < times)
			wait_until_it(true);
	}
}

void guest_main(void)
{
	uint64_t ticks = ms_or("ms", 1000);
	struct seen seen = { 0 };

	if (bootargs_number("flood") != 0) {
		for (unsigned int cpu = 1; cpu < platform.nr_cpus; cpu++)
			(void)cpu_on(cpu, flood, 0);
		print("share: floods\n");
	}
	if (bootargs_number("sweep") != 0)
		(void)cpu_on(1, sweep, 0);
	if (bootargs_number("sleep") != 0 || bootargs_number("ask") != 0) {
		gic_init();
		gic_init_cpu();
		gic_enable(TIMER_VIRT_INTID);
		if (bootargs_number("sleep") != 0)
			sleep_on(ticks);
		else
			ask(bootargs_number("ask"));
		return;
	}
	if (bootargs_number("stolen") != 0)
		(void)smccc_call(CONDUIT_BY_DT, PV_TIME_ST, 0, 0, 0);
	(void)spin(ms_or("begin-ms", 200));
	if (bootargs_number("turns") != 0)
		ticks = spin_turns(bootargs_number("turns"), &seen);
	else
		seen = spin(ticks);
	print("share: ran %lu of %lu us, %lu at a stretch\n", to_us(seen.ran), to_us(ticks), to_us(seen.longest));
	if (bootargs_number("off") != 0)
		return;
	for (;;)
		(void)spin(ticks);
}

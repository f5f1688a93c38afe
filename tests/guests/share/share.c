/*
 * A vCPU that never rests, and what of the CPU it gets: by its own counter it sees when it did not run. bootargs:
 * begin-ms=N (200), after its start; ms=N (1000) to measure; then it spins on, for its neighbours to measure, too. Says
 * how long it ran and how long at a stretch. flood=1: its other vCPUs write to the RTC for ever, each of which wakes
 * the VM's job on the boot vCPU's CPU. sleep=1: it sleeps instead, most of the time, and says how late it woke.
 */
#include "tests/guests/common/bootargs.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/gic.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/print.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/timer.h"

#define GAP_US 50 /* longer than any exit of this loop's, shorter than any turn of another */

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

void guest_main(void)
{
	uint64_t ticks = ms_or("ms", 1000);
	struct seen seen;

	if (bootargs_number("flood") != 0) {
		for (unsigned int cpu = 1; cpu < platform.nr_cpus; cpu++)
			(void)cpu_on(cpu, flood, 0);
		print("share: floods\n");
	}
	if (bootargs_number("sleep") != 0) {
		gic_init();
		gic_init_cpu();
		gic_enable(TIMER_VIRT_INTID);
		sleep_on(ticks);
		return;
	}
	(void)spin(ms_or("begin-ms", 200));
	seen = spin(ticks);
	print("share: ran %lu of %lu us, %lu at a stretch\n", to_us(seen.ran), to_us(ticks), to_us(seen.longest));
	for (;;)
		(void)spin(ticks);
}

/*
 * The neighbour that must not notice: periods of its virtual timer, none missing and none far too late, whatever
 * happens elsewhere. bootargs: periods=N (60), period-us=N (50000), late-ms=N (500). It says that it is alive every
 * 50 ms at most; speak-ms=N: less often.
 */
#include "tests/guests/common/bootargs.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/irq.h"
#include "tests/guests/common/print.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"

#define LATE_MS	 500 /* too late; what no time slice comes near; an emulator on a busy machine may */
#define SPEAK_MS 50

static uint64_t period, wanted; /* ticks; number */
static uint64_t due, nr_periods, early, latest;

static void period_over(uint32_t iar)
{
	uint64_t now = timer_now();

	(void)iar;
	if (now < due)
		early++;
	else if (now - due > latest)
		latest = now - due;
	due += period;
	WRITE_REG(cntv_cval_el0, due);
	STORE(nr_periods, nr_periods + 1);
	if (nr_periods == wanted)
		WRITE_REG(cntv_ctl_el0, 0);
	isb();
}

static void start(uint64_t period_us)
{
	gic_init();
	gic_init_cpu();
	irq_handler(TIMER_VIRT_INTID, period_over);
	gic_enable(TIMER_VIRT_INTID);
	period = timer_us(period_us);
	due = timer_now() + period;
	WRITE_REG(cntv_cval_el0, due);
	WRITE_REG(cntv_ctl_el0, TIMER_ENABLE);
	isb();
}

static uint64_t number_or(const char *key, uint64_t otherwise)
{
	uint64_t number = bootargs_number(key);

	return number ? number : otherwise;
}

void guest_main(void)
{
	uint64_t spoken = timer_now(), late_ms = number_or("late-ms", LATE_MS);
	uint64_t speak_ms = number_or("speak-ms", SPEAK_MS);

	wanted = number_or("periods", 60);
	start(number_or("period-us", 50000));
	while (LOAD(nr_periods) < wanted) {
		wfi();
		irq_window();
		if (timer_now() - spoken < timer_ms(speak_ms))
			continue;
		spoken = timer_now();
		print("alive %lu\n", LOAD(nr_periods));
	}
	spin_ticks(2 * period);
	irq_window();
	tap_is(nr_periods, wanted, "every period came, once");
	tap_is(early, 0, "no period came early");
	tap_ok(latest < timer_ms(late_ms), "none came more than %lu ms late (%lu us at most)", late_ms,
	       latest * 1000000 / READ_REG(cntfrq_el0));
	tap_done();
}

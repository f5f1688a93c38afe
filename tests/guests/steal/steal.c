/*
 * Stolen time [DEN0057]: where its record is, that it is only for reading, and that it tells the truth. A vCPU that
 * never rests sees in its own counter when it did not run; the record must say the same. bootargs: busy-ms=N (300) to
 * spin for, stolen=some (default) or none.
 */
#include "tests/guests/common/bootargs.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/exception.h"
#include "tests/guests/common/gic.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/psci.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"

#define ARCH_FEATURES	 0x80000001U
#define PV_TIME_FEATURES 0xc5000020U
#define PV_TIME_ST	 0xc5000021U
#define RECORD_BYTES	 64
#define GAP_US		 100 /* longer than any exit of this loop's */

static uint64_t call(uint64_t function, uint64_t argument)
{
	return smccc_call(CONDUIT_BY_DT, function, argument, 0, 0).x0;
}

static uint64_t record_of[GUEST_MAX_CPUS];
static uint32_t asked[GUEST_MAX_CPUS];

static void ask(unsigned int cpu)
{
	record_of[cpu] = call(PV_TIME_ST, 0);
	STORE(asked[cpu], 1);
}

static uint64_t stolen_ns(unsigned int cpu)
{
	return read64(record_of[cpu] + 8);
}

static void test_record(void)
{
	struct caught c;
	unsigned int apart = 1;

	tap_is(call(ARCH_FEATURES, PV_TIME_FEATURES), 0, "ARCH_FEATURES has PV_TIME_FEATURES");
	tap_is(call(PV_TIME_FEATURES, PV_TIME_ST), 0, "PV_TIME_FEATURES has PV_TIME_ST");
	tap_is(call(PV_TIME_FEATURES, PV_TIME_ST + 1), ~0UL, "and not the next function");
	ask(0);
	for (unsigned int cpu = 1; cpu < platform.nr_cpus; cpu++) {
		cpu_on(cpu, ask, 0);
		wait_for(&asked[cpu], 1);
		wait_cpu_off(cpu);
		apart += record_of[cpu] >= record_of[cpu - 1] + RECORD_BYTES && record_of[cpu] % RECORD_BYTES == 0;
	}
	tap_is(record_of[0] % RECORD_BYTES, 0, "the record lies at %lx, 64-byte aligned", record_of[0]);
	tap_is(apart, platform.nr_cpus, "each CPU has one of its own");
	tap_is(read64(record_of[0]), 0, "revision 0, attributes 0");
	catch_begin(0);
	write64(record_of[0] + 8, 0x1234);
	c = catch_end();
	tap_ok(c.count == 1 && ESR_EC(c.esr) == EC_DABT_SAME && c.far == record_of[0] + 8,
	       "a store to it is an abort (%lx)", c.esr);
}

/* What this CPU sees of its own absence while it never rests. */
static uint64_t spin_and_count_gaps(uint64_t ticks)
{
	uint64_t begin = timer_now(), last = begin, gaps = 0;

	while (last - begin < ticks) {
		uint64_t now = timer_now();

		if (now - last > timer_us(GAP_US))
			gaps += now - last;
		last = now;
	}
	return gaps;
}

static void test_truth(void)
{
	uint64_t ms = bootargs_number("busy-ms"), before = stolen_ns(0), gaps_us, stolen_us;

	gaps_us = spin_and_count_gaps(timer_ms(ms ? ms : 300)) * 1000000 / READ_REG(cntfrq_el0);
	stolen_us = (stolen_ns(0) - before) / 1000;
	tap_note("away for %lu us by its own counter, %lu us by the record", gaps_us, stolen_us);
	if (bootargs_is("stolen", "none")) {
		tap_ok(stolen_us < 1000, "nobody else was there: less than 1 ms was stolen");
		return;
	}
	tap_ok(stolen_us > 50000, "more than 50 ms were stolen");
	tap_ok(stolen_us * 10 > gaps_us * 9 && stolen_us * 10 < gaps_us * 11,
	       "as the CPU itself has seen, within a tenth");
}

/* Sleeping is nobody's theft. */
static void test_sleep(void)
{
	uint64_t before = stolen_ns(0), begin = timer_now();

	WRITE_REG(cntv_cval_el0, begin + timer_ms(50));
	WRITE_REG(cntv_ctl_el0, TIMER_ENABLE);
	isb();
	while (!(READ_REG(cntv_ctl_el0) & TIMER_ISTATUS))
		call(PSCI_CPU_SUSPEND, 0);
	tap_ok((stolen_ns(0) - before) / 1000 < 25000, "50 ms of sleep are not stolen");
	WRITE_REG(cntv_ctl_el0, 0);
}

void guest_main(void)
{
	test_record();
	test_truth();
	gic_init();
	gic_init_cpu();
	gic_enable(TIMER_VIRT_INTID);
	test_sleep();
	tap_done();
}

/*
 * Does its worst on all its CPUs, for ever: bootargs how=spin; console: prints, whether the UART has room or not; sgi:
 * to itself and to all others; timer: one that is always due; sleep: one that is due in a microsecond, in WFI; nowhere:
 * loads and stores where there is nothing, on and on; all: each for a moment, round and round. Says so once, when it is
 * well at work.
 */
#include "tests/guests/common/bootargs.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/exception.h"
#include "tests/guests/common/irq.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/print.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"

#define SGI	  5
#define NOWHERE	  0x0c800000UL
#define WELL	  5 /* rounds */
#define SLEEP_US  1
#define TIMES_DUE 10

static void spin(void)
{
	spin_ticks(timer_us(20));
}

static void flood_console(void)
{
	for (const char *c = "rage: rage, rage against the console\n"; *c; c++)
		write32(UART_BASE + UART_DR, (uint32_t)(unsigned char)*c);
}

static void storm_sgis(void)
{
	gic_send(SGI, 1U << cpu_index());
	gic_send_others(SGI);
	irq_window();
}

static uint32_t nr_left[GUEST_MAX_CPUS]; /* interrupts that the timer makes until it is turned off */

/* Still due: it comes again as soon as it has ended. */
static void timer_over(uint32_t iar)
{
	(void)iar;
	if (--nr_left[cpu_index()] == 0)
		WRITE_REG(cntv_ctl_el0, 0);
	isb();
}

static void arm(uint64_t due, uint32_t times)
{
	nr_left[cpu_index()] = times;
	WRITE_REG(cntv_cval_el0, due);
	WRITE_REG(cntv_ctl_el0, TIMER_ENABLE);
	isb();
}

static void storm_timer(void)
{
	arm(0, TIMES_DUE);
	while (nr_left[cpu_index()] != 0)
		irq_window();
}

static void sleep_briefly(void)
{
	arm(timer_now() + timer_us(SLEEP_US), 1);
	while (nr_left[cpu_index()] != 0) {
		wfi();
		irq_window();
	}
}

static void touch_nowhere(void)
{
	catch_begin(0);
	(void)read32(NOWHERE);
	write32(NOWHERE + 0x1000, 0);
	if (catch_end().count != 2)
		tap_bail("there is something at %lx", NOWHERE);
}

static const struct way {
	const char *name;
	void (*once)(void);
	unsigned int times; /* of a round */
} ways[] = {
	{ "spin", spin, 50 },	     { "console", flood_console, 3 }, { "sgi", storm_sgis, 50 },
	{ "timer", storm_timer, 5 }, { "sleep", sleep_briefly, 1 },   { "nowhere", touch_nowhere, 50 },
};
#define NR_WAYS (sizeof(ways) / sizeof(ways[0]))

static void rage_so(const struct way *way)
{
	for (unsigned int n = 0; n < way->times; n++)
		way->once();
}

static void rage(unsigned int cpu)
{
	gic_init_cpu();
	gic_enable(TIMER_VIRT_INTID);
	for (unsigned int round = 0;; round++) {
		for (unsigned int n = 0; n < NR_WAYS; n++)
			if (bootargs_is("how", "all") || bootargs_is("how", ways[n].name))
				rage_so(&ways[n]);
		if (round == WELL && cpu == 0)
			print("\nrage: well at work\n");
	}
}

void guest_main(void)
{
	gic_init();
	irq_handler(TIMER_VIRT_INTID, timer_over);
	for (unsigned int cpu = 1; cpu < platform.nr_cpus; cpu++)
		(void)cpu_on(cpu, rage, 0);
	rage(0);
}

/*
 * A timer's interrupt that is due and cannot be signalled: it does not end WFI, and does when it can be. On one pCPU:
 * CPU 1 spins meanwhile, then lets it through: GICD_CTLR; on a GICv3 also CPU 0's own enable, and its active bit.
 * bootargs: burn=1: alone, its PPI never enabled, it waits in WFI for ever, for its neighbours to measure.
 */
#include "tests/guests/common/bootargs.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/irq.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/print.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"

#define SPIN_MS	  100 /* many slices */
#define MAX_WAKES 2   /* WFI may end for no reason; not at each turn */
#define PPI_BIT	  (1U << TIMER_VIRT_INTID)

static uint64_t own_frame; /* of CPU 0's PPIs */
static uint32_t saved_ctlr;

static void close_distributor(void)
{
	saved_ctlr = read32(platform.gicd + GICD_CTLR);
	write32(platform.gicd + GICD_CTLR, saved_ctlr & ~3U);
}

static void open_distributor(void)
{
	write32(platform.gicd + GICD_CTLR, saved_ctlr);
}

static void disable_ppi(void)
{
	gic_disable(TIMER_VIRT_INTID);
}

static void enable_ppi(void)
{
	write32(own_frame + GICD_ISENABLER, PPI_BIT);
}

static void make_active(void)
{
	gic_set_active(TIMER_VIRT_INTID);
}

static void make_inactive(void)
{
	write32(own_frame + GICD_ICACTIVER, PPI_BIT);
}

static const struct obstacle {
	const char *name;
	void (*raise)(void), (*lower)(void);
	bool v3_only;
} obstacles[] = {
	{ "GICD_CTLR off", close_distributor, open_distributor, false },
	{ "disabled", disable_ppi, enable_ppi, true },
	{ "active", make_active, make_inactive, true },
};
static const struct obstacle *obstacle;

static void stop_timer(uint32_t iar)
{
	(void)iar;
	WRITE_REG(cntv_ctl_el0, 0);
	isb();
}

static void arm(void)
{
	WRITE_REG(cntv_cval_el0, timer_now() + timer_ms(1));
	WRITE_REG(cntv_ctl_el0, TIMER_ENABLE);
	isb();
}

static void spin_then_lower(unsigned int cpu)
{
	(void)cpu;
	spin_ticks(timer_ms(SPIN_MS));
	obstacle->lower();
}

static void check(const struct obstacle *tested)
{
	uint64_t begin = timer_now(), nr_wakes = 0;

	obstacle = tested;
	irq_forget();
	tested->raise();
	arm();
	(void)cpu_on(1, spin_then_lower, 0);
	while (LOAD(irq_count[0][TIMER_VIRT_INTID]) == 0) {
		wfi();
		nr_wakes++;
		irq_window();
	}
	tap_ok(timer_now() - begin >= timer_ms(SPIN_MS), "%s: not taken before it may be", tested->name);
	tap_ok(nr_wakes <= 1 + MAX_WAKES, "%s: it does not end WFI, either (%lu times)", tested->name, nr_wakes);
	(void)wait_cpu_off(1);
}

void guest_main(void)
{
	gic_init();
	gic_init_cpu();
	irq_handler(TIMER_VIRT_INTID, stop_timer);
	if (bootargs_number("burn") != 0) {
		arm();
		print("kept: waits\n");
		for (;;)
			wfi();
	}
	gic_enable(TIMER_VIRT_INTID);
	own_frame = gic_frame(TIMER_VIRT_INTID);
	for (unsigned int n = 0; n < sizeof(obstacles) / sizeof(obstacles[0]); n++)
		if (!obstacles[n].v3_only || platform.gic_version == 3)
			check(&obstacles[n]);
	tap_done();
}

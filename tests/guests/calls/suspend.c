/* SYSTEM_SUSPEND: refused while others run, and a life that an interrupt begins. [DEN0022 SYSTEM_SUSPEND] */
#include "tests/guests/calls/suspend.h"
#include "tests/guests/calls/calls.h"
#include "tests/guests/common/irq.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/psci.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"

#define SYSTEM_SUSPEND_32 0x8400000eU
#define SYSTEM_SUSPEND_64 0xc400000eU
#define DENIED		  (-3)
#define NO_RAM		  0x0b000000UL
#define SUSPENDS	  40

/* As suspend.S has it: the caller's registers, then what the vCPU was entered with. */
static struct suspend {
	uint64_t saved[13];
	uint64_t daif, sctlr, current_el;
} area __attribute__((aligned(128)));

uint64_t suspend_call(uint64_t function, struct suspend *area);

static uint32_t stayed, released;
static void stay(unsigned int cpu)
{
	(void)cpu;
	STORE(stayed, 1);
	while (!LOAD(released))
		;
}

static void test_refusals(void)
{
	tap_is((uint32_t)psci(SYSTEM_SUSPEND_64, NO_RAM, 0, 0), (uint32_t)PSCI_INVALID_ADDRESS,
	       "SYSTEM_SUSPEND with an entry outside RAM: INVALID_ADDRESS");
	tap_is(smccc_call(CONDUIT_BY_DT, SYSTEM_SUSPEND_64, (uint64_t)suspend_call + 2, 0, 0).x0, ~0UL - 8,
	       "SYSTEM_SUSPEND with an entry that is no instruction's: x0 = -9");
	tap_is(smccc_call(CONDUIT_BY_DT, SYSTEM_SUSPEND_32, NO_RAM, 0, 0).x0, 0xfffffff7,
	       "32-bit SYSTEM_SUSPEND: w0 = -9, the upper half zero");
	if (platform.nr_cpus < 2) {
		tap_skip("SYSTEM_SUSPEND while another CPU is on", "one CPU");
		return;
	}
	cpu_on(1, stay, 0);
	tap_is((uint32_t)suspend_call(SYSTEM_SUSPEND_64, &area), (uint32_t)DENIED,
	       "SYSTEM_SUSPEND right after a CPU_ON: DENIED");
	wait_for(&stayed, 1);
	tap_is((uint32_t)suspend_call(SYSTEM_SUSPEND_64, &area), (uint32_t)DENIED,
	       "SYSTEM_SUSPEND while another CPU is on: DENIED");
	STORE(released, 1);
	tap_ok(wait_cpu_off(1), "the other CPU is off");
}

static void quiet(uint32_t iar)
{
	(void)iar;
	WRITE_REG(cntv_ctl_el0, 0);
	isb();
}

static unsigned int entered, in_time, taken, closed;

/* Suspended until the timer fires, which is `us` away; the interrupt itself is taken afterwards. */
static void suspend_once(uint64_t function, uint64_t us)
{
	uint64_t due = timer_now() + timer_us(us), result;

	irq_forget();
	WRITE_REG(cntv_cval_el0, due);
	WRITE_REG(cntv_ctl_el0, TIMER_ENABLE);
	isb();
	result = suspend_call(function, &area);
	in_time += timer_now() >= due && (READ_REG(cntv_ctl_el0) & TIMER_ISTATUS);
	entered +=
		result == SUSPEND_RESUMED && area.daif == 0x3c0 && (area.sctlr & 0x1005) == 0 && area.current_el == 4;
	irq_window();
	closed += irq_count[0][TIMER_VIRT_INTID] == 0;
	gic_init_cpu();
	gic_enable(TIMER_VIRT_INTID);
	irq_window();
	taken += irq_count[0][TIMER_VIRT_INTID] == 1;
	WRITE_REG(cntv_ctl_el0, 0);
	isb();
}

void test_system_suspend(void)
{
	test_refusals();
	gic_init();
	gic_init_cpu();
	irq_handler(TIMER_VIRT_INTID, quiet);
	gic_enable(TIMER_VIRT_INTID);
	for (unsigned int n = 0; n < SUSPENDS; n++)
		suspend_once(n % 2 ? SYSTEM_SUSPEND_32 : SYSTEM_SUSPEND_64, n % 8 * 700);
	tap_is(entered, SUSPENDS, "SYSTEM_SUSPEND enters at its address, EL1, masked, MMU off, x0 the context id");
	tap_is(in_time, SUSPENDS, "SYSTEM_SUSPEND lasts until the timer's interrupt");
	tap_is(closed, SUSPENDS, "the CPU interface is closed after it");
	tap_is(taken, SUSPENDS, "the interrupt is taken once, when the CPU interface is open again");
}

/*
 * Waiting: an interrupt that comes just before, during or just after WFI's trap must end the wait. Delays are swept in
 * fine steps, so that some interrupt hits each instruction of the way to sleep. A second timer is the bound: when it
 * had to wake the CPU, the wake-up was lost. [DDI0487 D1.6.2 Wait For Interrupt]
 */
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/irq.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"

#define SGI_WAKE   3
#define SGI_TURN   4
#define STEPS	   4000
#define SGI_STEPS  1000
#define EDGE_STEPS 6000
#define WFE_ROUNDS 100	/* two that share a host CPU take a time slice for each turn */
#define ISR_IRQ	   0x80 /* ISR_EL1.I */
#define BOUND_MS   8000 /* what no host that is only busy comes near */

static void backup_arm(void)
{
	WRITE_REG(cntp_cval_el0, timer_now_phys() + timer_ms(BOUND_MS));
	WRITE_REG(cntp_ctl_el0, TIMER_ENABLE);
	isb();
}

static bool backup_fired(void)
{
	bool yes = READ_REG(cntp_ctl_el0) & TIMER_ISTATUS;

	WRITE_REG(cntp_ctl_el0, 0);
	isb();
	return yes;
}

static bool timer_due(uint64_t ctl)
{
	return ctl & TIMER_ISTATUS;
}

static void set_up(void)
{
	gic_init_cpu();
	gic_enable(TIMER_VIRT_INTID);
	gic_enable(TIMER_PHYS_INTID);
	gic_enable(SGI_WAKE);
	gic_enable(SGI_TURN);
}

static void quiet_virt(uint32_t iar)
{
	(void)iar;
	WRITE_REG(cntv_ctl_el0, 0);
	isb();
}

static void quiet_phys(uint32_t iar)
{
	(void)iar;
	WRITE_REG(cntp_ctl_el0, 0);
	isb();
}

/* The n-th delay: 0..max_us, evenly. */
static uint64_t delay_ticks(unsigned int n, uint64_t max_us)
{
	return timer_us(max_us) * n / STEPS;
}

/* Timer armed n ticks ahead, then WFI with PSTATE.I masked; WFI may return early for any reason, so go on until it is
 * due. */
static bool sleep_until_timer(uint64_t delay)
{
	backup_arm();
	WRITE_REG(cntv_cval_el0, timer_now() + delay);
	WRITE_REG(cntv_ctl_el0, TIMER_ENABLE);
	isb();
	do {
		wfi();
		isb();
		if (timer_due(READ_REG(cntp_ctl_el0)))
			break;
	} while (!timer_due(READ_REG(cntv_ctl_el0)));
	return !backup_fired();
}

static void test_timer_sweep(uint64_t max_us, const char *company)
{
	unsigned int lost = 0, not_taken = 0;

	irq_forget();
	for (unsigned int n = 0; n < STEPS && lost == 0; n++) {
		lost += !sleep_until_timer(delay_ticks(n, max_us));
		irq_window();
		not_taken += irq_count[cpu_index()][TIMER_VIRT_INTID] != n + 1;
	}
	tap_is(lost, 0, "timer ends WFI, %u delays from 0 to %lu us, %s", STEPS, max_us, company);
	tap_is(not_taken, 0, "each is taken once when unmasked");
}

static void acknowledge_only(uint32_t iar)
{
	(void)iar;
}

/*
 * CPUs that sleep beside: a hypervisor lets a vCPU that is alone on its host CPU wait in hardware, so that only company
 * takes it the way to sleep and back.
 */
static uint32_t sleepers_ready, sleepers_stop;

static void sleeper(unsigned int cpu)
{
	(void)cpu;
	set_up();
	__atomic_add_fetch(&sleepers_ready, 1, __ATOMIC_ACQ_REL);
	while (!LOAD(sleepers_stop)) {
		wfi();
		irq_window();
	}
}

static void sleepers_start(unsigned int first)
{
	if (first >= platform.nr_cpus)
		return;
	STORE(sleepers_ready, 0);
	STORE(sleepers_stop, 0);
	for (unsigned int cpu = first; cpu < platform.nr_cpus; cpu++)
		cpu_on(cpu, sleeper, 0);
	tap_ok(wait_for(&sleepers_ready, platform.nr_cpus - first), "%u CPUs go to sleep", platform.nr_cpus - first);
}

static void sleepers_end(unsigned int first)
{
	bool good = true;

	if (first >= platform.nr_cpus)
		return;
	STORE(sleepers_stop, 1);
	for (unsigned int cpu = first; cpu < platform.nr_cpus; cpu++) {
		gic_send(SGI_TURN, 1U << cpu);
		good &= wait_cpu_off(cpu);
	}
	tap_ok(good, "an SGI wakes each of them");
}

/* The interrupt is taken before or after the WFI: with the next one armed by the handler, both end. */
static uint32_t chain_left;
static void chain(uint32_t iar)
{
	(void)iar;
	if (chain_left == 0) {
		WRITE_REG(cntv_ctl_el0, 0);
	} else {
		WRITE_REG(cntv_cval_el0, timer_now() + timer_us(chain_left % 64));
		STORE(chain_left, chain_left - 1);
	}
	isb();
}

static void test_unmasked(void)
{
	irq_forget();
	irq_handler(TIMER_VIRT_INTID, chain);
	STORE(chain_left, STEPS);
	WRITE_REG(cntv_cval_el0, timer_now());
	WRITE_REG(cntv_ctl_el0, TIMER_ENABLE);
	irq_unmask();
	while (LOAD(chain_left) != 0 && LOAD(irq_count[0][TIMER_PHYS_INTID]) == 0) {
		backup_arm();
		wfi();
	}
	irq_mask();
	tap_is(chain_left, 0, "unmasked WFI: %u timer interrupts in a chain", STEPS);
	backup_fired();
	WRITE_REG(cntv_ctl_el0, 0);
	isb();
	irq_handler(TIMER_VIRT_INTID, quiet_virt);
}

static void test_masked(void)
{
	unsigned int taken, i;
	bool good = true;

	irq_forget();
	for (i = 0; i < 1000 && good; i++) {
		backup_arm();
		gic_send(SGI_WAKE, 1U << cpu_index());
		wfi();
		taken = irq_count[cpu_index()][SGI_WAKE];
		good &= taken == i && gic_is_pending(SGI_WAKE) && !backup_fired();
		irq_window();
		good &= irq_count[cpu_index()][SGI_WAKE] == i + 1;
	}
	tap_ok(good, "WFI with a pending, masked interrupt returns, and leaves it pending (%u of 1000)", i);
	gic_disable(SGI_WAKE);
	gic_send(SGI_WAKE, 1U << cpu_index());
	good = sleep_until_timer(timer_ms(2));
	tap_ok(good, "a pending interrupt that is disabled does not keep the timer from ending WFI");
	gic_enable(SGI_WAKE);
	irq_window();
}

/* Sender: woken by SGI_TURN, waits delay ticks, sends SGI_WAKE back. */
static uint64_t ping_delay;
static uint32_t sender_ready, sender_stop, sender_lost;

static void sender(unsigned int cpu)
{
	set_up();
	STORE(sender_ready, 1);
	for (;;) {
		uint32_t before = irq_count[cpu][SGI_TURN];

		backup_arm();
		while (irq_count[cpu][SGI_TURN] == before) {
			wfi();
			if (timer_due(READ_REG(cntp_ctl_el0)))
				break;
			irq_window();
		}
		sender_lost += backup_fired();
		irq_window();
		if (LOAD(sender_stop))
			return;
		spin_ticks(ping_delay);
		gic_send(SGI_WAKE, 1);
	}
}

/* The caller is CPU 0: asks for SGI_WAKE, sleeps until it is there. False when the backup had to help. */
static bool sleep_until_sgi(uint64_t own_delay, bool *was_pending)
{
	uint32_t before = irq_count[0][SGI_WAKE];

	backup_arm();
	gic_send(SGI_TURN, 2);
	spin_ticks(own_delay);
	*was_pending = (READ_REG(isr_el1) & ISR_IRQ) != 0;
	while (irq_count[0][SGI_WAKE] == before) {
		wfi();
		if (timer_due(READ_REG(cntp_ctl_el0)))
			break;
		irq_window();
	}
	if (backup_fired())
		return false;
	irq_window();
	return irq_count[0][SGI_WAKE] == before + 1;
}

/* Both sides in turn: the sender late by 0 to 100 us, then the sleeper. */
static void sgi_sweep(void)
{
	unsigned int lost = 0, n;
	bool was_pending;

	for (n = 0; n < SGI_STEPS && lost == 0; n++) {
		uint64_t delay = timer_us(100) * n / SGI_STEPS;

		STORE(ping_delay, n % 2 ? delay : 0);
		lost += !sleep_until_sgi(n % 2 ? 0 : delay, &was_pending);
	}
	tap_is(lost, 0, "another CPU's SGI ends WFI, %u swept delays (%u done)", SGI_STEPS, n);
}

/*
 * Later when the SGI was there before the WFI, sooner when it was not: the delay settles where the two meet, and most
 * rounds hit the few instructions that a sweep rarely does.
 */
static void sgi_edge(void)
{
	unsigned int lost = 0, pending = 0, n;
	uint64_t delay = timer_us(5), step = timer_us(1) / 8;
	bool was_pending;

	STORE(ping_delay, timer_us(5));
	for (n = 0; n < EDGE_STEPS && lost == 0; n++) {
		lost += !sleep_until_sgi(delay, &was_pending);
		pending += was_pending;
		if (!was_pending && delay < timer_us(100)) /* beyond that the two share a host CPU and cannot meet */
			delay += step;
		else if (was_pending && delay >= step)
			delay -= step;
	}
	tap_is(lost, 0, "another CPU's SGI ends WFI, %u times at about the same moment (%u done)", EDGE_STEPS, n);
	tap_note("it was there before the WFI %u times; the delay ended at %lu ns", pending,
		 delay * 1000000000 / READ_REG(cntfrq_el0));
}

static void test_sgi(void)
{
	if (platform.nr_cpus < 2) {
		tap_skip("WFI ended by another CPU's SGI", "one CPU");
		return;
	}
	irq_forget();
	cpu_on(1, sender, 0);
	if (!tap_ok(wait_for(&sender_ready, 1), "the sender is up"))
		return;
	sgi_sweep();
	sgi_edge();
	STORE(sender_stop, 1);
	gic_send(SGI_TURN, 2);
	tap_ok(wait_cpu_off(1), "the sender goes off");
	tap_is(sender_lost, 0, "the sender's own WFIs were ended as well");
}

/* WFE: SEVL sets this CPU's event, SEV every CPU's. A WFE that never returns ends the run by the harness's deadline. */
static uint32_t wfe_turn;
static void wfe_partner(unsigned int cpu)
{
	(void)cpu;
	for (uint32_t n = 1; n < 2 * WFE_ROUNDS; n += 2) {
		while (LOAD(wfe_turn) != n)
			__asm__ volatile("wfe" ::: "memory");
		STORE(wfe_turn, n + 1);
		__asm__ volatile("dsb sy\n\tsev" ::: "memory");
	}
}

static void test_wfe(void)
{
	for (unsigned int i = 0; i < 1000; i++)
		__asm__ volatile("sevl\n\twfe" ::: "memory");
	tap_ok(true, "WFE after SEVL returns, 1000 times");
	if (platform.nr_cpus < 2) {
		tap_skip("WFE ended by another CPU's SEV", "one CPU");
		return;
	}
	cpu_on(1, wfe_partner, 0);
	for (uint32_t n = 0; n < 2 * WFE_ROUNDS; n += 2) {
		STORE(wfe_turn, n + 1);
		__asm__ volatile("dsb sy\n\tsev" ::: "memory");
		while (LOAD(wfe_turn) != n + 2)
			__asm__ volatile("wfe" ::: "memory");
	}
	tap_is(wfe_turn, 2 * WFE_ROUNDS, "WFE and SEV: %u rounds between two CPUs", WFE_ROUNDS);
	tap_ok(wait_cpu_off(1), "the partner goes off");
}

void guest_main(void)
{
	gic_init();
	set_up();
	irq_handler(TIMER_VIRT_INTID, quiet_virt);
	irq_handler(TIMER_PHYS_INTID, quiet_phys);
	irq_handler(SGI_WAKE, acknowledge_only);
	irq_handler(SGI_TURN, acknowledge_only);
	test_timer_sweep(20, "alone");
	test_timer_sweep(200, "alone");
	test_unmasked();
	test_masked();
	if (platform.nr_cpus > 1) {
		sleepers_start(1);
		test_timer_sweep(20, "others asleep");
		test_timer_sweep(200, "others asleep");
		test_unmasked();
		sleepers_end(1);
	}
	sleepers_start(2);
	test_sgi();
	sleepers_end(2);
	test_wfe();
	tap_done();
}

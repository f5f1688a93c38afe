/*
 * Reset between acknowledge and end of the timer's interrupt. In its first life the guest acknowledges it and stays in
 * the handler; somebody resets the VM. In its second, nothing of it may be left, and the timer works. Which life it is,
 * the console tells: RAM may be scrubbed between them.
 */
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/irq.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/print.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"

#define UART_FR_RXFE  0x10
#define GICR_SGI_BASE 0x10000
#define INTERRUPTS    200
#define PATIENCE_MS   3000
#define IDLE_PRIORITY 0xff

static char ask(void)
{
	print("active: life 1 or 2?\n");
	while (read32(UART_BASE + UART_FR) & UART_FR_RXFE)
		;
	return (char)read32(UART_BASE + UART_DR);
}

static void timer_start(uint64_t us)
{
	WRITE_REG(cntv_cval_el0, timer_now() + timer_us(us));
	WRITE_REG(cntv_ctl_el0, TIMER_ENABLE);
	isb();
}

static void stay(uint32_t iar)
{
	print("active: in the handler of %u\n", iar);
	for (;;)
		__asm__ volatile("yield");
}

static void quiet(uint32_t iar)
{
	(void)iar;
	WRITE_REG(cntv_ctl_el0, 0);
	isb();
}

/* Before anything is written to the GIC: what is pending or active, of 32 INTIDs. */
static void test_bank(uint64_t frame, uint32_t bank)
{
	tap_is(read32(frame + GICD_ISENABLER + 4 * bank) >> (bank ? 0 : 16), 0, "INTIDs from %u: none enabled",
	       32 * bank);
	tap_is(read32(frame + GICD_ISPENDR + 4 * bank), 0, "INTIDs from %u: none pending", 32 * bank);
	tap_is(read32(frame + GICD_ISACTIVER + 4 * bank), 0, "INTIDs from %u: none active", 32 * bank);
}

static void test_start(void)
{
	tap_is(READ_REG(cntv_ctl_el0) & TIMER_ENABLE, 0, "the virtual timer is off");
	tap_is(READ_REG(cntp_ctl_el0) & TIMER_ENABLE, 0, "the physical timer is off");
	test_bank(platform.gic_version == 3 ? platform.gicr + GICR_SGI_BASE : platform.gicd, 0);
	test_bank(platform.gicd, 1);
	tap_is(gic_running_priority(), IDLE_PRIORITY, "no priority is active");
}

/* Both ways of taking one: asleep, and in the middle of something. */
static bool take_one(unsigned int n)
{
	uint64_t end = timer_now() + timer_ms(PATIENCE_MS);

	timer_start(300);
	while (irq_count[0][TIMER_VIRT_INTID] < n && timer_now() < end) {
		if (n % 2)
			wfi();
		irq_window();
	}
	return irq_count[0][TIMER_VIRT_INTID] == n;
}

static void test_interrupts(void)
{
	unsigned int taken = 0;

	while (taken < INTERRUPTS && take_one(taken + 1))
		taken++;
	spin_ticks(timer_ms(5));
	irq_window();
	tap_is(irq_count[0][TIMER_VIRT_INTID], INTERRUPTS, "%u timer interrupts, each taken once", INTERRUPTS);
	tap_is(irq_spurious[0], 0, "none was spurious");
}

void guest_main(void)
{
	bool second = ask() == '2';

	if (second)
		test_start();
	gic_init();
	gic_init_cpu();
	irq_handler(TIMER_VIRT_INTID, second ? quiet : stay);
	gic_enable(TIMER_VIRT_INTID);
	if (second) {
		test_interrupts();
		tap_done();
		return;
	}
	timer_start(1000);
	irq_unmask();
	for (;;)
		wfi();
}

/*
 * Restarts itself without end; the harness counts the lines. Each start must find memory, interrupt controller, devices
 * and timers as the first one did, although each run leaves them otherwise.
 */
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/gic.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/print.h"
#include "tests/guests/common/psci.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/timer.h"

#define PRISTINE  0x5eed5eed5eed5eedUL
#define FAR_RAM	  0x43000000UL /* nothing is loaded there, below 128 MiB */
#define SPI	  200U
#define UART_IMSC 0x38

static volatile uint64_t word = PRISTINE; /* in the Image */
static uint32_t other_is_up;

/* Restarted from a secondary where there is one: the machine starts on its boot CPU all the same. */
static void leave(unsigned int cpu)
{
	(void)cpu;
	STORE(other_is_up, 1);
	psci_system_reset();
}

static void leave_traces(void)
{
	volatile uint64_t *ram = (volatile uint64_t *)FAR_RAM;

	word = 0xdead;
	*ram = 0x7ace7ace7ace7aceUL;
	gic_init();
	gic_init_cpu();
	gic_enable(SPI);
	gic_set_pending(SPI);
	write32(UART_BASE + UART_IMSC, 0x10);
	WRITE_REG(cntv_cval_el0, timer_now());
	WRITE_REG(cntv_ctl_el0, TIMER_ENABLE);
	WRITE_REG(tpidr_el1, 0xdead);
	isb();
}

void guest_main(void)
{
	uint64_t ram = *(volatile uint64_t *)FAR_RAM;
	uint32_t enabled = read32(platform.gicd + GICD_ISENABLER + 4 * (SPI / 32));
	uint32_t pending = read32(platform.gicd + GICD_ISPENDR + 4 * (SPI / 32));

	print("BOOT cpu=%u word=%s ram=%s gic=%s uart=%s timer=%s tpidr=%s\n", cpu_index(),
	      word == PRISTINE ? "pristine" : "changed", ram == 0 ? "zero" : "not-zero",
	      enabled == 0 && pending == 0 ? "reset" : "changed",
	      read32(UART_BASE + UART_IMSC) == 0 ? "reset" : "changed",
	      READ_REG(cntv_ctl_el0) & TIMER_ENABLE ? "on" : "off", READ_REG(tpidr_el1) == 0xdead ? "kept" : "reset");
	print_flush();
	leave_traces();
	if (platform.nr_cpus > 1) {
		cpu_on(1, leave, 0);
		wait_for(&other_is_up, 1);
		for (;;)
			wfi();
	}
	psci_system_reset();
}

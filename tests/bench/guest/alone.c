/* Rows of a VM that is alone on its CPU. */
#include <stddef.h>

#include "tests/bench/guest/bench.h"
#include "tests/guests/common/gic.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/print.h"
#include "tests/guests/common/psci.h"

/* --- calls --- */

/* Not psci(): its own instructions would count. [DEN0028 2.6: which registers may change] */
#define HVC(function, argument)                                                                                   \
	({                                                                                                        \
		register uint64_t x0 __asm__("x0") = (function);                                                  \
		register uint64_t x1 __asm__("x1") = (argument);                                                  \
		register uint64_t x2 __asm__("x2") = 0;                                                           \
		__asm__ volatile("hvc #0"                                                                         \
				 : "+r"(x0), "+r"(x1), "+r"(x2)::"x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", \
				   "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");                    \
	})

static uint64_t hvc_version(uint32_t rounds)
{
	return REPEAT(rounds, HVC(PSCI_VERSION, 0));
}

static uint64_t hvc_features(uint32_t rounds)
{
	return REPEAT(rounds, HVC(PSCI_FEATURES, PSCI_CPU_ON));
}

static uint64_t hvc_affinity_info(uint32_t rounds)
{
	return REPEAT(rounds, HVC(PSCI_AFFINITY_INFO, platform.mpidr[0]));
}

/* --- registers --- */

static uint64_t mrs_id(uint32_t rounds)
{
	return REPEAT(rounds, READ_REG(id_aa64pfr0_el1));
}

static uint64_t mrs_cntp_ctl(uint32_t rounds)
{
	return REPEAT(rounds, READ_REG(cntp_ctl_el0));
}

static uint64_t read_often(uint64_t address, uint32_t rounds)
{
	return REPEAT(rounds, read32(address));
}

static uint64_t gicd_typer(uint32_t rounds)
{
	return read_often(platform.gicd + GICD_TYPER, rounds);
}

static uint64_t gicd_iidr(uint32_t rounds)
{
	return read_often(platform.gicd + GICD_IIDR, rounds);
}

static uint64_t gicd_isenabler(uint32_t rounds)
{
	return read_often(platform.gicd + GICD_ISENABLER + 4, rounds);
}

static uint64_t gicd_ipriorityr(uint32_t rounds)
{
	uint64_t address = platform.gicd + GICD_IPRIORITYR + 32;

	return REPEAT(rounds, write32(address, 0xa0a0a0a0));
}

static uint64_t gicr_typer(uint32_t rounds)
{
	return read_often(platform.gicr + 8, rounds);
}

static uint64_t uart_fr(uint32_t rounds)
{
	return read_often(platform.uart + UART_FR, rounds);
}

static uint64_t uart_cr(uint32_t rounds)
{
	return read_often(platform.uart + 0x30, rounds);
}

/* Where none of the three machines has anything. */
#define NOWHERE 0x0f0f0000UL

static uint64_t stage2_fault(uint32_t rounds)
{
	return read_often(NOWHERE, rounds);
}

/* --- interrupts --- */

static void send_to_self(void)
{
	if (platform.gic_version == 3)
		WRITE_REG(icc_sgi1r_el1, (uint64_t)SGI_INTID << 24 | 1);
	else
		write32(platform.gicd + GICD_SGIR, 2U << 24 | SGI_INTID);
}

static uint64_t sgi_to_self(uint32_t rounds)
{
	struct seen *mine = &seen[0];
	uint64_t ticks;

	vectors_use(IRQ_SGI);
	irq_unmask();
	ticks = REPEAT(rounds, ({
			       mine->irq_at = 0;
			       send_to_self();
			       while (LOAD(mine->irq_at) == 0)
				       ;
		       }));
	irq_mask();
	return ticks;
}

static uint64_t virt_timer_now(uint32_t rounds)
{
	struct seen *mine = &seen[0];
	uint64_t ticks;

	vectors_use(IRQ_VIRT_TIMER);
	WRITE_REG(cntv_cval_el0, 0);
	irq_unmask();
	ticks = REPEAT(rounds, ({
			       mine->irq_at = 0;
			       WRITE_REG(cntv_ctl_el0, TIMER_ENABLE);
			       while (LOAD(mine->irq_at) == 0)
				       ;
		       }));
	irq_mask();
	return ticks;
}

/* --- lateness --- */

#define AHEAD_TICKS 200000 /* Xen lets no timer of its own fire sooner than 50 us ahead */

uint64_t wfi_lateness(uint32_t rounds)
{
	struct seen *mine = &seen[0];
	uint64_t late = 0;

	vectors_use(IRQ_VIRT_TIMER);
	for (; rounds != 0; rounds--) {
		uint64_t due = timer_now() + AHEAD_TICKS;

		mine->irq_at = 0;
		WRITE_REG(cntv_cval_el0, due);
		WRITE_REG(cntv_ctl_el0, TIMER_ENABLE);
		isb();
		wfi();
		late += irq_take(mine) - due;
	}
	return late;
}

static uint64_t phys_lateness(uint32_t rounds)
{
	uint64_t ahead = timer_now_phys() - timer_now(); /* of the virtual counter, which the handler reads */
	struct seen *mine = &seen[0];
	uint64_t late = 0;

	vectors_use(IRQ_PHYS_TIMER);
	for (; rounds != 0; rounds--) {
		uint64_t due = timer_now() + AHEAD_TICKS;

		mine->irq_at = 0;
		WRITE_REG(cntp_cval_el0, due + ahead);
		WRITE_REG(cntp_ctl_el0, TIMER_ENABLE);
		late += irq_take(mine) - due;
	}
	return late;
}

const struct row alone_rows[] = {
	{ "hvc-version", hvc_version, 0, 0 },
	{ "hvc-features", hvc_features, 0, 0 },
	{ "hvc-affinity-info", hvc_affinity_info, 0, 0 },
	{ "mrs-id", mrs_id, 0, 0 },
	{ "mrs-cntp-ctl", mrs_cntp_ctl, 0, 0 },
	{ "gicd-typer", gicd_typer, 0, 0 },
	{ "gicd-iidr", gicd_iidr, 0, 0 },
	{ "gicd-isenabler", gicd_isenabler, 0, 0 },
	{ "gicd-ipriorityr", gicd_ipriorityr, 0, 0 },
	{ "uart-fr", uart_fr, 0, 0 },
	{ "uart-cr", uart_cr, 0, 0 },
	{ "stage2-fault", stage2_fault, 0, 1 },
	{ "sgi-self", sgi_to_self, 0, 0 },
	{ "timer-now", virt_timer_now, 0, 0 },
	{ "wfi-lateness", wfi_lateness, 20, 0 },
	{ "phys-lateness", phys_lateness, 20, 0 },
	{ 0 },
};

const struct row alone_rows_v3[] = {
	{ "gicr-typer", gicr_typer, 0, 0 },
	{ 0 },
};

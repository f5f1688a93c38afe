/* The generic timer of EL1: virtual (PPI 27) and physical (PPI 30). [DDI0487 D11] */
#ifndef GUESTS_TIMER_H
#define GUESTS_TIMER_H

#include <stdint.h>

#include "tests/guests/common/cpu.h"

#define TIMER_VIRT_INTID 27U
#define TIMER_PHYS_INTID 30U

#define TIMER_ENABLE  1UL
#define TIMER_IMASK   2UL
#define TIMER_ISTATUS 4UL

static inline uint64_t timer_now(void)
{
	isb();
	return READ_REG(cntvct_el0);
}

static inline uint64_t timer_now_phys(void)
{
	isb();
	return READ_REG(cntpct_el0);
}

static inline uint64_t timer_us(uint64_t us)
{
	return READ_REG(cntfrq_el0) * us / 1000000;
}

static inline uint64_t timer_ms(uint64_t ms)
{
	return READ_REG(cntfrq_el0) * ms / 1000;
}

static inline void spin_ticks(uint64_t ticks)
{
	uint64_t start = timer_now();

	while (timer_now() - start < ticks)
		;
}

#endif

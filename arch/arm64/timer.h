/*
 * EL2's own timer (CNTHP) and the counter. One deadline per pCPU; kernel/soft_timer multiplexes it.
 * Context: any; per-CPU registers of the calling pCPU.
 */
#ifndef ARCH_ARM64_TIMER_H
#define ARCH_ARM64_TIMER_H

#include <stdint.h>

/* Counter ticks (CNTPCT_EL0), ordered after what came before it. */
uint64_t timer_now_ticks(void);
uint64_t timer_frequency_hz(void);
uint64_t timer_us_to_ticks(uint64_t us);
uint64_t timer_ticks_to_us(uint64_t ticks);
uint64_t timer_ticks_to_ns(uint64_t ticks);
/* Fires the hyp timer PPI at or after this CNTPCT value; at once when it is past. */
void timer_arm_ticks(uint64_t deadline_ticks);
void timer_disarm(void);

#endif

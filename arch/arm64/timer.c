#include "arch/arm64/timer.h"

#include "arch/arm64/barrier.h"
#include "arch/arm64/sysreg.h"
#include "arch/arm64/timer_math.h"

#define CNTHP_CTL_ENABLE 1 /* IMASK, bit 1, stays 0 */

uint64_t timer_now_ticks(void)
{
	/* Without it the counter may be read early. [DDI0487 D12.2.2] */
	isb();
	return read_sysreg(cntpct_el0);
}

uint64_t timer_frequency_hz(void)
{
	return read_sysreg(cntfrq_el0);
}

uint64_t timer_us_to_ticks(uint64_t us)
{
	return timer_convert(us, US_PER_S, timer_frequency_hz());
}

uint64_t timer_ticks_to_us(uint64_t ticks)
{
	return timer_convert(ticks, timer_frequency_hz(), US_PER_S);
}

uint64_t timer_ticks_to_ns(uint64_t ticks)
{
	return timer_convert(ticks, timer_frequency_hz(), NS_PER_S);
}

void timer_arm_ticks(uint64_t deadline_ticks)
{
	write_sysreg(deadline_ticks, cnthp_cval_el2);
	write_sysreg(CNTHP_CTL_ENABLE, cnthp_ctl_el2);
	/* Before a WFI that counts on it. */
	isb();
}

void timer_disarm(void)
{
	write_sysreg(0, cnthp_ctl_el2);
	isb();
}

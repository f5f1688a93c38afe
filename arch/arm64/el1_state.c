/* EL1 and EL0 state across a vCPU switch: see el1_state.h. */
#include "arch/arm64/el1_state.h"

#include <stddef.h>

#include "arch/arm64/barrier.h"
#include "arch/arm64/regs/cnthctl.h"
#include "arch/arm64/sysreg.h"

/*
 * struct el1_state as an array: registers move in pairs, so that a compiler makes one LDP or STP of two that are next
 * to each other. That halves the loads and stores of a vCPU switch. All conditions are constants.
 */
#define INDEX(accessor)	    (offsetof(struct el1_state, accessor) / sizeof(uint64_t))
#define IS_SECOND(accessor) (INDEX(accessor) % 2 != 0)
#define IS_LAST(accessor)   ((INDEX(accessor) + 1) * sizeof(uint64_t) == sizeof(struct el1_state))
/* In a register of its own, since an LDP reaches no further than 504 bytes. */
#define OWN_BASE(value) __asm__("" : "+r"(value))

void el1_state_save(struct el1_state *state)
{
	uint64_t *value = (uint64_t *)state, first = 0;

	OWN_BASE(value);
#define EL1_REG(name, accessor, reset)                   \
	if (IS_SECOND(accessor)) {                       \
		uint64_t second = read_sysreg(accessor); \
                                                         \
		value[INDEX(accessor) - 1] = first;      \
		value[INDEX(accessor)] = second;         \
	} else {                                         \
		first = read_sysreg(accessor);           \
		if (IS_LAST(accessor))                   \
			value[INDEX(accessor)] = first;  \
	}
#include "arch/arm64/regs/el1_regs.def"
#undef EL1_REG
}

/*
 * Registers of features that guests are not shown, but that EL1 reaches without a trap: no guest finds what another
 * left there. TPIDR2_EL0 (FEAT_SME); VDISR_EL2, which EL1 reads as DISR_EL1 while HCR_EL2.AMO is 1 (FEAT_RAS).
 */
static void clear_hidden(const struct cpu_features *features)
{
	if (features->has_sme)
		write_sysreg(0, s3_3_c13_c0_5);
	if (features->has_ras)
		write_sysreg(0, s3_4_c12_c1_1);
}

void el1_state_restore(const struct el1_state *state, const struct cpu_features *features)
{
	const uint64_t *value = (const uint64_t *)state;
	uint64_t second = 0;

	OWN_BASE(value);
	if (features->has_hidden)
		clear_hidden(features);
#define EL1_REG(name, accessor, reset)                       \
	if (IS_SECOND(accessor)) {                           \
		write_sysreg(second, accessor);              \
	} else {                                             \
		uint64_t first = value[INDEX(accessor)];     \
                                                             \
		if (!IS_LAST(accessor))                      \
			second = value[INDEX(accessor) + 1]; \
		write_sysreg(first, accessor);               \
	}
#include "arch/arm64/regs/el1_regs.def"
#undef EL1_REG
}

void el1_ids_write(uint64_t vmpidr, uint64_t vpidr)
{
	write_sysreg(vmpidr, vmpidr_el2);
	write_sysreg(vpidr, vpidr_el2);
}

uint64_t el1_host_midr(void)
{
	return read_sysreg(midr_el1);
}

uint64_t el1_elr_read(void)
{
	return read_sysreg(elr_el1);
}

uint64_t el1_vbar_read(void)
{
	return read_sysreg(vbar_el1);
}

void el1_tables_read(uint64_t *tcr, uint64_t *ttbr0, uint64_t *ttbr1)
{
	*tcr = read_sysreg(tcr_el1);
	*ttbr0 = read_sysreg(ttbr0_el1);
	*ttbr1 = read_sysreg(ttbr1_el1);
}

uint64_t el1_sp_read(void)
{
	return read_sysreg(sp_el1);
}

void el1_sp_write(uint64_t value)
{
	write_sysreg(value, sp_el1);
}

void el1_timer_save(struct timer_state *state)
{
	state->cntv_ctl = read_sysreg(cntv_ctl_el0);
	state->cntp_ctl = read_sysreg(cntp_ctl_el0);
	write_sysreg(0, cntv_ctl_el0);
	write_sysreg(0, cntp_ctl_el0);
	state->cntv_cval = read_sysreg(cntv_cval_el0);
	state->cntp_cval = read_sysreg(cntp_cval_el0);
	/* The lines are low before the physical active bits are given away. */
	isb();
}

void el1_timer_read(struct timer_state *state)
{
	state->cntv_ctl = read_sysreg(cntv_ctl_el0);
	state->cntp_ctl = read_sysreg(cntp_ctl_el0);
	state->cntv_cval = read_sysreg(cntv_cval_el0);
	state->cntp_cval = read_sysreg(cntp_cval_el0);
}

void el1_timer_restore(const struct timer_state *state, uint64_t cntvoff)
{
	write_sysreg(cntvoff, cntvoff_el2);
	write_sysreg(state->cntv_cval, cntv_cval_el0);
	write_sysreg(state->cntp_cval, cntp_cval_el0);
	/* Enabling against the old compare value would fire a wrong interrupt. */
	isb();
	write_sysreg(state->cntv_ctl, cntv_ctl_el0);
	write_sysreg(state->cntp_ctl, cntp_ctl_el0);
	isb();
}

static bool timer_fires(uint64_t ctl)
{
	return (ctl & (CNT_CTL_ENABLE | CNT_CTL_IMASK | CNT_CTL_ISTATUS)) == (CNT_CTL_ENABLE | CNT_CTL_ISTATUS);
}

bool el1_timer_virt_fires(void)
{
	return timer_fires(read_sysreg(cntv_ctl_el0));
}

bool el1_timer_phys_fires(void)
{
	return timer_fires(read_sysreg(cntp_ctl_el0));
}

static bool timer_armed(uint64_t ctl)
{
	return (ctl & (CNT_CTL_ENABLE | CNT_CTL_IMASK)) == CNT_CTL_ENABLE;
}

bool timer_state_virt_fires(const struct timer_state *state, uint64_t cntvoff, uint64_t now)
{
	return timer_armed(state->cntv_ctl) && now - cntvoff >= state->cntv_cval;
}

bool timer_state_phys_fires(const struct timer_state *state, uint64_t now)
{
	return timer_armed(state->cntp_ctl) && now >= state->cntp_cval;
}

bool timer_state_next(const struct timer_state *state, uint64_t cntvoff, uint64_t *due)
{
	bool armed = false;

	if (timer_armed(state->cntv_ctl)) {
		/* CNTVCT = CNTPCT - CNTVOFF; a compare value past the counter's end means never, so saturate. */
		*due = state->cntv_cval + cntvoff;
		if (*due < cntvoff)
			*due = UINT64_MAX;
		armed = true;
	}
	if (timer_armed(state->cntp_ctl) && (!armed || state->cntp_cval < *due)) {
		*due = state->cntp_cval;
		armed = true;
	}
	return armed;
}

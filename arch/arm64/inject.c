/* Injection: see inject.h. */
#include "arch/arm64/inject.h"

#include "arch/arm64/regs/esr.h"
#include "arch/arm64/regs/id_fields.h"
#include "arch/arm64/regs/sctlr.h"
#include "arch/arm64/regs/spsr.h"
#include "arch/arm64/sysreg.h"
#include "lib/bits.h"

/* Offsets into VBAR_EL1 of the synchronous slots [DDI0487 D1.3.1.5]. */
#define VECTOR_SP_EL0	 0x000U
#define VECTOR_SP_EL1	 0x200U
#define VECTOR_LOWER_A64 0x400U
#define VECTOR_LOWER_A32 0x600U

#define FSC_SEA	      0x10U /* synchronous external abort, not on a walk */
#define FSC_SEA_TTW_0 0x14U /* ... on a stage 1 walk, level 0; levels 1..3 follow */

/* PSTATE on entry to EL1: what the exception keeps, and what SCTLR_EL1 decides. All else is zero: IL, SS, BTYPE, UAO.
 */
static uint64_t entry_pstate(uint64_t old)
{
	uint64_t sctlr = read_sysreg(sctlr_el1);
	uint64_t new = (old & (SPSR_N | SPSR_Z | SPSR_C | SPSR_V | SPSR_DIT)) | SPSR_D | SPSR_A | SPSR_I | SPSR_F |
		       SPSR_M_EL1H;

	if (FIELD_GET(ID_AA64MMFR1_EL1_PAN, read_sysreg(id_aa64mmfr1_el1)) != 0)
		new |= (sctlr & SCTLR_EL1_SPAN) ? (old & SPSR_PAN) : SPSR_PAN;
	if (FIELD_GET(ID_AA64PFR1_EL1_SSBS, read_sysreg(id_aa64pfr1_el1)) != 0 && (sctlr & SCTLR_EL1_DSSBS))
		new |= SPSR_SSBS;
	return new;
}

static uint64_t vector_offset(uint64_t spsr)
{
	if (spsr & SPSR_M_AARCH32)
		return VECTOR_LOWER_A32;
	if ((spsr & SPSR_M_EL) == 0)
		return VECTOR_LOWER_A64;
	return (spsr & SPSR_M_SP) ? VECTOR_SP_EL1 : VECTOR_SP_EL0;
}

static bool from_el0(const struct trap_frame *frame)
{
	return (frame->spsr & SPSR_M_AARCH32) != 0 || (frame->spsr & SPSR_M_EL) == 0;
}

void inject_sync(struct trap_frame *frame, uint64_t esr, bool has_far, uint64_t far)
{
	write_sysreg(frame->elr, elr_el1);
	write_sysreg(frame->spsr, spsr_el1);
	write_sysreg(esr, esr_el1);
	if (has_far)
		write_sysreg(far, far_el1);
	frame->elr = read_sysreg(vbar_el1) + vector_offset(frame->spsr);
	frame->spsr = entry_pstate(frame->spsr);
}

void inject_undef(struct trap_frame *frame)
{
	/* IL is 1 for exceptions of Unknown reason, whatever the instruction's length [DDI0487 ESR_ELx.IL]. */
	inject_sync(frame, FIELD_PREP(ESR_ELx_EC, ESR_ELx_EC_UNKNOWN) | ESR_ELx_IL, false, 0);
}

void inject_external_abort(struct trap_frame *frame, const struct inject_abort *abort)
{
	bool lower = from_el0(frame);
	uint64_t ec, esr;

	if (abort->insn)
		ec = lower ? ESR_ELx_EC_IABT_LOW : ESR_ELx_EC_IABT_CUR;
	else
		ec = lower ? ESR_ELx_EC_DABT_LOW : ESR_ELx_EC_DABT_CUR;
	esr = FIELD_PREP(ESR_ELx_EC, ec);
	/* IL: 1 for every instruction abort, and for data aborts without ISV, which ours are [DDI0487 ESR_ELx.IL]. */
	esr |= ESR_ELx_IL;
	esr |= FIELD_PREP(ESR_ELx_ABORT_FSC, abort->s1ptw ? FSC_SEA_TTW_0 + abort->level : FSC_SEA);
	if (!abort->insn && abort->write)
		esr |= ESR_ELx_ABORT_WNR;
	inject_sync(frame, esr, true, abort->far);
}

void inject_forward(struct trap_frame *frame, uint64_t esr, uint64_t far)
{
	uint64_t ec = FIELD_GET(ESR_ELx_EC, esr);

	/* Breakpoint, software step, watchpoint: "lower EL" is even, "same EL" the next odd code [DDI0487 ESR_ELx.EC].
	 */
	if (!from_el0(frame) &&
	    (ec == ESR_ELx_EC_BREAKPT_LOW || ec == ESR_ELx_EC_SOFTSTP_LOW || ec == ESR_ELx_EC_WATCHPT_LOW))
		esr = (esr & ~ESR_ELx_EC) | FIELD_PREP(ESR_ELx_EC, ec + 1);
	inject_sync(frame, esr, true, far);
}

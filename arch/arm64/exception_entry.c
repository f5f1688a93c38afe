/* Exception entry to EL1: see exception_entry.h. */
#include "arch/arm64/exception_entry.h"

#include "arch/arm64/regs/id_fields.h"
#include "arch/arm64/regs/sctlr.h"
#include "arch/arm64/regs/spsr.h"
#include "lib/bits.h"

/* Offsets into VBAR_EL1 of the synchronous slots [DDI0487 D1.3.1.5]. */
#define VECTOR_SP_EL0	 0x000U
#define VECTOR_SP_EL1	 0x200U
#define VECTOR_LOWER_A64 0x400U
#define VECTOR_LOWER_A32 0x600U

/* Level of FEAT_MTE from which PSTATE.TCO means something. */
#define MTE_WITH_TAG_CHECKS 2

/*
 * Kept: the flags and DIT, which lies in the same place when it comes from AArch32. From SCTLR_EL1: PAN, SSBS, ALLINT.
 * Set: the masks, TCO. All else is zero: SS, IL, UAO, BTYPE, and of AArch32 the IT state, Q, GE, E and T.
 */
uint64_t exception_entry_pstate(uint64_t spsr, const struct exception_entry *entry)
{
	uint64_t sctlr = entry->sctlr_el1, pfr1 = entry->id_aa64pfr1_el1;
	uint64_t pstate = (spsr & (SPSR_N | SPSR_Z | SPSR_C | SPSR_V | SPSR_DIT)) | SPSR_DAIF | SPSR_M_EL1H;

	if (FIELD_GET(ID_AA64MMFR1_EL1_PAN, entry->id_aa64mmfr1_el1) != 0)
		pstate |= (sctlr & SCTLR_EL1_SPAN) != 0 ? spsr & SPSR_PAN : SPSR_PAN;
	if (FIELD_GET(ID_AA64PFR1_EL1_SSBS, pfr1) != 0 && (sctlr & SCTLR_EL1_DSSBS) != 0)
		pstate |= SPSR_SSBS;
	if (FIELD_GET(ID_AA64PFR1_EL1_MTE, pfr1) >= MTE_WITH_TAG_CHECKS)
		pstate |= SPSR_TCO;
	if (FIELD_GET(ID_AA64PFR1_EL1_NMI, pfr1) != 0 && (sctlr & SCTLR_EL1_SPINTMASK) == 0)
		pstate |= SPSR_ALLINT;
	return pstate;
}

uint64_t exception_entry_vector(uint64_t spsr)
{
	if ((spsr & SPSR_M_AARCH32) != 0)
		return VECTOR_LOWER_A32;
	if ((spsr & SPSR_M_EL) == 0)
		return VECTOR_LOWER_A64;
	return (spsr & SPSR_M_SP) != 0 ? VECTOR_SP_EL1 : VECTOR_SP_EL0;
}

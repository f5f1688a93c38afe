/* ESR_ELx: exception classes and the fields of the syndromes that Corbel reads or makes. Pure. [DDI0487 ESR_EL2,
 * ESR_EL1] */
#ifndef ARCH_ARM64_REGS_ESR_H
#define ARCH_ARM64_REGS_ESR_H

#include "lib/bits.h"

#define ESR_ELx_ISS2 GENMASK(55, 32)
#define ESR_ELx_EC   GENMASK(31, 26)
#define ESR_ELx_IL   BIT(25) /* the trapped instruction is 32 bits long */
#define ESR_ELx_ISS  GENMASK(24, 0)

/* Exception classes; those that are not named here are unallocated. */
enum esr_elx_ec {
	ESR_ELx_EC_UNKNOWN = 0x00,
	ESR_ELx_EC_WFx = 0x01,
	ESR_ELx_EC_CP15_32 = 0x03,
	ESR_ELx_EC_CP15_64 = 0x04,
	ESR_ELx_EC_CP14_MR = 0x05,
	ESR_ELx_EC_CP14_LS = 0x06,
	ESR_ELx_EC_FP_ASIMD = 0x07,
	ESR_ELx_EC_VMRS = 0x08,
	ESR_ELx_EC_PAC = 0x09,
	ESR_ELx_EC_LS64 = 0x0a,
	ESR_ELx_EC_CP14_64 = 0x0c,
	ESR_ELx_EC_BTI = 0x0d,
	ESR_ELx_EC_ILLEGAL_STATE = 0x0e,
	ESR_ELx_EC_SVC32 = 0x11,
	ESR_ELx_EC_HVC32 = 0x12,
	ESR_ELx_EC_SMC32 = 0x13,
	ESR_ELx_EC_SYS128 = 0x14,
	ESR_ELx_EC_SVC64 = 0x15,
	ESR_ELx_EC_HVC64 = 0x16,
	ESR_ELx_EC_SMC64 = 0x17,
	ESR_ELx_EC_SYS64 = 0x18,
	ESR_ELx_EC_SVE = 0x19,
	ESR_ELx_EC_ERET = 0x1a,
	ESR_ELx_EC_TSTART = 0x1b,
	ESR_ELx_EC_PAC_FAIL = 0x1c,
	ESR_ELx_EC_SME = 0x1d,
	ESR_ELx_EC_GPC = 0x1e,
	ESR_ELx_EC_IMP_DEF_EL3 = 0x1f,
	ESR_ELx_EC_IABT_LOW = 0x20,
	ESR_ELx_EC_IABT_CUR = 0x21,
	ESR_ELx_EC_PC_ALIGNMENT = 0x22,
	ESR_ELx_EC_DABT_LOW = 0x24,
	ESR_ELx_EC_DABT_CUR = 0x25,
	ESR_ELx_EC_SP_ALIGNMENT = 0x26,
	ESR_ELx_EC_MOPS = 0x27,
	ESR_ELx_EC_FP_EXC32 = 0x28,
	ESR_ELx_EC_FP_EXC64 = 0x2c,
	ESR_ELx_EC_GCS = 0x2d,
	ESR_ELx_EC_SERROR = 0x2f,
	ESR_ELx_EC_BREAKPT_LOW = 0x30,
	ESR_ELx_EC_BREAKPT_CUR = 0x31,
	ESR_ELx_EC_SOFTSTP_LOW = 0x32,
	ESR_ELx_EC_SOFTSTP_CUR = 0x33,
	ESR_ELx_EC_WATCHPT_LOW = 0x34,
	ESR_ELx_EC_WATCHPT_CUR = 0x35,
	ESR_ELx_EC_BKPT32 = 0x38,
	ESR_ELx_EC_VECTOR32 = 0x3a,
	ESR_ELx_EC_BRK64 = 0x3c,
	ESR_ELx_EC_PMU = 0x3d,
	ESR_ELx_NR_ECS = 64
};

/* Conditional AArch32 instructions: WFx, CP14, CP15, VMRS, FP, SMC32. */
#define ESR_ELx_CV   BIT(24)
#define ESR_ELx_COND GENMASK(23, 20)

/* WFx (0x01). */
#define ESR_ELx_WFX_RN GENMASK(9, 5)
#define ESR_ELx_WFX_RV BIT(2) /* RN names the register of a WFET or WFIT */
#define ESR_ELx_WFX_TI GENMASK(1, 0)
enum esr_elx_wfx_ti { ESR_ELx_TI_WFI, ESR_ELx_TI_WFE, ESR_ELx_TI_WFIT, ESR_ELx_TI_WFET };

/* HVC, SMC, SVC, BRK. */
#define ESR_ELx_IMM16 GENMASK(15, 0)

/* MSR, MRS, SYS, SYSL (0x18). */
#define ESR_ELx_SYS64_OP0	GENMASK(21, 20)
#define ESR_ELx_SYS64_OP2	GENMASK(19, 17)
#define ESR_ELx_SYS64_OP1	GENMASK(16, 14)
#define ESR_ELx_SYS64_CRN	GENMASK(13, 10)
#define ESR_ELx_SYS64_RT	GENMASK(9, 5)
#define ESR_ELx_SYS64_CRM	GENMASK(4, 1)
#define ESR_ELx_SYS64_DIRECTION BIT(0) /* 1: a read */
#define ESR_ELx_SYS64_ADDR \
	(ESR_ELx_SYS64_OP0 | ESR_ELx_SYS64_OP1 | ESR_ELx_SYS64_OP2 | ESR_ELx_SYS64_CRN | ESR_ELx_SYS64_CRM)

/* Aborts (0x20, 0x21, 0x24, 0x25). */
#define ESR_ELx_ABORT_ISV   BIT(24)	    /* SAS, SSE, SRT, SF and AR are valid */
#define ESR_ELx_ABORT_SAS   GENMASK(23, 22) /* log2 of the bytes accessed */
#define ESR_ELx_ABORT_SSE   BIT(21)	    /* sign-extending load */
#define ESR_ELx_ABORT_SRT   GENMASK(20, 16)
#define ESR_ELx_ABORT_SF    BIT(15) /* the register is an X one */
#define ESR_ELx_ABORT_AR    BIT(14)
#define ESR_ELx_ABORT_VNCR  BIT(13)
#define ESR_ELx_ABORT_FNV   BIT(10) /* FAR is not valid: external aborts only */
#define ESR_ELx_ABORT_EA    BIT(9)
#define ESR_ELx_ABORT_CM    BIT(8) /* cache maintenance or address translation instruction */
#define ESR_ELx_ABORT_S1PTW BIT(7) /* stage 2 fault on a stage 1 table walk */
#define ESR_ELx_ABORT_WNR   BIT(6)
#define ESR_ELx_ABORT_FSC   GENMASK(5, 0) /* DFSC, IFSC */

/* DFSC and IFSC. Where four levels follow each other, the first is named _L0 and the level is the low two bits. */
enum esr_fsc {
	ESR_FSC_ADDRESS_SIZE_L0 = 0x00,
	ESR_FSC_TRANSLATION_L0 = 0x04,
	ESR_FSC_ACCESS_FLAG_L0 = 0x08,
	ESR_FSC_PERMISSION_L0 = 0x0c,
	ESR_FSC_EXTERNAL = 0x10,
	ESR_FSC_TAG_CHECK = 0x11,
	ESR_FSC_EXTERNAL_WALK_LM2 = 0x12,
	ESR_FSC_EXTERNAL_WALK_LM1 = 0x13,
	ESR_FSC_EXTERNAL_WALK_L0 = 0x14,
	ESR_FSC_PARITY = 0x18,
	ESR_FSC_PARITY_WALK_LM1 = 0x1b,
	ESR_FSC_PARITY_WALK_L0 = 0x1c,
	ESR_FSC_ALIGNMENT = 0x21,
	ESR_FSC_GRANULE_PROTECTION_WALK_LM2 = 0x22,
	ESR_FSC_GRANULE_PROTECTION_WALK_LM1 = 0x23,
	ESR_FSC_GRANULE_PROTECTION_WALK_L0 = 0x24,
	ESR_FSC_GRANULE_PROTECTION = 0x28,
	ESR_FSC_ADDRESS_SIZE_LM1 = 0x29,
	ESR_FSC_TRANSLATION_LM2 = 0x2a,
	ESR_FSC_TRANSLATION_LM1 = 0x2b,
	ESR_FSC_ADDRESS_SIZE_LM2 = 0x2c,
	ESR_FSC_TLB_CONFLICT = 0x30,
	ESR_FSC_UNSUPPORTED_UPDATE = 0x31,
	ESR_FSC_LOCKDOWN = 0x34,
	ESR_FSC_UNSUPPORTED_EXCLUSIVE = 0x35,
	ESR_FSC_SECTION_DOMAIN = 0x3d,
	ESR_FSC_PAGE_DOMAIN = 0x3e,
	ESR_FSC_NR = 64
};

/* Any level. */
static inline bool fsc_is_permission_fault(unsigned int fsc)
{
	return (fsc & 0x3cU) == ESR_FSC_PERMISSION_L0;
}

#endif

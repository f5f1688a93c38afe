#include "vcpu/idregs.h"

#include <stddef.h>
#include <string.h>

#include "arch/arm64/regs/id_fields.h"
#include "lib/bits.h"

/*
 * What a guest sees is listed, what is not listed reads 0, so that a feature newer than this table stays hidden. All
 * fields that are capped are unsigned: a smaller value is a subset of a larger one [DDI0487 D19.1.3].
 */
enum id_rule {
	ID_KEEP, /* as the host has it */
	ID_CAP,	 /* the host's value, at most `value` */
	ID_SET,	 /* `value`, whatever the host has */
};

struct id_row {
	uint8_t slot; /* enum id_reg */
	uint8_t rule; /* enum id_rule */
	uint8_t value;
	uint64_t mask;
};

#define KEEP(reg, field)                         \
	{                                        \
		(reg), ID_KEEP, 0, reg##_##field \
	}
#define CAP(reg, field, limit)                        \
	{                                             \
		(reg), ID_CAP, (limit), reg##_##field \
	}
#define SET(reg, field, shown)                        \
	{                                             \
		(reg), ID_SET, (shown), reg##_##field \
	}
#define KEEP_ALL32(reg)                           \
	{                                         \
		(reg), ID_KEEP, 0, GENMASK(31, 0) \
	}

static const struct id_row id_table[] = {
	/*
	 * ID_AA64PFR0_EL1. Not shown: EL2, EL3 (a guest has neither), SVE, AMU, MPAM, RAS (registers not switched),
	 * SEL2, RME. GIC is the VM's.
	 */
	CAP(ID_AA64PFR0_EL1, EL0, ID_AA64PFR0_EL1_ELx_AARCH64_32), /* AArch32 at EL0 works: SPSR, CV/COND, ITSTATE */
	SET(ID_AA64PFR0_EL1, EL1, ID_AA64PFR0_EL1_ELx_AARCH64),	   /* HCR_EL2.RW = 1 */
	KEEP(ID_AA64PFR0_EL1, FP),				   /* switched by fpstate.S; 0xf: none */
	KEEP(ID_AA64PFR0_EL1, AdvSIMD),				   /* likewise */
	KEEP(ID_AA64PFR0_EL1, DIT),				   /* a PSTATE bit, so in SPSR_EL2 */
	CAP(ID_AA64PFR0_EL1, CSV2, 1),				   /* 2: SCXTNUM_ELx, not switched */
	KEEP(ID_AA64PFR0_EL1, CSV3),				   /* how the host speculates */

	/* ID_AA64PFR1_EL1. Not shown: MTE, SME, RNDR_trap, NMI, GCS, THE, PFAR, DF2, and *_frac of what is hidden. */
	KEEP(ID_AA64PFR1_EL1, BT),   /* PSTATE.BTYPE and SCTLR_EL1.BT* */
	KEEP(ID_AA64PFR1_EL1, SSBS), /* PSTATE.SSBS */

	/* ID_AA64DFR0_EL1. Not shown: PMU, SPE, trace, BRBE. */
	SET(ID_AA64DFR0_EL1, DebugVer, ID_AA64DFR0_EL1_DebugVer_8),	 /* later ones add registers */
	KEEP(ID_AA64DFR0_EL1, BRPs),					 /* breakpoints: loaded while they are in use */
	KEEP(ID_AA64DFR0_EL1, WRPs),					 /* watchpoints, likewise */
	KEEP(ID_AA64DFR0_EL1, CTX_CMPs),				 /* the last so many breakpoints */
	SET(ID_AA64DFR0_EL1, DoubleLock, ID_AA64DFR0_EL1_DoubleLock_NI), /* OSDLR_EL1 is RAZ/WI */

	/* ID_AA64ISAR0_EL1: instructions without state of their own. Not shown: TME. */
	KEEP(ID_AA64ISAR0_EL1, AES),
	KEEP(ID_AA64ISAR0_EL1, SHA1),
	KEEP(ID_AA64ISAR0_EL1, SHA2),
	KEEP(ID_AA64ISAR0_EL1, CRC32),
	CAP(ID_AA64ISAR0_EL1, Atomic, 2), /* LSE */
	KEEP(ID_AA64ISAR0_EL1, RDM),
	KEEP(ID_AA64ISAR0_EL1, SHA3),
	KEEP(ID_AA64ISAR0_EL1, SM3),
	KEEP(ID_AA64ISAR0_EL1, SM4),
	KEEP(ID_AA64ISAR0_EL1, DP),
	KEEP(ID_AA64ISAR0_EL1, FHM),
	KEEP(ID_AA64ISAR0_EL1, TS),
	KEEP(ID_AA64ISAR0_EL1, TLB),  /* TLBI by range and outer shareable, bound to the VMID by hardware */
	KEEP(ID_AA64ISAR0_EL1, RNDR), /* entropy for the guest without a device */

	/* ID_AA64ISAR1_EL1. Not shown: XS and LS64 (HCRX_EL2 does not enable them). */
	KEEP(ID_AA64ISAR1_EL1, DPB),
	CAP(ID_AA64ISAR1_EL1, APA, 5), /* keys move with the vCPU; 6: PSTATE.PACM, by SCTLR2_EL1 */
	CAP(ID_AA64ISAR1_EL1, API, 5), /* likewise */
	KEEP(ID_AA64ISAR1_EL1, JSCVT),
	KEEP(ID_AA64ISAR1_EL1, FCMA),
	CAP(ID_AA64ISAR1_EL1, LRCPC, 2), /* 3: pairs and writeback */
	KEEP(ID_AA64ISAR1_EL1, GPA),
	KEEP(ID_AA64ISAR1_EL1, GPI),
	KEEP(ID_AA64ISAR1_EL1, FRINTTS),
	KEEP(ID_AA64ISAR1_EL1, SB),
	CAP(ID_AA64ISAR1_EL1, SPECRES, 1), /* CFP, DVP, CPP: confined to the VMID by hardware */
	KEEP(ID_AA64ISAR1_EL1, BF16),
	KEEP(ID_AA64ISAR1_EL1, DGH),
	KEEP(ID_AA64ISAR1_EL1, I8MM),

	/*
	 * ID_AA64ISAR2_EL1. Not shown: MOPS (HCRX_EL2), WFxT (a deadline would need a timer of its own while the vCPU
	 * is parked), SYSREG_128, SYSINSTR_128.
	 */
	KEEP(ID_AA64ISAR2_EL1, RPRES),
	KEEP(ID_AA64ISAR2_EL1, GPA3),
	CAP(ID_AA64ISAR2_EL1, APA3, 5),
	KEEP(ID_AA64ISAR2_EL1, BC),
	KEEP(ID_AA64ISAR2_EL1, PAC_frac), /* FEAT_CONSTPACFIELD */
	KEEP(ID_AA64ISAR2_EL1, CLRBHB),	  /* a hint; the guest's Spectre-BHB mitigation */
	KEEP(ID_AA64ISAR2_EL1, RPRFM),
	KEEP(ID_AA64ISAR2_EL1, CSSC),

	/*
	 * ID_AA64MMFR0_EL1. Not shown: BigEnd, BigEndEL0 (emulated MMIO is little-endian), SNSMem, stage 2 granules,
	 * FGT (EL2's).
	 */
	CAP(ID_AA64MMFR0_EL1, PARange, ID_AA64MMFR0_EL1_PARange_40), /* the IPA space of a VM */
	KEEP(ID_AA64MMFR0_EL1, ASIDBits),
	KEEP(ID_AA64MMFR0_EL1, TGran16),
	KEEP(ID_AA64MMFR0_EL1, TGran64),
	KEEP(ID_AA64MMFR0_EL1, TGran4),
	KEEP(ID_AA64MMFR0_EL1, ExS),   /* SCTLR_EL1.EIS, EOS */
	CAP(ID_AA64MMFR0_EL1, ECV, 1), /* self-synchronised counters, CNTKCTL_EL1.EVNTIS; 2: EL2's */

	/* ID_AA64MMFR1_EL1: TCR_EL1 and SCTLR_EL1. Not shown: VMIDBits, VH, XNX, TWED, HCX (EL2's), LO, TIDCP1, CMOW.
	 */
	CAP(ID_AA64MMFR1_EL1, HAFDBS, 2), /* 3: needs TCR2_EL1 */
	CAP(ID_AA64MMFR1_EL1, HPDS, 2),
	CAP(ID_AA64MMFR1_EL1, PAN, 3),
	KEEP(ID_AA64MMFR1_EL1, SpecSEI), /* 0 would promise that speculation raises no SError */
	KEEP(ID_AA64MMFR1_EL1, ETS),
	KEEP(ID_AA64MMFR1_EL1, AFP), /* FPCR bits */
	KEEP(ID_AA64MMFR1_EL1, nTLBPA),
	KEEP(ID_AA64MMFR1_EL1, ECBHB),

	/* ID_AA64MMFR2_EL1. Not shown: IESB (RAS), NV, FWB, EVT (EL2's). */
	KEEP(ID_AA64MMFR2_EL1, CnP),
	KEEP(ID_AA64MMFR2_EL1, UAO), /* PSTATE.UAO */
	KEEP(ID_AA64MMFR2_EL1, LSM),
	CAP(ID_AA64MMFR2_EL1, VARange, 1), /* 2: needs 128-bit tables */
	KEEP(ID_AA64MMFR2_EL1, CCIDX),	   /* CCSIDR_EL1 is the host's, so its format is */
	KEEP(ID_AA64MMFR2_EL1, ST),
	KEEP(ID_AA64MMFR2_EL1, AT),
	CAP(ID_AA64MMFR2_EL1, IDS, 1), /* how EL0's reads of this space fault, which the PE decides */
	KEEP(ID_AA64MMFR2_EL1, TTL),
	CAP(ID_AA64MMFR2_EL1, BBM, 2),
	KEEP(ID_AA64MMFR2_EL1, E0PD),

	/*
	 * AArch32, for EL0 only. Not shown: GIC, Security, Virtualization (EL1's and above), AMU, RAS, all debug and
	 * trace but the version, PMU, EVT; ID_AFR0_EL1 and ID_DFR1_EL1 as a whole.
	 */
	KEEP(ID_PFR0_EL1, State0),
	KEEP(ID_PFR0_EL1, State1),
	KEEP(ID_PFR0_EL1, State2),
	KEEP(ID_PFR0_EL1, State3),
	CAP(ID_PFR0_EL1, CSV2, 1),
	KEEP(ID_PFR0_EL1, DIT),
	KEEP(ID_PFR1_EL1, ProgMod),
	KEEP(ID_PFR1_EL1, MProgMod),
	CAP(ID_PFR1_EL1, GenTimer, 2), /* 2: ECV */
	KEEP(ID_PFR2_EL1, CSV3),
	KEEP(ID_PFR2_EL1, SSBS),
	CAP(ID_DFR0_EL1, CopDbg, ID_AA64DFR0_EL1_DebugVer_8),
	KEEP_ALL32(ID_MMFR0_EL1),
	KEEP_ALL32(ID_MMFR1_EL1),
	KEEP_ALL32(ID_MMFR2_EL1),
	KEEP_ALL32(ID_MMFR3_EL1),
	KEEP(ID_MMFR4_EL1, SpecSEI),
	KEEP(ID_MMFR4_EL1, CnP),
	KEEP(ID_MMFR4_EL1, HPDS),
	KEEP(ID_MMFR4_EL1, LSM),
	KEEP(ID_MMFR4_EL1, CCIDX),
	KEEP(ID_MMFR5_EL1, ETS),
	KEEP(ID_MMFR5_EL1, nTLBPA),
	KEEP_ALL32(ID_ISAR0_EL1),
	KEEP_ALL32(ID_ISAR1_EL1),
	KEEP_ALL32(ID_ISAR2_EL1),
	KEEP_ALL32(ID_ISAR3_EL1),
	KEEP_ALL32(ID_ISAR4_EL1),
	KEEP_ALL32(ID_ISAR5_EL1),
	KEEP_ALL32(ID_ISAR6_EL1),
	KEEP_ALL32(MVFR0_EL1),
	KEEP_ALL32(MVFR1_EL1),
	KEEP_ALL32(MVFR2_EL1),
};

static uint64_t field_shown(const struct id_row *row, uint64_t host)
{
	switch ((enum id_rule)row->rule) {
	case ID_KEEP: return host & row->mask;
	case ID_CAP: return FIELD_PREP(row->mask, min_u64(FIELD_GET(row->mask, host), row->value));
	case ID_SET: return FIELD_PREP(row->mask, row->value);
	}
	return 0;
}

void idregs_sanitise(struct id_regs *guest, const uint64_t host[ID_REGS_NR], bool gic_sysregs)
{
	memset(guest->value, 0, sizeof(guest->value));
	for (size_t i = 0; i < ARRAY_SIZE(id_table); i++)
		guest->value[id_table[i].slot] |= field_shown(&id_table[i], host[id_table[i].slot]);
	if (gic_sysregs)
		guest->value[ID_AA64PFR0_EL1] |= FIELD_PREP(ID_AA64PFR0_EL1_GIC, ID_AA64PFR0_EL1_GIC_SYSREGS);
}

bool idregs_show_pauth(const struct id_regs *guest)
{
	return (guest->value[ID_AA64ISAR1_EL1] &
		(ID_AA64ISAR1_EL1_APA | ID_AA64ISAR1_EL1_API | ID_AA64ISAR1_EL1_GPA | ID_AA64ISAR1_EL1_GPI)) != 0 ||
	       (guest->value[ID_AA64ISAR2_EL1] & (ID_AA64ISAR2_EL1_APA3 | ID_AA64ISAR2_EL1_GPA3)) != 0;
}

const char *idregs_name(unsigned int slot)
{
#define NAME(reg) [reg] = #reg
	static const char *const names[ID_REGS_NR] = {
		NAME(ID_PFR0_EL1),	NAME(ID_PFR1_EL1),	NAME(ID_DFR0_EL1),	NAME(ID_AFR0_EL1),
		NAME(ID_MMFR0_EL1),	NAME(ID_MMFR1_EL1),	NAME(ID_MMFR2_EL1),	NAME(ID_MMFR3_EL1),
		NAME(ID_ISAR0_EL1),	NAME(ID_ISAR1_EL1),	NAME(ID_ISAR2_EL1),	NAME(ID_ISAR3_EL1),
		NAME(ID_ISAR4_EL1),	NAME(ID_ISAR5_EL1),	NAME(ID_MMFR4_EL1),	NAME(ID_ISAR6_EL1),
		NAME(MVFR0_EL1),	NAME(MVFR1_EL1),	NAME(MVFR2_EL1),	NAME(ID_PFR2_EL1),
		NAME(ID_DFR1_EL1),	NAME(ID_MMFR5_EL1),	NAME(ID_AA64PFR0_EL1),	NAME(ID_AA64PFR1_EL1),
		NAME(ID_AA64PFR2_EL1),	NAME(ID_AA64ZFR0_EL1),	NAME(ID_AA64SMFR0_EL1), NAME(ID_AA64FPFR0_EL1),
		NAME(ID_AA64DFR0_EL1),	NAME(ID_AA64DFR1_EL1),	NAME(ID_AA64DFR2_EL1),	NAME(ID_AA64AFR0_EL1),
		NAME(ID_AA64AFR1_EL1),	NAME(ID_AA64ISAR0_EL1), NAME(ID_AA64ISAR1_EL1), NAME(ID_AA64ISAR2_EL1),
		NAME(ID_AA64ISAR3_EL1), NAME(ID_AA64MMFR0_EL1), NAME(ID_AA64MMFR1_EL1), NAME(ID_AA64MMFR2_EL1),
		NAME(ID_AA64MMFR3_EL1), NAME(ID_AA64MMFR4_EL1),
	};
#undef NAME

	return slot < ID_REGS_NR ? names[slot] : NULL;
}

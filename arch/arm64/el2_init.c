#include "arch/arm64/el2_init.h"

#include <stdbool.h>

#include "arch/arm64/barrier.h"
#include "arch/arm64/regs/id_fields.h"
#include "arch/arm64/sysreg.h"
#include "lib/bits.h"

/* ID register fields that say whether a register exists: reading an absent one is UNDEFINED. [DDI0487 D19.2] */

#define PMUVER_IMP_DEF 0xf /* a PMU, but not the architecture's */
#define FGT_FGT2       2

#define MDCR_HPMN    GENMASK(4, 0)
#define PMUSERENR_EN BIT(0) /* alone: QEMU lets CR, ER and SW pass by MDCR_EL2.TPM */
#define PMCR_N	     GENMASK(15, 11)
/*
 * Bits 13, 12 (TSM), 9, 8 (TZ), 7-0: RES1, or a trap that keeps SME and SVE from everybody, ZCR_EL2 and SMCR_EL2 with
 * them.
 */
#define CPTR_HOST		 UINT64_C(0x33ff)
#define CNTHCTL_EL1PCTEN	 BIT(0)
#define CNTHCTL_EL1PCEN		 BIT(1)
#define VTCR_RES1		 BIT(31)
#define HCRX_TALLINT		 BIT(6)
#define PMBIDR_P		 BIT(4) /* the profiling buffer belongs to a higher EL */
#define MPAMIDR_HAS_HCR		 BIT(17)
#define MPAMHCR_TRAP_MPAMIDR_EL1 BIT(31)
#define MPAM2_TRAPMPAM1EL1	 BIT(48)
#define MPAM2_TRAPMPAM0EL1	 BIT(49)

/* Registers by encoding: -march=armv8-a has no names for them. */
#define HCRX_EL2      s3_4_c1_c2_2
#define TRFCR_EL2     s3_4_c1_c2_1
#define HFGRTR_EL2    s3_4_c1_c1_4
#define HFGWTR_EL2    s3_4_c1_c1_5
#define HFGITR_EL2    s3_4_c1_c1_6
#define HDFGRTR_EL2   s3_4_c3_c1_4
#define HDFGWTR_EL2   s3_4_c3_c1_5
#define HAFGRTR_EL2   s3_4_c3_c1_6
#define HDFGRTR2_EL2  s3_4_c3_c1_0
#define HDFGWTR2_EL2  s3_4_c3_c1_1
#define HFGRTR2_EL2   s3_4_c3_c1_2
#define HFGWTR2_EL2   s3_4_c3_c1_3
#define HFGITR2_EL2   s3_4_c3_c1_7
#define MPAM2_EL2     s3_4_c10_c5_0
#define MPAMHCR_EL2   s3_4_c10_c4_0
#define MPAMIDR_EL1   s3_0_c10_c4_4
#define PMSCR_EL2     s3_4_c9_c9_0
#define PMBIDR_EL1    s3_0_c9_c10_7
#define CNTHV_CTL_EL2 s3_4_c14_c3_1
#define VDISR_EL2     s3_4_c12_c1_1
#define VSESR_EL2     s3_4_c5_c2_3
#define LORC_EL1      s3_0_c10_c4_3

#define WRITE(value, name) write_sysreg(value, name)
#define READ(name)	   read_sysreg(name)

/* What every ARMv8.0 CPU has. */
static void init_base(void)
{
	write_sysreg(0, hstr_el2);
	write_sysreg(0, hacr_el2);
	write_sysreg(CPTR_HOST, cptr_el2);
	write_sysreg(VTCR_RES1, vtcr_el2);
	write_sysreg(0, vttbr_el2);
	write_sysreg(read_sysreg(midr_el1), vpidr_el2);
	write_sysreg(read_sysreg(mpidr_el1), vmpidr_el2);
}

/* No timer of anybody may fire before its owner arms it: a loader's would be our first interrupt. */
static void init_timers(uint64_t mmfr1)
{
	write_sysreg(CNTHCTL_EL1PCTEN | CNTHCTL_EL1PCEN, cnthctl_el2);
	write_sysreg(0, cntvoff_el2);
	write_sysreg(0, cnthp_ctl_el2);
	write_sysreg(0, cntv_ctl_el0);
	write_sysreg(0, cntp_ctl_el0);
	if (FIELD_GET(ID_AA64MMFR1_EL1_VH, mmfr1) != 0)
		WRITE(0, CNTHV_CTL_EL2);
}

/* Debug, performance monitors, profiling, trace: the guests' traps come with the guest. */
static void init_debug(uint64_t dfr0)
{
	uint64_t pmuver = FIELD_GET(ID_AA64DFR0_EL1_PMUVer, dfr0);
	uint64_t mdcr = 0;

	/* HPMN = all counters: fewer, and those above would count on as the hypervisor's. */
	if (pmuver != 0 && pmuver != PMUVER_IMP_DEF) {
		mdcr |= FIELD_PREP(MDCR_HPMN, FIELD_GET(PMCR_N, read_sysreg(pmcr_el0)));
		/* EL0 may, as far as EL1 is asked: so its accesses, too, come to EL2, and are undefined. */
		write_sysreg(PMUSERENR_EN, pmuserenr_el0);
	}
	write_sysreg(mdcr, mdcr_el2);
	/*
	 * The OS lock is held after a reset and would keep every guest's debug exceptions away; a guest's own lock is
	 * emulated. Nothing is enabled before a guest enables it. [DDI0487 OSLAR_EL1, D2.4]
	 */
	write_sysreg(0, mdscr_el1);
	write_sysreg(0, oslar_el1);
	if (FIELD_GET(ID_AA64DFR0_EL1_PMSVer, dfr0) != 0 && (READ(PMBIDR_EL1) & PMBIDR_P) == 0)
		WRITE(0, PMSCR_EL2);
	if (FIELD_GET(ID_AA64DFR0_EL1_TraceFilt, dfr0) != 0)
		WRITE(0, TRFCR_EL2);
}

/*
 * Fine-grained traps off. The n-bits ("do not trap") are 0 too: they cover features that no guest is shown, and
 * trapping those is right. [DDI0487 HFGRTR_EL2]
 */
static void init_fine_grained_traps(uint64_t mmfr0, uint64_t pfr0)
{
	uint64_t fgt = FIELD_GET(ID_AA64MMFR0_EL1_FGT, mmfr0);

	if (fgt == 0)
		return;
	WRITE(0, HFGRTR_EL2);
	WRITE(0, HFGWTR_EL2);
	WRITE(0, HFGITR_EL2);
	WRITE(0, HDFGRTR_EL2);
	WRITE(0, HDFGWTR_EL2);
	if (FIELD_GET(ID_AA64PFR0_EL1_AMU, pfr0) != 0)
		WRITE(0, HAFGRTR_EL2);
	if (fgt < FGT_FGT2)
		return;
	WRITE(0, HFGRTR2_EL2);
	WRITE(0, HFGWTR2_EL2);
	WRITE(0, HFGITR2_EL2);
	WRITE(0, HDFGRTR2_EL2);
	WRITE(0, HDFGWTR2_EL2);
}

/* Memory partitioning: everybody in partition 0, and a guest that would change that traps. [DDI0598 MPAM2_EL2] */
static void init_mpam(uint64_t pfr0)
{
	uint64_t frac = FIELD_GET(ID_AA64PFR1_EL1_MPAM_frac, read_sysreg(id_aa64pfr1_el1));

	if (FIELD_GET(ID_AA64PFR0_EL1_MPAM, pfr0) == 0 && frac == 0)
		return;
	WRITE(MPAM2_TRAPMPAM0EL1 | MPAM2_TRAPMPAM1EL1, MPAM2_EL2);
	if ((READ(MPAMIDR_EL1) & MPAMIDR_HAS_HCR) != 0)
		WRITE(MPAMHCR_TRAP_MPAMIDR_EL1, MPAMHCR_EL2);
}

static bool has_nmi(void)
{
	return FIELD_GET(ID_AA64PFR1_EL1_NMI, read_sysreg(id_aa64pfr1_el1)) != 0;
}

void el2_init(void)
{
	uint64_t pfr0 = read_sysreg(id_aa64pfr0_el1);
	uint64_t mmfr0 = read_sysreg(id_aa64mmfr0_el1);
	uint64_t mmfr1 = read_sysreg(id_aa64mmfr1_el1);

	init_base();
	init_timers(mmfr1);
	init_debug(read_sysreg(id_aa64dfr0_el1));
	init_fine_grained_traps(mmfr0, pfr0);
	init_mpam(pfr0);
	/* HCRX_EL2: what it enables (MOPS, LS64, TCR2...) is not shown to guests; nor is FEAT_NMI's mask. */
	if (FIELD_GET(ID_AA64MMFR1_EL1_HCX, mmfr1) != 0)
		WRITE(has_nmi() ? HCRX_TALLINT : 0, HCRX_EL2);
	/* No virtual SError waits to be delivered. */
	if (FIELD_GET(ID_AA64PFR0_EL1_RAS, pfr0) != 0) {
		WRITE(0, VDISR_EL2);
		WRITE(0, VSESR_EL2);
	}
	/* LORegions off for EL1: HCR_EL2.TLOR keeps guests from them. */
	if (FIELD_GET(ID_AA64MMFR1_EL1_LO, mmfr1) != 0)
		WRITE(0, LORC_EL1);
	isb();
}

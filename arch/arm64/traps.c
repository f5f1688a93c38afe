/* Trap controls: see traps.h. [DDI0487 HCR_EL2, MDCR_EL2, CPTR_EL2, CNTHCTL_EL2] */
#include "arch/arm64/traps.h"

#include "arch/arm64/barrier.h"
#include "arch/arm64/regs/cnthctl.h"
#include "arch/arm64/regs/cptr.h"
#include "arch/arm64/regs/id_fields.h"
#include "arch/arm64/regs/mdcr.h"
#include "arch/arm64/sysreg.h"
#include "lib/bits.h"

#define HCR_GUEST                                                                                         \
	(HCR_EL2_VM	  /* stage 2 on */                                                                \
	 | HCR_EL2_PTW	  /* its tables in device memory: a fault of its own, and no abort of EL2's AT */ \
	 | HCR_EL2_SWIO	  /* RES1 on many: set/way invalidate becomes clean and invalidate */             \
	 | HCR_EL2_FMO	  /* FIQs come to EL2; virtual ones go to the guest */                            \
	 | HCR_EL2_IMO	  /* IRQs likewise; ICC_SGI*R writes trap */                                      \
	 | HCR_EL2_AMO	  /* SErrors come to EL2 */                                                       \
	 | HCR_EL2_FB	  /* the guest's local TLBIs reach all pCPUs, wherever its vCPUs run */           \
	 | HCR_EL2_BSU_IS /* its barriers, too */                                                         \
	 | HCR_EL2_TID3	  /* ID registers: a guest sees what Corbel can keep */                           \
	 | HCR_EL2_TSC	  /* SMC: none reaches EL3 by itself */                                           \
	 | HCR_EL2_TIDCP  /* IMPLEMENTATION DEFINED registers: UNDEF */                                   \
	 | HCR_EL2_TACR	  /* ACTLR_EL1 */                                                                 \
	 | HCR_EL2_TSW	  /* set/way maintenance: has no meaning on several pCPUs */                      \
	 | HCR_EL2_RW)	  /* EL1 is AArch64 */

static void read_features(struct cpu_features *features)
{
	uint64_t dfr0 = read_sysreg(id_aa64dfr0_el1);
	uint64_t pfr1 = read_sysreg(id_aa64pfr1_el1);

	features->nr_breakpoints = (uint8_t)(FIELD_GET(ID_AA64DFR0_EL1_BRPs, dfr0) + 1);
	features->nr_watchpoints = (uint8_t)(FIELD_GET(ID_AA64DFR0_EL1_WRPs, dfr0) + 1);
	features->has_sme = FIELD_GET(ID_AA64PFR1_EL1_SME, pfr1) != 0;
	features->has_ras = FIELD_GET(ID_AA64PFR0_EL1_RAS, read_sysreg(id_aa64pfr0_el1)) != 0;
	features->has_hidden = features->has_sme || features->has_ras;
	features->hcr = HCR_GUEST;
	if (FIELD_GET(ID_AA64MMFR1_EL1_LO, read_sysreg(id_aa64mmfr1_el1)) != 0)
		features->hcr |= HCR_EL2_TLOR;
	if (features->has_ras)
		features->hcr |= HCR_EL2_TERR;
	if (features->has_sme)
		features->hcr |= HCR_EL2_TID1; /* SMIDR_EL1; REVIDR_EL1 and AIDR_EL1 come with it */
	if (FIELD_GET(ID_AA64PFR1_EL1_MTE, pfr1) != 0)
		features->hcr |= HCR_EL2_TID5; /* GMID_EL1 */
}

static uint64_t mdcr_guest(void)
{
	uint64_t pmuver = FIELD_GET(ID_AA64DFR0_EL1_PMUVer, read_sysreg(id_aa64dfr0_el1));
	uint64_t mdcr = MDCR_EL2_TDA	 /* debug registers: loaded only where they are in use */
			| MDCR_EL2_TDOSA /* OS lock registers */
			| MDCR_EL2_TDRA	 /* debug ROM registers */
			| MDCR_EL2_TTRF	 /* trace filter: RES0 where there is none */
			| MDCR_EL2_TPMS; /* statistical profiling, likewise */

	if (pmuver == 0 || pmuver == 0xf)
		return mdcr;
	/* The PMU is hidden. HPMN must name all counters, or EL2's share would be taken from it [DDI0487
	 * MDCR_EL2.HPMN]. */
	mdcr |= MDCR_EL2_TPM	  /* PMU registers */
		| MDCR_EL2_TPMCR; /* PMCR_EL0 */
	return mdcr | FIELD_PREP(MDCR_EL2_HPMN, FIELD_GET(PMCR_EL0_N, read_sysreg(pmcr_el0)));
}

static uint64_t cptr_guest(void)
{
	uint64_t cptr = CPTR_EL2_RES1 | CPTR_EL2_TZ /* SVE is hidden */
			| CPTR_EL2_TSM		    /* SME is hidden */
			| CPTR_EL2_TTA;		    /* trace registers */

	if (FIELD_GET(ID_AA64PFR0_EL1_AMU, read_sysreg(id_aa64pfr0_el1)) != 0)
		cptr |= CPTR_EL2_TAM; /* activity monitors are hidden */
	return cptr;
}

void traps_init_cpu(struct cpu_features *features)
{
	read_features(features);
	write_sysreg(mdcr_guest(), mdcr_el2);
	write_sysreg(cptr_guest(), cptr_el2);
	/* The guest reads the counter and drives both EL1 timers itself. */
	write_sysreg(CNTHCTL_EL2_EL1PCTEN | CNTHCTL_EL2_EL1PCEN, cnthctl_el2);
	write_sysreg(0, hstr_el2);
	traps_load(features, 0, HCR_EL2_TWI | HCR_EL2_TWE);
	isb();
}

void traps_load(const struct cpu_features *features, uint64_t own, uint64_t waits)
{
	write_sysreg(features->hcr | own | waits, hcr_el2);
}

/* Trap controls: see traps.h. [DDI0487 HCR_EL2, MDCR_EL2, CPTR_EL2, CNTHCTL_EL2] */
#include "arch/arm64/traps.h"

#include "arch/arm64/barrier.h"
#include "arch/arm64/regs/hcr.h"
#include "arch/arm64/sysreg.h"
#include "lib/bits.h"

#define HCR_GUEST                                                                                         \
	(HCR_EL2_VM	  /* stage 2 on */                                                                \
	 | HCR_EL2_SWIO	  /* RES1 on many: set/way invalidate becomes clean and invalidate */             \
	 | HCR_EL2_FMO	  /* FIQs come to EL2; virtual ones go to the guest */                            \
	 | HCR_EL2_IMO	  /* IRQs likewise; ICC_SGI*R writes trap */                                      \
	 | HCR_EL2_AMO	  /* SErrors come to EL2 */                                                       \
	 | HCR_EL2_FB	  /* the guest's local TLBIs reach all pCPUs: its vCPUs may have run elsewhere */ \
	 | HCR_EL2_BSU_IS /* its barriers, too */                                                         \
	 | HCR_EL2_TID3	  /* ID registers: a guest sees what Corbel can keep */                           \
	 | HCR_EL2_TSC	  /* SMC: none reaches EL3 */                                                     \
	 | HCR_EL2_TIDCP  /* IMPLEMENTATION DEFINED registers: UNDEF */                                   \
	 | HCR_EL2_TACR	  /* ACTLR_EL1 */                                                                 \
	 | HCR_EL2_TSW	  /* set/way maintenance: has no meaning on several pCPUs */                      \
	 | HCR_EL2_RW)	  /* EL1 is AArch64 */

/* Only where the CPU has the feature, else RES0. */
#define ID_AA64MMFR1_EL1_LO    GENMASK(19, 16)
#define ID_AA64PFR0_EL1_RAS    GENMASK(31, 28)
#define ID_AA64DFR0_EL1_PMUVER GENMASK(11, 8)
#define PMCR_EL0_N	       GENMASK(15, 11)

#define MDCR_EL2_HPMN  GENMASK(4, 0)
#define MDCR_EL2_TPMCR BIT(5)  /* PMCR_EL0 */
#define MDCR_EL2_TPM   BIT(6)  /* all other PMU registers: the PMU is hidden */
#define MDCR_EL2_TDA   BIT(9)  /* debug registers are not switched yet */
#define MDCR_EL2_TDOSA BIT(10) /* OS lock registers */
#define MDCR_EL2_TDRA  BIT(11) /* debug ROM registers */
#define MDCR_EL2_TTRF  BIT(19) /* trace filter: RES0 where there is none */

/* CPTR_EL2 with E2H = 0: TZ [8] and TSM [12] are RES1 without the feature; TTA [20]; TCPAC clear; TFP [10] clear. */
#define CPTR_EL2_RES1 (BIT(13) | BIT(9) | GENMASK(7, 0))
#define CPTR_EL2_TZ   BIT(8)  /* SVE is hidden */
#define CPTR_EL2_TSM  BIT(12) /* SME is hidden */
#define CPTR_EL2_TTA  BIT(20) /* trace registers */

/* CNTHCTL_EL2 with E2H = 0: the guest reads the counter and drives both EL1 timers itself. */
#define CNTHCTL_EL2_EL1PCTEN BIT(0)
#define CNTHCTL_EL2_EL1PCEN  BIT(1)

static uint64_t optional_hcr(void)
{
	uint64_t hcr = 0;

	if (FIELD_GET(ID_AA64MMFR1_EL1_LO, read_sysreg(id_aa64mmfr1_el1)) != 0)
		hcr |= HCR_EL2_TLOR;
	if (FIELD_GET(ID_AA64PFR0_EL1_RAS, read_sysreg(id_aa64pfr0_el1)) != 0)
		hcr |= HCR_EL2_TERR;
	return hcr;
}

static uint64_t mdcr_guest(void)
{
	uint64_t mdcr = MDCR_EL2_TDA | MDCR_EL2_TDOSA | MDCR_EL2_TDRA | MDCR_EL2_TTRF;
	uint64_t pmuver = FIELD_GET(ID_AA64DFR0_EL1_PMUVER, read_sysreg(id_aa64dfr0_el1));

	/* HPMN must name all counters, or EL2's share would be taken from it [DDI0487 MDCR_EL2.HPMN]. */
	if (pmuver != 0 && pmuver != 0xf)
		mdcr |= MDCR_EL2_TPM | MDCR_EL2_TPMCR |
			FIELD_PREP(MDCR_EL2_HPMN, FIELD_GET(PMCR_EL0_N, read_sysreg(pmcr_el0)));
	return mdcr;
}

void traps_init_cpu(void)
{
	write_sysreg(mdcr_guest(), mdcr_el2);
	write_sysreg(CPTR_EL2_RES1 | CPTR_EL2_TZ | CPTR_EL2_TSM | CPTR_EL2_TTA, cptr_el2);
	write_sysreg(CNTHCTL_EL2_EL1PCTEN | CNTHCTL_EL2_EL1PCEN, cnthctl_el2);
	write_sysreg(0, hstr_el2);
	traps_load(true);
}

void traps_load(bool trap_wfi)
{
	write_sysreg(HCR_GUEST | optional_hcr() | (trap_wfi ? HCR_EL2_TWI : 0), hcr_el2);
	isb();
}

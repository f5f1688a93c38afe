/* MDCR_EL2 (traps of debug, PMU and trace registers), MDSCR_EL1, and fields of other debug registers. Pure. [DDI0487
 * MDCR_EL2, MDSCR_EL1, DBGBCR<n>_EL1] */
#ifndef ARCH_ARM64_REGS_MDCR_H
#define ARCH_ARM64_REGS_MDCR_H

#include "lib/bits.h"

#define MDCR_EL2_HPMN	GENMASK(4, 0)
#define MDCR_EL2_TPMCR	BIT(5)
#define MDCR_EL2_TPM	BIT(6)
#define MDCR_EL2_HPME	BIT(7)
#define MDCR_EL2_TDE	BIT(8)
#define MDCR_EL2_TDA	BIT(9)
#define MDCR_EL2_TDOSA	BIT(10)
#define MDCR_EL2_TDRA	BIT(11)
#define MDCR_EL2_E2PB	GENMASK(13, 12)
#define MDCR_EL2_TPMS	BIT(14)
#define MDCR_EL2_EnSPM	BIT(15)
#define MDCR_EL2_HPMD	BIT(17)
#define MDCR_EL2_TTRF	BIT(19)
#define MDCR_EL2_HCCD	BIT(23)
#define MDCR_EL2_E2TB	GENMASK(25, 24)
#define MDCR_EL2_HLP	BIT(26)
#define MDCR_EL2_TDCC	BIT(27)
#define MDCR_EL2_MTPME	BIT(28)
#define MDCR_EL2_HPMFZO BIT(29)

/* PMCR_EL0 */
#define PMCR_EL0_N GENMASK(15, 11) /* event counters */

#define MDSCR_EL1_SS   BIT(0)
#define MDSCR_EL1_TDCC BIT(12)
#define MDSCR_EL1_KDE  BIT(13)
#define MDSCR_EL1_MDE  BIT(15)

/* DBGBCR<n>_EL1, DBGWCR<n>_EL1: what of them is not RES0 in Armv8.0. */
#define DBGBCR_EL1_E	  BIT(0)
#define DBGBCR_EL1_BT_EL2 BIT(23) /* of BT: a kind that compares what is EL2's */
#define DBGBCR_EL1_ALL	  UINT64_C(0x00ffe1e7)
#define DBGWCR_EL1_ALL	  UINT64_C(0x1f1fffff)

#define OSLAR_EL1_OSLK BIT(0)
#define DBGCLAIM_TAGS  UINT64_C(0xff)

/* OSLSR_EL1. */
#define OSLSR_EL1_OSLK	 BIT(1)
#define OSLSR_EL1_OSLM_1 BIT(3) /* with OSLM[0] = 0: the OS lock is implemented */

#endif

/* SCTLR_EL1 and SCTLR_EL2 (E2H = 0). Pure. [DDI0487 SCTLR_EL1, SCTLR_EL2] */
#ifndef ARCH_ARM64_REGS_SCTLR_H
#define ARCH_ARM64_REGS_SCTLR_H

#include "lib/bits.h"

/* At the same place in both. */
#define SCTLR_ELx_M    BIT(0)
#define SCTLR_ELx_A    BIT(1)
#define SCTLR_ELx_C    BIT(2)
#define SCTLR_ELx_SA   BIT(3)
#define SCTLR_ELx_nAA  BIT(6)
#define SCTLR_ELx_EOS  BIT(11)
#define SCTLR_ELx_I    BIT(12)
#define SCTLR_ELx_EnDB BIT(13)
#define SCTLR_ELx_WXN  BIT(19)
#define SCTLR_ELx_IESB BIT(21)
#define SCTLR_ELx_EIS  BIT(22)
#define SCTLR_ELx_EE   BIT(25)
#define SCTLR_ELx_EnDA BIT(27)
#define SCTLR_ELx_EnIB BIT(30)
#define SCTLR_ELx_EnIA BIT(31)

#define SCTLR_EL1_SA0	  BIT(4)
#define SCTLR_EL1_CP15BEN BIT(5)
#define SCTLR_EL1_ITD	  BIT(7)
#define SCTLR_EL1_SED	  BIT(8)
#define SCTLR_EL1_UMA	  BIT(9)
#define SCTLR_EL1_EnRCTX  BIT(10)
#define SCTLR_EL1_DZE	  BIT(14)
#define SCTLR_EL1_UCT	  BIT(15)
#define SCTLR_EL1_nTWI	  BIT(16)
#define SCTLR_EL1_nTWE	  BIT(18)
#define SCTLR_EL1_TSCXT	  BIT(20)
#define SCTLR_EL1_SPAN	  BIT(23)
#define SCTLR_EL1_E0E	  BIT(24)
#define SCTLR_EL1_UCI	  BIT(26)
#define SCTLR_EL1_nTLSMD  BIT(28)
#define SCTLR_EL1_LSMAOE  BIT(29)
#define SCTLR_EL1_BT0	  BIT(35)
#define SCTLR_EL1_BT1	  BIT(36)
#define SCTLR_EL1_DSSBS	  BIT(44)
#define SCTLR_EL1_EPAN	  BIT(57)

#define SCTLR_EL1_SPINTMASK BIT(62) /* FEAT_NMI */

/* Bits that read as one in Armv8.0: 4, 5, 11, 16, 18, 22, 23, 28, 29. */
#define SCTLR_EL2_RES1	UINT64_C(0x30c50830)
#define SCTLR_EL2_DSSBS BIT(44)

#endif

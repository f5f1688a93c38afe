/* CPTR_EL2 with E2H = 0 (traps of FP, SVE, SME, trace, activity monitors) and CPACR_EL1. Pure. [DDI0487 CPTR_EL2,
 * CPACR_EL1] */
#ifndef ARCH_ARM64_REGS_CPTR_H
#define ARCH_ARM64_REGS_CPTR_H

#include "lib/bits.h"

#define CPTR_EL2_TZ    BIT(8) /* RES1 without SVE */
#define CPTR_EL2_TFP   BIT(10)
#define CPTR_EL2_TSM   BIT(12) /* RES1 without SME */
#define CPTR_EL2_TTA   BIT(20)
#define CPTR_EL2_TAM   BIT(30) /* RES0 without AMU */
#define CPTR_EL2_TCPAC BIT(31)
#define CPTR_EL2_RES1  UINT64_C(0x22ff) /* bits 13, 9, 7:0 */

#define CPACR_EL1_ZEN  GENMASK(17, 16)
#define CPACR_EL1_FPEN GENMASK(21, 20)
#define CPACR_EL1_SMEN GENMASK(25, 24)
#define CPACR_EL1_TTA  BIT(28)

#endif

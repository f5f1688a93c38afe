/* PAR_EL1: what an AT instruction found. Pure. [DDI0487 PAR_EL1] */
#ifndef ARCH_ARM64_REGS_PAR_H
#define ARCH_ARM64_REGS_PAR_H

#include "lib/bits.h"

#define PAR_EL1_F  BIT(0) /* the walk failed */
#define PAR_EL1_PA GENMASK(47, 12)

/* With F = 1. */
#define PAR_EL1_FST GENMASK(6, 1) /* why: a fault status code as in ESR_ELx */
#define PAR_EL1_PTW BIT(8)
#define PAR_EL1_S   BIT(9) /* in stage 2, of the walk's own accesses */

#endif

/* SPSR_EL2: the guest's PSTATE, from AArch64 and from AArch32. Pure. [DDI0487 SPSR_EL2] */
#ifndef ARCH_ARM64_REGS_SPSR_H
#define ARCH_ARM64_REGS_SPSR_H

#include "lib/bits.h"

#define SPSR_N	BIT(31)
#define SPSR_Z	BIT(30)
#define SPSR_C	BIT(29)
#define SPSR_V	BIT(28)
#define SPSR_SS BIT(21)
#define SPSR_IL BIT(20)

/* From AArch64. */
#define SPSR_TCO    BIT(25)
#define SPSR_DIT    BIT(24)
#define SPSR_UAO    BIT(23)
#define SPSR_PAN    BIT(22)
#define SPSR_ALLINT BIT(13)
#define SPSR_SSBS   BIT(12)
#define SPSR_BTYPE  GENMASK(11, 10)
#define SPSR_D	    BIT(9)
#define SPSR_A	    BIT(8)
#define SPSR_I	    BIT(7)
#define SPSR_F	    BIT(6)
#define SPSR_DAIF   GENMASK(9, 6)

/* From AArch32. */
#define SPSR_Q		  BIT(27)
#define SPSR_IT_1_0	  GENMASK(26, 25)
#define SPSR_AARCH32_SSBS BIT(23)
#define SPSR_AARCH32_DIT  BIT(24)
#define SPSR_GE		  GENMASK(19, 16)
#define SPSR_IT_7_2	  GENMASK(15, 10)
#define SPSR_E		  BIT(9)
#define SPSR_T		  BIT(5)

/* M[4] tells AArch32; M[3:0] is the exception level and stack pointer, or the AArch32 mode. */
#define SPSR_M	       GENMASK(4, 0)
#define SPSR_M_AARCH32 BIT(4)
#define SPSR_M_EL      GENMASK(3, 2)
#define SPSR_M_SP      BIT(0)
#define SPSR_M_EL0T    UINT64_C(0x0)
#define SPSR_M_EL1T    UINT64_C(0x4)
#define SPSR_M_EL1H    UINT64_C(0x5)
#define SPSR_M_EL2T    UINT64_C(0x8)
#define SPSR_M_EL2H    UINT64_C(0x9)
#define SPSR_M_USR     UINT64_C(0x10)

#endif

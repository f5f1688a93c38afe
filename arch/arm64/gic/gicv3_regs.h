/*
 * GICv3's registers: the CPU interface and the virtual interface control by encoding (no assembler name below
 * -march=...+gic).
 */
#ifndef ARCH_ARM64_GIC_GICV3_REGS_H
#define ARCH_ARM64_GIC_GICV3_REGS_H

#include "lib/bits.h"

/* Distributor, beside gic_dist.h. [IHI0069 12.9.4] */
#define GICD_CTLR_ENABLE_GRP1  BIT(0) /* with DS=1: group 0 */
#define GICD_CTLR_ENABLE_GRP1A BIT(1) /* with DS=1: group 1 */
#define GICD_CTLR_ARE_NS       BIT(4)
#define GICD_CTLR_RWP	       BIT(31)

/* Redistributor: RD_base, then SGI_base 64 KiB above. [IHI0069 12.11] */
#define GICR_CTLR		   0x0000
#define GICR_TYPER		   0x0008
#define GICR_WAKER		   0x0014
#define GICR_SGI_BASE		   UINT64_C(0x10000)
#define GICR_CTLR_RWP		   BIT(3)
#define GICR_TYPER_VLPIS	   BIT(1)
#define GICR_TYPER_LAST		   BIT(4)
#define GICR_TYPER_AFFINITY	   GENMASK(63, 32)
#define GICR_WAKER_PROCESSOR_SLEEP BIT(1)
#define GICR_WAKER_CHILDREN_ASLEEP BIT(2)
#define GICR_FRAMES_BYTES	   UINT64_C(0x20000) /* RD_base, SGI_base */
#define GICR_FRAMES_VLPIS_BYTES	   UINT64_C(0x40000) /* VLPI_base and a reserved one besides */

/* CPU interface. [IHI0069 12.2] */
#define ICC_PMR_EL1	s3_0_c4_c6_0
#define ICC_IAR1_EL1	s3_0_c12_c12_0
#define ICC_EOIR1_EL1	s3_0_c12_c12_1
#define ICC_BPR1_EL1	s3_0_c12_c12_3
#define ICC_CTLR_EL1	s3_0_c12_c12_4
#define ICC_IGRPEN1_EL1 s3_0_c12_c12_7
#define ICC_DIR_EL1	s3_0_c12_c11_1
#define ICC_SGI1R_EL1	s3_0_c12_c11_5
#define ICC_AP1R0_EL1	s3_0_c12_c9_0
#define ICC_AP1R1_EL1	s3_0_c12_c9_1
#define ICC_AP1R2_EL1	s3_0_c12_c9_2
#define ICC_AP1R3_EL1	s3_0_c12_c9_3
#define ICC_SRE_EL1	s3_0_c12_c12_5
#define ICC_SRE_EL2	s3_4_c12_c9_5

#define ICC_SRE_SRE	  BIT(0)
#define ICC_SRE_DFB	  BIT(1)
#define ICC_SRE_DIB	  BIT(2)
#define ICC_SRE_ENABLE	  BIT(3)
#define ICC_CTLR_EOIMODE  BIT(1)
#define ICC_CTLR_PRIBITS  GENMASK(10, 8)
#define ICC_SGI1R_TARGETS GENMASK(15, 0)
#define ICC_SGI1R_AFF1	  GENMASK(23, 16)
#define ICC_SGI1R_INTID	  GENMASK(27, 24)
#define ICC_SGI1R_AFF2	  GENMASK(39, 32)
#define ICC_SGI1R_RS	  GENMASK(47, 44)
#define ICC_SGI1R_AFF3	  GENMASK(55, 48)

/* Virtual interface control. [IHI0069 12.4] */
#define ICH_HCR_EL2   s3_4_c12_c11_0
#define ICH_VTR_EL2   s3_4_c12_c11_1
#define ICH_VMCR_EL2  s3_4_c12_c11_7
#define ICH_AP0R0_EL2 s3_4_c12_c8_0
#define ICH_AP0R1_EL2 s3_4_c12_c8_1
#define ICH_AP0R2_EL2 s3_4_c12_c8_2
#define ICH_AP0R3_EL2 s3_4_c12_c8_3
#define ICH_AP1R0_EL2 s3_4_c12_c9_0
#define ICH_AP1R1_EL2 s3_4_c12_c9_1
#define ICH_AP1R2_EL2 s3_4_c12_c9_2
#define ICH_AP1R3_EL2 s3_4_c12_c9_3

#define ICH_HCR_EN	 BIT(0)
#define ICH_HCR_UIE	 BIT(1)
#define ICH_HCR_LRENPIE	 BIT(2)
#define ICH_HCR_NPIE	 BIT(3)
#define ICH_HCR_TDIR	 BIT(14)
#define ICH_HCR_EOICOUNT GENMASK(31, 27)

#define ICH_VTR_LISTREGS GENMASK(4, 0)
#define ICH_VTR_TDS	 BIT(19) /* TDIR is there */
#define ICH_VTR_PREBITS	 GENMASK(28, 26)

#define ICH_VMCR_VENG0	BIT(0)
#define ICH_VMCR_VENG1	BIT(1)
#define ICH_VMCR_VFIQEN BIT(3) /* RES1 for a guest with system registers */
#define ICH_VMCR_VCBPR	BIT(4)
#define ICH_VMCR_VEOIM	BIT(9)
#define ICH_VMCR_VBPR1	GENMASK(20, 18)
#define ICH_VMCR_VBPR0	GENMASK(23, 21)
#define ICH_VMCR_VPMR	GENMASK(31, 24)

/* X(n, encoding) for every list register. */
#define ICH_LR_LIST(X)        \
	X(0, s3_4_c12_c12_0)  \
	X(1, s3_4_c12_c12_1)  \
	X(2, s3_4_c12_c12_2)  \
	X(3, s3_4_c12_c12_3)  \
	X(4, s3_4_c12_c12_4)  \
	X(5, s3_4_c12_c12_5)  \
	X(6, s3_4_c12_c12_6)  \
	X(7, s3_4_c12_c12_7)  \
	X(8, s3_4_c12_c13_0)  \
	X(9, s3_4_c12_c13_1)  \
	X(10, s3_4_c12_c13_2) \
	X(11, s3_4_c12_c13_3) \
	X(12, s3_4_c12_c13_4) \
	X(13, s3_4_c12_c13_5) \
	X(14, s3_4_c12_c13_6) \
	X(15, s3_4_c12_c13_7)

/* sysreg.h pastes its argument's spelling: these expand it first. */
#define READ_GIC(name)	       read_sysreg(name)
#define WRITE_GIC(value, name) write_sysreg(value, name)

#endif

/* el2_mmu_enable(): registers only, no stack, no data: it runs with the MMU off on every pCPU. */

/* MAIR_EL2: 0 Normal, inner and outer write-back, read and write allocate; 1 Device-nGnRE. */
#define MAIR_VALUE	0x04ff

/* TCR_EL2 with E2H = 0: 48-bit VA, 4 KiB granule, walks inner shareable and write-back. PS is added from PARange. */
#define TCR_T0SZ	(64 - 48)
#define TCR_IRGN0_WBWA	(1 << 8)
#define TCR_ORGN0_WBWA	(1 << 10)
#define TCR_SH0_INNER	(3 << 12)
#define TCR_RES1	((1 << 31) | (1 << 23))
#define TCR_VALUE	(TCR_T0SZ | TCR_IRGN0_WBWA | TCR_ORGN0_WBWA | TCR_SH0_INNER | TCR_RES1)
#define PS_48_BITS	5

#include "arch/arm64/sctlr_el2.h"

	.section .text.el2_mmu_enable, "ax"
	.globl	el2_mmu_enable
	.type	el2_mmu_enable, %function
el2_mmu_enable:
	mov	x1, #MAIR_VALUE
	msr	mair_el2, x1
	/* PS = PARange, at most 48 bits: the descriptors have no more without FEAT_LPA. */
	mrs	x2, id_aa64mmfr0_el1
	and	x2, x2, #0xf
	mov	x3, #PS_48_BITS
	cmp	x2, x3
	csel	x2, x2, x3, lo
	mov	x1, #(TCR_VALUE & 0xffff)
	movk	x1, #((TCR_VALUE >> 16) & 0xffff), lsl #16
	orr	x1, x1, x2, lsl #16
	msr	tcr_el2, x1
	adrp	x1, el2_tables
	msr	ttbr0_el2, x1
	/* What the tables were written with is done, and nothing of whoever ran before is left. */
	dsb	sy
	isb
	tlbi	alle2
	ic	iallu
	dsb	nsh
	isb
	mov	x1, #(SCTLR_EL2_MMU_ON & 0xffff)
	movk	x1, #((SCTLR_EL2_MMU_ON >> 16) & 0xffff), lsl #16
	msr	sctlr_el2, x1
	isb
	ret
	.size	el2_mmu_enable, . - el2_mmu_enable

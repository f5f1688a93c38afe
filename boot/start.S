/*
 * The first instructions of every pCPU: Image header, what EL2 needs before C can run, the way into C.
 * [Linux Documentation/arm64/booting.rst] [DDI0487 D1.11 reset]
 */
#include "arch/arm64/sctlr_el2.h"
#include "boot/boot.h"

#define CURRENT_EL_EL2		(2 << 2)
/*
 * EL1 is AArch64; E2H, VM and all others 0. AMO, IMO, FMO: without them a physical interrupt targets EL1 and is never
 * taken at EL2, not even where PSTATE lets it.
 */
#define HCR_EL2_RW		(1 << 31)
#define HCR_EL2_AMO_IMO_FMO	(7 << 3)
#define R_AARCH64_RELATIVE	1027
#define RELA_BYTES		24
#define PERCPU_STACK_TOP	0	/* offsets in struct percpu, asserted in boot_main.c */
#define PERCPU_MPIDR		8
#define PERCPU_BYTES		32
#define IMAGE_FLAGS		0xa	/* little-endian, 4 KiB pages, any 2 MiB-aligned place */

	/* The image is loaded page-aligned, so ADRP + LO12 holds wherever it is. */
	.macro	adr_l reg, symbol
	adrp	\reg, \symbol
	add	\reg, \reg, :lo12:\symbol
	.endm

	/* Data cache lines [start, end), by operation; both are page-aligned. Clobbers line, tmp and start. */
	.macro	dcache_range operation, start, end, line, tmp
	mrs	\tmp, ctr_el0
	ubfx	\tmp, \tmp, #16, #4	/* CTR_EL0.DminLine: log2 of words */
	mov	\line, #4
	lsl	\line, \line, \tmp
8:	cmp	\start, \end
	b.hs	9f
	dc	\operation, \start
	add	\start, \start, \line
	b	8b
9:	dsb	sy
	.endm

	/* EL2 as Corbel wants it, before anything depends on it: E2H first, then the registers that it redirects. */
	.macro	el2_baseline tmp
	mov	\tmp, #HCR_EL2_RW
	orr	\tmp, \tmp, #HCR_EL2_AMO_IMO_FMO
	msr	hcr_el2, \tmp
	isb
	mov	\tmp, #(SCTLR_EL2_MMU_OFF & 0xffff)
	movk	\tmp, #(SCTLR_EL2_MMU_OFF >> 16), lsl #16
	msr	sctlr_el2, \tmp
	adrp	\tmp, vectors
	add	\tmp, \tmp, :lo12:vectors
	msr	vbar_el2, \tmp
	isb
	.endm

	.section .head.text, "ax"
	.globl	_start
_start:
	b	primary_start		/* code0 */
	.long	0			/* code1 */
	.quad	0			/* text_offset */
	.quad	__image_end - _start	/* image_size: .bss and stacks too */
	.quad	IMAGE_FLAGS
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

/* The boot CPU. x0 = DTB. x19 keeps it, x20 how we were entered (BOOT_*), x21 the loader's stack pointer. */
	.globl	primary_start
primary_start:
	msr	daifset, #0xf
	msr	spsel, #1
	mov	x19, x0
	mov	x21, sp
	mrs	x1, CurrentEL
	cmp	x1, #CURRENT_EL_EL2
	b.ne	at_other_el
	mov	x20, #BOOT_MMU_ON
	mrs	x1, sctlr_el2
	tbnz	x1, #0, prepare_memory	/* M: leave the regime alone, we run by its map */
	mov	x20, #BOOT_AGREED
	el2_baseline x1
	b	prepare_memory

at_other_el:
	lsr	x20, x1, #2
	/* A board without firmware lets all CPUs in at once: one tells, the others stay out of its way. */
	mrs	x1, mpidr_el1
	tst	x1, #0xffffff
	b.ne	park

prepare_memory:
	/*
	 * The loader cleaned what it loaded; for .bss and stacks it promised nothing. Lines that are dirty there
	 * would be written over ours later, so they go first. What was loaded is cleaned again: harmless, and it
	 * forgives a loader.
	 */
	adr_l	x0, __image_start
	adr_l	x1, __bss_start
	dcache_range civac, x0, x1, x2, x3
	adr_l	x1, __image_end
	dcache_range ivac, x0, x1, x2, x3

	adr_l	x0, __bss_start
	adr_l	x1, __bss_end
1:	cmp	x0, x1
	b.hs	2f
	stp	xzr, xzr, [x0], #16
	b	1b

	/* Linked at 0: each RELATIVE word wants where we are added. scripts/relocs allows no other kind. */
2:	adr_l	x0, __rela_start
	adr_l	x1, __rela_end
	adrp	x2, __image_start
3:	cmp	x0, x1
	b.hs	4f
	ldp	x3, x4, [x0]		/* r_offset, r_info */
	ldr	x5, [x0, #16]		/* r_addend */
	add	x0, x0, #RELA_BYTES
	cmp	w4, #R_AARCH64_RELATIVE
	b.ne	3b
	add	x5, x5, x2
	str	x5, [x2, x3]
	b	3b

4:	adr_l	x0, __boot_stack_top
	mov	sp, x0
	cbnz	x20, 5f
	adr_l	x0, percpu_areas
	msr	tpidr_el2, x0
5:	mov	x0, x19
	mov	x1, x20
	mov	x2, x21
	mov	x29, xzr
	mov	x30, xzr
	b	boot_main

/*
 * Secondaries. Until the MMU is on they read only what was cleaned to the point of coherency (struct percpu) and write
 * no memory: a stack line written past the caches could be hidden by a stale one later.
 */
	.section .text.boot, "ax"

/* From a spin table: nothing is handed over, so the area is looked up by MPIDR. */
	.globl	secondary_start_spin
secondary_start_spin:
	mrs	x1, mpidr_el1
	mov	x2, #0xffffff
	movk	x2, #0xff, lsl #32
	and	x1, x1, x2
	adr_l	x0, percpu_areas
	add	x3, x0, #(PERCPU_BYTES * BOOT_NR_PERCPU)
1:	cmp	x0, x3
	b.hs	park
	ldr	x2, [x0, #PERCPU_MPIDR]
	cmp	x1, x2
	b.eq	secondary_start
	add	x0, x0, #PERCPU_BYTES
	b	1b

/* From PSCI CPU_ON: x0 = struct percpu. [DEN0022 6.4]: EL2, MMU and caches off. */
	.globl	secondary_start
secondary_start:
	msr	daifset, #0xf
	msr	spsel, #1
	mrs	x1, CurrentEL
	cmp	x1, #CURRENT_EL_EL2
	b.ne	park
	el2_baseline x1
	mov	x19, x0
	ldr	x1, [x0, #PERCPU_STACK_TOP]
	mov	sp, x1
	msr	tpidr_el2, x0
	bl	el2_mmu_enable
	mov	x0, x19
	mov	x29, xzr
	mov	x30, xzr
	b	boot_secondary_main

park:
	wfe
	b	park

/*
 * Where a guest begins: the arm64 Image header, then what C needs: memory that is cached, a stack, and cleared BSS.
 * The loader hands over x0 = address of the device tree, MMU off, interrupts masked.
 * [Linux, Documentation/arm64/booting.rst]
 */
	.section .head, "ax"
	.global	_start
_start:
	b	start
	.long	0
	.quad	0x200000		/* text_offset: RAM base + this is where guest.ld links us to */
	.quad	_image_size		/* with BSS and stack: the loader keeps that much free */
	.quad	2			/* flags: little endian, 4 KiB pages */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

/*
 * The page table: four blocks of 1 GiB, each address mapped to itself. The first is device memory, never executed, and
 * so is the last, where boards have devices; RAM is normal write-back memory, inner shareable. The table is part of the
 * file, so it is right in memory before any cache is on. [DDI0487 D8.3 descriptors: block 1, AttrIndx 2, SH 9:8, AF 10,
 * PXN 53, UXN 54]
 */
	.section .rodata
	.balign	64
page_table:
	.quad	0x00000000 | 1 | 1 << 2 | 1 << 10 | 3 << 53
	.quad	0x40000000 | 1 | 3 << 8 | 1 << 10
	.quad	0x80000000 | 1 | 3 << 8 | 1 << 10
	.quad	0xc0000000 | 1 | 1 << 2 | 1 << 10 | 3 << 53

#define MAIR	0x04ff			/* AttrIndx 0: normal write-back; 1: Device-nGnRE */
/* TTBR0 alone, 32 bits of address (so the walk starts at level 1, with four entries), cached and shareable walks */
#define TCR	(32 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23)
#define SCTLR	(0x30d00800 | 1 << 0 | 1 << 2 | 1 << 12)	/* the RES1 bits; M, C, I */

	.text
start:
	msr	daifset, #0xf
	msr	spsel, #1
	/* Without the MMU there is no data cache. On before the first store: what came before stays behind. */
	adrp	x1, page_table
	add	x1, x1, :lo12:page_table
	msr	ttbr0_el1, x1
	ldr	x1, =MAIR
	msr	mair_el1, x1
	ldr	x1, =TCR
	msr	tcr_el1, x1
	isb
	tlbi	vmalle1
	dsb	nsh
	ldr	x1, =SCTLR
	msr	sctlr_el1, x1
	isb

	adrp	x1, _bss_start
	add	x1, x1, :lo12:_bss_start
	adrp	x2, _bss_end
	add	x2, x2, :lo12:_bss_end
1:	stp	xzr, xzr, [x1], #16
	cmp	x1, x2
	b.lo	1b
	adrp	x1, stack_top
	add	x1, x1, :lo12:stack_top
	mov	sp, x1
	bl	main			/* main(dtb): x0 is as the loader set it */

/* When main returns, or for who calls it: PSCI SYSTEM_OFF. [DEN0022 5.10] */
	.global	power_off
power_off:
	ldr	w0, =0x84000008
	hvc	#0
1:	wfi
	b	1b

	.bss
	.balign	16
	.skip	16384
stack_top:

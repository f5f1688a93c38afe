/*
 * Entry of a test guest: the Image header, the boot CPU's way and that of a CPU that PSCI CPU_ON starts.
 * [Documentation/arm64/booting.rst: header; x0 = DTB, MMU off]
 */
#include "tests/guests/common/layout.h"

	.section .head, "ax"
	.global _start
_start:
	b	boot_cpu
	.long	0
	.quad	0x200000		/* text_offset: with flags bit 3 clear, RAM base + this */
	.quad	_image_size
	.quad	2			/* flags: little endian, 4 KiB pages */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

	.text
boot_cpu:
	msr	daifset, #0xf
	mov	x19, x0
	mov	x20, x1
	mov	x21, x2
	mov	x22, x3
	bl	set_up_el1
	/* BSS may hold anything, and the cache may hold old lines of it. */
	adrp	x0, _bss_start
	add	x0, x0, :lo12:_bss_start
	adrp	x1, _bss_end
	add	x1, x1, :lo12:_bss_end
1:	dc	ivac, x0
	stp	xzr, xzr, [x0], #16
	stp	xzr, xzr, [x0], #16
	stp	xzr, xzr, [x0], #16
	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	1b
	dsb	sy
	adrp	x5, boot_args
	add	x5, x5, :lo12:boot_args
	stp	x19, x20, [x5]
	stp	x21, x22, [x5, #16]
	mov	x0, #0
	bl	set_stack
	mov	x0, x19
	bl	guest_start
	b	.

/* PSCI hands over x0 = context id, MMU off, interrupts masked. [DEN0022 6.4] */
	.global	secondary_entry
secondary_entry:
	mov	x19, x0
	mrs	x20, daif		/* as it came: smp.c looks at it */
	msr	daifset, #0xf
	bl	set_up_el1
	mrs	x0, mpidr_el1
	and	x0, x0, #0xff
	mov	x21, x0
	bl	set_stack
	mov	x0, x21
	mov	x1, x19
	mov	x2, x20
	bl	secondary_start
	b	.

set_up_el1:
	msr	spsel, #1
	adrp	x0, vectors
	add	x0, x0, :lo12:vectors
	msr	vbar_el1, x0
	isb
	ret

/* x0: the CPU's number. Its stack grows down from the next one's start. */
set_stack:
	adrp	x1, stacks
	add	x1, x1, :lo12:stacks
	add	x0, x0, #1
	mov	x2, #GUEST_STACK_BYTES
	madd	x0, x0, x2, x1
	mov	sp, x0
	ret

	.bss
	.balign	64
stacks:	.skip	GUEST_STACK_BYTES * GUEST_MAX_CPUS
	.global	boot_args
boot_args: .skip 32

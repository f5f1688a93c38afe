/*
 * EL1 vectors: every slot saves a whole frame on the stack and calls on_exception(kind, frame), kind being the slot's
 * number. Handlers may unmask interrupts and nest: ELR and SPSR are in the frame. The table is there twice, so that
 * two CPUs can have different VBAR_EL1 values. [DDI0487 D1.3.1]
 */
#include "tests/guests/common/layout.h"
#include "tests/guests/common/registers.inc"

	.macro	SLOT kind
	.balign	128
	sub	sp, sp, #FRAME_BYTES
	stp	x0, x1, [sp]
	mov	x0, #\kind
	b	exception_common
	.endm

	.macro	TABLE name
	.balign	2048
	.global	\name
\name:
	.irp	kind, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	SLOT	\kind
	.endr
	.endm

	.text
	TABLE	vectors
	TABLE	vectors_alt

	.balign	64
exception_common:
	MOST_X	stp, sp
	mrs	x1, sp_el0
	stp	x30, x1, [sp, #240]
	mrs	x1, elr_el1
	mrs	x2, spsr_el1
	stp	x1, x2, [sp, #FRAME_ELR]
	mrs	x1, esr_el1
	mrs	x2, far_el1
	stp	x1, x2, [sp, #FRAME_ESR]
	mov	x1, sp
	bl	on_exception
	msr	daifset, #0xf
	ldp	x1, x2, [sp, #FRAME_ELR]
	msr	elr_el1, x1
	msr	spsr_el1, x2
	ldp	x30, x1, [sp, #240]
	msr	sp_el0, x1
	MOST_X	ldp, sp
	ldp	x0, x1, [sp]
	add	sp, sp, #FRAME_BYTES
	eret

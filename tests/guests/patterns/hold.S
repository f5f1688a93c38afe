/* All general and vector registers are a pattern while the CPU waits: see struct held in patterns.c. */
#include "tests/guests/patterns/hold.h"

	.arch_extension fp
	.arch_extension simd
	.macro	ALL_V insn
	\insn	q0, q1, [x0]
	\insn	q2, q3, [x0, #32]
	\insn	q4, q5, [x0, #64]
	\insn	q6, q7, [x0, #96]
	\insn	q8, q9, [x0, #128]
	\insn	q10, q11, [x0, #160]
	\insn	q12, q13, [x0, #192]
	\insn	q14, q15, [x0, #224]
	\insn	q16, q17, [x0, #256]
	\insn	q18, q19, [x0, #288]
	\insn	q20, q21, [x0, #320]
	\insn	q22, q23, [x0, #352]
	\insn	q24, q25, [x0, #384]
	\insn	q26, q27, [x0, #416]
	\insn	q28, q29, [x0, #448]
	\insn	q30, q31, [x0, #480]
	.endm

	/* x2 to x29: x0, x1 and x30 are left for the address and for what the caller does with them */
	.macro	MOST_X insn, base, offset
	\insn	x2, x3, [\base, #(\offset + 16)]
	\insn	x4, x5, [\base, #(\offset + 32)]
	\insn	x6, x7, [\base, #(\offset + 48)]
	\insn	x8, x9, [\base, #(\offset + 64)]
	\insn	x10, x11, [\base, #(\offset + 80)]
	\insn	x12, x13, [\base, #(\offset + 96)]
	\insn	x14, x15, [\base, #(\offset + 112)]
	\insn	x16, x17, [\base, #(\offset + 128)]
	\insn	x18, x19, [\base, #(\offset + 144)]
	\insn	x20, x21, [\base, #(\offset + 160)]
	\insn	x22, x23, [\base, #(\offset + 176)]
	\insn	x24, x25, [\base, #(\offset + 192)]
	\insn	x26, x27, [\base, #(\offset + 208)]
	\insn	x28, x29, [\base, #(\offset + 224)]
	.endm

	.macro	CALLEE_SAVED insn
	\insn	x19, x20, [sp]
	\insn	x21, x22, [sp, #16]
	\insn	x23, x24, [sp, #32]
	\insn	x25, x26, [sp, #48]
	\insn	x27, x28, [sp, #64]
	\insn	x29, x30, [sp, #80]
	.endm

/* void hold_and_wait(struct held *held): one WFI. Interrupts are masked, so nothing needs a stack meanwhile. */
	.text
	.global	hold_and_wait
hold_and_wait:
	sub	sp, sp, #96
	CALLEE_SAVED stp
	adrp	x1, stack
	mov	x2, sp
	str	x2, [x1, :lo12:stack]
	mov	sp, x0			/* SP_EL1 is a pattern, too: the VM's own place among several */
	add	x0, x0, #HELD_V_IN
	ALL_V	ldp
	ldr	x1, [sp, #(HELD_X_IN + 248)]
	msr	nzcv, x1
	MOST_X	ldp, sp, HELD_X_IN
	ldr	x30, [sp, #(HELD_X_IN + 240)]
	ldp	x0, x1, [sp, #HELD_X_IN]
	wfi
	stp	x0, x1, [sp, #HELD_X_OUT]
	str	x30, [sp, #(HELD_X_OUT + 240)]
	MOST_X	stp, sp, HELD_X_OUT
	mrs	x1, nzcv
	str	x1, [sp, #(HELD_X_OUT + 248)]
	mov	x1, sp
	str	x1, [sp, #HELD_SP]
	add	x0, x1, #HELD_V_OUT
	ALL_V	stp
	adrp	x1, stack
	ldr	x2, [x1, :lo12:stack]
	mov	sp, x2
	CALLEE_SAVED ldp
	add	sp, sp, #96
	ret

	.bss
	.balign	8
stack:	.skip	8

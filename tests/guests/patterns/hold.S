/* All general and vector registers are a pattern while the CPU waits: see struct held in patterns.c. */
#include "tests/guests/common/registers.inc"
#include "tests/guests/patterns/hold.h"

/* void hold_and_wait(struct held *held): one WFI. Interrupts are masked, so nothing needs a stack meanwhile. */
	.text
	.global	hold_and_wait
hold_and_wait:
	PUSH_CALLEE_SAVED
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
	POP_CALLEE_SAVED
	ret

	.bss
	.balign	8
stack:	.skip	8

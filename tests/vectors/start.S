/* Entry at EL2, the vectors of EL2 and EL1, and the way into a guest's instruction and back. */
#include "tests/guests/common/registers.inc"
#include "tests/vectors/capture.h"

	.text
	.global	_start
_start:
	adrp	x0, stack_top
	add	x0, x0, :lo12:stack_top
	mov	sp, x0
	adrp	x0, vectors_el2
	add	x0, x0, :lo12:vectors_el2
	msr	vbar_el2, x0
	adrp	x0, vectors_el1
	add	x0, x0, :lo12:vectors_el1
	msr	vbar_el1, x0
	isb
	bl	capture_main
	ldr	w0, =0x84000008		// PSCI SYSTEM_OFF [DEN0022]
	smc	#0
1:	wfi
	b	1b

/*
 * x0: x0-x30 to load; x1: struct trap. The callee-saved registers wait on the stack, the trap's address in TPIDR_EL2.
 */
	.global	run_until_trap
run_until_trap:
	PUSH_CALLEE_SAVED
	msr	tpidr_el2, x1
	MOST_X	ldp, x0
	ldr	x30, [x0, #240]
	ldp	x0, x1, [x0]
	eret

/* x0: 512 bytes for V0-V31. Only where CPTR_EL2.TFP is 0. */
	.global	load_vectors
load_vectors:
	ALL_V	ldp
	ret

trapped:
	mrs	x0, tpidr_el2
	MOST_X	stp, x0
	str	x30, [x0, #240]
	str	x1, [x0, #TRAP_SLOT]
	ldp	x2, x3, [sp], #16
	stp	x2, x3, [x0]
	mrs	x2, esr_el2
	mrs	x3, far_el2
	stp	x2, x3, [x0, #TRAP_ESR]
	mrs	x2, hpfar_el2
	mrs	x3, elr_el2
	stp	x2, x3, [x0, #TRAP_ESR + 16]
	mrs	x2, spsr_el2
	mrs	x3, sp_el0
	stp	x2, x3, [x0, #TRAP_ESR + 32]
	mrs	x2, sp_el1
	str	x2, [x0, #TRAP_ESR + 48]
	POP_CALLEE_SAVED
	ret

own_fault:
	mrs	x0, esr_el2
	mrs	x1, elr_el2
	mrs	x2, far_el2
	bl	capture_fault
1:	wfi
	b	1b

	.balign	2048
vectors_el2:
	.set	slot, 0
	.rept	16
	.balign	128
	.if	slot < 8
	b	own_fault
	.else
	stp	x0, x1, [sp, #-16]!
	mov	x1, #slot
	b	trapped
	.endif
	.set	slot, slot + 1
	.endr

/* What goes to EL1 comes here at once, with all that EL1 has of it. */
	.balign	2048
vectors_el1:
	.rept	16
	.balign	128
	hvc	#HVC_FROM_EL1
	.endr

	.bss
	.balign	16
	.space	16384
stack_top:

/* Entry at EL2, the vectors of EL2 and EL1, and the way into a guest's instruction and back. */
#include "capture.h"

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
	stp	x29, x30, [sp, #-96]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	msr	tpidr_el2, x1
	ldp	x2, x3, [x0, #16]
	ldp	x4, x5, [x0, #32]
	ldp	x6, x7, [x0, #48]
	ldp	x8, x9, [x0, #64]
	ldp	x10, x11, [x0, #80]
	ldp	x12, x13, [x0, #96]
	ldp	x14, x15, [x0, #112]
	ldp	x16, x17, [x0, #128]
	ldp	x18, x19, [x0, #144]
	ldp	x20, x21, [x0, #160]
	ldp	x22, x23, [x0, #176]
	ldp	x24, x25, [x0, #192]
	ldp	x26, x27, [x0, #208]
	ldp	x28, x29, [x0, #224]
	ldr	x30, [x0, #240]
	ldp	x0, x1, [x0]
	eret

/* x0: 512 bytes for V0-V31. Only where CPTR_EL2.TFP is 0. */
	.global	load_vectors
load_vectors:
	ldp	q0, q1, [x0]
	ldp	q2, q3, [x0, #32]
	ldp	q4, q5, [x0, #64]
	ldp	q6, q7, [x0, #96]
	ldp	q8, q9, [x0, #128]
	ldp	q10, q11, [x0, #160]
	ldp	q12, q13, [x0, #192]
	ldp	q14, q15, [x0, #224]
	ldp	q16, q17, [x0, #256]
	ldp	q18, q19, [x0, #288]
	ldp	q20, q21, [x0, #320]
	ldp	q22, q23, [x0, #352]
	ldp	q24, q25, [x0, #384]
	ldp	q26, q27, [x0, #416]
	ldp	q28, q29, [x0, #448]
	ldp	q30, q31, [x0, #480]
	ret

trapped:
	mrs	x0, tpidr_el2
	stp	x2, x3, [x0, #16]
	stp	x4, x5, [x0, #32]
	stp	x6, x7, [x0, #48]
	stp	x8, x9, [x0, #64]
	stp	x10, x11, [x0, #80]
	stp	x12, x13, [x0, #96]
	stp	x14, x15, [x0, #112]
	stp	x16, x17, [x0, #128]
	stp	x18, x19, [x0, #144]
	stp	x20, x21, [x0, #160]
	stp	x22, x23, [x0, #176]
	stp	x24, x25, [x0, #192]
	stp	x26, x27, [x0, #208]
	stp	x28, x29, [x0, #224]
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
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
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

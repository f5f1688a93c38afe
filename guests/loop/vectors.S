/*
 * EL1 vectors: interrupts go to on_interrupt(), everything else is a bug and goes to on_fault(). Sixteen slots of 128
 * bytes; ours are the second four, from EL1 with its own stack pointer. [DDI0487 D1.3.1]
 */
	.macro	SLOT target
	.balign	128
	b	\target
	.endm

	.text
	.balign	2048
	.global	vectors
vectors:
	.rept	5
	SLOT	on_fault
	.endr
	SLOT	interrupt
	.rept	10
	SLOT	on_fault
	.endr

/*
 * The registers that a C function may change [AAPCS64 6.1.1]; FP registers are not used. ELR and SPSR say where to go
 * back to; kept here, on_interrupt() could let other interrupts in.
 */
interrupt:
	sub	sp, sp, #192
	stp	x0, x1, [sp]
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x29, [sp, #144]
	mrs	x0, elr_el1
	mrs	x1, spsr_el1
	stp	x30, x0, [sp, #160]
	str	x1, [sp, #176]
	bl	on_interrupt
	ldr	x1, [sp, #176]
	ldp	x30, x0, [sp, #160]
	msr	spsr_el1, x1
	msr	elr_el1, x0
	ldp	x18, x29, [sp, #144]
	ldp	x16, x17, [sp, #128]
	ldp	x14, x15, [sp, #112]
	ldp	x12, x13, [sp, #96]
	ldp	x10, x11, [sp, #80]
	ldp	x8, x9, [sp, #64]
	ldp	x6, x7, [sp, #48]
	ldp	x4, x5, [sp, #32]
	ldp	x2, x3, [sp, #16]
	ldp	x0, x1, [sp]
	add	sp, sp, #192
	eret

/* Code that is broken into and stepped through. */
	.text

/* Eight places for a breakpoint, and calls of all of them: x0 is not touched. */
	.macro	PLACE n
	.global	place\n
place\n:
	nop
	ret
	.endm
	.irp	n, 0,1,2,3,4,5,6,7
	PLACE	\n
	.endr

	.global	call_places
call_places:
	stp	x29, x30, [sp, #-16]!
	.irp	n, 0,1,2,3,4,5,6,7
	bl	place\n
	.endr
	ldp	x29, x30, [sp], #16
	ret

/* At EL0: the same place with another privilege; stores to and loads from x0; then away. */
	.global	el0_place, el0_place_insn
el0_place:
	nop
el0_place_insn:
	nop
	svc	#0xfff
	.global	el0_touch, el0_touch_load
el0_touch:
	str	xzr, [x0]
el0_touch_load:
	ldr	x1, [x0]
	svc	#0xfff

/* Stepped through at EL0: x0 is a device register, so that some instructions are emulated. */
	.global	el0_steps, el0_steps_skipped, el0_steps_end
el0_steps:
	mov	x1, #1
	ldr	w2, [x0]		/* a device's, by its syndrome */
	ldp	w2, w3, [x0]		/* ... by the instruction */
	b	1f
el0_steps_skipped:
	nop
1:	wfi				/* may trap */
	add	x1, x1, #1
el0_steps_end:
	svc	#0xfff

/* Stepped through at EL1: x0 is a device register; what Corbel emulates, answers, and steps over. */
	.global	el1_steps, el1_steps_skipped, el1_steps_end
el1_steps:
	mov	x9, x0
	mrs	x1, id_aa64pfr0_el1
	ldr	w2, [x9]
	str	w2, [x9]
	movz	x0, #0x8400, lsl #16	/* PSCI_VERSION */
	hvc	#0
	msr	oslar_el1, xzr
	dc	cisw, xzr
	b	1f
el1_steps_skipped:
	nop
1:	nop
el1_steps_end:
	nop
	b	.

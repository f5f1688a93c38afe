/*
 * One action each between loading all general registers and NZCV from *x0 and storing them behind it: x0 points to
 * struct gpr_run { in[32], out[32] }, element 31 being NZCV. No action changes the flags.
 */
	.macro	ACTION name:req
	.global	\name
	.type	\name, %function
\name:	stp	x29, x30, [sp, #-112]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	str	x0, [sp, #96]
	sub	sp, sp, #256
	mov	x30, x0
	ldr	x1, [x30, #248]
	msr	nzcv, x1
	ldp	x0, x1, [x30]
	ldp	x2, x3, [x30, #16]
	ldp	x4, x5, [x30, #32]
	ldp	x6, x7, [x30, #48]
	ldp	x8, x9, [x30, #64]
	ldp	x10, x11, [x30, #80]
	ldp	x12, x13, [x30, #96]
	ldp	x14, x15, [x30, #112]
	ldp	x16, x17, [x30, #128]
	ldp	x18, x19, [x30, #144]
	ldp	x20, x21, [x30, #160]
	ldp	x22, x23, [x30, #176]
	ldp	x24, x25, [x30, #192]
	ldp	x26, x27, [x30, #208]
	ldp	x28, x29, [x30, #224]
	ldr	x30, [x30, #240]
	.endm

	.macro	ACTION_END
	b	store_all
	.endm

	.text
store_all:
	stp	x0, x1, [sp]
	ldr	x0, [sp, #(256 + 96)]
	add	x0, x0, #256
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
	mrs	x1, nzcv
	str	x1, [x0, #248]
	ldp	x2, x3, [sp]
	stp	x2, x3, [x0]
	add	sp, sp, #256
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #112
	ret

	ACTION	act_hvc			/* x0: function in, result out */
	hvc	#0
	ACTION_END
	ACTION	act_load		/* x10: address, w9: result */
	ldr	w9, [x10]
	ACTION_END
	ACTION	act_store		/* x10: address, w9: value */
	str	w9, [x10]
	ACTION_END
	ACTION	act_id_register		/* x11: result */
	mrs	x11, id_aa64pfr0_el1
	ACTION_END
	ACTION	act_wfi			/* with something pending */
	wfi
	ACTION_END
	ACTION	act_interrupt		/* with something pending: it is taken here */
	msr	daifclr, #2
	isb
	nop
	msr	daifset, #2
	ACTION_END
	ACTION	act_spin		/* until CNTVCT reaches x1; x0 is scratch */
1:	isb
	mrs	x0, cntvct_el0
	sub	x0, x0, x1
	tbnz	x0, #63, 1b
	ACTION_END
	ACTION	act_spin_interrupts	/* the same, with timer interrupts */
	msr	daifclr, #2
1:	isb
	mrs	x0, cntvct_el0
	sub	x0, x0, x1
	tbnz	x0, #63, 1b
	msr	daifset, #2
	ACTION_END

/* V0-V31 from and to 64 double words at x0. */
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
	.global	v_load, v_store
v_load:	ALL_V	ldp
	ret
v_store: ALL_V	stp
	ret

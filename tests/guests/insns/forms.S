/*
 * One load or store each. form_NAME(struct state *): x0 to x3 and q0, q1 come from the state, the instruction runs, and
 * they go back into it. With SP as base, x0 takes SP's place in the state. insn_NAME is the instruction's address.
 */
#include "tests/guests/common/registers.inc"

	.macro	LOAD_STATE
	mov	x9, x0
	ldp	x0, x1, [x9]
	ldp	x2, x3, [x9, #16]
	ldp	q0, q1, [x9, #32]
	.endm

	.macro	STORE_STATE
	stp	x0, x1, [x9]
	stp	x2, x3, [x9, #16]
	stp	q0, q1, [x9, #32]
	.endm

	.macro	FORM name, insn:vararg
	.global	form_\name, insn_\name
	.type	form_\name, %function
form_\name:
	LOAD_STATE
insn_\name:
	\insn
	STORE_STATE
	ret
	.endm

	.macro	FORM_SP name, insn:vararg
	.global	form_\name, insn_\name
	.type	form_\name, %function
form_\name:
	LOAD_STATE
	mov	x10, sp
	mov	sp, x0
insn_\name:
	\insn
	mov	x0, sp
	mov	sp, x10
	STORE_STATE
	ret
	.endm

	.text
	FORM	ldp_w, ldp w1, w2, [x0]
	FORM	ldp_w_offset, ldp w1, w2, [x0, #8]
	FORM	ldp_w_negative, ldp w1, w2, [x0, #-8]
	FORM	ldp_w_pre, ldp w1, w2, [x0, #8]!
	FORM	ldp_w_post, ldp w1, w2, [x0], #-16
	FORM	ldp_wzr, ldp wzr, w2, [x0]
	FORM	ldp_over_base, ldp w1, w0, [x0]
	FORM	ldnp_w, ldnp w1, w2, [x0]
	FORM	ldpsw, ldpsw x1, x2, [x0]
	FORM	ldpsw_pre, ldpsw x1, x2, [x0, #8]!
	FORM	ldr_w_pre, ldr w1, [x0, #4]!
	FORM	ldr_w_post, ldr w1, [x0], #12
	FORM	ldrb_pre, ldrb w1, [x0, #3]!
	FORM	ldrb_post, ldrb w1, [x0], #1
	FORM	ldrsb_w_pre, ldrsb w1, [x0, #3]!
	FORM	ldrsb_x_post, ldrsb x1, [x0], #-1
	FORM	ldrsw_post, ldrsw x1, [x0], #8
	FORM	ldrh_post, ldrh w1, [x0], #2
	FORM	ldrsh_w_pre, ldrsh w1, [x0, #2]!
	FORM	ldrsh_x_post, ldrsh x1, [x0], #-2
	FORM_SP	ldp_w_sp, ldp w1, w2, [sp], #16
	FORM_SP	ldr_w_sp, ldr w1, [sp, #-16]!
	FORM	ldr_b, ldr b0, [x0, #3]
	FORM	ldr_h, ldr h0, [x0]
	FORM	ldr_s, ldr s0, [x0, #4]
	FORM	ldr_s_pre, ldr s0, [x0, #4]!
	FORM	ldr_s_post, ldr s0, [x0], #8
	FORM	ldur_s, ldur s0, [x0, #-4]
	FORM	ldr_s_lsl, ldr s0, [x0, x3, lsl #2]
	FORM	ldr_s_sxtw, ldr s0, [x0, w3, sxtw #2]
	FORM	ldr_b_uxtw, ldr b0, [x0, w3, uxtw]
	FORM	ldp_s, ldp s0, s1, [x0, #8]
	FORM	ldp_s_post, ldp s0, s1, [x0], #8

	FORM	stp_w, stp w1, w2, [x0, #8]
	FORM	stp_w_pre, stp w1, w2, [x0, #4]!
	FORM	stp_w_post, stp w1, w2, [x0], #8
	FORM	stp_same, stp w1, w1, [x0]
	FORM	stp_wzr, stp wzr, w2, [x0]
	FORM	stnp_w, stnp w1, w2, [x0]
	FORM	str_w_pre, str w1, [x0, #12]!
	FORM	str_w_post, str w1, [x0], #-4
	FORM	strb_post, strb w1, [x0], #1
	FORM	strh_pre, strh w1, [x0, #2]!
	FORM_SP	stp_w_sp, stp w1, w2, [sp, #-16]!
	FORM	str_b, str b0, [x0]
	FORM	str_h, str h0, [x0]
	FORM	str_s, str s0, [x0]
	FORM	str_s_post, str s0, [x0], #4
	FORM	str_s_sxtx, str s0, [x0, x3, sxtx #2]
	FORM	stp_s_pre, stp s0, s1, [x0, #8]!

	FORM	ldp_x, ldp x1, x2, [x0, #16]
	FORM	ldp_x_pre, ldp x1, x2, [x0, #16]!
	FORM	ldp_x_post, ldp x1, x2, [x0], #32
	FORM	ldr_x_post, ldr x1, [x0], #8
	FORM	ldr_d, ldr d0, [x0, #8]
	FORM	ldp_d, ldp d0, d1, [x0]
	FORM	ldr_q, ldr q0, [x0, #16]
	FORM	ldr_q_pre, ldr q0, [x0, #16]!
	FORM	ldr_q_post, ldr q0, [x0], #16
	FORM	ldr_q_lsl, ldr q0, [x0, x3, lsl #4]
	FORM	ldp_q_post, ldp q0, q1, [x0], #32
	FORM_SP	ldp_q_sp, ldp q0, q1, [sp], #32
	FORM	stp_x, stp x1, x2, [x0, #8]
	FORM	stp_x_pre, stp x1, x2, [x0, #16]!
	FORM	stp_xzr, stp xzr, xzr, [x0]
	FORM	str_x_post, str x1, [x0], #16
	FORM	str_d, str d0, [x0, #24]
	FORM	stp_d_post, stp d0, d1, [x0], #16
	FORM	str_q, str q0, [x0, #16]
	FORM	str_q_post, str q0, [x0], #-16
	FORM	stp_q, stp q0, q1, [x0]
	FORM	stp_q_pre, stp q0, q1, [x0, #-32]!
	FORM	dc_zva, dc zva, x0

	/* copied to where only the guest's stage 1 finds it, up to end_copied */
	FORM	copied, ldp w1, w2, [x0], #8
	.global	end_copied
end_copied:

	/* refused */
	FORM	ldxr, ldxr w1, [x0]
	FORM	stlxr, stlxr w2, w1, [x0]
	FORM	ld1, ld1 { v0.4s }, [x0]
	FORM	st1_post, st1 { v0.4s, v1.4s }, [x0], #32
	FORM	ldr_same, .inst 0xb8404400	/* ldr w0, [x0], #4 */
	FORM	ldp_same, .inst 0x29400401	/* ldp w1, w1, [x0] */

/*
 * void run_el0(void (*form)(struct state *), struct state *, uint64_t code_offset): catch_begin(run_back) before. The
 * offset leads to where EL0 may execute this file. The form needs no stack.
 */
	.global	run_el0, run_back
run_el0:
	PUSH_CALLEE_SAVED
	msr	spsr_el1, xzr
	adr	x3, 1f
	add	x2, x2, x3
	msr	elr_el1, x2
	mov	x19, x0
	mov	x0, x1
	isb
	eret
1:	blr	x19
	svc	#0xfff
run_back:
	POP_CALLEE_SAVED
	ret

/* void run_el1(form, struct state *): at EL1; an exception may go on at run_back, too. */
	.global	run_el1
run_el1:
	PUSH_CALLEE_SAVED
	mov	x2, x0
	mov	x0, x1
	blr	x2
	b	run_back

/* As run_el0() at EL1 with SP_EL0 as its stack pointer. */
	.global	run_el1t
run_el1t:
	stp	x19, x30, [sp, #-16]!
	mov	x19, x0
	mov	x0, x1
	msr	sp_el0, x2
	msr	spsel, #0
	blr	x19
	msr	spsel, #1
	ldp	x19, x30, [sp], #16
	ret

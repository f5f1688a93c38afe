/*
 * The only code that names SIMD and floating-point registers (scripts/nofp checks it). FP moves when another vCPU
 * is loaded; an exit touches those registers only that an emulated instruction names. CPTR_EL2.TFP is clear at EL2,
 * so no trap is in the way. struct fp_state: V0-V31, FPCR, FPSR.
 */
	.section .text.fpstate, "ax"

/* void fp_save(struct fp_state *state) */
	.global	fp_save
	.type	fp_save, %function
fp_save:
	stp	q0, q1, [x0, #0]
	stp	q2, q3, [x0, #32]
	stp	q4, q5, [x0, #64]
	stp	q6, q7, [x0, #96]
	stp	q8, q9, [x0, #128]
	stp	q10, q11, [x0, #160]
	stp	q12, q13, [x0, #192]
	stp	q14, q15, [x0, #224]
	stp	q16, q17, [x0, #256]
	stp	q18, q19, [x0, #288]
	stp	q20, q21, [x0, #320]
	stp	q22, q23, [x0, #352]
	stp	q24, q25, [x0, #384]
	stp	q26, q27, [x0, #416]
	stp	q28, q29, [x0, #448]
	stp	q30, q31, [x0, #480]
	mrs	x1, fpcr
	mrs	x2, fpsr
	add	x0, x0, #512
	stp	x1, x2, [x0]
	ret

/* void fp_restore(const struct fp_state *state) */
	.global	fp_restore
	.type	fp_restore, %function
fp_restore:
	ldp	q0, q1, [x0, #0]
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
	add	x0, x0, #512
	ldp	x1, x2, [x0]
	msr	fpcr, x1
	msr	fpsr, x2
	ret

/* Jumps into a table of 32 entries of two instructions each: entry w0. */
	.macro	ENTRY_OF_TABLE
	adr	x2, 1f
	add	x2, x2, w0, uxtw #3
	br	x2
1:
	.endm

/* void fp_read(unsigned int n, uint64_t value[2]) */
	.global	fp_read
	.type	fp_read, %function
fp_read:
	ENTRY_OF_TABLE
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	str	q\n, [x1]
	ret
	.endr

/* void fp_write(unsigned int n, const uint64_t value[2]) */
	.global	fp_write
	.type	fp_write, %function
fp_write:
	ENTRY_OF_TABLE
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ldr	q\n, [x1]
	ret
	.endr

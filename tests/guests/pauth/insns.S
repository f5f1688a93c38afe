/* One PAC or AUT instruction each, the keys, and a page of code to be guarded. */
	.arch	armv8.5-a

	.macro	PAUTH name, insn:vararg
	.global	\name
	.type	\name, %function
\name:	\insn
	ret
	.endm

	.text
	PAUTH	sign_ia, pacia x0, x1
	PAUTH	sign_ib, pacib x0, x1
	PAUTH	sign_da, pacda x0, x1
	PAUTH	sign_db, pacdb x0, x1
	PAUTH	sign_ga, pacga x0, x0, x1
	PAUTH	auth_ia, autia x0, x1
	PAUTH	auth_ib, autib x0, x1
	PAUTH	auth_da, autda x0, x1
	PAUTH	auth_db, autdb x0, x1

/* Ten double words at x0: APIAKeyLo_EL1, Hi, IB, DA, DB, GA. */
	.macro	KEYS insn
	\insn	s3_0_c2_c1_0, 0
	\insn	s3_0_c2_c1_1, 8
	\insn	s3_0_c2_c1_2, 16
	\insn	s3_0_c2_c1_3, 24
	\insn	s3_0_c2_c2_0, 32
	\insn	s3_0_c2_c2_1, 40
	\insn	s3_0_c2_c2_2, 48
	\insn	s3_0_c2_c2_3, 56
	\insn	s3_0_c2_c3_0, 64
	\insn	s3_0_c2_c3_1, 72
	.endm
	.macro	WRITE_KEY key, offset
	ldr	x1, [x0, #\offset]
	msr	\key, x1
	.endm
	.macro	READ_KEY key, offset
	mrs	x1, \key
	str	x1, [x0, #\offset]
	.endm
	.global	write_keys, read_keys
write_keys:
	KEYS	WRITE_KEY
	isb
	ret
read_keys:
	KEYS	READ_KEY
	ret

/* uint64_t call_by_x9(uint64_t address): what the code there leaves in x0; call_return is where it comes back to. */
	.global	call_by_x9, call_return
call_by_x9:
	stp	x29, x30, [sp, #-16]!
	mov	x9, x0
	mov	x0, #0
	blr	x9
call_return:
	ldp	x29, x30, [sp], #16
	ret

	.balign	4096
	.global	bti_page, bti_good, bti_bad
bti_page:
bti_good:
	bti	c
	mov	x0, #1
	ret
bti_bad:
	mov	x0, #2
	ret
	.balign	4096

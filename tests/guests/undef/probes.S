/* One instruction each, at the address of its name: an exception must name it. */
	.macro	PROBE name, insn:vararg
	.global	\name
	.type	\name, %function
\name:	\insn
	ret
	.endm

	.text
	PROBE	probe_udf, .inst 0
	PROBE	probe_hcr_el2, mrs x0, hcr_el2
	PROBE	probe_vbar_el2, msr vbar_el2, x0
	PROBE	probe_scr_el3, mrs x0, scr_el3
	PROBE	probe_write_midr, .inst 0xd5180000	/* MSR S3_0_C0_C0_0, x0 */
	PROBE	probe_write_pfr0, .inst 0xd5180400	/* MSR S3_0_C0_C4_0, x0 */
	PROBE	probe_unallocated, mrs x0, s3_0_c15_c15_7
	PROBE	probe_impdef, mrs x0, s3_1_c15_c0_0
	PROBE	probe_impdef_write, msr s3_1_c15_c2_0, x0
	PROBE	probe_pmcr, mrs x0, pmcr_el0
	PROBE	probe_pmccntr, mrs x0, pmccntr_el0
	PROBE	probe_pmevcntr0, mrs x0, pmevcntr0_el0
	PROBE	probe_pmscr, mrs x0, s3_0_c9_c9_0
	PROBE	probe_erridr, mrs x0, s3_0_c5_c3_0
	PROBE	probe_zcr, mrs x0, s3_0_c1_c2_0
	PROBE	probe_sve_insn, .inst 0x04bf5020	/* RDVL x0, #1 */
	PROBE	probe_smcr, mrs x0, s3_0_c1_c2_6
	PROBE	probe_gcr, mrs x0, s3_0_c1_c0_6
	PROBE	probe_rgsr, mrs x0, s3_0_c1_c0_5
	PROBE	probe_apia, mrs x0, s3_0_c2_c1_0
	PROBE	probe_apga, msr s3_0_c2_c3_0, x0
	PROBE	probe_lorc, mrs x0, s3_0_c10_c4_3
	PROBE	probe_scxtnum, mrs x0, s3_0_c13_c0_7
	PROBE	probe_trfcr, mrs x0, s3_0_c1_c2_1
	PROBE	probe_trc, mrs x0, s2_1_c0_c3_0
	PROBE	probe_mpam, mrs x0, s3_0_c10_c5_1
	PROBE	probe_amcr, mrs x0, s3_3_c13_c2_0
	PROBE	probe_icc_sre, mrs x0, s3_0_c12_c12_5
	PROBE	probe_icc_pmr, mrs x0, s3_0_c4_c6_0
	PROBE	probe_brk, brk #0x123
	PROBE	probe_svc, svc #0x321

/* EL0 code: x0 is all it touches; SVC #0xfff leaves. */
	.macro	EL0_CODE name, insn:vararg
	.global	\name
\name:	\insn
	svc	#0xfff
	.endm
	EL0_CODE el0_svc, svc #0x77
	EL0_CODE el0_hvc, hvc #0
	EL0_CODE el0_smc, smc #0
	EL0_CODE el0_id, mrs x0, id_aa64pfr0_el1
	EL0_CODE el0_vbar, mrs x0, vbar_el1
	EL0_CODE el0_pmccntr, mrs x0, pmccntr_el0
	EL0_CODE el0_udf, .inst 0
	EL0_CODE el0_add, add x0, x0, #1

/* All 56 of the ID space op0=3, op1=0, CRn=0, CRm=1-7, into a table at x0. */
	.global	read_id_registers
read_id_registers:
	.irp	m, 1,2,3,4,5,6,7
	.irp	o, 0,1,2,3,4,5,6,7
	mrs	x1, s3_0_c0_c\m\()_\o
	str	x1, [x0], #8
	.endr
	.endr
	ret

/* An undefined instruction with SPSel = 0: the first group of vectors. */
	.global	probe_sp0, probe_sp0_insn
probe_sp0:
	msr	spsel, #0
probe_sp0_insn:
	.inst	0
	msr	spsel, #1
	ret

/* ERET with SPSR.IL set: PSTATE.IL makes the next instruction an Illegal Execution state exception. */
	.global	probe_illegal, probe_illegal_insn
probe_illegal:
	adr	x0, probe_illegal_insn
	msr	elr_el1, x0
	ldr	x0, =0x001003c5
	msr	spsr_el1, x0
	isb
	eret
probe_illegal_insn:
	nop
	ret

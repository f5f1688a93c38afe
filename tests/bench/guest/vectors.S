/*
 * Vectors that do no more than they must: a table for each version of the GIC and source of interrupts. Synchronous
 * exceptions are counted and stepped over; what else comes ends the guest. TPIDR_EL1 has the CPU's struct seen.
 * [DDI0487 D1.3.1]
 */
	.macro	UNEXPECTED slots:req
	.rept	\slots
	.balign	128
	b	bench_unexpected
	.endr
	.balign	128
	.endm

	.macro	COUNT_FAULT
	stp	x0, x1, [sp, #-16]!
	mrs	x1, tpidr_el1
	ldr	x0, [x1, #8]		/* nr_faults */
	add	x0, x0, #1
	str	x0, [x1, #8]
	mrs	x0, elr_el1
	add	x0, x0, #4
	msr	elr_el1, x0
	ldp	x0, x1, [sp], #16
	eret
	.endm

	.macro	ACK_v3
	mrs	x0, icc_iar1_el1
	.endm
	.macro	END_v3
	msr	icc_eoir1_el1, x0
	.endm

	/* x2: the CPU interface */
	.macro	ACK_v2
	str	x2, [sp, #16]
	adrp	x2, bench_gicc
	ldr	x2, [x2, :lo12:bench_gicc]
	ldr	w0, [x2, #0xc]
	.endm
	.macro	END_v2
	str	w0, [x2, #0x10]
	ldr	x2, [sp, #16]
	.endm

	.macro	QUIET_sgi
	.endm
	.macro	QUIET_virt
	msr	cntv_ctl_el0, xzr
	.endm
	.macro	QUIET_phys
	msr	cntp_ctl_el0, xzr
	.endm

	.macro	TAKE_IRQ gic:req, source:req
	stp	x0, x1, [sp, #-32]!
	mrs	x0, cntvct_el0
	mrs	x1, tpidr_el1
	str	x0, [x1]		/* irq_at */
	ACK_\gic
	QUIET_\source
	END_\gic
	ldp	x0, x1, [sp], #32
	eret
	.endm

	.macro	TABLE gic:req, source:req
	.balign	2048
	.global	bench_\gic\()_\source
bench_\gic\()_\source:
	UNEXPECTED 4
	COUNT_FAULT			/* EL1 with SP_EL1: synchronous */
	.balign	128
	TAKE_IRQ \gic, \source
	UNEXPECTED 10
	.endm

	.text
	TABLE	v2, sgi
	TABLE	v2, virt
	TABLE	v2, phys
	TABLE	v3, sgi
	TABLE	v3, virt
	TABLE	v3, phys

/*
 * EL3 firmware for QEMU's virt with secure=on: at reset it hands the GIC and the CPU to the Non-secure side, and
 * enters a kernel at EL2; then it answers SMCs. It counts every call that arrives.
 *
 *   0x83000001, 0xc3000001   X1-X17 come back inverted
 *   0x83000002               X1-X7: the upper half of what arrived
 *   0x83000003               X0 alone changes
 *   0x83000004               X0: the number of calls so far, with this one
 *   0x32000001               a Trusted OS's yielding call: X1 = X7 as it arrived
 *   PSCI_VERSION, SYSTEM_OFF as PSCI has them
 *   any other                NOT_SUPPORTED
 *
 * One CPU. The kernel lies at KERNEL, its device tree at DTB.
 */
#define KERNEL 0x40200000
#define DTB    0x44000000

#define SECURE_RAM 0x0e000000 /* the count; the stack ends STACK behind it */
#define STACK	   0x1000
#define GICD	   0x08000000
#define GICC	   0x08010000
#define GICR	   0x080a0000
#define GPIO	   0x090b0000 /* the secure PL061: line 0 turns the machine off */

#define ICC_SRE_EL3 s3_6_c12_c12_5
#define SCR_NS_HCE_RW 0x531 /* and its RES1 bits */
#define SCTLR_EL2_RES1 0x30c50830
#define EL2H_MASKED 0x3c9
#define EC_SMC64 0x17

	.text
	.globl	_start
_start:
	ldr	x0, =vectors
	msr	vbar_el3, x0
	ldr	x0, =SECURE_RAM
	str	xzr, [x0]
	add	sp, x0, #STACK

	/* All interrupts into Group 1, which is the Non-secure side's. */
	mov	w1, #-1
	ldr	x0, =GICD + 0x80	/* GICD_IGROUPR */
	mov	x2, #9
1:	str	w1, [x0], #4
	subs	x2, x2, #1
	b.ne	1b
	mrs	x0, id_aa64pfr0_el1
	ubfx	x0, x0, #24, #4
	cbz	x0, 2f
	ldr	x0, =GICD
	mov	w2, #0x30		/* GICD_CTLR.ARE_S, ARE_NS */
	str	w2, [x0]
	ldr	x0, =GICR
	str	wzr, [x0, #0x14]	/* GICR_WAKER: awake */
	add	x0, x0, #0x10, lsl #12
	str	w1, [x0, #0x80]		/* GICR_IGROUPR0 */
	mov	x2, #0xf
	msr	ICC_SRE_EL3, x2
	isb
	b	3f
2:	ldr	x0, =GICC
	mov	w2, #0xff
	str	w2, [x0, #4]		/* GICC_PMR: the Non-secure half may be used */

3:	mov	x0, #SCR_NS_HCE_RW
	msr	scr_el3, x0
	msr	cptr_el3, xzr
	ldr	x0, =SCTLR_EL2_RES1
	msr	sctlr_el2, x0
	mov	x0, #EL2H_MASKED
	msr	spsr_el3, x0
	ldr	x0, =KERNEL
	msr	elr_el3, x0
	ldr	x0, =DTB
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	eret

/* Only x0-x17 may change [DEN0028 3.1]. */
smc:
	stp	x18, x19, [sp, #-16]!
	mrs	x18, esr_el3
	lsr	x18, x18, #26
	cmp	x18, #EC_SMC64
	b.ne	.
	ldr	x18, =SECURE_RAM
	ldr	x19, [x18]
	add	x19, x19, #1
	str	x19, [x18]

	.macro	when function, label
	ldr	w18, =\function
	cmp	w0, w18
	b.eq	\label
	.endm
	when	0x83000001, invert
	when	0xc3000001, invert
	when	0x83000002, upper
	when	0x83000003, success
	when	0x83000004, count
	when	0x32000001, client
	when	0x84000000, version
	when	0x84000008, off
	mov	x0, #-1
	b	back
invert:
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17
	mvn	x\n, x\n
	.endr
	b	success
upper:
	.irp	n, 1, 2, 3, 4, 5, 6, 7
	lsr	x\n, x\n, #32
	.endr
	b	success
count:
	mov	x0, x19
	b	back
client:
	mov	x1, x7
	b	success
version:
	mov	w0, #0x10001
	b	back
off:
	ldr	x18, =GPIO
	mov	w19, #1
	str	w19, [x18, #0x400]	/* GPIODIR */
	str	w19, [x18, #(1 << 2)]	/* GPIODATA, line 0 */
	b	.
success:
	mov	x0, #0
back:
	ldp	x18, x19, [sp], #16
	eret

/* An SMC comes from a lower level in AArch64, the ninth slot; anything else is a mistake, and stands still. */
	.macro	slots number, target
	.rept	\number
	b	\target
	.balign	128
	.endr
	.endm
	.balign	2048
vectors:
	slots	8, .
	slots	1, smc
	slots	7, .

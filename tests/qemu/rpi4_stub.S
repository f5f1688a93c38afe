/*
 * What stands at address 0 of a Pi's RAM when its CPUs leave reset at EL3, for tests that bring their own device tree:
 * GIC to group 1, a counter of 54 MHz by name, SMC undefined, then EL2. CPU 0 goes to KERNEL with x0 = DTB; the others
 * wait in a spin table at 0xd8, as the Pi's own device tree has it.
 */
#define GICD	  0xff841000
#define GICC	  0xff842000
#define SCR_EL3   0x5b1		/* RW, HCE, SMD, NS, RES1 */
#define SPSR_EL2H 0x3c9

	.text
	.globl	_start
_start:	mrs	x6, mpidr_el1
	and	x6, x6, #3
	ldr	x1, =GICD
	mov	w2, #-1
	mov	x3, #0x80		/* GICD_IGROUPR0 to 7; the first is each CPU's own */
1:	str	w2, [x1, x3]
	add	x3, x3, #4
	cmp	x3, #0xa0
	b.ne	1b
	mov	w2, #3			/* both groups */
	str	w2, [x1]
	ldr	x1, =GICC
	str	w2, [x1]
	mov	w2, #0xff
	str	w2, [x1, #4]
	ldr	x1, =54000000
	msr	cntfrq_el0, x1
	mov	x1, #SCR_EL3
	msr	scr_el3, x1
	mov	x1, #SPSR_EL2H
	msr	spsr_el3, x1
	adr	x1, 2f
	msr	elr_el3, x1
	eret
2:	cbnz	x6, 3f
	ldr	x0, =DTB
	ldr	x4, =KERNEL
	br	x4
3:	adr	x5, table
4:	wfe
	ldr	x4, [x5, x6, lsl #3]
	cbz	x4, 4b
	br	x4

	.org	0xd8
table:	.quad	0, 0, 0, 0

/*
 * An armstub for the tests on QEMU's raspi4b: the first code of all four CPUs, at EL3 from address 0, as on a Raspberry
 * Pi 4 that boots without TF-A. It leaves EL2 as the Pi's own stub does: SMC is undefined, all interrupts are of group
 * 1, the other CPUs wait in a spin table. It keeps nothing at EL3: VBAR_EL3 is never set, so whatever came back would
 * be lost.
 */
#define COUNTER_HZ	54000000
#define GICD		0xff841000
#define GICC		0xff842000
#define GICD_CTLR	0x000
#define GICD_IGROUPR	0x080
#define GICC_CTLR	0x000
#define GICC_PMR	0x004

#define SCR_NS		(1 << 0)
#define SCR_RES1	(3 << 4)
#define SCR_SMD		(1 << 7) /* SMC is UNDEFINED at EL1 and above [DDI0487 SCR_EL3] */
#define SCR_HCE		(1 << 8)
#define SCR_RW		(1 << 10)
#define SCTLR_EL2_RES1	0x30c50830 /* MMU and caches off */
#define SPSR_EL2H_DAIF	0x3c9
#define GIC_SPI_WORDS	7 /* GIC-400 of the BCM2711: 256 INTIDs, the first 32 are the CPU's own */

	.text
	.global _start
_start:
	b	at_el3

	/*
	 * Where the firmware and the device tree look: cpu-release-addr of CPU n is 0xd8 + 8 n. The firmware puts 0 in
	 * place of the magic word, which lies in CPU 3's slot, and the two pointers behind it.
	 */
	.org	0xd8
spin_table:
	.quad	0, 0, 0
	.org	0xf0
	.word	0x5afe570b, 0
dtb_pointer:
	.word	0
kernel_pointer:
	.word	0

	.org	0x100
at_el3:
	mrs	x19, mpidr_el1
	and	x19, x19, #3
	ldr	x0, =COUNTER_HZ
	msr	cntfrq_el0, x0
	msr	cntvoff_el2, xzr
	msr	cptr_el3, xzr
	ldr	x0, =SCTLR_EL2_RES1
	msr	sctlr_el2, x0
	mov	x0, #(SCR_RW | SCR_HCE | SCR_SMD | SCR_RES1 | SCR_NS)
	msr	scr_el3, x0

	/* IGROUPR0 and the CPU interface are banked: each CPU does its own */
	ldr	x1, =GICD
	mov	w2, #-1
	str	w2, [x1, #GICD_IGROUPR]
	cbnz	x19, cpu_interface
	mov	x3, #GIC_SPI_WORDS
	add	x4, x1, #GICD_IGROUPR
1:	str	w2, [x4, #4]!
	subs	x3, x3, #1
	b.ne	1b
	mov	w3, #3 /* both groups */
	str	w3, [x1, #GICD_CTLR]
cpu_interface:
	ldr	x1, =GICC
	mov	w2, #0xff
	str	w2, [x1, #GICC_PMR]
	mov	w2, #0x1e7 /* both groups, AckCtl, no bypass */
	str	w2, [x1, #GICC_CTLR]

	adr	x0, at_el2
	msr	elr_el3, x0
	mov	x0, #SPSR_EL2H_DAIF
	msr	spsr_el3, x0
	isb
	eret

at_el2:
	cbnz	x19, secondary
	ldr	w0, dtb_pointer
	ldr	w4, kernel_pointer
	b	enter
secondary:
	mov	x0, xzr
	adr	x5, spin_table
2:	wfe
	ldr	x4, [x5, x19, lsl #3]
	cbz	x4, 2b
enter:
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	br	x4

	.ltorg

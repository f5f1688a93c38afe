/*
 * run_probe(): an ERET into the state of the probe, and vectors of its own that note what an exception finds before
 * anything changes. One CPU uses it.
 */
#include "tests/guests/common/registers.inc"
#include "tests/guests/faults/faults.h"

	.text
/* void probe_run(const struct probe *, struct taken *) */
	.global	probe_run
probe_run:
	PUSH_CALLEE_SAVED
	mrs	x2, vbar_el1
	str	x2, [x1, #TAKEN_VBAR]
	msr	tpidr_el1, x1
	adr	x2, probe_vectors
	msr	vbar_el1, x2
	ldp	x1, x2, [x0]
	msr	elr_el1, x1
	msr	spsr_el1, x2
	ldr	x1, [x0, #32]
	msr	sp_el0, x1
	ldp	x0, x1, [x0, #16]
	mov	x2, #0
	mov	x3, #0
	isb
	eret

	.macro	SLOT kind
	.balign	128
	msr	tpidrro_el0, x0
	mrs	x0, tpidr_el1
	str	x1, [x0, #(TAKEN_X0 + 8)]
	mov	x1, #\kind
	b	taken
	.endm

/* A field of PSTATE that only some CPUs have. */
	.macro	OPTIONAL bit, register, offset
	tbz	x3, #\bit, 1f
	mrs	x1, \register
	str	x1, [x0, #\offset]
1:
	.endm

	.balign	2048
probe_vectors:
	.irp	kind, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	SLOT	\kind
	.endr

	.balign	64
taken:
	str	x1, [x0, #TAKEN_SLOT]
	stp	x2, x3, [x0, #TAKEN_X2]
	mrs	x1, nzcv
	mrs	x2, daif
	stp	x1, x2, [x0, #TAKEN_NZCV]
	mrs	x1, currentel
	mrs	x2, spsel
	stp	x1, x2, [x0, #TAKEN_EL]
	ldr	x3, [x0, #TAKEN_HAS]
	OPTIONAL HAS_PAN_BIT, s3_0_c4_c2_3, TAKEN_PAN
	OPTIONAL HAS_UAO_BIT, s3_0_c4_c2_4, TAKEN_UAO
	OPTIONAL HAS_DIT_BIT, s3_3_c4_c2_5, TAKEN_DIT
	OPTIONAL HAS_SSBS_BIT, s3_3_c4_c2_6, TAKEN_SSBS
	OPTIONAL HAS_TCO_BIT, s3_3_c4_c2_7, TAKEN_TCO
	mrs	x1, tpidrro_el0
	str	x1, [x0, #TAKEN_X0]
	mrs	x1, esr_el1
	mrs	x2, far_el1
	stp	x1, x2, [x0, #TAKEN_ESR]
	mrs	x1, elr_el1
	mrs	x2, spsr_el1
	stp	x1, x2, [x0, #TAKEN_ELR]
	ldr	x1, [x0, #TAKEN_VBAR]
	msr	vbar_el1, x1
	tbz	x3, #HAS_PAN_BIT, 2f
	.inst	0xd500409f		/* msr pan, #0 */
2:	isb
	POP_CALLEE_SAVED
	ret

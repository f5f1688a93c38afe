/*
 * One action each between loading all general registers and NZCV from *x0 and storing them behind it: x0 points to
 * struct gpr_run { in[32], out[32] }, element 31 being NZCV. No action changes the flags.
 */
#include "tests/guests/common/registers.inc"

	.macro	ACTION name:req
	.global	\name
	.type	\name, %function
\name:	PUSH_CALLEE_SAVED
	stp	x0, x0, [sp, #-32]!
	mov	x30, x0
	ldr	x1, [x30, #248]
	msr	nzcv, x1
	ldp	x0, x1, [x30]
	MOST_X	ldp, x30
	ldr	x30, [x30, #240]
	.endm

	.macro	ACTION_END
	b	store_all
	.endm

	.text
store_all:
	stp	x0, x1, [sp, #16]
	ldr	x0, [sp]
	add	x0, x0, #256
	MOST_X	stp, x0
	str	x30, [x0, #240]
	mrs	x1, nzcv
	str	x1, [x0, #248]
	ldp	x2, x3, [sp, #16]
	stp	x2, x3, [x0]
	add	sp, sp, #32
	POP_CALLEE_SAVED
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
	.global	v_load, v_store
v_load:	ALL_V	ldp
	ret
v_store: ALL_V	stp
	ret

/*
 * uint64_t suspend_call(uint64_t function, struct suspend *area): SYSTEM_SUSPEND by HVC that comes back to its caller,
 * either way: with the call's result, or as SUSPEND_RESUMED after entry at `resumed`. The caller's registers wait in
 * the area, 128 bytes and aligned so, whose address is the context id; what the vCPU was entered with stands there
 * behind them (struct suspend in suspend.c).
 */
#include "tests/guests/calls/suspend.h"
#include "tests/guests/common/registers.inc"

	.text
	.globl	suspend_call
suspend_call:
	CALLEE_SAVED stp, x1
	mov	x9, sp
	str	x9, [x1, #96]
	/* Read with the MMU off. */
	dc	civac, x1
	add	x9, x1, #64
	dc	civac, x9
	dsb	sy
	mov	x2, x1
	adr	x1, resumed
	hvc	#0
	ret

resumed:
	mrs	x1, daif
	mrs	x2, sctlr_el1
	mrs	x3, CurrentEL
	msr	daifset, #0xf
	msr	spsel, #1
	adrp	x4, vectors
	add	x4, x4, :lo12:vectors
	msr	vbar_el1, x4
	isb
	stp	x1, x2, [x0, #104]
	str	x3, [x0, #120]
	CALLEE_SAVED ldp, x0
	ldr	x9, [x0, #96]
	mov	sp, x9
	stp	x29, x30, [sp, #-16]!
	bl	mmu_on
	ldp	x29, x30, [sp], #16
	mov	x0, #SUSPEND_RESUMED
	ret

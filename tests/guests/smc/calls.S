/* A call with X0-X17 out of x and back into it, by either conduit: void call_smc(uint64_t x[18]), and so on. */
#include "tests/guests/common/registers.inc"

	.macro	call name, insn
	.text
	.globl	\name
\name:
	stp	x0, x30, [sp, #-16]!
	mov	x30, x0
	ldp	x0, x1, [x30]
	X2_TO_X17 ldp, x30, 16
	\insn
	ldr	x30, [sp]
	stp	x0, x1, [x30]
	X2_TO_X17 stp, x30, 16
	ldp	x0, x30, [sp], #16
	ret
	.endm

	call	call_smc, "smc #0"
	call	call_smc_1, "smc #1"
	call	call_hvc, "hvc #0"

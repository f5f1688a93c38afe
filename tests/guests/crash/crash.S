/* Vector tables that do harm, or that look like it: see crash.c. */

#define UNMAPPED 0x30000000

	.macro	TABLE name, handler
	.balign	2048
	.global	\name
\name:
	.rept	16
	.balign	128
	b	\handler
	.endr
	.endm

	.text
	TABLE	vectors_retry, retry
	TABLE	vectors_fault, fault
	TABLE	vectors_push, push
	TABLE	vectors_skip, skip
	TABLE	vectors_flaky, flaky

/* Back to the instruction that aborted, nothing mended. */
retry:	eret

/* Aborts itself. */
fault:	mov	x9, #UNMAPPED
	ldr	x9, [x9]
	eret

/* Saves its frame as every kernel does. */
push:	sub	sp, sp, #288
	stp	x0, x1, [sp]
	ldp	x0, x1, [sp]
	add	sp, sp, #288
	eret

/* Steps over the instruction and counts in x10. */
skip:	add	x10, x10, #1
	mrs	x9, elr_el1
	add	x9, x9, #4
	msr	elr_el1, x9
	eret

/* Retries with no register changed, counting in TPIDR_EL1; the 500th time x0 is mended. */
flaky:	msr	tpidr_el0, x9
	mrs	x9, tpidr_el1
	add	x9, x9, #1
	msr	tpidr_el1, x9
	cmp	x9, #500
	mrs	x9, tpidr_el0
	b.lo	1f
	mov	x0, sp
1:	eret

/* uint64_t load(uint64_t address) */
	.global	load
load:	ldr	x0, [x0]
	ret

/* uint64_t probe(uint64_t address, uint64_t times): how many loads were stepped over. */
	.global	probe
probe:	mov	x10, #0
1:	ldr	x2, [x0]
	subs	x1, x1, #1
	b.ne	1b
	mov	x0, x10
	ret

/* void lose_stack(uint64_t sp): the next exception finds no RAM under the stack. */
	.global	lose_stack
lose_stack:
	mov	sp, x0
	mov	x0, #UNMAPPED
	ldr	x0, [x0]
	b	.

/*
 * A Linux program: with no argument it ends with 7 when PACIA changes a pointer and AUTIA takes it back; with one,
 * AUTIA has to refuse the pointer: a signal, by FEAT_FPAC or by the load through what it leaves. A code has seven bits
 * (a 48-bit address, tags ignored) and Linux's keys are random: one of 128 codes is no change, and one of 128 wrong
 * modifiers is taken; so each has TRIES modifiers. [DDI0487 D8.10]
 */
#define TRIES 16
	.arch armv8.5-a
	.global _start
_start:	adr	x19, _start
	mov	x1, #0
1:	add	x1, x1, #1		/* x20: the first code that is a change, by modifier x1 */
	cmp	x1, #TRIES
	b.hi	3f
	mov	x20, x19
	pacia	x20, x1
	mov	x0, x20
	autia	x0, x1
	cmp	x0, x19
	b.ne	3f
	cmp	x20, x19
	b.eq	1b
	ldr	x3, [sp]		/* argc */
	cmp	x3, #1
	mov	x0, #7
	b.eq	4f
	add	x4, x1, #TRIES
2:	add	x1, x1, #1
	mov	x0, x20
	autia	x0, x1
	ldr	x2, [x0]
	cmp	x1, x4
	b.lo	2b
3:	mov	x0, #1
4:	mov	x8, #93			/* exit */
	svc	#0

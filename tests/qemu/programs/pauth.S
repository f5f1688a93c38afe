/*
 * A Linux program: with no argument it ends with 7 when PACIA changes a pointer and AUTIA takes it back; with one,
 * AUTIA has to refuse the pointer: a signal, by FEAT_FPAC or by the load through what it leaves.
 */
	.arch armv8.5-a
	.global _start
_start:	adr	x19, _start
	mov	x1, #5
	mov	x0, x19
	pacia	x0, x1
	mov	x20, x0
	cmp	x0, x19
	b.eq	1f
	autia	x0, x1
	cmp	x0, x19
	b.ne	1f
	ldr	x3, [sp]		/* argc */
	cmp	x3, #1
	b.eq	2f
	mov	x1, #6
	autia	x20, x1
	ldr	x0, [x20]
1:	mov	x0, #1
	b	3f
2:	mov	x0, #7
3:	mov	x8, #93			/* exit */
	svc	#0

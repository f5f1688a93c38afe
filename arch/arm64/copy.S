/*
 * void arch_copy(void *to, const void *from, size_t bytes): for images. A FIT aligns its data to 4 bytes only,
 * where a portable memcpy falls back to bytes; LDP bears any alignment on Normal memory with SCTLR_EL2.A = 0
 * [DDI0487 B2.5.2]. MMU on.
 */
	.text
	.global	arch_copy
	.type	arch_copy, %function
	.balign	64
arch_copy:
	subs	x2, x2, #64
	b.lo	2f
1:	ldp	x3, x4, [x1]
	ldp	x5, x6, [x1, #16]
	ldp	x7, x8, [x1, #32]
	ldp	x9, x10, [x1, #48]
	add	x1, x1, #64
	stp	x3, x4, [x0]
	stp	x5, x6, [x0, #16]
	stp	x7, x8, [x0, #32]
	stp	x9, x10, [x0, #48]
	add	x0, x0, #64
	subs	x2, x2, #64
	b.hs	1b
2:	adds	x2, x2, #64
	b.eq	4f
3:	ldrb	w3, [x1], #1
	strb	w3, [x0], #1
	subs	x2, x2, #1
	b.ne	3b
4:	ret

/* void arch_zero(void *to, size_t bytes): a multiple of 64 bytes, 64-byte aligned. */
	.global	arch_zero
	.type	arch_zero, %function
	.balign	64
arch_zero:
	cbz	x1, 2f
1:	stp	xzr, xzr, [x0]
	stp	xzr, xzr, [x0, #16]
	stp	xzr, xzr, [x0, #32]
	stp	xzr, xzr, [x0, #48]
	add	x0, x0, #64
	subs	x1, x1, #64
	b.ne	1b
2:	ret

/*
 * wipe(x0 = from, x1 = to, x2 = PSCI function or 0): fills memory with its own addresses, none of which is zero. Copied
 * to where it is not overwritten itself: no stack, no other address. Does not return.
 */
	.text
	.global	wipe_begin, wipe_end
	.balign	4
wipe_begin:
	str	x0, [x0]
	add	x0, x0, #8
	cmp	x0, x1
	b.lo	wipe_begin
	dsb	sy
	mov	x0, x2
	cbz	x0, 1f
	hvc	#0
1:	wfi
	b	1b
wipe_end:

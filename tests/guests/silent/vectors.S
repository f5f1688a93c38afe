/* A vector table whose handler of synchronous exceptions aborts itself, past its first instruction. */

#define UNMAPPED 0x30000000

	.text
	.balign	2048
	.global	vectors_fault
vectors_fault:
	.rept	16
	.balign	128
	mov	x9, #UNMAPPED
	brk	#1
	b	.
	.endr

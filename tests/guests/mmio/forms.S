/*
 * One load or store instruction each, so that the form is exactly this one. x0: address; loads return what the
 * destination X register holds afterwards, all of it: it is filled with ones before. x1: the value to store.
 * [DDI0487 ESR_EL2, ISS of a Data Abort]
 */
#include "tests/guests/common/registers.inc"

	.macro	LOAD name, insn, dest
	.global	\name
	.type	\name, %function
\name:	mov	x1, #-1
	\insn	\dest, [x0]
	mov	x0, x1
	ret
	.endm

	.macro	STORE name, insn, source
	.global	\name
	.type	\name, %function
\name:	\insn	\source, [x0]
	ret
	.endm

	.text
	LOAD	load_ldrb, ldrb, w1
	LOAD	load_ldrsb_w, ldrsb, w1
	LOAD	load_ldrsb_x, ldrsb, x1
	LOAD	load_ldrh, ldrh, w1
	LOAD	load_ldrsh_w, ldrsh, w1
	LOAD	load_ldrsh_x, ldrsh, x1
	LOAD	load_ldr_w, ldr, w1
	LOAD	load_ldrsw, ldrsw, x1
	LOAD	load_ldar_w, ldar, w1
	LOAD	load_ldarb, ldarb, w1
	LOAD	load_ldarh, ldarh, w1
	LOAD	load_ldurb, ldurb, w1
	LOAD	load_ldtr, ldtr, w1
	LOAD	load_ldr_wzr, ldr, wzr
	LOAD	load_ldrb_wzr, ldrb, wzr
	LOAD	load_ldr_x, ldr, x1
	STORE	store_strb, strb, w1
	STORE	store_strh, strh, w1
	STORE	store_str_w, str, w1
	STORE	store_stlr_w, stlr, w1
	STORE	store_stlrb, stlrb, w1
	STORE	store_sttr, sttr, w1
	STORE	store_str_wzr, str, wzr
	STORE	store_strb_wzr, strb, wzr
	STORE	store_str_x, str, x1

/* Every general register as destination: x0 address, x1 table of results by register number. */
	.global	load_into_all
load_into_all:
	PUSH_CALLEE_SAVED
	.irp	n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	mov	x\n, #-1
	ldrsh	w\n, [x0]
	str	x\n, [x1, #8 * \n]
	.endr
	POP_CALLEE_SAVED
	ret

/* x0 address, x1 table: stores register n holding 0x1000 + n, reads it back by x1's way into the table. */
	.global	store_from_all
store_from_all:
	PUSH_CALLEE_SAVED
	.irp	n, 3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	mov	w\n, #(0x1000 + \n)
	str	w\n, [x0]
	ldr	w2, [x0]
	str	x2, [x1, #8 * \n]
	.endr
	POP_CALLEE_SAVED
	ret

/* The instructions whose addresses a caught abort must name. x0: address. */
	.global	abort_load, abort_store, abort_load_insn, abort_store_insn
abort_load:
	mov	x1, #0x55
abort_load_insn:
	ldr	w1, [x0]
	mov	x0, x1
	ret
abort_store:
abort_store_insn:
	strh	w0, [x0]
	ret

/* Copied to the end of a page: x0 = MMIO address; the instruction after the load is the first of the next page. */
	.global	page_end_code
page_end_code:
	ldr	w0, [x0]
	.global	page_next_code
page_next_code:
	ret

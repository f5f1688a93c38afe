/*
 * "A guest runs inside a function call": arch_enter_guest() loads the TrapFrame and ERETs; the guest's next exit
 * comes in through vectors.S to vmexit, which saves the frame, restores the callee-saved registers that the caller
 * expects, and returns the kind of the exit. In between SP_EL2 points at this call's frame on the pCPU's stack,
 * whose last slot holds the TrapFrame's address.
 */
#include "gen/asm_offsets.h"

/* struct trap_frame begins with x[31] */
#define FRAME_X(n) ((n)*8)

#define CALL_FRAME_BYTES 112
#define CALL_FRAME_TRAP_FRAME 96

/* ISR_EL1.A: an SError is pending [DDI0487 ISR_EL1] */
#define ISR_EL1_A_BIT 8

	.text

/* unsigned int arch_enter_guest(struct trap_frame *frame): returns enum exit_kind. EL2, interrupts masked. */
	.global	arch_enter_guest
	.type	arch_enter_guest, %function
	.balign	64
arch_enter_guest:
	stp	x29, x30, [sp, #-CALL_FRAME_BYTES]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	str	x0, [sp, #CALL_FRAME_TRAP_FRAME]

	ldp	x1, x2, [x0, #FRAME_ELR]	/* and SPSR behind it */
	ldr	x3, [x0, #FRAME_SP_EL0]
	msr	elr_el2, x1
	msr	spsr_el2, x2
	msr	sp_el0, x3
	ldp	x2, x3, [x0, #FRAME_X(2)]
	ldp	x4, x5, [x0, #FRAME_X(4)]
	ldp	x6, x7, [x0, #FRAME_X(6)]
	ldp	x8, x9, [x0, #FRAME_X(8)]
	ldp	x10, x11, [x0, #FRAME_X(10)]
	ldp	x12, x13, [x0, #FRAME_X(12)]
	ldp	x14, x15, [x0, #FRAME_X(14)]
	ldp	x16, x17, [x0, #FRAME_X(16)]
	ldp	x18, x19, [x0, #FRAME_X(18)]
	ldp	x20, x21, [x0, #FRAME_X(20)]
	ldp	x22, x23, [x0, #FRAME_X(22)]
	ldp	x24, x25, [x0, #FRAME_X(24)]
	ldp	x26, x27, [x0, #FRAME_X(26)]
	ldp	x28, x29, [x0, #FRAME_X(28)]
	ldr	x30, [x0, #FRAME_X(30)]
	ldp	x0, x1, [x0, #FRAME_X(0)]
	eret
	/* Nothing behind an ERET is to be run speculatively. */
	dsb	nsh
	isb

/* From vectors.S: x0 = kind, the guest's x0 and x1 on the stack. */
	.global	vmexit
	.type	vmexit, %function
	.balign	64
vmexit:
	ldr	x1, [sp, #(16 + CALL_FRAME_TRAP_FRAME)]
	stp	x2, x3, [x1, #FRAME_X(2)]
	stp	x4, x5, [x1, #FRAME_X(4)]
	stp	x6, x7, [x1, #FRAME_X(6)]
	stp	x8, x9, [x1, #FRAME_X(8)]
	stp	x10, x11, [x1, #FRAME_X(10)]
	stp	x12, x13, [x1, #FRAME_X(12)]
	stp	x14, x15, [x1, #FRAME_X(14)]
	stp	x16, x17, [x1, #FRAME_X(16)]
	stp	x18, x19, [x1, #FRAME_X(18)]
	stp	x20, x21, [x1, #FRAME_X(20)]
	stp	x22, x23, [x1, #FRAME_X(22)]
	stp	x24, x25, [x1, #FRAME_X(24)]
	stp	x26, x27, [x1, #FRAME_X(26)]
	stp	x28, x29, [x1, #FRAME_X(28)]
	str	x30, [x1, #FRAME_X(30)]
	ldp	x2, x3, [sp], #16
	stp	x2, x3, [x1, #FRAME_X(0)]
	mrs	x4, elr_el2
	mrs	x5, spsr_el2
	mrs	x6, sp_el0
	stp	x4, x5, [x1, #FRAME_ELR]
	str	x6, [x1, #FRAME_SP_EL0]

	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #CALL_FRAME_BYTES
	mrs	x2, isr_el1
	tbnz	x2, #ISR_EL1_A_BIT, serror_window
	ret

/*
 * An SError is pending right after an exit: the guest that left caused it. It is taken here, and only here, with A
 * open; el2_serror below sees ELR_EL2 in the window and makes the call return EXIT_KIND_SERROR instead of charging
 * Corbel.
 */
serror_window:
	msr	daifclr, #4
	isb
serror_window_end:
	msr	daifset, #4
	ret

/* SError at EL2. x0..x18 are live only outside the window, where it is fatal anyway. */
	.global	el2_serror
el2_serror:
	stp	x1, x2, [sp, #-16]!
	mrs	x1, elr_el2
	adr	x2, serror_window
	cmp	x1, x2
	b.lo	1f
	adr	x2, serror_window_end
	cmp	x1, x2
	b.hi	1f
	msr	elr_el2, x2
	ldp	x1, x2, [sp], #16
	mov	x0, #EXIT_KIND_SERROR
	eret
1:	ldp	x1, x2, [sp], #16
	b	el2_fatal_serror

/*
 * Corbel's own fault: build a TrapFrame for the report and never come back. A stack overflow has hit the guard page,
 * so the frame goes to a stack of its own, whose owner is the first pCPU that comes; others, and a fault in the report
 * itself, stop here. x0-x2 wait in registers of a guest that will not run again.
 */
	.macro fatal kind
	msr	sp_el0, x0
	msr	tpidr_el0, x1
	msr	tpidr_el1, x2
	mov	x1, #\kind
	msr	contextidr_el1, x1
	b	el2_fatal
	.endm

	.global	el2_fatal_sync, el2_fatal_irq, el2_fatal_serror
el2_fatal_sync:
	fatal	EXIT_KIND_SYNC
el2_fatal_irq:
	fatal	EXIT_KIND_IRQ
el2_fatal_serror:
	fatal	EXIT_KIND_SERROR

el2_fatal:
	adrp	x0, fatal_owner
	add	x0, x0, :lo12:fatal_owner
	mov	w1, #1
1:	ldaxr	w2, [x0]
	cbnz	w2, 2f
	stxr	w2, w1, [x0]
	cbnz	w2, 1b
	b	3f
2:	wfe
	b	2b
3:	mrs	x1, contextidr_el1
	adrp	x0, fatal_stack_top
	add	x0, x0, :lo12:fatal_stack_top
	sub	x0, x0, #FRAME_BYTES
	stp	x3, x4, [x0, #FRAME_X(3)]
	stp	x5, x6, [x0, #FRAME_X(5)]
	stp	x7, x8, [x0, #FRAME_X(7)]
	stp	x9, x10, [x0, #FRAME_X(9)]
	stp	x11, x12, [x0, #FRAME_X(11)]
	stp	x13, x14, [x0, #FRAME_X(13)]
	stp	x15, x16, [x0, #FRAME_X(15)]
	stp	x17, x18, [x0, #FRAME_X(17)]
	stp	x19, x20, [x0, #FRAME_X(19)]
	stp	x21, x22, [x0, #FRAME_X(21)]
	stp	x23, x24, [x0, #FRAME_X(23)]
	stp	x25, x26, [x0, #FRAME_X(25)]
	stp	x27, x28, [x0, #FRAME_X(27)]
	stp	x29, x30, [x0, #FRAME_X(29)]
	mrs	x2, sp_el0
	mrs	x3, tpidr_el0
	mrs	x4, tpidr_el1
	stp	x2, x3, [x0, #FRAME_X(0)]
	str	x4, [x0, #FRAME_X(2)]
	mov	x2, sp
	mrs	x3, elr_el2
	mrs	x4, spsr_el2
	str	x2, [x0, #FRAME_SP_EL0]		/* the report shows it as SP */
	stp	x3, x4, [x0, #FRAME_ELR]
	mov	sp, x0
	b	el2_fatal_exception		/* (frame, kind): panic.c */

/* Idle. An interrupt ends WFI though PSTATE.I masks it. [DDI0487 D1.7.2 WFI wake-up events] */
	.global	arch_wait_for_interrupt
	.type	arch_wait_for_interrupt, %function
arch_wait_for_interrupt:
	dsb	sy
	wfi
	ret

	.bss
	.balign	16
fatal_owner:
	.skip	16
	.skip	4096
fatal_stack_top:

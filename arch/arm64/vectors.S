/*
 * EL2's exception vectors: 16 slots, no logic. A slot of the current EL goes to a C handler; a slot of a lower EL
 * is a guest's exit: it says which kind and goes to the vmexit trampoline in entry.S. [DDI0487 D1.3.1.5 exception
 * vectors]
 */
#include "gen/asm_offsets.h"

	.macro slot target
	.balign 0x80
	b	\target
	.endm

	/* SP_EL2 stands at the frame that arch_enter_guest() left on the stack: there is room below it. */
	.macro guest_slot kind
	.balign 0x80
	stp	x0, x1, [sp, #-16]!
	mov	x0, #\kind
	b	vmexit
	.endm

	.section .text.vectors, "ax"
	.balign 2048
	.global	vectors
vectors:
	/* Current EL with SP_EL0: Corbel never selects it. */
	slot	el2_fatal_sync
	slot	el2_fatal_irq
	slot	el2_fatal_irq
	slot	el2_fatal_serror
	/* Current EL with SP_ELx. */
	slot	el2_fatal_sync
	slot	el2_fatal_irq
	slot	el2_fatal_irq
	slot	el2_serror
	/* Lower EL, AArch64. */
	guest_slot EXIT_KIND_SYNC
	guest_slot EXIT_KIND_IRQ
	guest_slot EXIT_KIND_FIQ
	guest_slot EXIT_KIND_SERROR
	/* Lower EL, AArch32: EL0 of an AArch64 guest. */
	guest_slot EXIT_KIND_SYNC
	guest_slot EXIT_KIND_IRQ
	guest_slot EXIT_KIND_FIQ
	guest_slot EXIT_KIND_SERROR
	.balign 0x80

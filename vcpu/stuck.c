/* Guests that can go no further: see stuck.h. */
#include "vcpu/stuck.h"

#include "arch/arm64/regs/spsr.h"
#include "lib/bits.h"

/* Synchronous, from EL1 with SP_EL0 and with SP_EL1. */
#define VECTOR_SYNC_EL1T 0x000
#define VECTOR_SYNC_EL1H 0x200

/* Any change of a register shows in it, all but surely. */
static uint64_t digest_registers(const struct trap_frame *frame)
{
	uint64_t digest = frame->sp_el0;

	for (unsigned int n = 0; n < 31; n++)
		digest = digest * 31 + frame->x[n];
	return digest * 31 + frame->spsr;
}

bool vcpu_abort_is_stuck(struct vcpu *vcpu, uint64_t elr_el1)
{
	const struct vcpu_stuck last = vcpu->stuck;
	struct vcpu_stuck now = {
		.elr = vcpu->frame.elr,
		.digest = digest_registers(&vcpu->frame),
		.own_exits = vcpu_own_exits(vcpu),
	};

	/* Not its FAR: with the same registers only the stack pointer can have moved it, on a stack without a bottom.
	 */
	if (now.elr == last.elr && elr_el1 == now.elr && now.digest == last.digest &&
	    now.own_exits == last.own_exits + 1)
		now.nr_same = last.nr_same + 1;
	vcpu->stuck = now;
	return now.nr_same + 1 >= VCPU_STUCK_ABORTS;
}

bool vcpu_vector_loops(const struct vcpu *vcpu, uint64_t elr_el1, uint64_t vbar_el1)
{
	uint64_t mode = vcpu->frame.spsr & SPSR_M;
	uint64_t offset = vcpu->frame.elr - vbar_el1;

	if (vcpu->frame.elr != elr_el1 || mode != SPSR_M_EL1H)
		return false;
	return offset == VECTOR_SYNC_EL1T || offset == VECTOR_SYNC_EL1H;
}

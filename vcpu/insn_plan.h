/* From an instruction that accesses a device to the MMIO exit that says what it does. Pure. */
#ifndef VCPU_INSN_PLAN_H
#define VCPU_INSN_PLAN_H

#include "vcpu/vcpu.h"

enum insn_plan_result {
	INSN_PLAN_READY,   /* vcpu->exit is the MMIO exit */
	INSN_PLAN_SKIP,	   /* a prefetch: it has no effect that a guest could see */
	INSN_PLAN_RETRY,   /* not what faulted: the guest's code or tables have changed since, it runs again */
	INSN_PLAN_REFUSED, /* not emulated: docs/exits.md says which, and why */
};

/*
 * Makes vcpu->exit from syndrome.insn and the frame, for a data abort for which exit_needs_insn() holds. The frame is
 * not changed; a store's data stay in their registers until the accesses are done (kernel/mmio.c).
 */
enum insn_plan_result insn_plan(struct vcpu *vcpu);

#endif

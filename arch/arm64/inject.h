/*
 * Exceptions that a guest's EL1 takes by Corbel's hand, exactly as the PE would take them [DDI0487 D1.3.1 exception
 * entry]. The vCPU is loaded: EL1's registers are in the machine. Called by exit_apply() alone.
 */
#ifndef ARCH_ARM64_INJECT_H
#define ARCH_ARM64_INJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/arm64/trap_frame.h"

/* A synchronous exception with this ESR_EL1; far is written to FAR_EL1 when has_far. */
void inject_sync(struct trap_frame *frame, uint64_t esr, bool has_far, uint64_t far);
/* EC 0, Unknown reason, at the current instruction. */
void inject_undef(struct trap_frame *frame);
/* A synchronous external abort; s1ptw: on a walk at this level. */
struct inject_abort {
	uint64_t far;
	bool insn, s1ptw, write;
	unsigned int level;
};
void inject_external_abort(struct trap_frame *frame, const struct inject_abort *abort);
/* An exception that EL1 would have taken itself, but which was routed here: same ISS, EC of the right origin. */
void inject_forward(struct trap_frame *frame, uint64_t esr, uint64_t far);

#endif

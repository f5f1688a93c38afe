/*
 * Exceptions that a guest's EL1 takes by Corbel's hand, exactly as the PE would take them [DDI0487 D1.3.1 exception
 * entry]. The vCPU is loaded: EL1's registers are in the machine. Called by exit_apply() alone.
 */
#ifndef ARCH_ARM64_INJECT_H
#define ARCH_ARM64_INJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/arm64/trap_frame.h"

/* A synchronous exception with this ESR_EL1, at the instruction of frame->elr; far is written to FAR_EL1 when has_far.
 * What they are: vcpu/el1_exception.h. */
void inject_sync(struct trap_frame *frame, uint64_t esr, bool has_far, uint64_t far);

#endif

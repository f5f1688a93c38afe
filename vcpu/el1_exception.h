/*
 * The exception that a guest's EL1 takes as the answer to an exit: its syndrome and fault address. Pure; kernel/exit.c
 * has it injected (arch/arm64/inject.h). [DDI0487 ESR_EL1, FAR_EL1]
 */
#ifndef VCPU_EL1_EXCEPTION_H
#define VCPU_EL1_EXCEPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "vcpu/vcpu.h"

struct el1_exception {
	uint64_t esr;
	uint64_t far;
	bool has_far; /* else FAR_EL1 stays as it is: UNKNOWN to the guest */
};

/* INJECT_UNDEF: exception of Unknown reason. */
struct el1_exception el1_exception_undef(void);

/*
 * INJECT_ABORT: the abort that the MMIO access, the page fault or the failed entry of vcpu->exit describes; or, for
 * ILLEGAL_STATE and FORWARD, what EL1 would have taken itself had it not come to EL2. "From a lower Exception level" by
 * vcpu->frame.spsr.
 */
struct el1_exception el1_exception_of_exit(const struct vcpu *vcpu);

#endif

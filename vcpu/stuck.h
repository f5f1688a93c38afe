/*
 * Guests that can go no further. One that takes the same abort at the same instruction with the same registers, again
 * and again, will do so for ever: its handler touches what is not there, or returns without a mend, or its vector table
 * is nowhere. ELR_EL1 tells: it is that instruction itself, whence the last exception came, or whither its handler
 * returned. A handler that steps over the instruction returned elsewhere; one that waits or mends is told by its
 * registers, or by anything else that it does. Pure.
 */
#ifndef VCPU_STUCK_H
#define VCPU_STUCK_H

#include <stdbool.h>

#include "vcpu/vcpu.h"

/* So many identical aborts in a row are no accident: a handler that waits for a device retries less. */
#define VCPU_STUCK_ABORTS 1000

/* The abort of vcpu->exit is about to be injected; elr_el1 is the guest's as yet. Returns true when it is the last of
 * VCPU_STUCK_ABORTS in a row. Interrupts in between do not count as a change. Its own pCPU. */
bool vcpu_abort_is_stuck(struct vcpu *vcpu, uint64_t elr_el1);

/*
 * The vCPU was interrupted at vcpu->frame with these EL1 registers. Returns true when it stands at an entry of its
 * vector table for synchronous exceptions from EL1, whose first instruction raises the exception that enters it: no
 * exception of EL1 leaves the entry's own address in ELR_EL1 otherwise. [DDI0487 D1.3.1.2 vector offsets]
 */
bool vcpu_vector_loops(const struct vcpu *vcpu, uint64_t elr_el1, uint64_t vbar_el1);

#endif

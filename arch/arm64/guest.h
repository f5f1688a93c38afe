/*
 * What runs a guest: entry.S (one call, one exit), fpstate.S, and the waits and copies that need assembly.
 * Context: EL2, interrupts masked.
 */
#ifndef ARCH_ARM64_GUEST_H
#define ARCH_ARM64_GUEST_H

#include <stddef.h>

#include "arch/arm64/regs/guest_state.h"
#include "arch/arm64/trap_frame.h"

/* Runs the guest whose state is loaded until it traps; the frame is then the guest's. */
enum exit_kind arch_enter_guest(struct trap_frame *frame);

/* WFI, then takes what interrupts: the one place where EL2 opens PSTATE.I. May return without one. */
void arch_wait_for_interrupt(void);

void fp_save(struct fp_state *state);
void fp_restore(const struct fp_state *state);

/* Copies bytes between Normal memory, any alignment, not overlapping; no cache maintenance. */
void arch_copy(void *to, const void *from, size_t bytes);

#endif

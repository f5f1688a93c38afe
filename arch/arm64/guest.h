/*
 * What runs a guest: entry.S (one call, one exit), fpstate.S, and the waits and copies that need assembly.
 * Context: EL2, interrupts masked.
 */
#ifndef ARCH_ARM64_GUEST_H
#define ARCH_ARM64_GUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "arch/arm64/regs/guest_state.h"
#include "arch/arm64/sysreg.h"
#include "arch/arm64/trap_frame.h"

#define ISR_EL1_I (UINT64_C(1) << 7)

/* Runs the guest whose state is loaded until it traps; the frame is then the guest's. */
enum exit_kind arch_enter_guest(struct trap_frame *frame);

/* WFI, with interrupts masked as ever. Returns when one is pending, or without one. */
void arch_wait_for_interrupt(void);

/* Does a physical IRQ wait for this pCPU? [DDI0487 ISR_EL1: at EL2, the physical ones] */
static inline bool arch_interrupt_is_pending(void)
{
	return (read_sysreg(isr_el1) & ISR_EL1_I) != 0;
}

void fp_save(struct fp_state *state);
void fp_restore(const struct fp_state *state);
/* Vn of the loaded vCPU, n = 0..31: value[0] is bits 63:0. */
void fp_read(unsigned int n, uint64_t value[2]);
void fp_write(unsigned int n, const uint64_t value[2]);

/* Bytes that DC ZVA zeroes [DDI0487 DCZID_EL0.BS: log2 of words]. */
static inline uint32_t arch_zva_bytes(void)
{
	return UINT32_C(4) << (read_sysreg(dczid_el0) & 0xf);
}

/* Copies bytes between Normal memory, any alignment, not overlapping; no cache maintenance. */
void arch_copy(void *to, const void *from, size_t bytes);

/* Zeroes bytes of Normal memory: start and size are multiples of 64; no cache maintenance. */
void arch_zero(void *to, size_t bytes);

#endif

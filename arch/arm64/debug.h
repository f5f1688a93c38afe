/*
 * Breakpoints, watchpoints and single step of a guest on the machine. A guest's accesses to them trap
 * (MDCR_EL2.TDA, TDOSA), so a vCPU's struct debug_state is always what it has set, and nothing is saved at a switch;
 * the breakpoints and watchpoints themselves are loaded only for a vCPU that has MDSCR_EL1.MDE on. Without MDE none of
 * them matches for anybody, so another guest's may stay where they are.
 *
 * They cannot fire at EL2: debug exceptions go to EL1 (MDCR_EL2.TDE = 0, HCR_EL2.TGE = 0) and are disabled at every
 * Exception level above their target, whatever HMC, SSC and PMC select.
 * [DDI0487 D2.4, pseudocode AArch64.GenerateDebugExceptionsFrom]
 *
 * Context: the vCPU's own pCPU, EL2, interrupts masked.
 */
#ifndef ARCH_ARM64_DEBUG_H
#define ARCH_ARM64_DEBUG_H

#include "arch/arm64/regs/guest_state.h"
#include "arch/arm64/regs/mdcr.h"
#include "arch/arm64/sysreg.h"
#include "arch/arm64/traps.h"

/* All breakpoints and watchpoints that this pCPU has (features). */
void debug_load_points(const struct debug_state *state, const struct cpu_features *features);

/* The vCPU is being loaded, or has changed its state. In force at the next ERET. */
static inline void debug_restore(const struct debug_state *state, const struct cpu_features *features)
{
	if (state->mdscr_loaded & MDSCR_EL1_MDE)
		debug_load_points(state, features);
	write_sysreg(state->mdscr_loaded, mdscr_el1);
}

#endif

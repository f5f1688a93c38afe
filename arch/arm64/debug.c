/* Breakpoints and watchpoints into the machine: see debug.h. */
#include "arch/arm64/debug.h"

#include "lib/bits.h"

/* The number of a register is in the instruction: one line each. */
#define EACH_POINT(X) \
	X(0)          \
	X(1)          \
	X(2)          \
	X(3)          \
	X(4)          \
	X(5)          \
	X(6)          \
	X(7)          \
	X(8)          \
	X(9)          \
	X(10)         \
	X(11)         \
	X(12)         \
	X(13)         \
	X(14)         \
	X(15)

/*
 * BT 0b1xxx compares the VMID or CONTEXTIDR_EL2, which are not the guest's to ask for: to one that has no EL2 they are
 * reserved, and here such a breakpoint is disabled. [DDI0487 DBGBCR<n>_EL1.BT]
 */
static uint64_t bcr_of(uint64_t bcr)
{
	return (bcr & DBGBCR_EL1_BT_EL2) != 0 ? bcr & ~DBGBCR_EL1_E : bcr;
}

static void load_breakpoints(const struct debug_state *state, unsigned int nr)
{
#define LOAD(n)                                                                    \
	if ((n) < nr) {                                                            \
		write_sysreg(state->point[DEBUG_BVR][n], dbgbvr##n##_el1);         \
		write_sysreg(bcr_of(state->point[DEBUG_BCR][n]), dbgbcr##n##_el1); \
	}
	EACH_POINT(LOAD)
#undef LOAD
}

static void load_watchpoints(const struct debug_state *state, unsigned int nr)
{
#define LOAD(n)                                                            \
	if ((n) < nr) {                                                    \
		write_sysreg(state->point[DEBUG_WVR][n], dbgwvr##n##_el1); \
		write_sysreg(state->point[DEBUG_WCR][n], dbgwcr##n##_el1); \
	}
	EACH_POINT(LOAD)
#undef LOAD
}

void debug_load_points(const struct debug_state *state, const struct cpu_features *features)
{
	load_breakpoints(state, features->nr_breakpoints);
	load_watchpoints(state, features->nr_watchpoints);
}

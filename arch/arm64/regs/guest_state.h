/* The register state that moves with a vCPU when another one is loaded: pure types, no access (arch/arm64/el1_state.c).
 */
#ifndef ARCH_ARM64_REGS_GUEST_STATE_H
#define ARCH_ARM64_REGS_GUEST_STATE_H

#include <stdbool.h>
#include <stdint.h>

/* EL1 and EL0 system registers: one member per row of el1_regs.def, lower case (state->sctlr_el1). */
struct el1_state {
#define EL1_REG(name, accessor, reset) uint64_t accessor;
#include "arch/arm64/regs/el1_regs.def"
#undef EL1_REG
};

/* SIMD and floating point: V0-V31, FPCR, FPSR. Written and read by fpstate.S alone. */
struct fp_state {
	uint64_t v[64];
	uint64_t fpcr, fpsr;
} __attribute__((aligned(16)));

/* The generic timer of EL1: virtual and physical. Compare values are in the timer's own time (CNTVCT, CNTPCT). */
struct timer_state {
	uint64_t cntv_cval, cntp_cval;
	uint64_t cntv_ctl, cntp_ctl;
};

/* Pointer authentication keys: Lo, Hi. */
struct pauth_keys {
	uint64_t apia[2], apib[2], apda[2], apdb[2], apga[2];
};

/* The kinds of registers in debug_state.point: DBGBVR<n>_EL1 ff., in the order of their op2 (4..7). */
enum debug_kind { DEBUG_BVR, DEBUG_BCR, DEBUG_WVR, DEBUG_WCR, DEBUG_NR_KINDS };
#define DEBUG_MAX_POINTS 16

/* Self-hosted debug, as the guest has set it (vcpu/sysreg_trap.c). */
struct debug_state {
	uint64_t mdscr;
	uint64_t mdscr_loaded; /* what the machine has of it: without SS and MDE while the OS lock is held */
	uint64_t point[DEBUG_NR_KINDS][DEBUG_MAX_POINTS];
	bool os_locked; /* OSLSR_EL1.OSLK */
	uint8_t claim;	/* DBGCLAIM tags */
};

/* What of the CPU interface's virtual half moves with a vCPU beside the LRs, raw as the hardware has it. */
struct gic_vcpu_regs {
	uint64_t vmcr;
	uint32_t ap0r[4], ap1r[4]; /* v2 uses ap0r[0] for GICH_APR */
};

#endif

/*
 * What traps, one bit a line with its reason; docs/traps.md says the same. Context: EL2, the calling pCPU.
 */
#ifndef ARCH_ARM64_TRAPS_H
#define ARCH_ARM64_TRAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/arm64/regs/hcr.h"

/* What a vCPU switch has to know of this CPU, from its ID registers, read once. */
struct cpu_features {
	uint64_t hcr;	 /* HCR_EL2 of a guest, without TWI and TWE */
	bool has_hidden; /* one of the two below */
	bool has_sme;	 /* TPIDR2_EL0 is there */
	bool has_ras;	 /* VDISR_EL2 is there */
	uint8_t nr_breakpoints, nr_watchpoints;
};

/* Reads what this CPU has, and sets what traps on it whichever guest runs; once a pCPU, before the first guest. */
void traps_init_cpu(struct cpu_features *features);
/*
 * Sets HCR_EL2 for a vCPU; own: bits that are this vCPU's; waits: TWI, where another vCPU may want this pCPU, and TWE,
 * where one does. In force at the next ERET: nothing that Corbel does before depends on these bits.
 */
void traps_load(const struct cpu_features *features, uint64_t own, uint64_t waits);

/* What a vCPU has of its own once it uses pointer authentication: neither keys nor instructions trap. */
#define HCR_GUEST_PAUTH (HCR_EL2_APK | HCR_EL2_API)

#endif

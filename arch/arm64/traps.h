/*
 * What traps, one bit a line with its reason; docs/traps.md says the same. Context: EL2, the calling pCPU.
 */
#ifndef ARCH_ARM64_TRAPS_H
#define ARCH_ARM64_TRAPS_H

#include <stdbool.h>
#include <stdint.h>

/* Reads what this CPU has; once a pCPU, before the first guest. */
void traps_init_cpu(void);
/* Sets HCR_EL2 for a vCPU; trap_wfi: another vCPU may want this pCPU. */
void traps_load(bool trap_wfi);

#endif

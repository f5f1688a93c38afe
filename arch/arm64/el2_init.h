/* The EL2 registers whose reset value is UNKNOWN, or whatever firmware left. */
#ifndef ARCH_ARM64_EL2_INIT_H
#define ARCH_ARM64_EL2_INIT_H

/*
 * Writes each of them with a value that is safe while no guest runs; what guests need (HCR_EL2, MDCR_EL2, CPTR_EL2...)
 * is set when one is loaded. Each pCPU, once, after start.S has written HCR_EL2, SCTLR_EL2, VBAR_EL2 and the MMU's
 * registers.
 */
void el2_init(void);

#endif

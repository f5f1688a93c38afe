/* The Secure Monitor Call instruction as a function: only where firmware answers it. [DEN0028 2.6, 3.1] */
#ifndef ARCH_ARM64_SMC_CALL_H
#define ARCH_ARM64_SMC_CALL_H

#include <stdint.h>

#define SMC_CALL_NR_REGS 18

/*
 * SMC #0 with X0-X17 out of x, and back into it what EL3 answered. X18-X30 and SP are preserved by the convention.
 * Interrupts stay masked: the pCPU is EL3's until it comes back. Any pCPU, any lock.
 */
void smc_call(uint64_t x[SMC_CALL_NR_REGS]);

#endif

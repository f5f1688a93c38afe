/* The Secure Monitor Call instruction as a function: only where firmware answers it. [DEN0028 2.6] */
#ifndef ARCH_ARM64_SMC_CALL_H
#define ARCH_ARM64_SMC_CALL_H

#include <stdint.h>

/* Returns X0 of the answer. */
uint64_t smc_call(uint64_t function, uint64_t a1, uint64_t a2, uint64_t a3);

#endif

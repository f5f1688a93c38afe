/* Reads the whole ID register space (op0=3, op1=0, CRn=0, CRm=1..7). Any pCPU. */
#ifndef ARCH_ARM64_ID_SPACE_H
#define ARCH_ARM64_ID_SPACE_H

#include <stdint.h>

#define ID_SPACE_NR 56

/* This pCPU's REVIDR_EL1 and AIDR_EL1, which no field describes. */
uint64_t id_revidr_read(void);
uint64_t id_aidr_read(void);

/* values[(CRm - 1) * 8 + op2]; those not allocated read zero [DDI0487 D19.1]. */
void id_space_read(uint64_t values[ID_SPACE_NR]);

#endif

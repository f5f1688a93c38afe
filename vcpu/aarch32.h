/* AArch32 at EL0 of an AArch64 guest: conditions and IT blocks of trapped instructions. Pure. [DDI0487 G1.16, F1.5] */
#ifndef VCPU_AARCH32_H
#define VCPU_AARCH32_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether a trapped conditional instruction passes its condition. Some PEs trap it before they look [DDI0487 ESR_EL2
 * COND]. iss: CV and COND are read; with CV = 0 the condition is the IT block's (or AL outside one). spsr: NZCV, T, IT.
 */
bool aarch32_condition_passed(uint64_t iss, uint64_t spsr);

/*
 * SPSR after an instruction of an IT block was stepped over: ITSTATE advances, or ends with the block. Unchanged for
 * AArch64 and A32. For exit_apply(), together with the PC.
 */
uint64_t aarch32_advance_itstate(uint64_t spsr);

#endif

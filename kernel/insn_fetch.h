/* Reads the instruction that a guest's abort does not describe. */
#ifndef KERNEL_INSN_FETCH_H
#define KERNEL_INSN_FETCH_H

#include "vcpu/vcpu.h"

/*
 * Fills vcpu->syndrome.insn: the word at ELR, by the guest's own stage 1, from its RAM. The vCPU's own pCPU, the vCPU
 * loaded, no lock held.
 */
void insn_fetch(struct vcpu *vcpu);

#endif

/* A look at a guest's stage 1 tables, where the hardware does not say what a fault, or a person, must be told. */
#ifndef KERNEL_GUEST_WALK_H
#define KERNEL_GUEST_WALK_H

#include <stdint.h>

#include "vcpu/stage1_walk.h"
#include "vcpu/vcpu.h"

/*
 * The level at which the vCPU's own stage 1 walk for va ends (vcpu/stage1_walk.h). Other vCPUs may change the tables
 * meanwhile: then it is some level. The vCPU's own pCPU, the vCPU loaded, no lock held.
 */
uint8_t guest_walk_level(const struct vcpu *vcpu, uint64_t va);

/*
 * The walk for va in a VM's memory, with these tables (vcpu/stage1_walk.h). The VM's lock is held and it is RUNNING: so
 * its RAM stays its own. Any pCPU.
 */
void guest_walk(const struct vm *vm, const struct stage1_tables *tables, uint64_t va, struct stage1_walk *walk);
/* A word of the VM's RAM, 4-aligned. False: there is none. Likewise. */
bool guest_walk_read_word(const struct vm *vm, ipa_t at, uint32_t *word);

#endif

/* A look at the loaded guest's stage 1 tables, where the hardware does not say what a fault must tell. */
#ifndef KERNEL_GUEST_WALK_H
#define KERNEL_GUEST_WALK_H

#include <stdint.h>

#include "vcpu/vcpu.h"

/*
 * The level at which the vCPU's own stage 1 walk for va ends (vcpu/stage1_walk.h). Other vCPUs may change the tables
 * meanwhile: then it is some level. The vCPU's own pCPU, the vCPU loaded, no lock held.
 */
uint8_t guest_walk_level(const struct vcpu *vcpu, uint64_t va);

#endif

/*
 * The TRNG firmware interface [DEN0098 1.0], for VMs whose host has had entropy to begin with; without it none of these
 * functions is there, since none would ever have anything to give. The bits come out of Corbel's generator. Pure.
 */
#ifndef SMC_TRNG_H
#define SMC_TRNG_H

#include "smc/smccc.h"

#define TRNG_VERSION  0x84000050U
#define TRNG_FEATURES 0x84000051U
#define TRNG_GET_UUID 0x84000052U
#define TRNG_RND32    0x84000053U
#define TRNG_RND64    0xc4000053U

/* What one TRNG_RND64 can ask for; half of each word is TRNG_RND32's. */
#define TRNG_WORDS 3

/* Rows of smccc_refine(). The last one refuses what is wrong, and leaves a good TRNG_RND as the HYPERCALL that it is.
 */
void trng_refine_version(struct vcpu *vcpu, const struct smccc_vm *vm);
void trng_refine_features(struct vcpu *vcpu, const struct smccc_vm *vm);
void trng_refine_uuid(struct vcpu *vcpu, const struct smccc_vm *vm);
void trng_refine_rnd(struct vcpu *vcpu, const struct smccc_vm *vm);

/* Answers a TRNG_RND that was left, out of so many random words. */
void trng_answer(struct vcpu *vcpu, const uint64_t random[TRNG_WORDS]);

#endif

#include "smc/trng.h"

#define TRNG_VERSION_1_0	UINT64_C(0x10000)
#define TRNG_INVALID_PARAMETERS (-2)

/* 75aa9ddc-b48c-4a48-b45b-4d5f2d4a54e7. The first word is never all ones, which would be NOT_SUPPORTED. [DEN0098
 * TRNG_GET_UUID] */
static const uint32_t uuid[4] = { 0xdc9daa75, 0x484a8cb4, 0x5f4d5bb4, 0xe7544a2d };

static void answer(struct vcpu *vcpu, uint64_t x0)
{
	vcpu->frame.x[0] = x0;
	vcpu->exit.reason = EXIT_NOTHING;
}

static bool is_64(const struct vcpu *vcpu)
{
	return (vcpu->exit.hypercall.nr & SMCCC_64) != 0;
}

/* TRNG_RND64 returns 64 bits in each of X1-X3, TRNG_RND32 32 in W1-W3. */
static unsigned int bits_per_register(const struct vcpu *vcpu)
{
	return is_64(vcpu) ? 64 : 32;
}

static uint64_t bits_wanted(const struct vcpu *vcpu)
{
	return is_64(vcpu) ? vcpu->frame.x[1] : (uint32_t)vcpu->frame.x[1];
}

void trng_refine_version(struct vcpu *vcpu, const struct smccc_vm *vm)
{
	answer(vcpu, vm->has_trng ? TRNG_VERSION_1_0 : SMCCC_NOT_SUPPORTED);
}

void trng_refine_features(struct vcpu *vcpu, const struct smccc_vm *vm)
{
	uint64_t result = SMCCC_NOT_SUPPORTED;

	switch ((uint32_t)vcpu->frame.x[1]) {
	case TRNG_VERSION:
	case TRNG_FEATURES:
	case TRNG_GET_UUID:
	case TRNG_RND32:
	case TRNG_RND64: result = vm->has_trng ? SMCCC_SUCCESS : SMCCC_NOT_SUPPORTED; break;
	default: break;
	}
	answer(vcpu, result);
}

void trng_refine_uuid(struct vcpu *vcpu, const struct smccc_vm *vm)
{
	if (vm->has_trng)
		smccc_answer_uuid(vcpu, uuid);
	else
		answer(vcpu, SMCCC_NOT_SUPPORTED);
}

/* No entropy comes with an error: W1-W3 are zero. [DEN0098 TRNG_RND] */
void trng_refine_rnd(struct vcpu *vcpu, const struct smccc_vm *vm)
{
	uint64_t bits = bits_wanted(vcpu);

	if (vm->has_trng && bits != 0 && bits <= (uint64_t)TRNG_WORDS * bits_per_register(vcpu))
		return;
	for (unsigned int n = 1; n <= TRNG_WORDS; n++)
		vcpu->frame.x[n] = 0;
	if (!vm->has_trng)
		answer(vcpu, SMCCC_NOT_SUPPORTED);
	else
		answer(vcpu, is_64(vcpu) ? (uint64_t)TRNG_INVALID_PARAMETERS : (uint32_t)TRNG_INVALID_PARAMETERS);
}

/* The lowest bits stand in X3; what was not asked for is zero. [DEN0098 TRNG_RND] */
void trng_answer(struct vcpu *vcpu, const uint64_t random[TRNG_WORDS])
{
	uint64_t left = bits_wanted(vcpu);
	unsigned int width = bits_per_register(vcpu);

	for (unsigned int n = 0; n < TRNG_WORDS; n++) {
		unsigned int bits = (unsigned int)min_u64(left, width);

		vcpu->frame.x[TRNG_WORDS - n] = bits != 0 ? random[n] & GENMASK(bits - 1, 0) : 0;
		left -= bits;
	}
	answer(vcpu, SMCCC_SUCCESS);
}

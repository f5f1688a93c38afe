#include "lib/bits.h"
#include "smc/smc_filter.h"
#include "smc/trng.h"

#define CORBEL_VERSION_1_0 UINT64_C(0x10000)
#define HYP_REVISION_MAJOR 1
#define HYP_REVISION_MINOR 0

/* 2cb11a94-e8ef-4388-9f53-57d14579c692 */
static const uint32_t hyp_uid[4] = { 0x941ab12c, 0x8843efe8, 0xd157539f, 0x92c67945 };

/* Answers the call: x0 is written, and the guest goes on (behind an SMC by insn_len, an HVC's ELR is there already). */
static void answer(struct vcpu *vcpu, uint64_t x0)
{
	vcpu->frame.x[0] = x0;
	vcpu->exit.reason = EXIT_NOTHING;
}

void smccc_answer_uuid(struct vcpu *vcpu, const uint32_t words[4])
{
	for (unsigned int n = 1; n < 4; n++)
		vcpu->frame.x[n] = words[n];
	answer(vcpu, words[0]);
}

static void refine_version(struct vcpu *vcpu, const struct smccc_vm *vm)
{
	(void)vm;
	answer(vcpu, SMCCC_VERSION_1_2);
}

/*
 * SMCCC_ARCH_FEATURES [DEN0028 7.3]. SMCCC_ARCH_SOC_ID is not offered: it names a chip by its maker's JEP-106 code, and
 * what a VM runs on is not one.
 */
static void refine_arch_features(struct vcpu *vcpu, const struct smccc_vm *vm)
{
	uint64_t result = SMCCC_NOT_SUPPORTED;

	switch ((uint32_t)vcpu->frame.x[1]) {
	case SMCCC_VERSION:
	case PV_TIME_FEATURES: /* here a guest looks first [DEN0057 PV_TIME_FEATURES] */
	case SMCCC_ARCH_FEATURES: result = SMCCC_SUCCESS; break;
	case SMCCC_ARCH_WORKAROUND_1: result = (uint64_t)(int64_t)vm->workaround_1; break;
	case SMCCC_ARCH_WORKAROUND_2: result = (uint64_t)(int64_t)vm->workaround_2; break;
	case SMCCC_ARCH_WORKAROUND_3: result = (uint64_t)(int64_t)vm->workaround_3; break;
	default: break;
	}
	answer(vcpu, result);
}

static void refine_workaround_1(struct vcpu *vcpu, const struct smccc_vm *vm)
{
	answer(vcpu, vm->workaround_1 == SMCCC_WORKAROUND_UNAFFECTED ? SMCCC_SUCCESS : SMCCC_NOT_SUPPORTED);
}

static void refine_workaround_3(struct vcpu *vcpu, const struct smccc_vm *vm)
{
	answer(vcpu, vm->workaround_3 == SMCCC_WORKAROUND_UNAFFECTED ? SMCCC_SUCCESS : SMCCC_NOT_SUPPORTED);
}

static void refine_pv_time_features(struct vcpu *vcpu, const struct smccc_vm *vm)
{
	uint32_t function = (uint32_t)vcpu->frame.x[1];

	(void)vm;
	answer(vcpu, function == PV_TIME_FEATURES || function == PV_TIME_ST ? SMCCC_SUCCESS : SMCCC_NOT_SUPPORTED);
}

/* Stays the HYPERCALL that it is: from now on the kernel counts. */
static void refine_pv_time_st(struct vcpu *vcpu, const struct smccc_vm *vm)
{
	(void)vcpu;
	(void)vm;
}

static void refine_hyp_uid(struct vcpu *vcpu, const struct smccc_vm *vm)
{
	(void)vm;
	smccc_answer_uuid(vcpu, hyp_uid);
}

static void refine_hyp_revision(struct vcpu *vcpu, const struct smccc_vm *vm)
{
	(void)vm;
	vcpu->frame.x[1] = HYP_REVISION_MINOR;
	answer(vcpu, HYP_REVISION_MAJOR);
}

static void refine_corbel_version(struct vcpu *vcpu, const struct smccc_vm *vm)
{
	(void)vm;
	answer(vcpu, CORBEL_VERSION_1_0);
}

/* All that is answered here; none of it is called often. */
static const struct {
	uint32_t function;
	void (*refine)(struct vcpu *vcpu, const struct smccc_vm *vm);
} functions[] = {
	{ SMCCC_VERSION, refine_version },
	{ SMCCC_ARCH_FEATURES, refine_arch_features },
	{ SMCCC_ARCH_WORKAROUND_1, refine_workaround_1 },
	{ SMCCC_ARCH_WORKAROUND_3, refine_workaround_3 },
	{ PV_TIME_FEATURES, refine_pv_time_features },
	{ PV_TIME_ST, refine_pv_time_st },
	{ SMCCC_HYP_UID, refine_hyp_uid },
	{ SMCCC_HYP_REVISION, refine_hyp_revision },
	{ CORBEL_VERSION, refine_corbel_version },
	{ TRNG_VERSION, trng_refine_version },
	{ TRNG_FEATURES, trng_refine_features },
	{ TRNG_GET_UUID, trng_refine_uuid },
	{ TRNG_RND32, trng_refine_rnd },
	{ TRNG_RND64, trng_refine_rnd },
};

static void refine_function(struct vcpu *vcpu, const struct smccc_vm *vm, uint32_t function)
{
	for (unsigned int n = 0; n < ARRAY_SIZE(functions); n++) {
		if (functions[n].function == function) {
			functions[n].refine(vcpu, vm);
			return;
		}
	}
	answer(vcpu, SMCCC_NOT_SUPPORTED);
}

static bool is_firmwares(const struct smccc_vm *vm, uint32_t function)
{
	return (function == SMCCC_ARCH_WORKAROUND_1 && vm->workaround_1 == SMCCC_WORKAROUND_FIRMWARES) ||
	       (function == SMCCC_ARCH_WORKAROUND_3 && vm->workaround_3 == SMCCC_WORKAROUND_FIRMWARES);
}

void smccc_refine(struct vcpu *vcpu, const struct smccc_vm *vm)
{
	struct vcpu_exit *exit = &vcpu->exit;
	uint32_t function;

	if (exit->reason != EXIT_HYPERCALL)
		return;
	function = (uint32_t)exit->hypercall.nr;
	exit->hypercall.nr = function;
	if (exit->hypercall.imm16 != 0) {
		answer(vcpu, SMCCC_NOT_SUPPORTED);
		return;
	}
	if (smccc_is_psci(function))
		return;
	exit->hypercall.forward =
		(exit->hypercall.conduit == CONDUIT_SMC && smc_filter_allows(vm->allowed, vm->nr_allowed, function)) ||
		is_firmwares(vm, function);
	if (!exit->hypercall.forward)
		refine_function(vcpu, vm, function);
}

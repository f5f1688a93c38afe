#include "smc/smc_filter.h"

/* Answers the call: x0 is written, and the guest goes on (behind an SMC by insn_len, an HVC's ELR is there already). */
static void answer(struct vcpu *vcpu, uint64_t x0)
{
	vcpu->frame.x[0] = x0;
	vcpu->exit.reason = EXIT_NOTHING;
}

/*
 * SMCCC_ARCH_FEATURES [DEN0028 7.3]. The workarounds are not offered: NOT_SUPPORTED tells a guest that firmware has
 * none for it, not that its CPU is safe.
 */
static uint64_t arch_features(uint32_t function)
{
	return function == SMCCC_VERSION || function == SMCCC_ARCH_FEATURES ? SMCCC_SUCCESS : SMCCC_NOT_SUPPORTED;
}

void smccc_refine(struct vcpu *vcpu, const struct smc_range *allowed, unsigned int nr_allowed)
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
		exit->hypercall.conduit == CONDUIT_SMC && smc_filter_allows(allowed, nr_allowed, function);
	if (exit->hypercall.forward)
		return;
	if (function == SMCCC_VERSION)
		answer(vcpu, SMCCC_VERSION_1_2);
	else if (function == SMCCC_ARCH_FEATURES)
		answer(vcpu, arch_features((uint32_t)vcpu->frame.x[1]));
	else
		answer(vcpu, SMCCC_NOT_SUPPORTED);
}

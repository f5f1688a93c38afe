/* Hypercalls: see hypercall.h. */
#include "kernel/hypercall.h"

#include <string.h>

#include "arch/arm64/smc_call.h"
#include "kernel/entropy.h"
#include "kernel/pv_time.h"
#include "kernel/vm.h"
#include "psci/psci.h"
#include "smc/smc_filter.h"
#include "smc/trng.h"

_Static_assert(SMC_CALL_NR_REGS == SMCCC_NR_REGS, "smc_call() passes what the convention has");

/* EL3 answers in Corbel's place. Only where there is firmware: without it, no VM has a range that would name the call.
 */
static void forward_smc(struct vcpu *vcpu)
{
	uint64_t sent[SMCCC_NR_REGS], x[SMCCC_NR_REGS];

	smc_forward_arguments(vcpu, (uint16_t)(vcpu->vm->id + 1), sent); /* client 0 would be EL2 itself */
	memcpy(x, sent, sizeof(x));
	smc_call(x);
	smc_forward_results(vcpu, sent, x);
}

static void random_bits(struct vcpu *vcpu)
{
	uint64_t random[TRNG_WORDS];

	entropy_get(random, sizeof(random));
	trng_answer(vcpu, random);
}

static enum exit_action system_suspend(struct vcpu *vcpu)
{
	psci_ret_t result = vm_system_suspend(vcpu, psci_arg(vcpu, 1), psci_arg(vcpu, 2));

	if (result.code == PSCI_SUCCESS.code)
		return ACTION_VCPU_SUSPEND;
	psci_set_result(vcpu, vcpu->exit.hypercall.nr, result);
	return ACTION_ADVANCE;
}

enum exit_action hypercall_serve(struct vcpu *vcpu)
{
	uint64_t nr = vcpu->exit.hypercall.nr;

	if (vcpu->exit.hypercall.forward) {
		forward_smc(vcpu);
		return ACTION_ADVANCE;
	}
	switch (nr) {
	case PSCI_FN32(PSCI_AFFINITY_INFO_NR):
	case PSCI_FN64(PSCI_AFFINITY_INFO_NR):
		psci_set_result(vcpu, nr, vm_affinity_info(vcpu->vm, psci_arg(vcpu, 1), psci_arg(vcpu, 2)));
		break;
	case PSCI_FN32(PSCI_SYSTEM_SUSPEND_NR):
	case PSCI_FN64(PSCI_SYSTEM_SUSPEND_NR): return system_suspend(vcpu);
	case PV_TIME_ST: vcpu->frame.x[0] = pv_time_ask(vcpu).raw; break;
	case TRNG_RND32:
	case TRNG_RND64: random_bits(vcpu); break;
	default: vcpu->frame.x[0] = SMCCC_NOT_SUPPORTED; break; /* nobody leaves another one */
	}
	return ACTION_ADVANCE;
}

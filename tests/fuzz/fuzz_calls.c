/*
 * SMCCC and PSCI: a VM of four vCPUs whose guest makes any calls with any registers, served as kernel/hypercall.c and
 * kernel/vm.c serve them. Only result registers change, only the PSCI machine's own moves happen, only what the policy
 * names goes to EL3, and PSCI never does.
 */
#include <string.h>

#include "psci/psci.h"
#include "smc/smc_filter.h"
#include "smc/trng.h"
#include "tests/fuzz/fuzz.h"

#define NR_VCPUS 4
#define RAM_BASE UINT64_C(0x40000000)
#define RAM_SIZE UINT64_C(0x10000000)

static struct vcpu vcpus[NR_VCPUS];
static struct vcpu *pointers[NR_VCPUS] = { &vcpus[0], &vcpus[1], &vcpus[2], &vcpus[3] };
static struct psci_vm psci = { pointers, NR_VCPUS, RAM_BASE, RAM_SIZE };
static const struct smc_range allowed[] = { { 0x82000000, 0x8200ffff }, { 0xc3000010, 0xc3000010 }, { 0, 0xff } };
static struct smccc_vm smccc = { .allowed = allowed, .nr_allowed = ARRAY_SIZE(allowed) };

/* Near what means something, where the byte says so, else whatever comes. */
static uint64_t take_function(struct fuzz_input *input)
{
	static const uint32_t near[] = {
		PSCI_FN32(0),
		PSCI_FN64(0),
		PSCI_FN32(0),
		PSCI_FN64(0),
		SMCCC_VERSION,
		SMCCC_ARCH_FEATURES,
		SMCCC_ARCH_WORKAROUND_1,
		SMCCC_ARCH_WORKAROUND_2,
		SMCCC_ARCH_WORKAROUND_3,
		PV_TIME_FEATURES,
		PV_TIME_ST,
		SMCCC_HYP_UID,
		CORBEL_VERSION,
		TRNG_VERSION,
		TRNG_RND64,
		0x82000000,
	};
	uint8_t choice = fuzz_u8(input);

	if (choice >= 0xe0)
		return fuzz_u64(input);
	return near[choice % ARRAY_SIZE(near)] + (choice >= 0x40 ? fuzz_u8(input) % 32U : 0U);
}

static uint64_t take_argument(struct fuzz_input *input)
{
	uint8_t choice = fuzz_u8(input);

	switch (choice % 8) {
	case 0: return choice / 8;			      /* a level, a number of bits */
	case 1: return choice / 8 % (NR_VCPUS + 1);	      /* an MPIDR */
	case 2: return RAM_BASE + fuzz_take(input, 3);	      /* an entry point, or nearly one */
	case 3: return RAM_BASE + RAM_SIZE - 8 + choice / 16; /* the same, at RAM's end */
	case 4: return take_function(input);		      /* FEATURES' */
	case 5: return UINT64_C(1) << choice / 4;
	default: return fuzz_u64(input);
	}
}

static bool is_allowed(uint64_t function)
{
	for (unsigned int n = 0; n < ARRAY_SIZE(allowed); n++)
		if (function >= allowed[n].first && function <= allowed[n].last)
			return true;
	return false;
}

/* Each vCPU's state, and what a call may have made of it. */
static void check_powers(const enum vcpu_power before[NR_VCPUS], const struct vcpu *caller, const struct vcpu *target)
{
	for (unsigned int n = 0; n < NR_VCPUS; n++) {
		if (before[n] == vcpus[n].power)
			continue;
		if (&vcpus[n] == target) {
			FUZZ_ASSERT(before[n] == VCPU_POWER_OFF && vcpus[n].power == VCPU_POWER_ON_PENDING);
			FUZZ_ASSERT(vcpus[n].on_entry >= RAM_BASE && vcpus[n].on_entry < RAM_BASE + RAM_SIZE);
			FUZZ_ASSERT(vcpus[n].on_entry % 4 == 0);
		} else {
			FUZZ_ASSERT(&vcpus[n] == caller && vcpus[n].power == VCPU_POWER_OFF && target == NULL);
		}
	}
}

static psci_ret_t cpu_up(struct vcpu *vcpu, struct vcpu **target)
{
	const struct vcpu_exit *exit = &vcpu->exit;
	uint64_t mpidr = exit->cpu_up.target_mpidr;
	enum vcpu_power before = mpidr < NR_VCPUS ? vcpus[mpidr].power : VCPU_POWER_OFF;
	psci_ret_t result = vpsci_cpu_on(&psci, mpidr, exit->cpu_up.entry, exit->cpu_up.arg, target);
	int32_t want = 0;

	/* [DEN0022 5.6.2] */
	if (mpidr >= NR_VCPUS)
		want = -2;
	else if (exit->cpu_up.entry % 4 != 0 || exit->cpu_up.entry - RAM_BASE >= RAM_SIZE)
		want = -9;
	else if (before != VCPU_POWER_OFF)
		want = before == VCPU_POWER_ON ? -4 : -5;
	FUZZ_ASSERT(result.code == want && (*target != NULL) == (want == 0));
	return result;
}

static void check_trng(const struct vcpu *vcpu, uint64_t wanted)
{
	unsigned int width = (vcpu->exit.hypercall.nr & SMCCC_64) != 0 ? 64 : 32;

	FUZZ_ASSERT(wanted >= 1 && wanted <= 3U * width && vcpu->frame.x[0] == 0);
	for (unsigned int bit = 0; bit < 3 * 64; bit++) {
		uint64_t reg = vcpu->frame.x[3 - bit / 64];
		bool may_be_set = bit % 64 < width && bit / 64 * width + bit % 64 < wanted;

		FUZZ_ASSERT((reg >> bit % 64 & 1) == may_be_set); /* the random bits are ones here */
	}
}

/* A HYPERCALL that was left is one of those that need more than the frame. */
static void serve_left(struct vcpu *vcpu)
{
	static const uint64_t ones[TRNG_WORDS] = { UINT64_MAX, UINT64_MAX, UINT64_MAX };
	uint64_t nr = vcpu->exit.hypercall.nr, a1 = psci_arg(vcpu, 1), wanted;
	psci_ret_t result;

	switch (nr) {
	case PSCI_FN32(PSCI_AFFINITY_INFO_NR):
	case PSCI_FN64(PSCI_AFFINITY_INFO_NR):
		result = vpsci_affinity_info(&psci, a1, psci_arg(vcpu, 2));
		FUZZ_ASSERT(result.code == (a1 < NR_VCPUS && psci_arg(vcpu, 2) == 0 ? (int32_t)vcpus[a1].power : -2));
		psci_set_result(vcpu, nr, result);
		break;
	case PSCI_FN32(PSCI_SYSTEM_SUSPEND_NR):
	case PSCI_FN64(PSCI_SYSTEM_SUSPEND_NR):
		result = vpsci_system_suspend(&psci, vcpu, a1, psci_arg(vcpu, 2));
		FUZZ_ASSERT(result.code == 0 || result.code == -3 || result.code == -9);
		for (unsigned int n = 0; n < NR_VCPUS && result.code == 0; n++)
			FUZZ_ASSERT(&vcpus[n] == vcpu || vcpus[n].power == VCPU_POWER_OFF);
		psci_set_result(vcpu, nr, result);
		break;
	case TRNG_RND32:
	case TRNG_RND64:
		wanted = nr == TRNG_RND64 ? vcpu->frame.x[1] : (uint32_t)vcpu->frame.x[1];
		trng_answer(vcpu, ones);
		check_trng(vcpu, wanted);
		break;
	case PV_TIME_ST: vcpu->frame.x[0] = SMCCC_NOT_SUPPORTED; break;
	default: FUZZ_FAIL("a call that nobody serves was left");
	}
}

/* What EL3 gets, and what of its answer the guest sees. EL3 adds one to X0 and X3. */
static void serve_forwarded(struct vcpu *vcpu, const struct trap_frame *before)
{
	uint64_t sent[SMCCC_NR_REGS], x[SMCCC_NR_REGS];

	smc_forward_arguments(vcpu, 7, sent);
	FUZZ_ASSERT(sent[0] == vcpu->exit.hypercall.nr && sent[0] >> 32 == 0 && !smccc_is_psci(sent[0]));
	for (unsigned int n = 1; n < 7; n++)
		FUZZ_ASSERT(sent[n] == ((sent[0] & SMCCC_64) != 0 ? before->x[n] : (uint32_t)before->x[n]));
	memcpy(x, sent, sizeof(x));
	x[0]++;
	x[3]++;
	smc_forward_results(vcpu, sent, x);
	FUZZ_ASSERT(vcpu->frame.x[0] == sent[0] + 1 && vcpu->frame.x[3] == sent[3] + 1);
	FUZZ_ASSERT(vcpu->frame.x[1] == before->x[1] && vcpu->frame.x[17] == before->x[17]);
	vcpu->frame.x[3] = before->x[3];
}

static bool is_firmwares(uint32_t function)
{
	return smccc.workaround_1 == SMCCC_WORKAROUND_FIRMWARES && (function == 0x80008000 || function == 0x80003fff);
}

static void call(struct vcpu *vcpu, struct fuzz_input *input)
{
	enum vcpu_power powers[NR_VCPUS];
	struct vcpu *target = NULL;
	struct trap_frame before;
	uint64_t function = take_function(input);
	uint8_t how = fuzz_u8(input);
	uint8_t insn_len = (how & 1) != 0 ? 4 : 0;
	bool smc = (how & 1) != 0, refused;

	vcpu->frame.x[0] = function;
	for (unsigned int n = 1; n <= 3; n++)
		vcpu->frame.x[n] = take_argument(input);
	before = vcpu->frame;
	for (unsigned int n = 0; n < NR_VCPUS; n++)
		powers[n] = vcpus[n].power;
	vcpu->exit = (struct vcpu_exit){ .reason = EXIT_HYPERCALL, .insn_len = insn_len };
	vcpu->exit.hypercall.nr = function;
	vcpu->exit.hypercall.conduit = smc ? CONDUIT_SMC : CONDUIT_HVC;
	vcpu->exit.hypercall.imm16 = (how & 0xf0) == 0xf0 ? how : 0;
	smccc.has_trng = (how & 2) != 0;
	refused = vcpu->exit.hypercall.imm16 != 0;

	smccc_refine(vcpu, &smccc);
	psci_refine(vcpu, &psci);
	FUZZ_ASSERT(vcpu->exit.insn_len == insn_len);
	FUZZ_ASSERT(!refused || (vcpu->exit.reason == EXIT_NOTHING && vcpu->frame.x[0] == UINT64_MAX));
	switch ((unsigned int)vcpu->exit.reason) {
	case EXIT_HYPERCALL:
		FUZZ_ASSERT(vcpu->exit.hypercall.forward ==
			    ((smc && is_allowed((uint32_t)function)) || is_firmwares((uint32_t)function)));
		if (vcpu->exit.hypercall.forward)
			serve_forwarded(vcpu, &before);
		else
			serve_left(vcpu);
		break;
	case EXIT_CPU_UP: psci_set_result(vcpu, function, cpu_up(vcpu, &target)); break;
	case EXIT_CPU_DOWN: FUZZ_ASSERT(vpsci_cpu_off(vcpu).code == 0 && vcpu->power == VCPU_POWER_OFF); break;
	case EXIT_SYSTEM_DOWN: FUZZ_ASSERT(vcpu->exit.system_down.kind <= SYSTEM_DOWN_RESET); break;
	case EXIT_HALT: FUZZ_ASSERT(!vcpu->exit.halt.has_deadline && vcpu->frame.x[0] == 0); break;
	case EXIT_NOTHING: break;
	default: FUZZ_FAIL("a call has become something else");
	}
	check_powers(powers, vcpu, target);
	/* X1-X3 are results, too; X4 and up are not, and neither is the rest of the frame. */
	FUZZ_ASSERT(memcmp(&before.x[4], &vcpu->frame.x[4], sizeof(before) - offsetof(struct trap_frame, x[4])) == 0);
	if (smccc_is_psci((uint32_t)function) && !refused)
		FUZZ_ASSERT(memcmp(&before.x[1], &vcpu->frame.x[1], 3 * sizeof(before.x[0])) == 0);
	/* A result of an SMC32 of PSCI's is W0. */
	if (smccc_is_psci((uint32_t)function) && !refused && (function & SMCCC_64) == 0 &&
	    vcpu->frame.x[0] != before.x[0])
		FUZZ_ASSERT(vcpu->frame.x[0] >> 32 == 0);
	/* As the run loop does: who was turned on comes up. */
	if (target != NULL && (how & 4) != 0)
		target->power = VCPU_POWER_ON;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum smccc_workaround workarounds[] = { SMCCC_WORKAROUND_NOT_SUPPORTED,
							     SMCCC_WORKAROUND_UNAFFECTED, SMCCC_WORKAROUND_FIRMWARES };
	struct fuzz_input input = { data, size };

	memset(vcpus, 0, sizeof(vcpus));
	for (unsigned int n = 0; n < NR_VCPUS; n++) {
		vcpus[n].index = (uint8_t)n;
		vcpus[n].mpidr = n;
		vcpus[n].power = n == 0 ? VCPU_POWER_ON : VCPU_POWER_OFF;
		for (unsigned int reg = 4; reg < 31; reg++)
			vcpus[n].frame.x[reg] = UINT64_C(0x0101010101010101) * (8 * n + reg);
	}
	smccc.workaround_1 = smccc.workaround_3 = workarounds[fuzz_u8(&input) % ARRAY_SIZE(workarounds)];
	smccc.workaround_2 = SMCCC_WORKAROUND_NOT_REQUIRED;
	while (input.left != 0) {
		struct vcpu *vcpu = &vcpus[fuzz_u8(&input) % NR_VCPUS];

		if (vcpu->power == VCPU_POWER_ON)
			call(vcpu, &input);
	}
	return 0;
}

#include "psci/psci.h"

#include <stddef.h>

#include "lib/bits.h"
#include "smc/smccc.h"

#define PSCI_VERSION_1_1 ((psci_ret_t){ 0x10001 })
/* MIGRATE_INFO_TYPE [DEN0022 5.9]: no Trusted OS, or one that needs no migration. */
#define PSCI_MIGRATE_NOT_NEEDED ((psci_ret_t){ 2 })

#define PSCI_NUMBER GENMASK(4, 0)

/*
 * power_state [DEN0022 5.4.2]. The original format, which PSCI_FEATURES(CPU_SUSPEND) tells, has StateID [15:0],
 * StateType [16], PowerLevel [25:24]. The extended one has StateType [30], StateID [27:0]. The rest must be zero.
 * StateType 1 powers down.
 */
#define POWER_STATE_RESERVED	 (GENMASK(31, 26) | GENMASK(23, 17))
#define POWER_STATE_DOWN	 BIT(16)
#define POWER_STATE_EXT_RESERVED (BIT(31) | GENMASK(29, 28))
#define POWER_STATE_EXT_DOWN	 BIT(30)

/* reset_type of SYSTEM_RESET2: architectural ones have bit 31 clear, and there is one. [DEN0022 SYSTEM_RESET2] */
#define SYSTEM_WARM_RESET 0U

/* Who may be called how. */
#define BY_SMC32 1U
#define BY_SMC64 2U

struct psci_row {
	uint8_t conventions;
	void (*refine)(struct vcpu *vcpu, const struct psci_vm *vm);
};

static const struct psci_row psci_table[PSCI_NR_FUNCTIONS];

uint64_t psci_arg(const struct vcpu *vcpu, unsigned int n)
{
	uint64_t value = vcpu->frame.x[n];

	return (vcpu->frame.x[0] & SMCCC_64) != 0 ? value : (uint32_t)value;
}

void psci_set_result(struct vcpu *vcpu, uint64_t function, psci_ret_t result)
{
	if ((function & SMCCC_64) != 0)
		vcpu->frame.x[0] = (uint64_t)(int64_t)result.code;
	else
		vcpu->frame.x[0] = (uint32_t)result.code;
}

static void answer(struct vcpu *vcpu, psci_ret_t result)
{
	psci_set_result(vcpu, vcpu->exit.hypercall.nr, result);
	vcpu->exit.reason = EXIT_NOTHING;
}

/* The row that serves a function by its convention, or NULL. The one place that knows what there is. */
static const struct psci_row *psci_find(uint32_t function)
{
	const struct psci_row *row = &psci_table[FIELD_GET(PSCI_NUMBER, function)];
	unsigned int convention = (function & SMCCC_64) != 0 ? BY_SMC64 : BY_SMC32;

	return smccc_is_psci(function) && (row->conventions & convention) != 0 ? row : NULL;
}

static void refine_version(struct vcpu *vcpu, const struct psci_vm *vm)
{
	(void)vm;
	answer(vcpu, PSCI_VERSION_1_1);
}

/*
 * Does it name a state, and does that state power down? Bit 30, reserved in the original format, can only be the
 * extended one's StateType, so a caller that uses that format to power down is understood as well.
 */
static bool parse_power_state(uint32_t power_state, bool *down)
{
	if ((power_state & POWER_STATE_EXT_DOWN) != 0) {
		*down = true;
		return (power_state & POWER_STATE_EXT_RESERVED) == 0;
	}
	*down = (power_state & POWER_STATE_DOWN) != 0;
	return (power_state & POWER_STATE_RESERVED) == 0;
}

/*
 * [DEN0022 5.4] A standby state is a WFI. A power-down state may be answered with the shallower standby: the call then
 * returns SUCCESS where the caller stands, and the entry point, which has to be one, is not used. All levels alike:
 * vCPUs share no power domain.
 */
static void refine_cpu_suspend(struct vcpu *vcpu, const struct psci_vm *vm)
{
	bool down;

	if (!parse_power_state((uint32_t)psci_arg(vcpu, 1), &down)) {
		answer(vcpu, PSCI_INVALID_PARAMETERS);
		return;
	}
	if (down && !vpsci_is_entry(vm, psci_arg(vcpu, 2))) {
		answer(vcpu, PSCI_INVALID_ADDRESS);
		return;
	}
	answer(vcpu, PSCI_SUCCESS);
	vcpu_exit_begin(&vcpu->exit, vcpu->exit.insn_len);
	vcpu->exit.reason = EXIT_HALT;
}

static void refine_cpu_off(struct vcpu *vcpu, const struct psci_vm *vm)
{
	(void)vm;
	vcpu->exit.reason = EXIT_CPU_DOWN;
	vcpu->exit.cpu_down.state = 0;
}

/* Checked behind the VM's lock by vpsci_cpu_on(): x0 keeps the function until then. */
static void refine_cpu_on(struct vcpu *vcpu, const struct psci_vm *vm)
{
	(void)vm;
	uint64_t target = psci_arg(vcpu, 1), entry = psci_arg(vcpu, 2), arg = psci_arg(vcpu, 3);

	vcpu->exit.reason = EXIT_CPU_UP;
	vcpu->exit.cpu_up.target_mpidr = target;
	vcpu->exit.cpu_up.entry = entry;
	vcpu->exit.cpu_up.arg = arg;
}

/* AFFINITY_INFO and SYSTEM_SUSPEND stay the HYPERCALLs that they are: the answer needs the VM's lock. */
static void refine_behind_the_lock(struct vcpu *vcpu, const struct psci_vm *vm)
{
	(void)vcpu;
	(void)vm;
}

static void refine_migrate_info_type(struct vcpu *vcpu, const struct psci_vm *vm)
{
	(void)vm;
	answer(vcpu, PSCI_MIGRATE_NOT_NEEDED);
}

static void refine_system_off(struct vcpu *vcpu, const struct psci_vm *vm)
{
	(void)vm;
	vcpu->exit.reason = EXIT_SYSTEM_DOWN;
	vcpu->exit.system_down.kind = SYSTEM_DOWN_OFF;
}

static void refine_system_reset(struct vcpu *vcpu, const struct psci_vm *vm)
{
	(void)vm;
	vcpu->exit.reason = EXIT_SYSTEM_DOWN;
	vcpu->exit.system_down.kind = SYSTEM_DOWN_RESET;
}

/*
 * A warm reset keeps RAM, as a VM's reset does. The cookie is the vendor types', and there are none. [DEN0022
 * SYSTEM_RESET2]
 */
static void refine_system_reset2(struct vcpu *vcpu, const struct psci_vm *vm)
{
	if ((uint32_t)psci_arg(vcpu, 1) == SYSTEM_WARM_RESET)
		refine_system_reset(vcpu, vm);
	else
		answer(vcpu, PSCI_INVALID_PARAMETERS);
}

/*
 * [DEN0022 5.15] SUCCESS is also the right flag word of CPU_SUSPEND: original power_state format, no OS-initiated mode.
 * That SMCCC_VERSION is known here is how a guest finds SMCCC 1.1 and later [DEN0028 7.2].
 */
static void refine_features(struct vcpu *vcpu, const struct psci_vm *vm)
{
	(void)vm;
	uint32_t function = (uint32_t)psci_arg(vcpu, 1);

	answer(vcpu, function == SMCCC_VERSION || psci_find(function) != NULL ? PSCI_SUCCESS : PSCI_NOT_SUPPORTED);
}

/*
 * A function without a row is NOT_SUPPORTED. All of those are optional: MIGRATE and MIGRATE_INFO_UP_CPU have no Trusted
 * OS to move; SET_SUSPEND_MODE, no OS-initiated mode to choose; CPU_FREEZE, CPU_DEFAULT_SUSPEND, NODE_HW_STATE and the
 * statistics, no power states of hardware behind them; MEM_PROTECT, no reset that would overwrite RAM.
 */
static const struct psci_row psci_table[PSCI_NR_FUNCTIONS] = {
	[PSCI_VERSION_NR] = { BY_SMC32, refine_version },
	[PSCI_CPU_SUSPEND_NR] = { BY_SMC32 | BY_SMC64, refine_cpu_suspend },
	[PSCI_CPU_OFF_NR] = { BY_SMC32, refine_cpu_off },
	[PSCI_CPU_ON_NR] = { BY_SMC32 | BY_SMC64, refine_cpu_on },
	[PSCI_AFFINITY_INFO_NR] = { BY_SMC32 | BY_SMC64, refine_behind_the_lock },
	[PSCI_MIGRATE_INFO_TYPE_NR] = { BY_SMC32, refine_migrate_info_type },
	[PSCI_SYSTEM_OFF_NR] = { BY_SMC32, refine_system_off },
	[PSCI_SYSTEM_RESET_NR] = { BY_SMC32, refine_system_reset },
	[PSCI_FEATURES_NR] = { BY_SMC32, refine_features },
	[PSCI_SYSTEM_SUSPEND_NR] = { BY_SMC32 | BY_SMC64, refine_behind_the_lock },
	[PSCI_SYSTEM_RESET2_NR] = { BY_SMC32 | BY_SMC64, refine_system_reset2 },
};

void psci_refine(struct vcpu *vcpu, const struct psci_vm *vm)
{
	const struct psci_row *row;

	if (vcpu->exit.reason != EXIT_HYPERCALL || !smccc_is_psci(vcpu->exit.hypercall.nr))
		return;
	row = psci_find((uint32_t)vcpu->exit.hypercall.nr);
	if (row != NULL)
		row->refine(vcpu, vm);
	else
		answer(vcpu, PSCI_NOT_SUPPORTED);
}

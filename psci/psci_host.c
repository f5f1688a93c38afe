#include "psci/psci_host.h"

#include <stddef.h>

#include "lib/bits.h"
#include "psci/psci.h"

#define PSCI_VERSION_1_0  0x10000
#define SMCCC_VERSION_1_1 0x10001

/* Set once by the boot CPU, before any other runs; NULL: no firmware to call. */
static void (*firmware)(uint64_t x[SMCCC_NR_REGS]);

void psci_host_init(bool smc, void (*smc_call)(uint64_t x[SMCCC_NR_REGS]))
{
	firmware = smc ? smc_call : NULL;
}

bool psci_host_present(void)
{
	return firmware != NULL;
}

/* [DEN0022 5.6.2] Results are 32 bits wide, whatever firmware leaves in the upper half of X0. */
static enum hv_err cpu_on_error(int32_t code)
{
	const struct {
		psci_ret_t result;
		enum hv_err err;
	} errors[] = {
		{ PSCI_SUCCESS, HV_OK },
		{ PSCI_INVALID_PARAMETERS, HV_EINVAL }, /* no such CPU */
		{ PSCI_ALREADY_ON, HV_EEXIST },
		{ PSCI_ON_PENDING, HV_EBUSY },
		{ PSCI_INVALID_ADDRESS, HV_EINVAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		if (errors[i].result.code == code)
			return errors[i].err;
	}
	return HV_EIO;
}

/* Returns X0 of the answer. */
static uint64_t call(uint64_t function, uint64_t a1, uint64_t a2, uint64_t a3)
{
	uint64_t x[SMCCC_NR_REGS] = { function, a1, a2, a3 };

	firmware(x);
	return x[0];
}

enum hv_err psci_host_cpu_on(uint64_t mpidr, uint64_t entry_pa, uint64_t context_id)
{
	if (firmware == NULL)
		return HV_ENOENT;
	return cpu_on_error((int32_t)call(PSCI_FN64(PSCI_CPU_ON_NR), mpidr, entry_pa, context_id));
}

/* SMCCC_VERSION itself may be called where PSCI_FEATURES, of PSCI 1.0, says so. */
static bool has_smccc_1_1(void)
{
	if (firmware == NULL || (int32_t)call(PSCI_FN32(PSCI_VERSION_NR), 0, 0, 0) < PSCI_VERSION_1_0 ||
	    (int32_t)call(PSCI_FN32(PSCI_FEATURES_NR), SMCCC_VERSION, 0, 0) < 0)
		return false;
	return (int32_t)call(SMCCC_VERSION, 0, 0, 0) >= SMCCC_VERSION_1_1;
}

int32_t psci_host_arch_features(uint32_t function)
{
	return has_smccc_1_1() ? (int32_t)call(SMCCC_ARCH_FEATURES, function, 0, 0) : PSCI_NOT_SUPPORTED.code;
}

void psci_host_system_off(void)
{
	if (firmware != NULL)
		call(PSCI_FN32(PSCI_SYSTEM_OFF_NR), 0, 0, 0);
}

void psci_host_system_reset(void)
{
	if (firmware != NULL)
		call(PSCI_FN32(PSCI_SYSTEM_RESET_NR), 0, 0, 0);
}

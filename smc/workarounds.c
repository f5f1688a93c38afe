/*
 * Which of the speculation workarounds a guest's CPU can do without, and which its firmware has. Corbel has none of its
 * own to offer, so the answer is "not needed" only where the CPU itself, Arm's list of parts, or the firmware says so.
 * WORKAROUND_2 is not passed on: it turns a mitigation of the pCPU off for whoever runs there next. [Arm "Cache
 * Speculation Side-channels", "Spectre-BHB"; DEN0028 7.5 to 7.7]
 */
#include "lib/bits.h"
#include "smc/smccc.h"

#define MIDR_EL1_Implementer GENMASK(31, 24)
#define MIDR_EL1_PartNum     GENMASK(15, 4)
#define IMPLEMENTER_ARM	     0x41
#define CORTEX_A35	     0xd04
#define CORTEX_A53	     0xd03
#define CORTEX_A55	     0xd05

/* ID_AA64PFR0_EL1.CSV2: branch targets (1) and the branch history (3) of one context do not steer another. */
#define CSV2_TARGETS 1
#define CSV2_HISTORY 3

/* In-order parts, which Arm's papers name as affected by none of the three: CVE-2017-5715, -2018-3639, -2022-23960. */
static bool speculates_little(uint64_t midr)
{
	uint64_t part = FIELD_GET(MIDR_EL1_PartNum, midr);

	return FIELD_GET(MIDR_EL1_Implementer, midr) == IMPLEMENTER_ARM &&
	       (part == CORTEX_A35 || part == CORTEX_A53 || part == CORTEX_A55);
}

/* Of WORKAROUND_1 and _3, which work alike. */
static enum smccc_workaround workaround(bool unaffected, int32_t firmware)
{
	if (unaffected || firmware == SMCCC_WORKAROUND_UNAFFECTED)
		return SMCCC_WORKAROUND_UNAFFECTED;
	return firmware == SMCCC_WORKAROUND_FIRMWARES ? SMCCC_WORKAROUND_FIRMWARES : SMCCC_WORKAROUND_NOT_SUPPORTED;
}

void smccc_find_workarounds(struct smccc_vm *vm, uint64_t midr, const uint64_t id_regs[ID_REGS_NR],
			    const struct smccc_firmware *firmware)
{
	bool little = speculates_little(midr);
	uint64_t csv2 = FIELD_GET(ID_AA64PFR0_EL1_CSV2, id_regs[ID_AA64PFR0_EL1]);
	/* FEAT_ECBHB: the history of a lower Exception level is not used above it. */
	bool keeps_history = csv2 >= CSV2_HISTORY || FIELD_GET(ID_AA64MMFR1_EL1_ECBHB, id_regs[ID_AA64MMFR1_EL1]) != 0;
	/* With FEAT_SSBS a guest has PSTATE.SSBS for it, which is shown and switched, and needs no call either. */
	bool keeps_order = little || firmware->workaround_2 == SMCCC_WORKAROUND_NOT_REQUIRED;

	vm->workaround_1 = workaround(little || csv2 >= CSV2_TARGETS, firmware->workaround_1);
	vm->workaround_2 = keeps_order ? SMCCC_WORKAROUND_NOT_REQUIRED : SMCCC_WORKAROUND_NOT_SUPPORTED;
	vm->workaround_3 = workaround(little || keeps_history, firmware->workaround_3);
}

/* The optional calls of PSCI 1.1 and SMCCC 1.2, as a guest meets them. [DEN0022] [DEN0028] */
#include "tests/guests/calls/calls.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/psci.h"
#include "tests/guests/common/tap.h"

#define PSCI_FN64 0x40000000U

/* What PSCI 1.1 defines and Corbel has no use for: FEATURES says so, and so does the call, in both conventions. */
static void test_absent(void)
{
	static const struct {
		uint32_t function;
		const char *name;
	} absent[] = {
		{ 0x84000005, "MIGRATE" },	  { 0x84000007, "MIGRATE_INFO_UP_CPU" },
		{ 0x8400000b, "CPU_FREEZE" },	  { 0x8400000c, "CPU_DEFAULT_SUSPEND" },
		{ 0x8400000d, "NODE_HW_STATE" },  { 0x8400000f, "PSCI_SET_SUSPEND_MODE" },
		{ 0x84000010, "STAT_RESIDENCY" }, { 0x84000011, "STAT_COUNT" },
		{ 0x84000013, "MEM_PROTECT" },	  { 0x84000014, "MEM_PROTECT_CHECK_RANGE" },
	};

	for (unsigned int i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		uint32_t fn = absent[i].function;

		tap_ok((uint32_t)smccc_call(CONDUIT_BY_DT, PSCI_FEATURES, fn, 0, 0).x0 == ~0U &&
			       smccc_call(CONDUIT_BY_DT, fn, 0, 0, 0).x0 == ~0U &&
			       smccc_call(CONDUIT_BY_DT, fn | PSCI_FN64, 0, 0, 0).x0 == ~0UL,
		       "%s: NOT_SUPPORTED", absent[i].name);
	}
}

static void test_parameters(void)
{
	tap_is((uint32_t)psci(PSCI_FEATURES, 0x84000012, 0, 0), 0, "FEATURES has SYSTEM_RESET2");
	tap_is((uint32_t)psci(PSCI_FEATURES, 0xc400000e, 0, 0), 0, "FEATURES has SYSTEM_SUSPEND");
	tap_is((uint32_t)psci(0x84000012, 1, 0, 0), (uint32_t)PSCI_INVALID_PARAMETERS,
	       "SYSTEM_RESET2 of a reserved type: INVALID_PARAMETERS");
	tap_is((uint32_t)psci(0xc4000012, 0x80000000, 0, 0), (uint32_t)PSCI_INVALID_PARAMETERS,
	       "SYSTEM_RESET2 of a vendor's type: INVALID_PARAMETERS");
	tap_is((uint32_t)psci(PSCI_FEATURES, PSCI_CPU_SUSPEND, 0, 0), 0,
	       "CPU_SUSPEND: original power_state, no OS-initiated mode");
	tap_is((uint32_t)psci(PSCI_CPU_SUSPEND, 1UL << 17, 0, 0), (uint32_t)PSCI_INVALID_PARAMETERS,
	       "CPU_SUSPEND with a reserved bit: INVALID_PARAMETERS");
	tap_is((uint32_t)psci(PSCI_CPU_SUSPEND, 1UL << 30 | 1UL << 28, 0, 0), (uint32_t)PSCI_INVALID_PARAMETERS,
	       "CPU_SUSPEND with one of the extended format: INVALID_PARAMETERS");
	tap_is((uint32_t)psci(PSCI_CPU_SUSPEND, 1UL << 16, 0, 0), (uint32_t)PSCI_INVALID_ADDRESS,
	       "CPU_SUSPEND to power down, without an entry: INVALID_ADDRESS");
	tap_is((uint32_t)psci(PSCI_CPU_SUSPEND_32, 1UL << 30, 2, 0), (uint32_t)PSCI_INVALID_ADDRESS,
	       "the same in the extended format");
}

void guest_main(void)
{
	test_absent();
	test_parameters();
	test_system_suspend();
	test_smccc();
	tap_done();
}

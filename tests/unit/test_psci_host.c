/* psci_host.c against a firmware that notes what it was asked. */
#include <check.h>
#include <stdlib.h>

#include "lib/bits.h"
#include "psci/psci_host.h"

static struct {
	uint64_t function, a1, a2, a3;
	unsigned int nr_calls;
	uint64_t answer;
} firmware;

static void fake_smc(uint64_t x[SMCCC_NR_REGS])
{
	firmware.function = x[0];
	firmware.a1 = x[1];
	firmware.a2 = x[2];
	firmware.a3 = x[3];
	firmware.nr_calls++;
	for (unsigned int n = 4; n < SMCCC_NR_REGS; n++)
		ck_assert_uint_eq(x[n], 0);
	x[0] = firmware.answer;
}

static void set_up(bool smc)
{
	firmware.nr_calls = 0;
	firmware.answer = 0;
	psci_host_init(smc, fake_smc);
}

/* A board without EL3 firmware hangs on an SMC: not one is issued. */
START_TEST(test_no_firmware)
{
	ck_assert(!psci_host_present());
	ck_assert_int_eq(psci_host_cpu_on(1, 0x40000000, 0), HV_ENOENT);
	set_up(false);
	ck_assert(!psci_host_present());
	ck_assert_int_eq(psci_host_cpu_on(1, 0x40000000, 0), HV_ENOENT);
	psci_host_system_off();
	psci_host_system_reset();
	ck_assert_uint_eq(firmware.nr_calls, 0);
}
END_TEST

START_TEST(test_cpu_on)
{
	static const struct {
		uint64_t answer;
		enum hv_err err;
	} cases[] = {
		{ 0, HV_OK },
		{ UINT64_MAX - 1, HV_EINVAL }, /* INVALID_PARAMETERS */
		{ 0xfffffffe, HV_EINVAL },     /* the same from a firmware that answers in W0 */
		{ UINT64_MAX - 3, HV_EEXIST }, /* ALREADY_ON */
		{ UINT64_MAX - 4, HV_EBUSY },  /* ON_PENDING */
		{ UINT64_MAX - 8, HV_EINVAL }, /* INVALID_ADDRESS */
		{ UINT64_MAX, HV_EIO },	       /* NOT_SUPPORTED */
		{ UINT64_MAX - 2, HV_EIO },    /* DENIED */
		{ UINT64_MAX - 5, HV_EIO },    /* INTERNAL_FAILURE */
		{ 1, HV_EIO },
	};

	set_up(true);
	ck_assert(psci_host_present());
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		firmware.answer = cases[i].answer;
		ck_assert_int_eq(psci_host_cpu_on(0x100000203, 0x140200000, 0x123456789a), cases[i].err);
		ck_assert_uint_eq(firmware.function, 0xc4000003);
		ck_assert_uint_eq(firmware.a1, 0x100000203);
		ck_assert_uint_eq(firmware.a2, 0x140200000);
		ck_assert_uint_eq(firmware.a3, 0x123456789a);
		ck_assert_uint_eq(firmware.nr_calls, i + 1);
	}
}
END_TEST

START_TEST(test_system)
{
	set_up(true);
	psci_host_system_off();
	ck_assert_uint_eq(firmware.function, 0x84000008);
	psci_host_system_reset();
	ck_assert_uint_eq(firmware.function, 0x84000009);
	ck_assert_uint_eq(firmware.nr_calls, 2);
}
END_TEST

/* A firmware of these versions: what it answers, and what it may be asked. */
static struct {
	uint64_t psci_version, features_of_smccc, smccc_version, features;
	unsigned int nr_asked;
} versions;

static void fake_versions(uint64_t x[SMCCC_NR_REGS])
{
	uint64_t function = x[0], argument = x[1];

	x[0] = UINT64_MAX;
	versions.nr_asked++;
	if (function == 0x84000000)
		x[0] = versions.psci_version;
	else if (function == 0x8400000a && argument == 0x80000000)
		x[0] = versions.features_of_smccc;
	else if (function == 0x80000000)
		x[0] = versions.smccc_version;
	else if (function == 0x80000001 && argument == 0x80008000)
		x[0] = versions.features;
	else
		ck_abort_msg("asked for %lx of %lx", function, argument);
}

/* PSCI 1.0, then SMCCC_VERSION, then SMCCC 1.1, and only then what it is about. [DEN0028 7.2, 7.3] */
START_TEST(test_arch_features)
{
	static const struct {
		uint64_t psci_version, features_of_smccc, smccc_version, features;
		unsigned int nr_asked;
		int32_t result;
	} cases[] = {
		{ 0x00002, 0, 0, 0, 1, -1 },
		{ UINT64_MAX, 0, 0, 0, 1, -1 },
		{ 0x10000, UINT64_MAX, 0, 0, 2, -1 },
		{ 0x10001, 0xffffffff, 0, 0, 2, -1 }, /* in W0 */
		{ 0x10001, 0, 0x10000, 0, 3, -1 },
		{ 0x10001, 0, 0xffffffff, 0, 3, -1 },
		{ 0x10000, 0, 0x10001, 0, 4, 0 },
		{ 0x10001, 0, 0x10002, 1, 4, 1 },
		{ 0x10001, 0, 0x10005, UINT64_MAX, 4, -1 },
		{ 0x10001, 0, 0x10005, 0xfffffffe, 4, -2 },
	};

	psci_host_init(false, fake_versions);
	ck_assert_int_eq(psci_host_arch_features(0x80008000), -1);
	ck_assert_uint_eq(versions.nr_asked, 0);
	psci_host_init(true, fake_versions);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		versions.psci_version = cases[i].psci_version;
		versions.features_of_smccc = cases[i].features_of_smccc;
		versions.smccc_version = cases[i].smccc_version;
		versions.features = cases[i].features;
		versions.nr_asked = 0;
		ck_assert_msg(psci_host_arch_features(0x80008000) == cases[i].result, "row %zu", i);
		ck_assert_msg(versions.nr_asked == cases[i].nr_asked, "row %zu: %u calls", i, versions.nr_asked);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("psci_host");
	TCase *tcase = tcase_create("psci_host");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, test_no_firmware);
	tcase_add_test(tcase, test_cpu_on);
	tcase_add_test(tcase, test_system);
	tcase_add_test(tcase, test_arch_features);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* smc_filter.c: which functions a VM's ranges name, which ranges meet PSCI, what goes to EL3 and what comes back. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bits.h"
#include "smc/smc_filter.h"

/* --- ranges --- */

START_TEST(test_no_range)
{
	ck_assert(!smc_filter_allows(NULL, 0, 0));
	ck_assert(!smc_filter_allows(NULL, 0, 0x82000000));
}
END_TEST

START_TEST(test_bounds)
{
	static const struct smc_range ranges[] = {
		{ 0x82000010, 0x820000ff }, { 0xc3000001, 0xc3000001 }, { 0xffffffff, 0xffffffff }, { 0, 1 }
	};
	static const struct {
		uint32_t function;
		bool allowed;
	} cases[] = {
		{ 0x8200000f, false }, { 0x82000010, true },  { 0x82000011, true }, { 0x820000ff, true },
		{ 0x82000100, false }, { 0xc3000000, false }, { 0xc3000001, true }, { 0xc3000002, false },
		{ 0x83000001, false }, { 0xc2000010, false }, /* the other convention is another function */
		{ 0xffffffff, true },  { 0xfffffffe, false }, { 0, true },	    { 1, true },
		{ 2, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ck_assert_int_eq(smc_filter_allows(ranges, 4, cases[i].function), cases[i].allowed);
	/* Only as many as there are. */
	ck_assert(!smc_filter_allows(ranges, 1, 0xc3000001));
}
END_TEST

START_TEST(test_psci)
{
	static const struct {
		struct smc_range range;
		uint32_t psci; /* 0: none */
	} cases[] = {
		{ { 0x84000000, 0x84000000 }, 0x84000000 },
		{ { 0x8400001f, 0x8400001f }, 0x84000000 },
		{ { 0x83ffffff, 0x84000000 }, 0x84000000 },
		{ { 0x8400001f, 0x84000020 }, 0x84000000 },
		{ { 0x83000000, 0x83ffffff }, 0 },
		{ { 0x84000020, 0x8400ffff }, 0 },
		{ { 0xc4000000, 0xc4000000 }, 0xc4000000 },
		{ { 0xc400001f, 0xc400001f }, 0xc4000000 },
		{ { 0xc3ffffff, 0xc4000000 }, 0xc4000000 },
		{ { 0xc4000020, 0xc400ffff }, 0 },
		{ { 0, UINT32_MAX }, 0x84000000 },
		{ { 0x84000020, UINT32_MAX }, 0x84010000 },
		{ { 0x84ff0020, UINT32_MAX }, 0xc4000000 },
		/* The SVE hint, and the rest of the bits that firmware may not look at. */
		{ { 0x84010003, 0x84010003 }, 0x84010000 },
		{ { 0xc4010003, 0xc4010003 }, 0xc4010000 },
		{ { 0x84ff001f, 0x84ffffff }, 0x84ff0000 },
		{ { 0xc4ff0000, 0xc4ff0000 }, 0xc4ff0000 },
		{ { 0x84010020, 0x8401ffff }, 0 },
		{ { 0xc4ff0020, UINT32_MAX }, 0 },
		/* Yielding, and other owners. */
		{ { 0, 0x7fffffff }, 0 },
		{ { 0x04000000, 0x0400001f }, 0 },
		{ { 0x80000000, 0x83ffffff }, 0 },
		{ { 0x85000000, 0xc3ffffff }, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t first;
		bool meets = smc_range_meets_psci(&cases[i].range, &first);

		ck_assert_int_eq(meets, cases[i].psci != 0);
		if (meets)
			ck_assert_uint_eq(first, cases[i].psci);
	}
}
END_TEST

/* --- registers --- */

#define GUESTS(n) (0xaaaa000011110000 + (n)*UINT64_C(0x100000001))

static struct vcpu vcpu;
static uint64_t sent[SMCCC_NR_REGS];

/* As smccc_refine() leaves it; x0's upper half is the guest's own affair. */
static void arguments(uint32_t function)
{
	memset(&vcpu, 0, sizeof(vcpu));
	for (unsigned int n = 0; n < 31; n++)
		vcpu.frame.x[n] = GUESTS(n);
	vcpu.frame.x[0] = UINT64_C(0xbbbbbbbb00000000) | function;
	vcpu.exit.reason = EXIT_HYPERCALL;
	vcpu.exit.hypercall.nr = function;
	smc_forward_arguments(&vcpu, 0x1234, sent);
}

static uint64_t low(uint64_t value)
{
	return (uint32_t)value;
}

START_TEST(test_arguments)
{
	arguments(0xc3000001);
	ck_assert_uint_eq(sent[0], 0xc3000001);
	for (unsigned int n = 1; n < SMCCC_NR_REGS; n++)
		ck_assert_uint_eq(sent[n], GUESTS(n));
	arguments(0x83000001);
	ck_assert_uint_eq(sent[0], 0x83000001);
	for (unsigned int n = 1; n < 8; n++)
		ck_assert_uint_eq(sent[n], low(GUESTS(n)));
	for (unsigned int n = 8; n < SMCCC_NR_REGS; n++)
		ck_assert_uint_eq(sent[n], GUESTS(n));
}
END_TEST

START_TEST(test_client_id)
{
	static const struct {
		uint32_t function;
		bool client;
	} cases[] = {
		{ 0xb2000000, true },  { 0xf2000000, true },  { 0xb0000000, true },  { 0xbf00ffff, true },
		{ 0x32000004, true },  { 0x02000000, true },  { 0x72000004, true },  { 0xaf000000, false },
		{ 0xef000000, false }, { 0x82000000, false }, { 0xc2000000, false }, { 0x8400ff01, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t own = (cases[i].function & SMCCC_64) != 0 ? GUESTS(7) : low(GUESTS(7));
		uint64_t with_client = (own & ~UINT64_C(0xffff)) | 0x1234;

		arguments(cases[i].function);
		ck_assert_uint_eq(sent[7], cases[i].client ? with_client : own);
	}
}
END_TEST

static void assert_rest_is_untouched(void)
{
	for (unsigned int n = SMCCC_NR_REGS; n < 31; n++)
		ck_assert_uint_eq(vcpu.frame.x[n], GUESTS(n));
}

START_TEST(test_results)
{
	static const uint32_t functions[] = { 0xc3000001, 0x83000001, 0x32000004 };

	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		uint64_t x[SMCCC_NR_REGS];

		arguments(functions[i]);
		for (unsigned int n = 0; n < SMCCC_NR_REGS; n++)
			x[n] = UINT64_C(0xeeee000000000000) + n;
		smc_forward_results(&vcpu, sent, x);
		for (unsigned int n = 0; n < SMCCC_NR_REGS; n++)
			ck_assert_uint_eq(vcpu.frame.x[n], x[n]);
		assert_rest_is_untouched();
	}
}
END_TEST

/* Compilers keep live values in X4-X17 over a call: upper halves and what was W7 stay the guest's. */
START_TEST(test_preserved)
{
	static const uint32_t functions[] = { 0xc3000001, 0x83000001, 0x32000004, 0xf2000000 };

	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		uint64_t x[SMCCC_NR_REGS];

		arguments(functions[i]);
		memcpy(x, sent, sizeof(x));
		x[0] = UINT64_MAX;
		x[5] = 5;
		smc_forward_results(&vcpu, sent, x);
		ck_assert_uint_eq(vcpu.frame.x[0], UINT64_MAX);
		for (unsigned int n = 1; n < SMCCC_NR_REGS; n++)
			ck_assert_uint_eq(vcpu.frame.x[n], n == 5 ? 5 : GUESTS(n));
		assert_rest_is_untouched();
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("smc_filter");
	TCase *tcase = tcase_create("smc_filter");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, test_no_range);
	tcase_add_test(tcase, test_bounds);
	tcase_add_test(tcase, test_psci);
	tcase_add_test(tcase, test_arguments);
	tcase_add_test(tcase, test_client_id);
	tcase_add_test(tcase, test_results);
	tcase_add_test(tcase, test_preserved);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

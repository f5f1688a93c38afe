/* smc_refine.c: what is answered, what is refused, what is left to psci_refine(). */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "smc/smc_filter.h"

static struct vcpu vcpu;
static struct smc_range allowed[2];
static unsigned int nr_allowed;

/* As decode.c leaves it. */
static void call(uint64_t x0, uint64_t x1, enum hypercall_conduit conduit, uint16_t imm16)
{
	memset(&vcpu, 0, sizeof(vcpu));
	for (unsigned int i = 2; i < 31; i++)
		vcpu.frame.x[i] = 0x100 + i;
	vcpu.frame.x[0] = x0;
	vcpu.frame.x[1] = x1;
	vcpu.exit.reason = EXIT_HYPERCALL;
	vcpu.exit.insn_len = conduit == CONDUIT_SMC ? 4 : 0;
	vcpu.exit.hypercall.nr = x0;
	vcpu.exit.hypercall.conduit = conduit;
	vcpu.exit.hypercall.imm16 = imm16;
	smccc_refine(&vcpu, allowed, nr_allowed);
}

static void assert_answered(uint64_t x0)
{
	ck_assert_int_eq(vcpu.exit.reason, EXIT_NOTHING);
	ck_assert_uint_eq(vcpu.frame.x[0], x0);
	for (unsigned int i = 2; i < 31; i++)
		ck_assert_uint_eq(vcpu.frame.x[i], 0x100 + i);
}

START_TEST(test_version)
{
	call(0x80000000, 0, CONDUIT_HVC, 0);
	assert_answered(0x10002);
	ck_assert_uint_eq(vcpu.exit.insn_len, 0);
	call(0x80000000, 0, CONDUIT_SMC, 0);
	assert_answered(0x10002);
	ck_assert_uint_eq(vcpu.exit.insn_len, 4);
	/* The function identifier is W0. */
	call(0xdeadbeef80000000, 0, CONDUIT_HVC, 0);
	assert_answered(0x10002);
	/* SMC64 of it does not exist. */
	call(0xc0000000, 0, CONDUIT_HVC, 0);
	assert_answered(UINT64_MAX);
}
END_TEST

START_TEST(test_arch_features)
{
	static const struct {
		uint64_t function, answer;
	} cases[] = {
		{ 0x80000000, 0 },	    { 0x80000001, 0 }, { 0xffffffff80000000, 0 }, /* W1 */
		{ 0x80000002, UINT64_MAX },						  /* SOC_ID */
		{ 0x80008000, UINT64_MAX },						  /* WORKAROUND_1 */
		{ 0x80007fff, UINT64_MAX },						  /* WORKAROUND_2 */
		{ 0x80003fff, UINT64_MAX },						  /* WORKAROUND_3 */
		{ 0x84000000, UINT64_MAX }, /* PSCI has a function of its own for this */
		{ 0, UINT64_MAX },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		call(0x80000001, cases[i].function, CONDUIT_HVC, 0);
		assert_answered(cases[i].answer);
		ck_assert_uint_eq(vcpu.frame.x[1], cases[i].function);
	}
}
END_TEST

START_TEST(test_refused)
{
	static const uint64_t functions[] = {
		0,	    0x00000001, 0x04000000, /* yielding calls */
		0x80008000, 0x80000002,		    /* architecture */
		0x82000000, 0xc2000001,		    /* SiP: what a board's firmware would do */
		0x83000000,			    /* OEM */
		0x84000020, 0xc4000020, 0x84000050, /* past PSCI: TRNG */
		0x84010000,			    /* bits 23:16 must be zero */
		0x8400ff01, 0x8400ff00,		    /* standard service: UID, call count */
		0x8600ff01, 0x8600ff00,		    /* vendor hypervisor: UID, call count */
		0xb2000000, 0xbf00ff01,		    /* Trusted OS */
		0xffffffff, UINT64_MAX,
	};

	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		for (int conduit = CONDUIT_HVC; conduit <= CONDUIT_SMC; conduit++) {
			call(functions[i], 0, (enum hypercall_conduit)conduit, 0);
			assert_answered(UINT64_MAX);
			ck_assert_uint_eq(vcpu.exit.insn_len, conduit == CONDUIT_SMC ? 4 : 0);
		}
	}
}
END_TEST

/* Both conventions, all 32: untouched but for the number, which loses its upper half. */
START_TEST(test_psci_is_left_alone)
{
	for (uint64_t n = 0; n < 32; n++) {
		call(0x84000000 + n, 1, CONDUIT_SMC, 0);
		ck_assert_int_eq(vcpu.exit.reason, EXIT_HYPERCALL);
		ck_assert_uint_eq(vcpu.frame.x[0], 0x84000000 + n);
		call(0x12345678c4000000 + n, 1, CONDUIT_HVC, 0);
		ck_assert_int_eq(vcpu.exit.reason, EXIT_HYPERCALL);
		ck_assert_uint_eq(vcpu.exit.hypercall.nr, 0xc4000000 + n);
		ck_assert_uint_eq(vcpu.frame.x[0], 0x12345678c4000000 + n);
	}
}
END_TEST

START_TEST(test_immediate)
{
	call(0x80000000, 0, CONDUIT_HVC, 1);
	assert_answered(UINT64_MAX);
	call(0x84000008, 0, CONDUIT_SMC, 0xffff);
	assert_answered(UINT64_MAX);
	ck_assert_uint_eq(vcpu.exit.insn_len, 4);
}
END_TEST

static void assert_forwarded(uint32_t function)
{
	ck_assert_int_eq(vcpu.exit.reason, EXIT_HYPERCALL);
	ck_assert(vcpu.exit.hypercall.forward);
	ck_assert_uint_eq(vcpu.exit.hypercall.nr, function);
	ck_assert_uint_eq(vcpu.exit.insn_len, 4);
}

/* Only by SMC, only with immediate 0; all else is answered as without a policy. */
START_TEST(test_allowed)
{
	allowed[0] = (struct smc_range){ 0x82000000, 0x820000ff };
	allowed[1] = (struct smc_range){ 0x80000000, 0x80000001 };
	nr_allowed = 2;
	call(0x82000000, 7, CONDUIT_SMC, 0);
	assert_forwarded(0x82000000);
	ck_assert_uint_eq(vcpu.frame.x[0], 0x82000000);
	ck_assert_uint_eq(vcpu.frame.x[1], 7);
	call(0xdeadbeef820000ff, 0, CONDUIT_SMC, 0);
	assert_forwarded(0x820000ff);
	call(0x80000000, 0, CONDUIT_SMC, 0); /* before Corbel's own answer */
	assert_forwarded(0x80000000);
	call(0x80000000, 0, CONDUIT_HVC, 0);
	assert_answered(0x10002);
	call(0x82000000, 0, CONDUIT_HVC, 0);
	assert_answered(UINT64_MAX);
	call(0x82000000, 0, CONDUIT_SMC, 1);
	assert_answered(UINT64_MAX);
	call(0x81ffffff, 0, CONDUIT_SMC, 0);
	assert_answered(UINT64_MAX);
	call(0x82000100, 0, CONDUIT_SMC, 0);
	assert_answered(UINT64_MAX);
	call(0xc2000000, 0, CONDUIT_SMC, 0);
	assert_answered(UINT64_MAX);
}
END_TEST

/* Whatever the ranges say: the bundle refuses such ones, and this would not serve them. */
START_TEST(test_psci_is_never_forwarded)
{
	allowed[0] = (struct smc_range){ 0, UINT32_MAX };
	nr_allowed = 1;
	for (uint64_t n = 0; n < 32; n++) {
		call(0x84000000 + n, 1, CONDUIT_SMC, 0);
		ck_assert_int_eq(vcpu.exit.reason, EXIT_HYPERCALL);
		ck_assert(!vcpu.exit.hypercall.forward);
		call(0xc4000000 + n, 1, CONDUIT_SMC, 0);
		ck_assert_int_eq(vcpu.exit.reason, EXIT_HYPERCALL);
		ck_assert(!vcpu.exit.hypercall.forward);
	}
}
END_TEST

START_TEST(test_other_exits_pass)
{
	for (int reason = 0; reason < EXIT_NR_REASONS; reason++) {
		struct vcpu before;

		if (reason == EXIT_HYPERCALL)
			continue;
		memset(&vcpu, 0x80, sizeof(vcpu));
		vcpu.exit.reason = (enum exit_reason)reason;
		before = vcpu;
		smccc_refine(&vcpu, NULL, 0);
		ck_assert_mem_eq(&vcpu, &before, sizeof(vcpu));
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("smccc");
	TCase *tcase = tcase_create("smccc");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, test_version);
	tcase_add_test(tcase, test_arch_features);
	tcase_add_test(tcase, test_refused);
	tcase_add_test(tcase, test_psci_is_left_alone);
	tcase_add_test(tcase, test_immediate);
	tcase_add_test(tcase, test_allowed);
	tcase_add_test(tcase, test_psci_is_never_forwarded);
	tcase_add_test(tcase, test_other_exits_pass);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

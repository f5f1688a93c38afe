/*
 * smc_refine.c: what is answered, what is refused, what is left to psci_refine(). trng.c: shapes and refusals.
 * workarounds.c: which CPU needs none.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bits.h"
#include "smc/smc_filter.h"
#include "smc/trng.h"

static struct vcpu vcpu;
static struct smc_range allowed[2];
static unsigned int nr_allowed;
/* An affected CPU, a host without entropy: what each test changes, it says. */
static struct smccc_vm vm = {
	.workaround_1 = SMCCC_WORKAROUND_NOT_SUPPORTED,
	.workaround_2 = SMCCC_WORKAROUND_NOT_SUPPORTED,
	.workaround_3 = SMCCC_WORKAROUND_NOT_SUPPORTED,
};

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
	vm.allowed = allowed;
	vm.nr_allowed = nr_allowed;
	smccc_refine(&vcpu, &vm);
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
		0,	    0x00000001, 0x04000000,		/* yielding calls */
		0x80008000, 0x80000002,				/* architecture */
		0x82000000, 0xc2000001,				/* SiP: what a board's firmware would do */
		0x83000000,					/* OEM */
		0x84000020, 0xc4000020,				/* past PSCI: TRNG */
		0x84010000,					/* bits 23:16 must be zero */
		0x8400ff01, 0x8400ff00,				/* standard service: UID, call count */
		0x84000050, 0x84000051, 0x84000052,		/* TRNG, without entropy */
		0xc4000050, 0xc4000051, 0xc4000052, 0x84000054, /* TRNG's in another convention, and the next one */
		0x80003fff, 0x80007fff,				/* workarounds, on an affected CPU */
		0xc0008000, 0xc600ff01, 0xc6000000, 0x86000001, /* another convention, Corbel's next one */
		0x8600ff00, 0x8600ff02,				/* vendor hypervisor: call count, reserved */
		0xb2000000, 0xbf00ff01,				/* Trusted OS */
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

static void assert_forwarded(uint32_t function, uint64_t insn_len)
{
	ck_assert_int_eq(vcpu.exit.reason, EXIT_HYPERCALL);
	ck_assert(vcpu.exit.hypercall.forward);
	ck_assert_uint_eq(vcpu.exit.hypercall.nr, function);
	ck_assert_uint_eq(vcpu.exit.insn_len, insn_len);
}

START_TEST(test_workarounds)
{
	static const uint32_t functions[] = { 0x80008000, 0x80007fff, 0x80003fff };

	vm.workaround_1 = vm.workaround_3 = SMCCC_WORKAROUND_UNAFFECTED;
	vm.workaround_2 = SMCCC_WORKAROUND_NOT_REQUIRED;
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		bool is_2 = i == 1;

		call(0x80000001, functions[i], CONDUIT_HVC, 0);
		assert_answered(is_2 ? UINT64_MAX - 1 : 1);
		/* What is "not needed" can be called; it returns, and that is all. */
		call(functions[i], 0, CONDUIT_SMC, 0);
		assert_answered(is_2 ? UINT64_MAX : 0);
	}
}
END_TEST

/* Firmware's: offered, and the call goes there by both conduits; WORKAROUND_2 never does. */
START_TEST(test_workarounds_of_firmware)
{
	static const uint32_t functions[] = { 0x80008000, 0x80003fff };

	vm.workaround_1 = vm.workaround_3 = SMCCC_WORKAROUND_FIRMWARES;
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		call(0x80000001, functions[i], CONDUIT_HVC, 0);
		assert_answered(0);
		for (int conduit = CONDUIT_HVC; conduit <= CONDUIT_SMC; conduit++) {
			call(functions[i], 0, (enum hypercall_conduit)conduit, 0);
			assert_forwarded(functions[i], conduit == CONDUIT_SMC ? 4 : 0);
		}
		call(functions[i], 0, CONDUIT_HVC, 1);
		assert_answered(UINT64_MAX);
	}
	call(0x80007fff, 1, CONDUIT_SMC, 0);
	assert_answered(UINT64_MAX);
	vm.workaround_1 = SMCCC_WORKAROUND_NOT_SUPPORTED; /* one of them alone */
	call(0x80008000, 0, CONDUIT_SMC, 0);
	assert_answered(UINT64_MAX);
	call(0x80003fff, 0, CONDUIT_SMC, 0);
	assert_forwarded(0x80003fff, 4);
}
END_TEST

/* What firmware answers for each of the three, and what a guest is told on an affected CPU, and on one that is not. */
START_TEST(test_find_firmwares_workarounds)
{
	static const struct {
		struct smccc_firmware firmware;
		int affected[3], unaffected[3];
	} cases[] = {
		{ { -1, -1, -1 }, { -1, -1, -1 }, { 1, -2, 1 } }, { { 0, 0, 0 }, { 0, -1, 0 }, { 1, -2, 1 } },
		{ { 0, -1, -1 }, { 0, -1, -1 }, { 1, -2, 1 } },	  { { -1, -2, 0 }, { -1, -2, 0 }, { 1, -2, 1 } },
		{ { 1, 1, 1 }, { 1, -1, 1 }, { 1, -2, 1 } },	  { { -2, -2, 2 }, { -1, -2, -1 }, { 1, -2, 1 } },
	};
	static const uint64_t ids[ID_REGS_NR];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (int n = 0; n < 2; n++) {
			const int *wanted = n == 0 ? cases[i].affected : cases[i].unaffected;
			struct smccc_vm found = { 0 };

			smccc_find_workarounds(&found, n == 0 ? 0x410fd083 : 0x410fd034, ids, &cases[i].firmware);
			ck_assert_msg(found.workaround_1 == wanted[0], "row %zu, CPU %d: 1", i, n);
			ck_assert_msg(found.workaround_2 == wanted[1], "row %zu, CPU %d: 2", i, n);
			ck_assert_msg(found.workaround_3 == wanted[2], "row %zu, CPU %d: 3", i, n);
		}
	}
}
END_TEST

/* Implementer, part, CSV2, ECBHB, and what is answered for each workaround. */
START_TEST(test_find_workarounds)
{
	static const struct smccc_firmware none = { -1, -1, -1 };
	static const struct {
		uint64_t midr;
		unsigned int csv2, ecbhb;
		int workaround[3];
	} cpus[] = {
		{ 0x410fd034, 0, 0, { 1, -2, 1 } },   /* Cortex-A53 */
		{ 0x411fd041, 0, 0, { 1, -2, 1 } },   /* Cortex-A35 */
		{ 0x412fd050, 1, 0, { 1, -2, 1 } },   /* Cortex-A55 */
		{ 0x411fd070, 0, 0, { -1, -1, -1 } }, /* Cortex-A57 */
		{ 0x410fd083, 0, 0, { -1, -1, -1 } }, /* Cortex-A72 r0p3, the Pi 4's */
		{ 0x411fd080, 1, 0, { 1, -1, -1 } },  /* Cortex-A72 r1p0 */
		{ 0x414fd0c1, 2, 0, { 1, -1, -1 } },  /* Neoverse N1 */
		{ 0x414fd0c1, 2, 1, { 1, -1, 1 } },   { 0x000f0510, 3, 0, { 1, -1, 1 } },
		{ 0x510fd034, 0, 0, { -1, -1, -1 } }, /* another maker's 0xd03 */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cpus); i++) {
		uint64_t ids[ID_REGS_NR] = { 0 };
		struct smccc_vm found = { 0 };

		ids[(4 - 1) * 8] = (uint64_t)cpus[i].csv2 << 56;
		ids[(7 - 1) * 8 + 1] = (uint64_t)cpus[i].ecbhb << 60;
		smccc_find_workarounds(&found, cpus[i].midr, ids, &none);
		ck_assert_msg(found.workaround_1 == cpus[i].workaround[0], "row %zu: 1", i);
		ck_assert_msg(found.workaround_2 == cpus[i].workaround[1], "row %zu: 2", i);
		ck_assert_msg(found.workaround_3 == cpus[i].workaround[2], "row %zu: 3", i);
	}
}
END_TEST

static void assert_words(uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
{
	const uint64_t words[] = { x0, x1, x2, x3 };

	ck_assert_int_eq(vcpu.exit.reason, EXIT_NOTHING);
	for (unsigned int i = 0; i < 4; i++)
		ck_assert_msg(vcpu.frame.x[i] == words[i], "x%u is %lx", i, vcpu.frame.x[i]);
	for (unsigned int i = 4; i < 31; i++)
		ck_assert_uint_eq(vcpu.frame.x[i], 0x100 + i);
}

/* The bytes of 2cb11a94-e8ef-4388-9f53-57d14579c692 in order, the first the lowest of w0. */
START_TEST(test_vendor_hypervisor)
{
	call(0x8600ff01, 0, CONDUIT_HVC, 0);
	assert_words(0x941ab12c, 0x8843efe8, 0xd157539f, 0x92c67945);
	call(0x8600ff03, 9, CONDUIT_SMC, 0);
	assert_words(1, 0, 0x102, 0x103);
	call(0x86000000, 9, CONDUIT_HVC, 0);
	assert_words(0x10000, 9, 0x102, 0x103);
}
END_TEST

START_TEST(test_pv_time)
{
	static const uint64_t absent[] = { 0xc5000022, 0x85000020, 0x85000021, 0xc4000053, 0 };

	call(0x80000001, 0xc5000020, CONDUIT_HVC, 0);
	assert_answered(0);
	call(0xc5000020, 0xc5000020, CONDUIT_HVC, 0);
	assert_answered(0);
	call(0xc5000020, 0xffffffffc5000021, CONDUIT_SMC, 0);
	assert_answered(0);
	for (size_t i = 0; i < ARRAY_SIZE(absent); i++) {
		call(0xc5000020, absent[i], CONDUIT_HVC, 0);
		assert_answered(UINT64_MAX);
	}
	call(0x85000020, 0xc5000021, CONDUIT_HVC, 0);
	assert_answered(UINT64_MAX);
	call(0x85000021, 0, CONDUIT_HVC, 0);
	assert_answered(UINT64_MAX);
	/* The kernel's. */
	call(0xc5000021, 0, CONDUIT_HVC, 0);
	ck_assert_int_eq(vcpu.exit.reason, EXIT_HYPERCALL);
	ck_assert(!vcpu.exit.hypercall.forward);
}
END_TEST

START_TEST(test_trng)
{
	static const uint64_t there[] = { 0x84000050, 0x84000051, 0x84000052, 0x84000053, 0xc4000053 };
	static const uint64_t absent[] = { 0x84000054, 0xc4000050, 0xc4000051, 0xc4000052, 0x84000000, 0 };

	vm.has_trng = true;
	call(0x84000050, 0, CONDUIT_HVC, 0);
	assert_answered(0x10000);
	for (size_t i = 0; i < ARRAY_SIZE(there); i++) {
		call(0x84000051, there[i], CONDUIT_HVC, 0);
		assert_answered(0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(absent); i++) {
		call(0x84000051, absent[i], CONDUIT_HVC, 0);
		assert_answered(UINT64_MAX);
	}
	call(0x84000052, 0, CONDUIT_HVC, 0);
	assert_words(0xdc9daa75, 0x484a8cb4, 0x5f4d5bb4, 0xe7544a2d);
	vm.has_trng = false;
	for (size_t i = 0; i < ARRAY_SIZE(there); i++) {
		call(0x84000051, there[i], CONDUIT_HVC, 0);
		assert_answered(UINT64_MAX);
	}
}
END_TEST

/* Bits outside 1 to 96, or 192: INVALID_PARAMETERS, and no word that could be taken for entropy. */
START_TEST(test_trng_refusals)
{
	static const uint64_t bad32[] = { 0, 97, 192, 0xffffffff, UINT64_C(1) << 32 };
	static const uint64_t bad64[] = { 0, 193, UINT64_C(1) << 32, UINT64_MAX };

	vm.has_trng = true;
	for (size_t i = 0; i < ARRAY_SIZE(bad32); i++) {
		call(0x84000053, bad32[i], CONDUIT_HVC, 0);
		assert_words(0xfffffffe, 0, 0, 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad64); i++) {
		call(0xc4000053, bad64[i], CONDUIT_HVC, 0);
		assert_words(UINT64_MAX - 1, 0, 0, 0);
	}
	vm.has_trng = false;
	call(0xc4000053, 64, CONDUIT_HVC, 0);
	assert_words(UINT64_MAX, 0, 0, 0);
}
END_TEST

/* Every number of bits: so many and not one more, from the lowest of the last register on. */
START_TEST(test_trng_bits)
{
	static const uint64_t ones[TRNG_WORDS] = { UINT64_MAX, UINT64_MAX, UINT64_MAX };

	vm.has_trng = true;
	for (int is_64 = 0; is_64 < 2; is_64++) {
		unsigned int width = is_64 ? 64 : 32;

		for (unsigned int bits = 1; bits <= 3 * width; bits++) {
			call(is_64 ? 0xc4000053 : 0x84000053, bits, CONDUIT_HVC, 0);
			ck_assert_int_eq(vcpu.exit.reason, EXIT_HYPERCALL);
			ck_assert(!vcpu.exit.hypercall.forward);
			trng_answer(&vcpu, ones);
			ck_assert_int_eq(vcpu.exit.reason, EXIT_NOTHING);
			ck_assert_uint_eq(vcpu.frame.x[0], 0);
			for (unsigned int bit = 0; bit < 3 * 64; bit++) {
				unsigned int n = bit / 64, at = bit % 64;
				bool wanted = at < width && n * width + at < bits;

				ck_assert_msg((vcpu.frame.x[3 - n] >> at & 1) == wanted, "%u bits: bit %u of x%u", bits,
					      at, 3 - n);
			}
		}
	}
	call(0x84000053, UINT64_C(0xffffffff00000020), CONDUIT_HVC, 0); /* W1 */
	ck_assert_int_eq(vcpu.exit.reason, EXIT_HYPERCALL);
	trng_answer(&vcpu, (const uint64_t[]){ 0x123456789abcdef0, 1, 2 });
	assert_words(0, 0, 0, 0x9abcdef0);
	call(0xc4000053, 192, CONDUIT_HVC, 0);
	trng_answer(&vcpu, (const uint64_t[]){ 0x123456789abcdef0, 1, 2 });
	assert_words(0, 2, 1, 0x123456789abcdef0);
}
END_TEST

/* Only by SMC, only with immediate 0; all else is answered as without a policy. */
START_TEST(test_allowed)
{
	allowed[0] = (struct smc_range){ 0x82000000, 0x820000ff };
	allowed[1] = (struct smc_range){ 0x80000000, 0x80000001 };
	nr_allowed = 2;
	call(0x82000000, 7, CONDUIT_SMC, 0);
	assert_forwarded(0x82000000, 4);
	ck_assert_uint_eq(vcpu.frame.x[0], 0x82000000);
	ck_assert_uint_eq(vcpu.frame.x[1], 7);
	call(0xdeadbeef820000ff, 0, CONDUIT_SMC, 0);
	assert_forwarded(0x820000ff, 4);
	call(0x80000000, 0, CONDUIT_SMC, 0); /* before Corbel's own answer */
	assert_forwarded(0x80000000, 4);
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
		smccc_refine(&vcpu, &vm);
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
	tcase_add_test(tcase, test_workarounds);
	tcase_add_test(tcase, test_workarounds_of_firmware);
	tcase_add_test(tcase, test_find_workarounds);
	tcase_add_test(tcase, test_find_firmwares_workarounds);
	tcase_add_test(tcase, test_vendor_hypervisor);
	tcase_add_test(tcase, test_pv_time);
	tcase_add_test(tcase, test_trng);
	tcase_add_test(tcase, test_trng_refusals);
	tcase_add_test(tcase, test_trng_bits);
	tcase_add_test(tcase, test_allowed);
	tcase_add_test(tcase, test_psci_is_never_forwarded);
	tcase_add_test(tcase, test_other_exits_pass);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

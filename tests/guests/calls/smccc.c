/* SMCCC 1.2: what is there and what it says; random bits that are random. [DEN0028] [DEN0098] */
#include "tests/guests/calls/calls.h"
#include "tests/guests/common/bootargs.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/psci.h"
#include "tests/guests/common/tap.h"

#define ARCH_FEATURES 0x80000001U
#define WORKAROUND_1  0x80008000U
#define WORKAROUND_2  0x80007fffU
#define WORKAROUND_3  0x80003fffU
#define TRNG_VERSION  0x84000050U
#define TRNG_FEATURES 0x84000051U
#define TRNG_GET_UUID 0x84000052U
#define TRNG_RND32    0x84000053U
#define TRNG_RND64    0xc4000053U

static struct smccc_result call(uint64_t function, uint64_t argument)
{
	return smccc_call(CONDUIT_BY_DT, function, argument, 0x2222, 0x3333);
}

static bool uuid_is(struct smccc_result r, uint32_t w0, uint32_t w1, uint32_t w2, uint32_t w3)
{
	return r.x0 == w0 && r.x1 == w1 && r.x2 == w2 && r.x3 == w3;
}

static void test_queries(void)
{
	struct smccc_result r = call(0x8600ff03, 0x1111);

	tap_is(call(ARCH_FEATURES, ARCH_FEATURES).x0, 0, "ARCH_FEATURES knows itself");
	tap_is(call(ARCH_FEATURES, 0x80000002).x0, ~0UL, "SMCCC_ARCH_SOC_ID is not there: a VM is no chip");
	tap_is(call(0x80000002, 0).x0, ~0UL, "and calling it says so");
	tap_ok(uuid_is(call(0x8600ff01, 0), 0x941ab12c, 0x8843efe8, 0xd157539f, 0x92c67945),
	       "the vendor hypervisor's UID is Corbel's");
	tap_ok(r.x0 == 1 && r.x1 == 0, "its revision is 1.0");
	tap_is(call(0x86000000, 0).x0, 0x10000, "Corbel's own range has version 1.0");
	tap_is(call(0x86000001, 0).x0, ~0UL, "and nothing else in it");
}

/* For the CPU and the firmware that bootargs name: workarounds=none, firmware's, or not-needed. */
static void test_named_cpu(void)
{
	static const struct {
		const char *name;
		uint64_t workaround_1, workaround_2, workaround_3;
	} rows[] = {
		{ "none", ~0UL, ~0UL, ~0UL },
		{ "firmwares", 0, ~1UL, 0 }, /* TF-A on a Cortex-A72 */
		{ "not-needed", 1, ~1UL, 1 },
	};

	for (unsigned int n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		if (!bootargs_is("workarounds", rows[n].name))
			continue;
		tap_is(call(ARCH_FEATURES, WORKAROUND_1).x0, rows[n].workaround_1, "ARCH_WORKAROUND_1 as it is here");
		tap_is(call(ARCH_FEATURES, WORKAROUND_2).x0, rows[n].workaround_2, "ARCH_WORKAROUND_2");
		tap_is(call(ARCH_FEATURES, WORKAROUND_3).x0, rows[n].workaround_3, "ARCH_WORKAROUND_3");
	}
}

/* What FEATURES offers can be called, and what it does not is not there. The firmware's gives no result. */
static void test_workaround(uint32_t function, const char *name)
{
	uint64_t offered = call(ARCH_FEATURES, function).x0;

	if (offered == 0)
		tap_ok(call(function, 0).x0 != ~0UL, "%s itself, of the firmware", name);
	else
		tap_is(call(function, 0).x0, offered == 1 ? 0 : ~0UL, "%s itself", name);
}

static void test_workarounds(void)
{
	test_workaround(WORKAROUND_1, "ARCH_WORKAROUND_1");
	test_workaround(WORKAROUND_3, "ARCH_WORKAROUND_3");
	tap_is(call(WORKAROUND_2, 1).x0, ~0UL, "ARCH_WORKAROUND_2 itself is never there");
	test_named_cpu();
}

#define DRAWS 64
static void test_random(void)
{
	struct smccc_result last = { 0, 0, 0, 0 };
	uint64_t all_or = 0, all_and = ~0UL;
	unsigned int repeats = 0, failures = 0, too_wide = 0;

	for (unsigned int n = 0; n < DRAWS; n++) {
		struct smccc_result r = call(TRNG_RND64, 192);

		failures += r.x0 != 0;
		repeats += r.x1 == last.x1 || r.x2 == last.x2 || r.x3 == last.x3 || r.x1 == r.x2 || r.x2 == r.x3;
		all_or |= r.x1 | r.x2 | r.x3;
		all_and &= r.x1 & r.x2 & r.x3;
		last = r;
		r = call(TRNG_RND32, 40);
		failures += r.x0 != 0;
		too_wide += r.x1 != 0 || r.x2 > 0xff || r.x3 > 0xffffffff;
	}
	tap_is(failures, 0, "TRNG_RND32 and TRNG_RND64 succeed, %u times each", DRAWS);
	tap_is(repeats, 0, "no 64 bits come twice in a row");
	tap_ok(all_or == ~0UL && all_and == 0, "every bit is 0 at times and 1 at times");
	tap_is(too_wide, 0, "40 bits are 40 bits");
}

static void test_trng(void)
{
	struct smccc_result r;

	if (bootargs_is("trng", "absent")) {
		tap_is(call(TRNG_VERSION, 0).x0, ~0UL, "TRNG is not there without entropy");
		tap_is(call(TRNG_FEATURES, TRNG_RND64).x0, ~0UL, "nor TRNG_RND64");
		r = call(TRNG_RND64, 192);
		tap_ok(r.x0 == ~0UL && (r.x1 | r.x2 | r.x3) == 0, "calling it says so, and gives nothing");
		return;
	}
	tap_is(call(TRNG_VERSION, 0).x0, 0x10000, "TRNG_VERSION is 1.0");
	tap_is(call(TRNG_FEATURES, TRNG_RND64).x0, 0, "TRNG_FEATURES has TRNG_RND64");
	tap_ok(uuid_is(call(TRNG_GET_UUID, 0), 0xdc9daa75, 0x484a8cb4, 0x5f4d5bb4, 0xe7544a2d), "TRNG_GET_UUID");
	r = call(TRNG_RND32, 97);
	tap_ok(r.x0 == 0xfffffffe && (r.x1 | r.x2 | r.x3) == 0, "97 bits of TRNG_RND32: w0 = -2, nothing in w1-w3");
	r = call(TRNG_RND64, 0);
	tap_ok(r.x0 == ~1UL && (r.x1 | r.x2 | r.x3) == 0, "0 bits of TRNG_RND64: x0 = -2, nothing in x1-x3");
	test_random();
}

void test_smccc(void)
{
	test_queries();
	test_workarounds();
	test_trng();
}

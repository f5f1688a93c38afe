/*
 * What corbel,smc-allow promises, above tests/firmware/smc.S: functions that it names are answered by EL3, with X0-X17
 * to and fro, and no other call gets there. bootargs: `smc=allowed`, where the ranges are 0x83000001-4, 0xc3000001,
 * 0x32000001; `smc=refused`, where there are none; `smc=tf-a` above a real TF-A, where the range is 0x8400ff01-3.
 * [DEN0028 1.2]
 */
#include "tests/guests/common/bootargs.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/psci.h"
#include "tests/guests/common/tap.h"

#define NR_REGS	      18
#define NOT_SUPPORTED (~0UL)

#define OEM32_INVERT 0x83000001UL
#define OEM64_INVERT 0xc3000001UL
#define OEM_UPPER    0x83000002UL
#define OEM_NOTHING  0x83000003UL
#define OEM_COUNT    0x83000004UL
#define TOS_CLIENT   0x32000001UL

void call_smc(uint64_t x[NR_REGS]);
void call_smc_1(uint64_t x[NR_REGS]);
void call_hvc(uint64_t x[NR_REGS]);

static uint64_t x[NR_REGS];

/* A pattern of its own in each register, in both halves. */
static uint64_t pattern(unsigned int n)
{
	return 0x5a5a000000c30000 + n * 0x0000000100000001;
}

static uint64_t call(void (*conduit)(uint64_t x[NR_REGS]), uint64_t function)
{
	x[0] = function;
	for (unsigned int n = 1; n < NR_REGS; n++)
		x[n] = pattern(n);
	conduit(x);
	return x[0];
}

static uint64_t count(void)
{
	return call(call_smc, OEM_COUNT);
}

static void is_kept(unsigned int first, const char *what)
{
	unsigned int wrong = 0;

	for (unsigned int n = first; n < NR_REGS; n++)
		wrong += x[n] != pattern(n);
	tap_is(wrong, 0, "%s: X%u-X17 are as they were", what, first);
}

static void test_smc64(void)
{
	unsigned int wrong = 0;

	tap_is(call(call_smc, OEM64_INVERT), 0, "SMC64: EL3 answers");
	for (unsigned int n = 1; n < NR_REGS; n++)
		wrong += x[n] != ~pattern(n);
	tap_is(wrong, 0, "SMC64: X1-X17 arrive and come back");
	tap_is(call(call_smc, 0xdeadbeef00000000 | OEM64_INVERT), 0, "SMC64: the function is W0 alone");
}

static void test_smc32(void)
{
	unsigned int wrong = 0;

	tap_is((uint32_t)call(call_smc, OEM32_INVERT), 0, "SMC32: EL3 answers");
	for (unsigned int n = 1; n < 8; n++)
		wrong += (uint32_t)x[n] != (uint32_t)~pattern(n);
	tap_is(wrong, 0, "SMC32: W1-W7 arrive and come back");
	call(call_smc, OEM_UPPER);
	for (unsigned int n = 1; n < 8; n++)
		wrong += x[n] != 0;
	tap_is(wrong, 0, "SMC32: the upper halves of X1-X7 do not arrive");
	tap_is((uint32_t)call(call_smc, OEM_NOTHING), 0, "SMC32 without results: EL3 answers");
	is_kept(4, "SMC32 without results");
}

static void test_yielding(void)
{
	tap_is((uint32_t)call(call_smc, TOS_CLIENT), 0, "a yielding call: EL3 answers");
	tap_is((uint32_t)x[1] >> 16, (uint32_t)pattern(7) >> 16, "a Trusted OS gets the guest's W7[31:16]");
	tap_ok((x[1] & 0xffff) != 0 && (x[1] & 0xffff) != (pattern(7) & 0xffff),
	       "a Trusted OS gets a client ID that is Corbel's choice, and not EL2's own");
	tap_is(x[7], pattern(7), "X7 is as it was");
}

static const struct {
	void (*conduit)(uint64_t x[NR_REGS]);
	uint64_t function, answer;
	const char *what;
} others[] = {
	{ call_smc, 0x83000000, NOT_SUPPORTED, "the function before a range" },
	{ call_smc, 0x83000005, NOT_SUPPORTED, "the one behind it" },
	{ call_smc, 0xc3000000, NOT_SUPPORTED, "SMC64, before" },
	{ call_smc, 0xc3000002, NOT_SUPPORTED, "SMC64, behind" },
	{ call_smc, 0x32000000, NOT_SUPPORTED, "yielding, before" },
	{ call_smc, 0x32000002, NOT_SUPPORTED, "yielding, behind" },
	{ call_smc, 0x03000001, NOT_SUPPORTED, "the same number as a yielding call" },
	{ call_smc, 0x82000001, NOT_SUPPORTED, "the same number of another owner" },
	{ call_hvc, OEM32_INVERT, NOT_SUPPORTED, "a named one by HVC" },
	{ call_smc_1, OEM32_INVERT, NOT_SUPPORTED, "a named one by SMC #1" },
	{ call_smc, PSCI_VERSION, 0x10001, "PSCI_VERSION" },
	{ call_smc, 0x84000005, 0xffffffff, "PSCI MIGRATE" },
	{ call_smc, PSCI_AFFINITY_INFO, -2UL, "PSCI AFFINITY_INFO of nobody" },
	{ call_smc, 0xc4000012, -2UL, "PSCI SYSTEM_RESET2 of no type" },
	{ call_smc, 0x84010008, NOT_SUPPORTED, "PSCI SYSTEM_OFF with the SVE hint" },
	{ call_smc, SMCCC_VERSION, 0x10002, "SMCCC_VERSION" },
};

static void test_others(void)
{
	for (unsigned int i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		uint64_t before = count();

		tap_is(call(others[i].conduit, others[i].function), others[i].answer, "%s: Corbel answers",
		       others[i].what);
		is_kept(1, others[i].what);
		tap_is(count() - before, 1, "%s: nothing arrived at EL3", others[i].what);
	}
}

static void test_refused(void)
{
	static const uint64_t functions[] = {
		OEM32_INVERT, OEM64_INVERT, OEM_UPPER, OEM_NOTHING, OEM_COUNT, TOS_CLIENT
	};

	for (unsigned int i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		tap_is(call(call_smc, functions[i]), NOT_SUPPORTED, "0x%lx is NOT_SUPPORTED", functions[i]);
		is_kept(1, "and nothing else");
	}
}

/* TF-A's Standard Service tells its UUID, 5b908d10-63f8-e847-ae2d-c0fb5641f6e2, and its version, 0.1. [DEN0028,
 * "General service queries"] */
static void test_tf_a(void)
{
	tap_is((uint32_t)call(call_smc, 0x8400ff01), 0x108d905b, "the Standard Service's UUID: TF-A answers");
	tap_is((uint32_t)x[1], 0x47e8f863, "its second word");
	tap_is((uint32_t)x[2], 0xfbc02dae, "its third word");
	tap_is((uint32_t)x[3], 0xe2f64156, "its fourth word");
	is_kept(4, "the UUID");
	tap_is((uint32_t)call(call_smc, 0x8400ff03), 0, "its version: TF-A answers, major 0");
	tap_is((uint32_t)x[1], 1, "minor 1");
	is_kept(4, "the version");
	tap_is(call(call_smc, 0x8400ff00), NOT_SUPPORTED, "the call count, before the range: Corbel answers");
	tap_is(call(call_smc, PSCI_AFFINITY_INFO), -2UL, "PSCI AFFINITY_INFO of nobody: Corbel answers");
	is_kept(1, "PSCI");
}

void guest_main(void)
{
	if (bootargs_is("smc", "allowed")) {
		test_smc64();
		test_smc32();
		test_yielding();
		test_others();
	} else if (bootargs_is("smc", "tf-a")) {
		test_tf_a();
	} else {
		test_refused();
	}
	tap_done();
}

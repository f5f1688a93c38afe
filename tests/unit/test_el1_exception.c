/* el1_exception.c: ESR_EL1 and FAR_EL1 for each exit that is answered by an exception, as numbers. [DDI0487 ESR_EL1] */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "vcpu/decode.h"
#include "vcpu/el1_exception.h"

#define FAR UINT64_C(0xffff800008abc018)

static struct vcpu vcpu;

static struct el1_exception after(uint64_t esr, uint64_t spsr)
{
	memset(&vcpu, 0, sizeof(vcpu));
	vcpu.frame.spsr = spsr;
	vcpu.syndrome = (struct syndrome){ .esr = esr, .far = FAR, .ipa = ipa(0x0b000018), .ipa_valid = true };
	handle_exception_sync(&vcpu);
	vcpu.exit.mmio.fsc =
		vcpu.exit.reason <= EXIT_MMIO_WRITE ? 0x10 : vcpu.exit.mmio.fsc; /* as kernel/mmio.c does */
	return el1_exception_of_exit(&vcpu);
}

#define EL1H 0x3c5
#define EL1T 0x3c4
#define EL0  0x000
#define A32  0x010
#define T32  0x030

static const struct {
	uint64_t esr_el2, spsr, esr_el1;
} aborts[] = {
	/* A load and a store with valid syndromes, from each level and state: nothing of ISV, SAS, SRT stays. */
	{ 0x93810007, EL1H, 0x96000010 },
	{ 0x93810007, EL1T, 0x96000010 },
	{ 0x93810007, EL0, 0x92000010 },
	{ 0x93810007, A32, 0x92000010 },
	{ 0x93810047, T32, 0x92000050 },
	{ 0x91810007, T32, 0x92000010 }, /* a 16-bit instruction: IL is 1 all the same */
	{ 0x93c18047, EL1H, 0x96000050 },
	/* Without: refused. */
	{ 0x92000006, EL1H, 0x96000010 },
	{ 0x92000046, EL0, 0x92000050 },
	/* No permission; cache maintenance without permission is told as such, and as a write. */
	{ 0x9381004f, EL1H, 0x96000050 },
	{ 0x9200014f, EL1H, 0x96000150 },
	{ 0x9200010f, EL0, 0x92000150 },
	/* Fetches. */
	{ 0x82000007, EL1H, 0x86000010 },
	{ 0x82000007, EL0, 0x82000010 },
	{ 0x8200000f, A32, 0x82000010 },
	/* On a walk, of a fetch, a load, a store, an AT instruction. */
	{ 0x82000087, EL1H, 0x86000014 },
	{ 0x92000087, EL0, 0x92000014 },
	{ 0x920000c7, EL1H, 0x96000054 },
	{ 0x920001c7, EL1H, 0x96000154 },
	{ 0x9200008f, EL1H, 0x96000014 },
	/* A stage 2 table in memory that failed: on an access, and on a walk. */
	{ 0x92000016, EL1H, 0x96000010 },
	{ 0x92000096, EL1H, 0x96000014 },
	{ 0x8200001f, EL1H, 0x86000010 },
	/* An address that nobody knows. */
	{ 0x92000410, EL1H, 0x96000410 },
	/* Codes that are not known. */
	{ 0x9200003f, EL1H, 0x96000010 },
	/* EL1's own: the status as it is. */
	{ 0x93810061, EL1H, 0x96000061 },
	{ 0x92000030, EL0, 0x92000030 },
	{ 0x820000b1, EL1H, 0x86000031 },
	{ 0x93810075, EL0, 0x92000075 },
	{ 0x92000270, EL1H, 0x96000270 },
};

START_TEST(test_aborts)
{
	for (size_t n = 0; n < sizeof(aborts) / sizeof(aborts[0]); n++) {
		struct el1_exception e = after(aborts[n].esr_el2, aborts[n].spsr);

		ck_assert_msg(e.esr == aborts[n].esr_el1, "row %zu: %#lx", n, e.esr);
		ck_assert(e.has_far);
		ck_assert_msg(e.far == ((aborts[n].esr_el1 & 0x400) ? 0 : FAR), "row %zu", n);
	}
}
END_TEST

/* The level of the walk and the status of a plan's access come from kernel/. */
START_TEST(test_what_is_found_later)
{
	after(0x92000087, EL1H);
	vcpu.exit.nested_page_fault.walk_level = 2;
	ck_assert_uint_eq(el1_exception_of_exit(&vcpu).esr, 0x96000016);
	after(0x82000097, EL0);
	vcpu.exit.fail_entry.walk_level = 3;
	ck_assert_uint_eq(el1_exception_of_exit(&vcpu).esr, 0x82000017);
	after(0x93810047, EL0);
	vcpu.exit.mmio.fsc = 0x07;
	vcpu.exit.mmio.far = FAR + 4;
	ck_assert_uint_eq(el1_exception_of_exit(&vcpu).esr, 0x92000047);
	ck_assert_uint_eq(el1_exception_of_exit(&vcpu).far, FAR + 4);
}
END_TEST

START_TEST(test_undef)
{
	struct el1_exception e = el1_exception_undef();

	ck_assert_uint_eq(e.esr, 0x2000000);
	ck_assert(!e.has_far);
}
END_TEST

/* What would have gone to EL1: as it is, but for the level where there are two classes; FAR where it has one. */
START_TEST(test_forward)
{
	static const struct {
		uint64_t esr, spsr, want;
		bool has_far;
	} rows[] = {
		{ 0x3a000000, EL1H, 0x3a000000, false }, /* Illegal Execution state */
		{ 0x36000002, EL0, 0x36000002, false },	 /* BTI */
		{ 0x8a000000, EL0, 0x8a000000, true },	 /* PC alignment */
		{ 0x9a000000, EL1H, 0x9a000000, false }, /* SP alignment */
		{ 0xf2000123, EL1H, 0xf2000123, false }, /* BRK */
		{ 0xc2000022, EL0, 0xc2000022, false },	 /* breakpoint */
		{ 0xc2000022, EL1H, 0xc6000022, false }, /* the same level */
		{ 0xca000022, EL1T, 0xce000022, false }, /* software step */
		{ 0xd2000062, EL0, 0xd2000062, true },	 /* watchpoint */
		{ 0xd2000062, EL1H, 0xd6000062, true },	 { 0x72000001, EL0, 0x72000001, false }, /* PAC failure */
		{ 0xb2800001, EL0, 0xb2800001, false },						 /* floating point */
	};

	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		struct el1_exception e = after(rows[n].esr, rows[n].spsr);

		ck_assert_msg(e.esr == rows[n].want, "row %zu: %#lx", n, e.esr);
		ck_assert_msg(e.has_far == rows[n].has_far, "row %zu", n);
		ck_assert(!e.has_far || e.far == FAR);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("el1_exception");
	TCase *tcase = tcase_create("el1_exception");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, test_aborts);
	tcase_add_test(tcase, test_what_is_found_later);
	tcase_add_test(tcase, test_undef);
	tcase_add_test(tcase, test_forward);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

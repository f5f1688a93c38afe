/*
 * exception_entry.c: PSTATE and the vector of an exception taken to EL1, by a table of values worked out from the
 * pseudocode of AArch64.TakeException() [DDI0487 J1.1], bit numbers included.
 */
#include <check.h>
#include <stdlib.h>

#include "arch/arm64/exception_entry.h"

#define BIT64(n) (UINT64_C(1) << (n))

/* Which features the CPU has, by the ID registers' fields. */
#define PAN  BIT64(20) /* ID_AA64MMFR1_EL1.PAN = 1 */
#define SSBS BIT64(4)  /* ID_AA64PFR1_EL1.SSBS = 1 */
#define MTE1 BIT64(8)  /* ID_AA64PFR1_EL1.MTE = 1: instructions only */
#define MTE2 BIT64(9)
#define NMI  BIT64(36)

#define SPAN	  BIT64(23)
#define DSSBS	  BIT64(44)
#define SPINTMASK BIT64(62)

#define ENTERED 0x3c5 /* EL1h, D A I F */

START_TEST(test_pstate)
{
	static const struct {
		uint64_t spsr, sctlr, mmfr1, pfr1, want;
	} rows[] = {
		/* A CPU without any of them: only the flags stay, whatever was set. */
		{ 0x000003c5, 0, 0, 0, ENTERED },
		{ 0x00000000, 0, 0, 0, ENTERED },
		{ 0x00000004, 0, 0, 0, ENTERED },
		{ 0x00000005, ~UINT64_C(0), 0, 0, ENTERED },
		{ 0x80000005, 0, 0, 0, 0x80000000 | ENTERED },
		{ 0x40000005, 0, 0, 0, 0x40000000 | ENTERED },
		{ 0x20000005, 0, 0, 0, 0x20000000 | ENTERED },
		{ 0x10000005, 0, 0, 0, 0x10000000 | ENTERED },
		/* DIT stays. */
		{ 0x01000005, 0, 0, 0, 0x01000000 | ENTERED },
		/* TCO, UAO, SS, IL, SSBS, BTYPE, ALLINT go. */
		{ 0x02000005, 0, 0, 0, ENTERED },
		{ 0x00800005, 0, 0, 0, ENTERED },
		{ 0x00200005, 0, 0, 0, ENTERED },
		{ 0x00100005, 0, 0, 0, ENTERED },
		{ 0x00001005, 0, 0, 0, ENTERED },
		{ 0x00000c05, 0, 0, 0, ENTERED },
		{ 0x00002005, 0, 0, 0, ENTERED },
		/* PAN: set with SPAN = 0, else as it was; none without FEAT_PAN. */
		{ 0x00000005, 0, PAN, 0, 0x00400000 | ENTERED },
		{ 0x00400005, 0, PAN, 0, 0x00400000 | ENTERED },
		{ 0x00000005, SPAN, PAN, 0, ENTERED },
		{ 0x00400005, SPAN, PAN, 0, 0x00400000 | ENTERED },
		{ 0x00000005, SPAN, 3 * PAN, 0, ENTERED },
		{ 0x00400005, SPAN, 0, 0, ENTERED },
		/* SSBS: DSSBS, whatever it was. */
		{ 0x00001005, 0, 0, SSBS, ENTERED },
		{ 0x00000005, DSSBS, 0, SSBS, 0x00001000 | ENTERED },
		{ 0x00000005, DSSBS, 0, 2 * SSBS, 0x00001000 | ENTERED },
		/* TCO: 1 from FEAT_MTE2 on. */
		{ 0x00000005, 0, 0, MTE1, ENTERED },
		{ 0x00000005, 0, 0, MTE2, 0x02000000 | ENTERED },
		{ 0x00000005, 0, 0, MTE1 | MTE2, 0x02000000 | ENTERED },
		/* ALLINT: the inverse of SPINTMASK. */
		{ 0x00000005, 0, 0, NMI, 0x00002000 | ENTERED },
		{ 0x00002005, SPINTMASK, 0, NMI, ENTERED },
		/* From AArch32, where SPSR has SSBS at 23, DIT at 24, PAN at 22, IT, Q, GE, E and T elsewhere. */
		{ 0x00000010, 0, 0, 0, ENTERED },
		{ 0xff0fffff & ~UINT64_C(0x0f), 0, 0, 0, 0xf1000000 | ENTERED },
		{ 0x00800030, 0, 0, SSBS, ENTERED },
		{ 0x01400030, SPAN | DSSBS, PAN, SSBS, 0x01401000 | ENTERED },
		{ 0x0600fc30, 0, PAN, 0, 0x00400000 | ENTERED },
		/* All at once, from EL0. */
		{ 0xfff03fc0, SPAN | DSSBS, PAN, SSBS | MTE2 | NMI, 0xf3403000 | ENTERED },
	};

	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		const struct exception_entry entry = { rows[n].sctlr, rows[n].mmfr1, rows[n].pfr1 };

		ck_assert_msg(exception_entry_pstate(rows[n].spsr, &entry) == rows[n].want, "row %zu: %#lx", n,
			      exception_entry_pstate(rows[n].spsr, &entry));
	}
}
END_TEST

START_TEST(test_vector)
{
	ck_assert_uint_eq(exception_entry_vector(0x3c4), 0x000); /* EL1t */
	ck_assert_uint_eq(exception_entry_vector(0x3c5), 0x200); /* EL1h */
	ck_assert_uint_eq(exception_entry_vector(0x000), 0x400); /* EL0 */
	ck_assert_uint_eq(exception_entry_vector(0x010), 0x600); /* EL0, A32 */
	ck_assert_uint_eq(exception_entry_vector(0x030), 0x600); /* T32 */
	ck_assert_uint_eq(exception_entry_vector(0xffffffe5), 0x200);
	ck_assert_uint_eq(exception_entry_vector(0xfffffff0), 0x600);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("exception_entry");
	TCase *tcase = tcase_create("exception_entry");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, test_pstate);
	tcase_add_test(tcase, test_vector);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

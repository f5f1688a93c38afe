/*
 * What Corbel does when it injects an exception, against what CPUs do when EL1 takes the same one itself:
 * tests/vectors/taken.txt. PSTATE and the vector; the syndromes of undefined instructions and of external aborts, on an
 * access and on a walk; what is passed on as it is.
 */
#include "arch/arm64/exception_entry.h"
#include "tests/unit/vectors_rig.h"
#include "vcpu/el1_exception.h"

enum column { VECTOR = NR_COMMON, ESR, FAR, ELR, SPSR, PSTATE, SCTLR, MMFR1, PFR1, EXPECTED, NR_COLUMNS };

static struct vcpu vcpu;
static unsigned int nr_undef, nr_aborts, nr_forwarded;

static void check_entry(uint64_t spsr)
{
	const struct exception_entry entry = { hex(column[SCTLR]), hex(column[MMFR1]), hex(column[PFR1]) };

	/* N, Z, C, V and DIT stay by AArch64.TakeException() [DDI0487 J1.1]; QEMU clears them. */
	EXPECT_ROW(((exception_entry_pstate(spsr, &entry) ^ hex(column[PSTATE])) & ~UINT64_C(0xf1000000)) == 0);
	EXPECT_ROW(exception_entry_vector(spsr) == hex(column[VECTOR]));
}

/* An access to where stage 2 has nothing is answered as the CPU answers one to where there is nothing. */
static void check_abort(void)
{
	bool write = has_word(" write "), fetch = has_word(" fetch ");
	struct el1_exception e;

	vcpu.exit.reason = EXIT_NESTED_PAGE_FAULT;
	vcpu.exit.nested_page_fault.far = hex(column[FAR]);
	vcpu.exit.nested_page_fault.write = write;
	vcpu.exit.nested_page_fault.exec = fetch;
	vcpu.exit.nested_page_fault.s1ptw = number_of("walk") == 1;
	vcpu.exit.nested_page_fault.walk_level = (uint8_t)number_of("level");
	e = el1_exception_of_exit(&vcpu);
	EXPECT_ROW(e.esr == hex(column[ESR]) && e.has_far && e.far == hex(column[FAR]));
	nr_aborts++;
}

/* Come to EL2, it would have been one "from a lower Exception level". */
static uint64_t esr_at_el2(uint64_t esr)
{
	unsigned int ec = esr >> 26 & 63;

	return ec == 0x31 || ec == 0x33 || ec == 0x35 ? esr & ~(UINT64_C(1) << 26) : esr;
}

static void check_forwarded(void)
{
	struct el1_exception e;

	vcpu.exit.reason = EXIT_FAIL_ENTRY;
	vcpu.exit.fail_entry.why = FAIL_FORWARD;
	vcpu.syndrome.esr = esr_at_el2(hex(column[ESR]));
	vcpu.syndrome.far = hex(column[FAR]);
	e = el1_exception_of_exit(&vcpu);
	EXPECT_ROW(e.esr == hex(column[ESR]));
	EXPECT_ROW(e.has_far ? e.far == hex(column[FAR]) : hex(column[FAR]) == 0);
	nr_forwarded++;
}

static void check_row(void)
{
	memset(&vcpu, 0, sizeof(vcpu));
	vcpu.frame.spsr = hex(column[SPSR]);
	check_entry(vcpu.frame.spsr);
	if (is_verb("undef")) {
		EXPECT_ROW(el1_exception_undef().esr == hex(column[ESR]) && !el1_exception_undef().has_far);
		nr_undef++;
	} else if (is_verb("abort")) {
		check_abort();
	} else {
		EXPECT_ROW(is_verb("forward"));
		check_forwarded();
	}
}

START_TEST(test_every_row)
{
	for_each_row("tests/vectors/taken.txt", NR_COLUMNS, EXPECTED, check_row);
	/* The file is whole. */
	ck_assert_uint_ge(nr_undef, 120);
	ck_assert_uint_ge(nr_aborts, 20);
	ck_assert_uint_ge(nr_forwarded, 15);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vectors_taken");
	TCase *tcase = tcase_create("vectors_taken");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, test_every_row);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

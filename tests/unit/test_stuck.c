/* Which guests can go no further, and which only look like it. */
#include <check.h>

#include "arch/arm64/regs/spsr.h"
#include "vcpu/stuck.h"

static struct vcpu vcpu;

static void setup(void)
{
	vcpu = (struct vcpu){ .index = 0 };
	vcpu.frame.elr = 0x40200400;
	vcpu.frame.spsr = SPSR_DAIF | SPSR_M_EL1H;
	vcpu.syndrome.far = 0x30000000;
}

static bool abort_again(void)
{
	vcpu.nr_exits[EXIT_NESTED_PAGE_FAULT]++;
	return vcpu_abort_is_stuck(&vcpu, vcpu.frame.elr);
}

START_TEST(the_thousandth_is_the_last)
{
	for (unsigned int n = 1; n < VCPU_STUCK_ABORTS; n++)
		ck_assert(!abort_again());
	ck_assert(abort_again());
}
END_TEST

/* Each abort enters the vectors again, whose frame goes a bit further down. */
START_TEST(stack_without_a_bottom)
{
	for (unsigned int n = 1; n < VCPU_STUCK_ABORTS; n++) {
		ck_assert(!abort_again());
		vcpu.syndrome.far -= 288;
	}
	ck_assert(abort_again());
}
END_TEST

/* A handler that steps over the instruction: its loop may count in memory alone. */
START_TEST(a_handler_that_goes_on)
{
	for (unsigned int n = 0; n < 10 * VCPU_STUCK_ABORTS; n++) {
		vcpu.nr_exits[EXIT_NESTED_PAGE_FAULT]++;
		ck_assert(!vcpu_abort_is_stuck(&vcpu, vcpu.frame.elr + 4));
	}
}
END_TEST

START_TEST(interrupts_in_between_do_not_help)
{
	for (unsigned int n = 1; n < VCPU_STUCK_ABORTS; n++) {
		ck_assert(!abort_again());
		vcpu.nr_exits[EXIT_EXTERNAL_INTERRUPT] += n % 3;
	}
	ck_assert(abort_again());
}
END_TEST

/* Each of these, once before the end, begins the count anew. */
static void change(int what)
{
	switch (what) {
	case 0: vcpu.frame.elr += 4; break;
	case 1: vcpu.frame.x[19]++; break;
	case 2: vcpu.frame.x[0] ^= UINT64_C(1) << 63; break;
	case 3: vcpu.frame.sp_el0 += 16; break;
	case 4: vcpu.frame.spsr ^= SPSR_I; break;
	default: vcpu.nr_exits[EXIT_MMIO_WRITE]++; break;
	}
}

START_TEST(any_change_begins_anew)
{
	for (unsigned int n = 1; n < VCPU_STUCK_ABORTS; n++)
		ck_assert(!abort_again());
	change(_i);
	for (unsigned int n = 1; n < VCPU_STUCK_ABORTS; n++)
		ck_assert(!abort_again());
	ck_assert(abort_again());
}
END_TEST

START_TEST(vector_that_faults_on_itself)
{
	const uint64_t vbar = 0x40201000;

	vcpu.frame.elr = vbar + 0x200;
	ck_assert(vcpu_vector_loops(&vcpu, vbar + 0x200, vbar));
	vcpu.frame.elr = vbar;
	ck_assert(vcpu_vector_loops(&vcpu, vbar, vbar));
}
END_TEST

START_TEST(vectors_at_work)
{
	const uint64_t vbar = 0x40201000;

	/* Just entered, from elsewhere. */
	vcpu.frame.elr = vbar + 0x200;
	ck_assert(!vcpu_vector_loops(&vcpu, 0x40205678, vbar));
	/* A loop that was interrupted twice at the same place. */
	vcpu.frame.elr = 0x40205678;
	ck_assert(!vcpu_vector_loops(&vcpu, 0x40205678, vbar));
	/* Inside a handler, and in an entry that is not for exceptions of EL1. */
	vcpu.frame.elr = vbar + 0x204;
	ck_assert(!vcpu_vector_loops(&vcpu, vbar + 0x204, vbar));
	vcpu.frame.elr = vbar + 0x400;
	ck_assert(!vcpu_vector_loops(&vcpu, vbar + 0x400, vbar));
	/* EL0 may have code anywhere. */
	vcpu.frame.elr = vbar + 0x200;
	vcpu.frame.spsr = SPSR_M_EL0T;
	ck_assert(!vcpu_vector_loops(&vcpu, vbar + 0x200, vbar));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("stuck");
	TCase *tcase = tcase_create("stuck");
	SRunner *runner;
	int failures;

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, the_thousandth_is_the_last);
	tcase_add_test(tcase, stack_without_a_bottom);
	tcase_add_test(tcase, a_handler_that_goes_on);
	tcase_add_test(tcase, interrupts_in_between_do_not_help);
	tcase_add_loop_test(tcase, any_change_begins_anew, 0, 6);
	tcase_add_test(tcase, vector_that_faults_on_itself);
	tcase_add_test(tcase, vectors_at_work);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

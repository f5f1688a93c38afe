/* exit.h: access widths; vcpu.c: what a vCPU is born with and enters with. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "vcpu/exit.h"
#include "vcpu/vcpu.h"

START_TEST(test_width_of_bytes)
{
	enum access_width width;

	for (unsigned int bytes = 0; bytes < 300; bytes++) {
		bool valid = bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;

		ck_assert_int_eq(access_width_from_bytes(bytes, &width), valid);
		if (valid)
			ck_assert_uint_eq(access_width_bytes(width), bytes);
	}
}
END_TEST

START_TEST(test_width_masks)
{
	ck_assert_uint_eq(access_width_mask(ACCESS_BYTE), 0xff);
	ck_assert_uint_eq(access_width_mask(ACCESS_WORD), 0xffff);
	ck_assert_uint_eq(access_width_mask(ACCESS_DWORD), 0xffffffff);
	ck_assert_uint_eq(access_width_mask(ACCESS_QWORD), UINT64_MAX);
}
END_TEST

START_TEST(test_vcpu_init)
{
	static struct vcpu vcpu;

	for (unsigned int index = 0; index < 40; index++) {
		memset(&vcpu, 0, sizeof(vcpu));
		vcpu_init(&vcpu, (uint8_t)index);
		ck_assert_uint_eq(vcpu.index, index);
		ck_assert_uint_eq(vcpu.mpidr, (index / 16) * 256 + index % 16);
		ck_assert_uint_eq(vcpu.vmpidr, 0x80000000 | vcpu.mpidr);
		ck_assert_int_eq(vcpu.power, VCPU_POWER_OFF);
		ck_assert_int_eq(vcpu.run.state, RUN_OFFLINE);
		ck_assert(list_is_empty(&vcpu.run.node));
	}
}
END_TEST

START_TEST(test_vcpu_reset)
{
	static struct vcpu vcpu;

	memset(&vcpu, 0x5a, sizeof(vcpu));
	vcpu.power = VCPU_POWER_ON_PENDING;
	vcpu.requests = 6;
	vcpu_reset_regs(&vcpu, 0x40080000, 0x123456789abcdef0);
	ck_assert_uint_eq(vcpu.frame.elr, 0x40080000);
	ck_assert_uint_eq(vcpu.frame.spsr, 0x3c5); /* EL1h, DAIF */
	ck_assert_uint_eq(vcpu.frame.x[0], 0x123456789abcdef0);
	for (unsigned int i = 1; i < 31; i++)
		ck_assert_uint_eq(vcpu.frame.x[i], 0);
	ck_assert_uint_eq(vcpu.frame.sp_el0, 0);
	/* MMU, caches and alignment checks off. */
	ck_assert_uint_eq(vcpu.el1.sctlr_el1 & 0x1007, 0);
	ck_assert_uint_ne(vcpu.el1.sctlr_el1, 0);
	ck_assert_uint_eq(vcpu.el1.ttbr0_el1 | vcpu.el1.tcr_el1 | vcpu.el1.vbar_el1 | vcpu.el1.cpacr_el1, 0);
	ck_assert_uint_eq(vcpu.el1.tpidr_el0 | vcpu.el1.sp_el1 | vcpu.el1.cntkctl_el1, 0);
	/* Nothing of the life before shows in FP registers or timers. */
	for (unsigned int i = 0; i < 64; i++)
		ck_assert_uint_eq(vcpu.fp.v[i], 0);
	ck_assert_uint_eq(vcpu.fp.fpcr | vcpu.fp.fpsr, 0);
	ck_assert_uint_eq(vcpu.timer.cntv_ctl | vcpu.timer.cntp_ctl | vcpu.timer.cntv_cval | vcpu.timer.cntp_cval, 0);
	/* The OS lock is held, as after a power-up; no breakpoint, no single step. */
	ck_assert(vcpu.debug.os_locked);
	ck_assert_uint_eq(vcpu.debug.mdscr | vcpu.debug.mdscr_loaded | vcpu.debug.claim, 0);
	for (unsigned int i = 0; i < DEBUG_MAX_POINTS; i++)
		ck_assert_uint_eq(vcpu.debug.point[DEBUG_BVR][i] | vcpu.debug.point[DEBUG_BCR][i] |
					  vcpu.debug.point[DEBUG_WVR][i] | vcpu.debug.point[DEBUG_WCR][i],
				  0);
	/* No pointer authentication keys, and the first use of them traps. */
	for (unsigned int i = 0; i < 2; i++)
		ck_assert_uint_eq(vcpu.pauth.apia[i] | vcpu.pauth.apib[i] | vcpu.pauth.apda[i] | vcpu.pauth.apdb[i] |
					  vcpu.pauth.apga[i],
				  0);
	ck_assert_uint_eq(vcpu.hcr, 0);
	/* Not its business. */
	ck_assert_int_eq(vcpu.power, VCPU_POWER_ON_PENDING);
	ck_assert_uint_eq(vcpu.requests, 6);
	ck_assert_uint_eq(vcpu.mpidr, 0x5a5a5a5a5a5a5a5a);
}
END_TEST

/* No register of el1_regs.def is forgotten: from two different pasts comes the same state. */
START_TEST(test_vcpu_reset_is_whole)
{
	static struct vcpu a, b;

	memset(&a, 0x11, sizeof(a));
	memset(&b, 0xee, sizeof(b));
	vcpu_reset_regs(&a, 4, 5);
	vcpu_reset_regs(&b, 4, 5);
	ck_assert_mem_eq(&a.frame, &b.frame, sizeof(a.frame));
	ck_assert_mem_eq(&a.el1, &b.el1, sizeof(a.el1));
	ck_assert_mem_eq(&a.fp, &b.fp, sizeof(a.fp));
	ck_assert_mem_eq(&a.timer, &b.timer, sizeof(a.timer));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("exit");
	TCase *tcase = tcase_create("exit");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, test_width_of_bytes);
	tcase_add_test(tcase, test_width_masks);
	tcase_add_test(tcase, test_vcpu_init);
	tcase_add_test(tcase, test_vcpu_reset);
	tcase_add_test(tcase, test_vcpu_reset_is_whole);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

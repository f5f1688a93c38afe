/* sysreg_trap.c: every address of the space, read and written; the registers that do something. */
#include <check.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arm64/regs/hcr.h"
#include "arch/arm64/regs/sctlr.h"
#include "lib/bits.h"
#include "vcpu/set_way.h"
#include "vcpu/sysreg_trap.h"

#define UNTOUCHED 0x1d1d1d1d1d1d1d1dU

static struct vcpu vcpu;
static struct id_regs ids;

static void set_up(void)
{
	memset(&vcpu, 0, sizeof(vcpu));
	memset(vcpu.frame.x, 0x1d, sizeof(vcpu.frame.x));
	for (unsigned int slot = 0; slot < ID_REGS_NR; slot++) /* of ID_AA64DFR0_EL1: 6 breakpoints, 4 watchpoints */
		ids.value[slot] = 0xabcdef0000305000 + slot;
}

static enum exit_action do_read(uint32_t addr, uint8_t reg)
{
	set_up();
	vcpu.exit.reason = EXIT_SYSREG_READ;
	vcpu.exit.sysreg = (struct exit_sysreg){ .addr = addr, .reg = reg };
	return sysreg_emulate(&vcpu, &ids);
}

static enum exit_action do_write(uint32_t addr, uint64_t value)
{
	set_up();
	vcpu.exit.reason = EXIT_SYSREG_WRITE;
	vcpu.exit.sysreg = (struct exit_sysreg){ .addr = addr, .reg = 4, .value = value };
	return sysreg_emulate(&vcpu, &ids);
}

/* What must be there, by number: address, readable, writable, or given to the guest at its first access. Everything
 * else is UNDEF both ways. */
enum { NO = 0, RD = 1, WR = 2, RW = 3, GIVEN = 4 };
static const struct {
	uint8_t op0, op1, crn, crm_first, crm_last, op2, access;
} present[] = {
	{ 1, 0, 7, 6, 6, 2, WR },   /* DC ISW */
	{ 1, 0, 7, 10, 10, 2, WR }, /* DC CSW */
	{ 1, 0, 7, 14, 14, 2, WR }, /* DC CISW */
	{ 2, 0, 0, 0, 0, 2, RW },   /* OSDTRRX */
	{ 2, 0, 0, 2, 2, 0, RW },   /* MDCCINT */
	{ 2, 0, 0, 2, 2, 2, RW },   /* MDSCR */
	{ 2, 0, 0, 3, 3, 2, RW },   /* OSDTRTX */
	{ 2, 0, 0, 6, 6, 2, RW },   /* OSECCR */
	{ 2, 0, 0, 0, 5, 4, RW },   /* DBGBVR0-5 */
	{ 2, 0, 0, 0, 5, 5, RW },    { 2, 0, 0, 0, 3, 6, RW },
	{ 2, 0, 0, 0, 3, 7, RW },    { 2, 0, 1, 0, 0, 0, RD }, /* MDRAR */
	{ 2, 0, 1, 0, 0, 4, WR },			       /* OSLAR */
	{ 2, 0, 1, 1, 1, 4, RD },			       /* OSLSR */
	{ 2, 0, 1, 3, 3, 4, RW },			       /* OSDLR */
	{ 2, 0, 1, 4, 4, 4, RW },			       /* DBGPRCR */
	{ 2, 0, 7, 8, 8, 6, RW },			       /* DBGCLAIMSET */
	{ 2, 0, 7, 9, 9, 6, RW },			       /* DBGCLAIMCLR */
	{ 2, 0, 7, 14, 14, 6, RD },			       /* DBGAUTHSTATUS */
	{ 2, 3, 0, 1, 1, 0, RD },			       /* MDCCSR */
	{ 2, 3, 0, 4, 4, 0, RW },			       /* DBGDTR */
	{ 2, 3, 0, 5, 5, 0, RW },			       /* DBGDTRRX, TX */
	{ 3, 0, 1, 0, 0, 1, RW },			       /* ACTLR */
	{ 3, 0, 0, 0, 0, 6, RD },			       /* REVIDR */
	{ 3, 1, 0, 0, 0, 7, RD },			       /* AIDR */
	{ 3, 0, 1, 0, 0, 0, WR },			       /* HCR_EL2.TVM: SCTLR, TTBR0, TTBR1, TCR */
	{ 3, 0, 2, 0, 0, 0, WR },    { 3, 0, 2, 0, 0, 1, WR },
	{ 3, 0, 2, 0, 0, 2, WR },    { 3, 0, 5, 1, 1, 0, WR }, /* AFSR0, AFSR1, ESR, FAR */
	{ 3, 0, 5, 1, 1, 1, WR },    { 3, 0, 5, 2, 2, 0, WR },
	{ 3, 0, 6, 0, 0, 0, WR },    { 3, 0, 10, 2, 2, 0, WR }, /* MAIR, AMAIR, CONTEXTIDR */
	{ 3, 0, 10, 3, 3, 0, WR },   { 3, 0, 13, 0, 0, 1, WR },
	{ 3, 0, 2, 1, 3, 0, GIVEN }, /* APIAKeyLo, APDAKeyLo, APGAKeyLo */
	{ 3, 0, 2, 1, 3, 1, GIVEN }, { 3, 0, 2, 1, 2, 2, GIVEN },
	{ 3, 0, 2, 1, 2, 3, GIVEN }, { 3, 0, 0, 1, 7, 0, RD }, /* ID registers, all op2 */
	{ 3, 0, 0, 1, 7, 1, RD },    { 3, 0, 0, 1, 7, 2, RD },
	{ 3, 0, 0, 1, 7, 3, RD },    { 3, 0, 0, 1, 7, 4, RD },
	{ 3, 0, 0, 1, 7, 5, RD },    { 3, 0, 0, 1, 7, 6, RD },
	{ 3, 0, 0, 1, 7, 7, RD },
};

static unsigned int access_of(unsigned int op0, unsigned int op1, unsigned int crn, unsigned int crm, unsigned int op2)
{
	for (size_t i = 0; i < ARRAY_SIZE(present); i++) {
		if (present[i].op0 == op0 && present[i].op1 == op1 && present[i].crn == crn && present[i].op2 == op2 &&
		    crm >= present[i].crm_first && crm <= present[i].crm_last)
			return present[i].access;
	}
	return NO;
}

static enum exit_action answer(unsigned int access, unsigned int direction)
{
	if (access == GIVEN)
		return ACTION_RETRY;
	return (access & direction) != 0 ? ACTION_ADVANCE : ACTION_INJECT_UNDEF;
}

/* All 65,536 encodings; a row out of order would not be found. */
START_TEST(test_whole_space)
{
	uint64_t untouched[31];

	memset(untouched, 0x1d, sizeof(untouched));
	for (unsigned int n = 0; n < 65536; n++) {
		unsigned int op0 = n >> 14, op1 = (n >> 11) & 7, crn = (n >> 7) & 15, crm = (n >> 3) & 15, op2 = n & 7;
		uint32_t addr = SYSREG_ADDR(op0, op1, crn, crm, op2);
		unsigned int access = access_of(op0, op1, crn, crm, op2);

		ck_assert_msg(do_read(addr, 7) == answer(access, RD), "read %u_%u_c%u_c%u_%u", op0, op1, crn, crm, op2);
		if ((vcpu.frame.x[7] != UNTOUCHED) != ((access & RD) != 0))
			ck_abort_msg("register %u_%u_c%u_c%u_%u", op0, op1, crn, crm, op2);
		ck_assert_msg(do_write(addr, ~UINT64_C(0)) == answer(access, WR), "write %u_%u_c%u_c%u_%u", op0, op1,
			      crn, crm, op2);
		/* A write moves no register of the guest's, and what it is not allowed to do leaves no trace. */
		if (memcmp(vcpu.frame.x, untouched, sizeof(untouched)) != 0 || (access < WR && vcpu.requests != 0))
			ck_abort_msg("trace of %u_%u_c%u_c%u_%u", op0, op1, crn, crm, op2);
	}
}
END_TEST

START_TEST(test_id_registers)
{
	for (unsigned int crm = 1; crm < 8; crm++) {
		for (unsigned int op2 = 0; op2 < 8; op2++) {
			ck_assert_int_eq(do_read(SYSREG_ADDR(3, 0, 0, crm, op2), 30), ACTION_ADVANCE);
			ck_assert_uint_eq(vcpu.frame.x[30], 0xabcdef0000305000 + (crm - 1) * 8 + op2);
		}
	}
	/* mrs xzr, id_aa64pfr0_el1 */
	ck_assert_int_eq(do_read(0x300008, 31), ACTION_ADVANCE);
	for (unsigned int i = 0; i < 31; i++)
		ck_assert_uint_eq(vcpu.frame.x[i], UNTOUCHED);
}
END_TEST

/* --- set/way --- */

static void also_do(uint32_t addr, uint64_t value)
{
	vcpu.requests = 0;
	vcpu.exit.reason = EXIT_SYSREG_WRITE;
	vcpu.exit.sysreg = (struct exit_sysreg){ .addr = addr, .value = value };
	ck_assert_int_eq(sysreg_emulate(&vcpu, &ids), ACTION_ADVANCE);
}

/* The first one has the RAM cleaned, those that follow mean nothing; so until the caches are on. */
START_TEST(test_set_way)
{
	static const uint64_t on = SCTLR_ELx_M | SCTLR_ELx_C, steps[] = { 0, SCTLR_ELx_M, on, SCTLR_ELx_C, on };

	for (uint32_t crm = 6; crm <= 14; crm += 4) {
		ck_assert_int_eq(do_write(SYSREG_ADDR(1, 0, 7, crm, 2), 0x42), ACTION_ADVANCE);
		ck_assert_uint_eq(vcpu.requests, VCPU_REQ_CLEAN);
		ck_assert_uint_eq(vcpu.hcr, HCR_EL2_TVM);
		also_do(SYSREG_ADDR(1, 0, 7, 14, 2), 0x42);
		ck_assert_uint_eq(vcpu.requests, 0);
	}
	vcpu.el1.sctlr_el1 = on;
	for (unsigned int n = 0; n < ARRAY_SIZE(steps); n++) {
		bool was_on = vcpu.el1.sctlr_el1 == on, is_on = steps[n] == on;

		vcpu.hcr = HCR_EL2_TVM | HCR_EL2_APK;
		also_do(SYSREG_ADDR(3, 0, 1, 0, 0), steps[n]);
		ck_assert_uint_eq(vcpu.requests, VCPU_REQ_VM_CONTROL);
		ck_assert(set_way_take_vm_control(&vcpu) == (was_on != is_on));
		ck_assert_uint_eq(vcpu.el1.sctlr_el1, steps[n]);
		ck_assert_uint_eq(vcpu.hcr, !was_on && is_on ? HCR_EL2_APK : HCR_EL2_TVM | HCR_EL2_APK);
	}
}
END_TEST

/* What traps with it takes effect, each in its own register. */
START_TEST(test_vm_controls)
{
	static const struct {
		uint32_t addr;
		size_t offset;
	} all[] = {
		{ SYSREG_ADDR(3, 0, 1, 0, 0), offsetof(struct el1_state, sctlr_el1) },
		{ SYSREG_ADDR(3, 0, 2, 0, 0), offsetof(struct el1_state, ttbr0_el1) },
		{ SYSREG_ADDR(3, 0, 2, 0, 1), offsetof(struct el1_state, ttbr1_el1) },
		{ SYSREG_ADDR(3, 0, 2, 0, 2), offsetof(struct el1_state, tcr_el1) },
		{ SYSREG_ADDR(3, 0, 5, 1, 0), offsetof(struct el1_state, afsr0_el1) },
		{ SYSREG_ADDR(3, 0, 5, 1, 1), offsetof(struct el1_state, afsr1_el1) },
		{ SYSREG_ADDR(3, 0, 5, 2, 0), offsetof(struct el1_state, esr_el1) },
		{ SYSREG_ADDR(3, 0, 6, 0, 0), offsetof(struct el1_state, far_el1) },
		{ SYSREG_ADDR(3, 0, 10, 2, 0), offsetof(struct el1_state, mair_el1) },
		{ SYSREG_ADDR(3, 0, 10, 3, 0), offsetof(struct el1_state, amair_el1) },
		{ SYSREG_ADDR(3, 0, 13, 0, 1), offsetof(struct el1_state, contextidr_el1) },
	};

	for (unsigned int n = 0; n < ARRAY_SIZE(all); n++) {
		struct el1_state want = { 0 };

		ck_assert_int_eq(do_write(all[n].addr, 0x1230 + n), ACTION_ADVANCE);
		memset(&vcpu.el1, 0, sizeof(vcpu.el1));
		(void)set_way_take_vm_control(&vcpu);
		memcpy((uint8_t *)&want + all[n].offset, &(uint64_t){ 0x1230 + n }, sizeof(uint64_t));
		ck_assert_mem_eq(&vcpu.el1, &want, sizeof(want));
	}
}
END_TEST

/* Further accesses of the same vCPU: nothing is reset between them. */
static void also_write(uint32_t addr, uint64_t value)
{
	vcpu.requests = 0;
	vcpu.exit.reason = EXIT_SYSREG_WRITE;
	vcpu.exit.sysreg = (struct exit_sysreg){ .addr = addr, .reg = 4, .value = value };
	ck_assert_int_eq(sysreg_emulate(&vcpu, &ids), ACTION_ADVANCE);
}

static uint64_t also_read(uint32_t addr)
{
	vcpu.requests = 0;
	vcpu.exit.reason = EXIT_SYSREG_READ;
	vcpu.exit.sysreg = (struct exit_sysreg){ .addr = addr, .reg = 0 };
	ck_assert_int_eq(sysreg_emulate(&vcpu, &ids), ACTION_ADVANCE);
	ck_assert_uint_eq(vcpu.requests, 0);
	return vcpu.frame.x[0];
}

#define MDSCR SYSREG_ADDR(2, 0, 0, 2, 2)
#define OSLAR SYSREG_ADDR(2, 0, 1, 0, 4)
#define OSLSR SYSREG_ADDR(2, 0, 1, 1, 4)

START_TEST(test_mdscr)
{
	ck_assert_int_eq(do_write(MDSCR, ~UINT64_C(0)), ACTION_ADVANCE);
	ck_assert_uint_eq(vcpu.debug.mdscr, 0xb001); /* MDE, KDE, TDCC, SS */
	ck_assert_uint_eq(vcpu.debug.mdscr_loaded, 0xb001);
	ck_assert_uint_eq(vcpu.requests, VCPU_REQ_DEBUG);
	ck_assert_uint_eq(also_read(MDSCR), 0xb001);
	/* While the OS lock is held, the machine has neither MDE nor SS; the guest reads what it wrote. */
	ck_assert_uint_eq(also_read(OSLSR), 0x8);
	also_write(OSLAR, 1);
	ck_assert_uint_eq(vcpu.requests, VCPU_REQ_DEBUG);
	ck_assert_uint_eq(vcpu.debug.mdscr_loaded, 0x3000);
	ck_assert_uint_eq(also_read(MDSCR), 0xb001);
	ck_assert_uint_eq(also_read(OSLSR), 0xa);
	also_write(MDSCR, 0x8001);
	ck_assert_uint_eq(vcpu.debug.mdscr_loaded, 0);
	also_write(OSLAR, ~UINT64_C(1));
	ck_assert_uint_eq(vcpu.requests, VCPU_REQ_DEBUG);
	ck_assert_uint_eq(vcpu.debug.mdscr_loaded, 0x8001);
}
END_TEST

START_TEST(test_points)
{
	/* DBGBVR1, DBGBCR5, DBGWVR0, DBGWCR3: bits that are RES0 read as 0. */
	static const struct {
		uint32_t addr;
		uint64_t value;
	} points[] = {
		{ SYSREG_ADDR(2, 0, 0, 1, 4), ~UINT64_C(0) },
		{ SYSREG_ADDR(2, 0, 0, 5, 5), 0x00ffe1e7 },
		{ SYSREG_ADDR(2, 0, 0, 0, 6), ~UINT64_C(3) },
		{ SYSREG_ADDR(2, 0, 0, 3, 7), 0x1f1fffff },
	};

	set_up();
	for (size_t i = 0; i < ARRAY_SIZE(points); i++) {
		also_write(points[i].addr, ~UINT64_C(0));
		ck_assert_uint_eq(vcpu.requests, 0); /* without MDE nobody can feel it */
	}
	for (size_t i = 0; i < ARRAY_SIZE(points); i++)
		ck_assert_uint_eq(also_read(points[i].addr), points[i].value);
	ck_assert_uint_eq(vcpu.debug.point[DEBUG_BVR][1] + 1, 0);
	ck_assert_uint_eq(vcpu.debug.point[DEBUG_BCR][5], 0x00ffe1e7);
	ck_assert_uint_eq(vcpu.debug.point[DEBUG_WVR][0] + 4, 0);
	ck_assert_uint_eq(vcpu.debug.point[DEBUG_WCR][3], 0x1f1fffff);
	also_write(MDSCR, 0x8000);
	also_write(points[1].addr, 0);
	ck_assert_uint_eq(vcpu.requests, VCPU_REQ_DEBUG);
	ck_assert_uint_eq(also_read(points[1].addr), 0);
}
END_TEST

START_TEST(test_claim_tags)
{
	set_up();
	also_write(SYSREG_ADDR(2, 0, 7, 8, 6), 0xf81);
	also_write(SYSREG_ADDR(2, 0, 7, 8, 6), 0x02);
	ck_assert_uint_eq(also_read(SYSREG_ADDR(2, 0, 7, 8, 6)), 0xff);
	ck_assert_uint_eq(also_read(SYSREG_ADDR(2, 0, 7, 9, 6)), 0x83);
	also_write(SYSREG_ADDR(2, 0, 7, 9, 6), 0x80);
	ck_assert_uint_eq(also_read(SYSREG_ADDR(2, 0, 7, 9, 6)), 0x03);
}
END_TEST

/* A key that is touched, or an instruction that would use one, asks for the keys; never where no PAC is shown. */
START_TEST(test_pauth)
{
	static const struct id_regs hidden;

	ck_assert_int_eq(do_write(SYSREG_ADDR(3, 0, 2, 3, 1), 5), ACTION_RETRY);
	ck_assert_uint_eq(vcpu.requests, VCPU_REQ_PAUTH);
	ck_assert_int_eq(do_read(SYSREG_ADDR(3, 0, 2, 1, 0), 5), ACTION_RETRY);
	ck_assert_uint_eq(vcpu.requests, VCPU_REQ_PAUTH);
	vcpu.requests = 0;
	ck_assert_int_eq(sysreg_emulate(&vcpu, &hidden), ACTION_INJECT_UNDEF);
	ck_assert_int_eq(sysreg_begin_pauth(&vcpu, &hidden), ACTION_INJECT_UNDEF);
	ck_assert_uint_eq(vcpu.requests, 0);
	ck_assert_int_eq(sysreg_begin_pauth(&vcpu, &ids), ACTION_RETRY);
	ck_assert_uint_eq(vcpu.requests, VCPU_REQ_PAUTH);
}
END_TEST

START_TEST(test_values)
{
	ids.revidr = 0x1234;
	ids.aidr = 0x5678;
	do_read(SYSREG_ADDR(3, 0, 0, 0, 6), 0);
	ck_assert_uint_eq(vcpu.frame.x[0], 0x1234);
	do_read(SYSREG_ADDR(3, 1, 0, 0, 7), 0);
	ck_assert_uint_eq(vcpu.frame.x[0], 0x5678);
	do_read(SYSREG_ADDR(3, 0, 1, 0, 1), 0);
	ck_assert_uint_eq(vcpu.frame.x[0], 0);
	do_read(SYSREG_ADDR(2, 3, 0, 1, 0), 0);
	ck_assert_uint_eq(vcpu.frame.x[0], 0); /* MDCCSR: TXfull = 0, or a guest would wait for it */
	do_write(SYSREG_ADDR(2, 0, 1, 3, 4), 1);
	do_read(SYSREG_ADDR(2, 0, 1, 3, 4), 0);
	ck_assert_uint_eq(vcpu.frame.x[0], 0); /* OSDLR: RAZ/WI without the double lock */
}
END_TEST

START_TEST(test_names)
{
	ck_assert_uint_eq(SYSREG_ADDR(3, 0, 12, 11, 5), 0x3a3016);
	ck_assert_str_eq(sysreg_name(0x3a3016), "ICC_SGI1R_EL1");
	ck_assert_str_eq(sysreg_name(SYSREG_ADDR(3, 0, 0, 7, 1)), "ID_AA64MMFR1_EL1");
	ck_assert_str_eq(sysreg_name(SYSREG_ADDR(3, 3, 9, 12, 0)), "PMCR_EL0");
	ck_assert_str_eq(sysreg_name(SYSREG_ADDR(3, 3, 14, 15, 7)), "PMCCFILTR_EL0");
	ck_assert_str_eq(sysreg_name(SYSREG_ADDR(3, 3, 14, 9, 4)), "PMEVCNTR<n>_EL0/PMEVTYPER<n>_EL0");
	ck_assert_str_eq(sysreg_name(SYSREG_ADDR(3, 0, 10, 4, 7)), "LORID_EL1");
	ck_assert_str_eq(sysreg_name(SYSREG_ADDR(2, 1, 15, 15, 7)), "TRC<...>/BRB<...>");
	ck_assert_ptr_null(sysreg_name(SYSREG_ADDR(3, 0, 0, 3, 3)));
	ck_assert_ptr_null(sysreg_name(SYSREG_ADDR(3, 0, 15, 0, 0)));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sysreg_trap");
	TCase *tcase = tcase_create("sysreg_trap");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, test_whole_space);
	tcase_add_test(tcase, test_id_registers);
	tcase_add_test(tcase, test_set_way);
	tcase_add_test(tcase, test_vm_controls);
	tcase_add_test(tcase, test_mdscr);
	tcase_add_test(tcase, test_points);
	tcase_add_test(tcase, test_claim_tags);
	tcase_add_test(tcase, test_pauth);
	tcase_add_test(tcase, test_values);
	tcase_add_test(tcase, test_names);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

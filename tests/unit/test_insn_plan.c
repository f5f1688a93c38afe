/* insn_plan.c and its place in decode.c: from the abort of an instruction to its MMIO exit, or to why there is none. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arm64/regs/esr.h"
#include "lib/bits.h"
#include "vcpu/decode.h"

#define IPA 0x09000018U
#define FAR 0xffff800008abc018U
#define SP  0xffff800010000010U

/* Data aborts from a lower level, translation fault of level 3, ISV = 0. */
#define ESR_LOAD  0x92000007U
#define ESR_STORE 0x92000047U

/* Check's own notes down each assertion that holds: too slow for a loop. */
#define EXPECT(condition)                                                                            \
	do {                                                                                         \
		if (!(condition))                                                                    \
			ck_abort_msg("%08x: %s does not hold", vcpu.syndrome.insn.word, #condition); \
	} while (0)

static struct vcpu vcpu;

static void set_up(uint64_t esr, uint32_t word)
{
	memset(&vcpu, 0, sizeof(vcpu));
	memset(&vcpu.exit, 0xa5, sizeof(vcpu.exit));
	for (unsigned int i = 0; i < 31; i++)
		vcpu.frame.x[i] = 0x1122334455667788U * (i + 1);
	vcpu.frame.spsr = 0x3c5;
	vcpu.syndrome = (struct syndrome){ .esr = esr, .far = FAR, .ipa = ipa(IPA), .ipa_valid = true };
	vcpu.syndrome.insn = (struct abort_insn){ .state = INSN_READ, .word = word, .zva_bytes = 64, .sp = SP };
}

/* With x2 as its base. */
static const struct vcpu_exit *decode(uint64_t esr, uint32_t word, uint64_t x2)
{
	set_up(esr, word);
	vcpu.frame.x[2] = x2;
	ck_assert(exit_needs_insn(&vcpu.syndrome));
	handle_exception_sync(&vcpu);
	return &vcpu.exit;
}

static void check_plan(enum exit_reason reason, uint64_t va, enum access_width width, unsigned int nr_accesses)
{
	const struct exit_mmio *mmio = &vcpu.exit.mmio;

	ck_assert_int_eq(vcpu.exit.reason, reason);
	ck_assert_uint_eq(vcpu.exit.insn_len, 4);
	ck_assert_uint_eq(mmio->far, va);
	ck_assert_uint_eq(mmio->addr.raw, IPA);
	ck_assert_int_eq(mmio->width, width);
	ck_assert_uint_eq(mmio->plan.nr_accesses, nr_accesses);
	ck_assert_uint_eq(mmio->plan.next_access, 0);
	ck_assert(mmio->plan.from_insn);
}

START_TEST(test_loads)
{
	const struct exit_mmio *mmio = &vcpu.exit.mmio;

	decode(ESR_LOAD, 0x28c10440, FAR); /* ldp w0, w1, [x2], #8 */
	check_plan(EXIT_MMIO_READ, FAR, ACCESS_DWORD, 2);
	ck_assert(mmio->reg == 0 && mmio->plan.reg2 == 1 && mmio->reg_width == ACCESS_DWORD && !mmio->sign_extend);
	ck_assert(mmio->plan.writeback && mmio->plan.base_reg == 2 && mmio->plan.base_value == FAR + 8);
	decode(ESR_LOAD, 0x69ff0440, FAR + 8); /* ldpsw x0, x1, [x2, #-8]! */
	check_plan(EXIT_MMIO_READ, FAR, ACCESS_DWORD, 2);
	ck_assert(mmio->sign_extend && mmio->reg_width == ACCESS_QWORD && mmio->plan.base_value == FAR);
	decode(ESR_LOAD, 0xad400440, FAR); /* ldp q0, q1, [x2] */
	check_plan(EXIT_MMIO_READ, FAR, ACCESS_QWORD, 4);
	ck_assert(mmio->plan.to_vreg && mmio->plan.quad && !mmio->plan.writeback);
	decode(ESR_LOAD, 0x3dc00440, FAR - 16); /* ldr q0, [x2, #16] */
	check_plan(EXIT_MMIO_READ, FAR, ACCESS_QWORD, 2);
	decode(ESR_LOAD, 0xf85f8be0, 0);		  /* ldtr x0, [sp, #-8] */
	ck_assert_int_eq(vcpu.exit.reason, EXIT_NOTHING); /* not at FAR */
	vcpu.syndrome.far = SP - 8;
	handle_exception_sync(&vcpu);
	check_plan(EXIT_MMIO_READ, SP - 8, ACCESS_QWORD, 1);
	ck_assert(!mmio->plan.writeback);
}
END_TEST

START_TEST(test_stores)
{
	const struct exit_mmio *mmio = &vcpu.exit.mmio;

	set_up(ESR_STORE, 0xadbf07e0); /* stp q0, q1, [sp, #-32]! */
	vcpu.syndrome.far = SP - 8;    /* its last part is what faulted */
	handle_exception_sync(&vcpu);
	check_plan(EXIT_MMIO_WRITE, SP - 32, ACCESS_QWORD, 4);
	ck_assert(mmio->plan.writeback && mmio->plan.base_reg == 31 && mmio->plan.base_value == SP - 32);
	set_up(ESR_STORE, 0xbc24d840); /* str s0, [x2, w4, sxtw #2] */
	vcpu.frame.x[2] = FAR + 4;
	vcpu.frame.x[4] = 0x1ffffffff;
	handle_exception_sync(&vcpu);
	check_plan(EXIT_MMIO_WRITE, FAR, ACCESS_DWORD, 1);
	ck_assert(mmio->plan.to_vreg && !mmio->plan.quad);
	set_up(ESR_STORE, 0xd50b7422); /* dc zva, x2 */
	vcpu.frame.x[2] = FAR | 0x3f;
	handle_exception_sync(&vcpu);
	check_plan(EXIT_MMIO_WRITE, FAR & ~UINT64_C(0x3f), ACCESS_QWORD, 8);
	ck_assert(mmio->plan.zero_block && !mmio->plan.writeback);
}
END_TEST

/* Whether or not the hardware tells an address's tag in FAR. */
START_TEST(test_tagged_address)
{
	decode(ESR_LOAD, 0x28c10440, (FAR & ~GENMASK(63, 56)) | UINT64_C(0x5a) << 56);
	ck_assert_int_eq(vcpu.exit.reason, EXIT_MMIO_READ);
	ck_assert_uint_eq(vcpu.exit.mmio.plan.base_value >> 56, 0x5a);
}
END_TEST

/* What cannot have faulted like this is not what did: the guest runs again. */
START_TEST(test_code_that_changed)
{
	static const struct {
		uint64_t esr;
		uint32_t word;
		uint64_t x2;
	} rows[] = {
		{ ESR_LOAD, 0x28c10440, FAR + 1 }, /* above FAR */
		{ ESR_LOAD, 0x28c10440, FAR - 8 }, /* ends below it */
		{ ESR_STORE, 0x28c10440, FAR },	   /* ldp, but a write faulted */
		{ ESR_LOAD, 0x28810440, FAR },	   /* stp, but a read did */
		{ ESR_LOAD, 0xd503201f, FAR },	   /* nop */
		{ ESR_STORE, 0xd4200000, FAR },	   /* brk */
	};

	for (size_t n = 0; n < ARRAY_SIZE(rows); n++) {
		decode(rows[n].esr, rows[n].word, rows[n].x2);
		ck_assert_msg(vcpu.exit.reason == EXIT_NOTHING && vcpu.exit.insn_len == 0, "row %zu", n);
	}
	decode(ESR_LOAD, 0x28c10440, FAR - 7);
	ck_assert_int_eq(vcpu.exit.reason, EXIT_MMIO_READ);
	set_up(ESR_LOAD, 0x28c10440);
	vcpu.syndrome.insn.state = INSN_GONE;
	handle_exception_sync(&vcpu);
	ck_assert(vcpu.exit.reason == EXIT_NOTHING && vcpu.exit.insn_len == 0);
	decode(ESR_LOAD, 0xf9800040, FAR); /* prfm: done already */
	ck_assert(vcpu.exit.reason == EXIT_NOTHING && vcpu.exit.insn_len == 4);
}
END_TEST

static void check_refused(uint64_t esr)
{
	ck_assert_int_eq(vcpu.exit.reason, EXIT_FAIL_ENTRY);
	ck_assert_int_eq(vcpu.exit.fail_entry.why, FAIL_EXTERNAL_ABORT);
	ck_assert_uint_eq(vcpu.exit.fail_entry.far, FAR);
	ck_assert_int_eq(vcpu.exit.fail_entry.write, esr == ESR_STORE);
}

START_TEST(test_refused)
{
	static const uint32_t words[] = {
		0x885f7c40, /* ldxr w0, [x2] */
		0x88dffc40, /* ldar w0, [x2] */
		0xb8200041, /* ldadd w0, w1, [x2] */
		0x4c407840, /* ld1 { v0.4s }, [x2] */
		0x9c000040, /* ldr q0, .+8 */
		0xb8404442, /* ldr w2, [x2], #4 */
		0x29400040, /* ldp w0, w0, [x2] */
		0x69000440, /* stgp x0, x1, [x2] */
	};

	for (size_t n = 0; n < ARRAY_SIZE(words); n++) {
		decode(ESR_LOAD, words[n], FAR);
		check_refused(ESR_LOAD);
		decode(ESR_STORE, words[n], FAR);
		check_refused(ESR_STORE);
	}
	set_up(ESR_LOAD, 0x28c10440); /* not in RAM */
	vcpu.syndrome.insn.state = INSN_NOT_READ;
	handle_exception_sync(&vcpu);
	check_refused(ESR_LOAD);
	set_up(ESR_LOAD, 0x28c10440); /* A32 means something else by it */
	vcpu.frame.x[2] = FAR;
	vcpu.frame.spsr = 0x10;
	handle_exception_sync(&vcpu);
	check_refused(ESR_LOAD);
}
END_TEST

/* The instruction is asked for where it is used, and only there. */
START_TEST(test_when_it_is_needed)
{
	static const uint64_t not_needed[] = {
		0x93810007, /* ISV */
		0x92000087, /* on a table walk */
		0x92000146, /* cache maintenance */
		0x9200000f, /* permission */
		0x92000010, /* external */
		0x82000007, /* a fetch */
		0x5a000000, /* HVC */
	};

	for (size_t n = 0; n < ARRAY_SIZE(not_needed); n++) {
		set_up(not_needed[n], 0x28c10440);
		ck_assert_msg(!exit_needs_insn(&vcpu.syndrome), "%#lx", (unsigned long)not_needed[n]);
	}
	set_up(ESR_LOAD, 0x28c10440);
	vcpu.syndrome.ipa_valid = false;
	ck_assert(!exit_needs_insn(&vcpu.syndrome));
}
END_TEST

/* Any word in any place: an exit that can be carried out, and nothing but it has changed. */
START_TEST(test_total)
{
	uint32_t word = 0x1badcafe;
	unsigned long nr_plans = 0;

	set_up(ESR_LOAD, word);
	for (unsigned int n = 0; n < 300000; n++) {
		const struct mmio_plan *plan = &vcpu.exit.mmio.plan;
		struct trap_frame before;

		word ^= word << 13;
		word ^= word >> 17;
		word ^= word << 5;
		/* Every other one is a pair or a single register. */
		vcpu.syndrome.insn.word = (n & 1) != 0 ? word : (word & ~0x02000000U) | 0x28000000U;
		vcpu.syndrome.esr = (word & 1) != 0 ? ESR_LOAD : ESR_STORE;
		for (unsigned int i = 0; i < 31; i++)
			vcpu.frame.x[i] = FAR - i % 4;
		before = vcpu.frame;
		handle_exception_sync(&vcpu);
		EXPECT(memcmp(&vcpu.frame, &before, sizeof(before)) == 0);
		if (vcpu.exit.reason != EXIT_MMIO_READ && vcpu.exit.reason != EXIT_MMIO_WRITE) {
			EXPECT(vcpu.exit.reason == EXIT_NOTHING || vcpu.exit.reason == EXIT_FAIL_ENTRY);
			continue;
		}
		nr_plans++;
		EXPECT(plan->nr_accesses >= 1 && plan->nr_accesses <= (plan->zero_block ? 8 : 4));
		EXPECT(!plan->quad || (plan->to_vreg && plan->nr_accesses % 2 == 0));
		EXPECT(vcpu.exit.mmio.width <= ACCESS_QWORD);
		EXPECT(vcpu.exit.mmio.reg < 32 && plan->reg2 < 32 && plan->base_reg < 32);
	}
	ck_assert_uint_gt(nr_plans, 1000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("insn_plan");
	TCase *tcase = tcase_create("insn_plan");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_loads);
	tcase_add_test(tcase, test_stores);
	tcase_add_test(tcase, test_tagged_address);
	tcase_add_test(tcase, test_code_that_changed);
	tcase_add_test(tcase, test_refused);
	tcase_add_test(tcase, test_when_it_is_needed);
	tcase_add_test(tcase, test_total);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

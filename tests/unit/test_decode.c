/* decode.c: every exception class, every form of data abort, every fault status, conditions of AArch32. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arm64/regs/esr.h"
#include "arch/arm64/regs/spsr.h"
#include "vcpu/aarch32.h"
#include "vcpu/decode.h"

#define IPA 0x09000018U
#define FAR 0xffff800008abc018U

static struct vcpu vcpu;

/* A guest at EL1 with distinct registers, whose last exit left garbage behind. */
static void set_up(uint64_t esr)
{
	memset(&vcpu, 0, sizeof(vcpu));
	memset(&vcpu.exit, 0xa5, sizeof(vcpu.exit));
	for (unsigned int i = 0; i < 31; i++)
		vcpu.frame.x[i] = 0x1122334455667788U * (i + 1) + 0x8080808080808080U;
	vcpu.frame.sp_el0 = 0xdeadbeef;
	vcpu.frame.spsr = 0x3c5;
	vcpu.syndrome = (struct syndrome){ .esr = esr, .far = FAR, .ipa = ipa(IPA), .ipa_valid = true };
}

static const struct vcpu_exit *decode(uint64_t esr)
{
	set_up(esr);
	handle_exception_sync(&vcpu);
	return &vcpu.exit;
}

/* The whole of the exception class table again, by number, as the architecture manual lists it. */
enum outcome { UNDEF, UNEXPECTED, FORWARD, ILLEGAL, SERROR, POINTER_AUTH, OTHER };
static const struct {
	uint8_t outcome;
	uint8_t reason; /* of OTHER */
} expected_ec[64] = {
	[0x01] = { OTHER, EXIT_HALT },
	[0x07] = { UNEXPECTED, 0 },
	[0x09] = { POINTER_AUTH, 0 },
	[0x0d] = { FORWARD, 0 },
	[0x0e] = { ILLEGAL, 0 },
	[0x11] = { UNEXPECTED, 0 },
	[0x12] = { OTHER, EXIT_HYPERCALL },
	[0x13] = { OTHER, EXIT_HYPERCALL },
	[0x15] = { UNEXPECTED, 0 },
	[0x16] = { OTHER, EXIT_HYPERCALL },
	[0x17] = { OTHER, EXIT_HYPERCALL },
	[0x18] = { OTHER, EXIT_SYSREG_WRITE },
	[0x1a] = { UNEXPECTED, 0 },
	[0x1c] = { FORWARD, 0 },
	[0x1e] = { UNEXPECTED, 0 },
	[0x1f] = { UNEXPECTED, 0 },
	[0x20] = { OTHER, EXIT_FAIL_ENTRY },
	[0x21] = { UNEXPECTED, 0 },
	[0x22] = { FORWARD, 0 },
	[0x24] = { OTHER, EXIT_FAIL_ENTRY },
	[0x25] = { UNEXPECTED, 0 },
	[0x26] = { FORWARD, 0 },
	[0x27] = { FORWARD, 0 },
	[0x28] = { FORWARD, 0 },
	[0x2c] = { FORWARD, 0 },
	[0x2f] = { SERROR, 0 },
	[0x30] = { FORWARD, 0 },
	[0x31] = { UNEXPECTED, 0 },
	[0x32] = { FORWARD, 0 },
	[0x33] = { UNEXPECTED, 0 },
	[0x34] = { FORWARD, 0 },
	[0x35] = { UNEXPECTED, 0 },
	[0x38] = { FORWARD, 0 },
	[0x3a] = { FORWARD, 0 },
	[0x3c] = { FORWARD, 0 },
	[0x3d] = { UNEXPECTED, 0 },
};

START_TEST(test_every_class_has_its_outcome)
{
	static const enum fail_why why[] = { FAIL_UNDEFINED,	 FAIL_UNEXPECTED, FAIL_FORWARD,
					     FAIL_ILLEGAL_STATE, FAIL_SERROR,	  FAIL_POINTER_AUTH };

	for (uint64_t ec = 0; ec < 64; ec++) {
		const struct vcpu_exit *exit = decode((ec << 26) | 0x2000000);

		if (expected_ec[ec].outcome == OTHER) {
			ck_assert_msg(exit->reason == expected_ec[ec].reason, "EC %#lx", ec);
			continue;
		}
		ck_assert_msg(exit->reason == EXIT_FAIL_ENTRY, "EC %#lx", ec);
		ck_assert_msg(exit->fail_entry.why == why[expected_ec[ec].outcome], "EC %#lx", ec);
		ck_assert_uint_eq(exit->fail_entry.far, FAR);
	}
}
END_TEST

/* All 2^25 ISS values would take minutes; a prime stride meets every bit in both states for each class and IL. */
START_TEST(test_total_and_leaves_the_guest_alone)
{
	static unsigned long nr_reasons[EXIT_NR_REASONS];

	for (uint64_t ec = 0; ec < 64; ec++) {
		for (uint64_t iss = 0; iss < (1U << 25); iss += 4099) {
			uint64_t esr = (ec << 26) | ((iss & 1) << 25) | iss;
			struct trap_frame before;

			set_up(esr);
			vcpu.syndrome.ipa_valid = (iss % 7) != 0;
			vcpu.frame.spsr = (iss & 2) ? 0x10 : 0x3c5;
			before = vcpu.frame;
			handle_exception_sync(&vcpu);
			ck_assert_uint_lt(vcpu.exit.reason, EXIT_NR_REASONS);
			ck_assert_mem_eq(&vcpu.frame, &before, sizeof(before));
			ck_assert(vcpu.exit.insn_len == 0 || vcpu.exit.insn_len == 2 || vcpu.exit.insn_len == 4);
			nr_reasons[vcpu.exit.reason]++;
		}
	}
	/* What this layer never makes: the refine steps do, or nobody. */
	ck_assert_uint_eq(nr_reasons[EXIT_IO_READ] + nr_reasons[EXIT_IO_WRITE], 0);
	ck_assert_uint_eq(nr_reasons[EXIT_CPU_UP] + nr_reasons[EXIT_CPU_DOWN] + nr_reasons[EXIT_SYSTEM_DOWN], 0);
	ck_assert_uint_eq(nr_reasons[EXIT_SEND_IPI] + nr_reasons[EXIT_EXTERNAL_INTERRUPT], 0);
}
END_TEST

START_TEST(test_names)
{
	for (unsigned int ec = 0; ec < 300; ec++)
		ck_assert_ptr_nonnull(exception_class_name(ec));
	ck_assert_str_eq(exception_class_name(0x24), "Data Abort from a lower Exception level");
	ck_assert_str_eq(exception_class_name(0x16), "HVC");
	ck_assert_str_eq(exception_class_name(0x02), exception_class_name(0x3f));
	for (int reason = 0; reason < EXIT_NR_REASONS; reason++) {
		ck_assert_ptr_nonnull(exit_reason_name((enum exit_reason)reason));
		for (int other = 0; other < reason; other++)
			ck_assert_str_ne(exit_reason_name((enum exit_reason)reason),
					 exit_reason_name((enum exit_reason)other));
	}
	ck_assert_str_eq(exit_reason_name(EXIT_NESTED_PAGE_FAULT), "NESTED_PAGE_FAULT");
	ck_assert_ptr_nonnull(exit_reason_name((enum exit_reason)77));
}
END_TEST

/* ESRs as hardware gives them: ldr w1, [x0] and str w1, [x0] on a device, translation fault of level 3 and 2. */
START_TEST(test_golden_mmio)
{
	const struct vcpu_exit *exit = decode(0x93810007);

	ck_assert_int_eq(exit->reason, EXIT_MMIO_READ);
	ck_assert_uint_eq(exit->mmio.addr.raw, IPA);
	ck_assert_uint_eq(exit->mmio.far, FAR);
	ck_assert_int_eq(exit->mmio.width, ACCESS_DWORD);
	ck_assert_int_eq(exit->mmio.reg_width, ACCESS_DWORD);
	ck_assert_uint_eq(exit->mmio.reg, 1);
	ck_assert(!exit->mmio.sign_extend);
	ck_assert_uint_eq(exit->mmio.plan.nr_accesses, 1);
	ck_assert(!exit->mmio.plan.writeback);
	ck_assert_uint_eq(exit->insn_len, 4);

	exit = decode(0x93810046);
	ck_assert_int_eq(exit->reason, EXIT_MMIO_WRITE);
	ck_assert_uint_eq(exit->mmio.data, (uint32_t)vcpu.frame.x[1]);
	ck_assert_int_eq(exit->mmio.width, ACCESS_DWORD);

	/* strb wzr, [x2] */
	exit = decode(0x931f0047);
	ck_assert_int_eq(exit->reason, EXIT_MMIO_WRITE);
	ck_assert_int_eq(exit->mmio.width, ACCESS_BYTE);
	ck_assert_uint_eq(exit->mmio.data, 0);

	/* ldrsh x7, [x2] */
	exit = decode(0x93678006);
	ck_assert_int_eq(exit->reason, EXIT_MMIO_READ);
	ck_assert_int_eq(exit->mmio.width, ACCESS_WORD);
	ck_assert_int_eq(exit->mmio.reg_width, ACCESS_QWORD);
	ck_assert_uint_eq(exit->mmio.reg, 7);
	ck_assert(exit->mmio.sign_extend);
}
END_TEST

/* Every SAS x SSE x SF x WnR x SRT, both instruction lengths. */
START_TEST(test_every_mmio_form)
{
	static const uint64_t masks[] = { 0xff, 0xffff, 0xffffffff, ~UINT64_C(0) };

	for (uint64_t bits = 0; bits < (1U << 11); bits++) {
		uint64_t sas = bits & 3, sse = (bits >> 2) & 1, sf = (bits >> 3) & 1, wnr = (bits >> 4) & 1;
		uint64_t srt = (bits >> 5) & 31, il = (bits >> 10) & 1;
		const struct vcpu_exit *exit = decode((UINT64_C(0x24) << 26) | (il << 25) | (1U << 24) | (sas << 22) |
						      (sse << 21) | (srt << 16) | (sf << 15) | (wnr << 6) | 0x05);
		uint64_t stored = srt == 31 ? 0 : vcpu.frame.x[srt];

		ck_assert_int_eq(exit->reason, wnr ? EXIT_MMIO_WRITE : EXIT_MMIO_READ);
		ck_assert_int_eq((int)exit->mmio.width, (int)sas);
		ck_assert_int_eq(exit->mmio.reg_width, sf ? ACCESS_QWORD : ACCESS_DWORD);
		ck_assert_uint_eq(exit->mmio.reg, srt);
		ck_assert_uint_eq(exit->insn_len, il ? 4 : 2);
		if (wnr)
			ck_assert_uint_eq(exit->mmio.data, stored & masks[sas]);
		else
			ck_assert_uint_eq(exit->mmio.sign_extend, sse);
	}
}
END_TEST

/* What the 64 fault status codes mean, by number: m miss, d denied, e external, o EL1's own, x cannot be. */
static const char fsc_kind[] = "eeee"
			       "mmmm"
			       "mmmm"
			       "dddd"
			       "exee"
			       "eeee"
			       "eeee"
			       "eeee"
			       "eoee"
			       "eeee"
			       "eemm"
			       "eeee"
			       "ooeeooee"
			       "eeeeexxe";

static enum fail_why why_of(char kind)
{
	return kind == 'x' ? FAIL_UNEXPECTED : kind == 'o' ? FAIL_FORWARD : FAIL_EXTERNAL_ABORT;
}

START_TEST(test_every_data_fault_status)
{
	for (uint64_t fsc = 0; fsc < 64; fsc++) {
		const struct vcpu_exit *exit = decode(0x93850040 | fsc);
		char kind = fsc_kind[fsc];

		if (kind == 'm') {
			ck_assert_msg(exit->reason == EXIT_MMIO_WRITE, "DFSC %#lx", fsc);
		} else if (kind == 'd') {
			ck_assert_msg(exit->reason == EXIT_NESTED_PAGE_FAULT, "DFSC %#lx", fsc);
			ck_assert(exit->nested_page_fault.write && !exit->nested_page_fault.exec);
			ck_assert(exit->nested_page_fault.permission && !exit->nested_page_fault.s1ptw);
			ck_assert_uint_eq(exit->nested_page_fault.addr.raw, IPA);
			ck_assert_uint_eq(exit->nested_page_fault.far, FAR);
		} else {
			ck_assert_msg(exit->reason == EXIT_FAIL_ENTRY, "DFSC %#lx", fsc);
			ck_assert_msg(exit->fail_entry.why == why_of(kind), "DFSC %#lx", fsc);
			ck_assert(!exit->fail_entry.insn_abort && !exit->fail_entry.s1ptw);
			if (kind == 'e') {
				ck_assert(exit->fail_entry.write && !exit->fail_entry.cm);
				ck_assert(decode(0x938500c0 | fsc)->fail_entry.s1ptw);
				ck_assert(decode(0x92000140 | fsc)->fail_entry.cm);
			}
		}
	}
}
END_TEST

START_TEST(test_every_instruction_fault_status)
{
	for (uint64_t fsc = 0; fsc < 64; fsc++) {
		const struct vcpu_exit *exit = decode(0x82000000 | fsc);
		char kind = fsc_kind[fsc];

		if (kind == 'm' || kind == 'd') {
			ck_assert_msg(exit->reason == EXIT_NESTED_PAGE_FAULT, "IFSC %#lx", fsc);
			ck_assert(exit->nested_page_fault.exec && !exit->nested_page_fault.write);
			ck_assert_int_eq(exit->nested_page_fault.permission, kind == 'd');
			ck_assert_uint_eq(exit->nested_page_fault.addr.raw, IPA);
		} else {
			ck_assert_msg(exit->reason == EXIT_FAIL_ENTRY, "IFSC %#lx", fsc);
			ck_assert_int_eq(exit->fail_entry.why, why_of(kind));
			ck_assert(!exit->fail_entry.s1ptw);
			if (kind == 'e')
				ck_assert(exit->fail_entry.insn_abort && !exit->fail_entry.write);
		}
	}
}
END_TEST

START_TEST(test_abort_order)
{
	const struct vcpu_exit *exit;

	/* A walk of the guest's tables that stage 2 does not map: ISV says nothing then, CM neither. */
	exit = decode(0x93810087);
	ck_assert_int_eq(exit->reason, EXIT_NESTED_PAGE_FAULT);
	ck_assert(exit->nested_page_fault.s1ptw && !exit->nested_page_fault.permission && !exit->nested_page_fault.cm);
	ck_assert_int_eq(decode(0x92000187)->reason, EXIT_NESTED_PAGE_FAULT);
	ck_assert(vcpu.exit.nested_page_fault.cm);
	ck_assert(decode(0x82000087)->nested_page_fault.s1ptw);

	/* dc civac on a hole: nothing to clean. On what is write-protected: a fault. */
	exit = decode(0x92000146);
	ck_assert_int_eq(exit->reason, EXIT_NOTHING);
	ck_assert_uint_eq(exit->insn_len, 4);
	ck_assert_int_eq(decode(0x9200014f)->reason, EXIT_NESTED_PAGE_FAULT);

	/* ldp x0, x1, [x2] on a device. */
	exit = decode(0x92000006);
	ck_assert_int_eq(exit->reason, EXIT_FAIL_ENTRY);
	ck_assert_int_eq(exit->fail_entry.why, FAIL_EXTERNAL_ABORT);
	ck_assert_uint_eq(exit->fail_entry.far, FAR);
	ck_assert(!exit->fail_entry.write && !exit->fail_entry.insn_abort && !exit->fail_entry.s1ptw);
	ck_assert(decode(0x92000046)->fail_entry.write);

	/* FnV of an external abort. */
	ck_assert_uint_eq(decode(0x92000410)->fail_entry.far, 0);
	ck_assert(vcpu.exit.fail_entry.fnv);
	ck_assert_uint_eq(decode(0x92000010)->fail_entry.far, FAR);
}
END_TEST

/* The AT walk found nothing: run again, whatever else the syndrome says. But an external abort has no IPA to begin
 * with. */
START_TEST(test_no_ipa_runs_again)
{
	static const uint64_t again[] = { 0x93810047, 0x9381000f, 0x92000146, 0x93810087,
					  0x92000006, 0x8200000f, 0x82000007 };

	for (size_t i = 0; i < ARRAY_SIZE(again); i++) {
		set_up(again[i]);
		vcpu.syndrome.ipa_valid = false;
		handle_exception_sync(&vcpu);
		ck_assert_int_eq(vcpu.exit.reason, EXIT_NOTHING);
		ck_assert_uint_eq(vcpu.exit.insn_len, 0);
	}
	set_up(0x92000010);
	vcpu.syndrome.ipa_valid = false;
	handle_exception_sync(&vcpu);
	ck_assert_int_eq(vcpu.exit.reason, EXIT_FAIL_ENTRY);
}
END_TEST

START_TEST(test_wfx)
{
	for (uint64_t iss = 0; iss < 1024; iss++) {
		uint64_t ti = iss & 3, rv = (iss >> 2) & 1, rn = (iss >> 5) & 31;
		const struct vcpu_exit *exit = decode((UINT64_C(0x01) << 26) | 0x2000000 | 0x1e00000 | iss);

		ck_assert_int_eq(exit->reason, EXIT_HALT);
		ck_assert_int_eq(exit->halt.wfe, ti & 1);
		ck_assert_int_eq(exit->halt.has_deadline, ti >= 2);
		ck_assert_uint_eq(exit->halt.deadline, ti >= 2 && rv && rn != 31 ? vcpu.frame.x[rn] : 0);
		ck_assert_uint_eq(exit->insn_len, 4);
	}
}
END_TEST

START_TEST(test_hypercalls)
{
	const struct vcpu_exit *exit = decode(0x5a001234);

	ck_assert_int_eq(exit->reason, EXIT_HYPERCALL);
	ck_assert(!exit->hypercall.forward);
	ck_assert_int_eq(exit->hypercall.conduit, CONDUIT_HVC);
	ck_assert_uint_eq(exit->hypercall.nr, vcpu.frame.x[0]);
	ck_assert_uint_gt(exit->hypercall.nr, UINT32_MAX);
	ck_assert_uint_eq(exit->hypercall.imm16, 0x1234);
	ck_assert_uint_eq(exit->insn_len, 0);

	exit = decode(0x5e00ffff);
	ck_assert_int_eq(exit->reason, EXIT_HYPERCALL);
	ck_assert_int_eq(exit->hypercall.conduit, CONDUIT_SMC);
	ck_assert_uint_eq(exit->hypercall.imm16, 0xffff);
	ck_assert_uint_eq(exit->insn_len, 4);

	ck_assert_uint_eq(decode(0x4a000007)->insn_len, 0);
	exit = decode(0x4e0807ff);
	ck_assert_int_eq(exit->hypercall.conduit, CONDUIT_SMC);
	ck_assert_uint_eq(exit->hypercall.imm16, 0);
	ck_assert_uint_eq(exit->insn_len, 4);
}
END_TEST

START_TEST(test_sysregs)
{
	/* mrs x3, id_aa64pfr0_el1: op0=3 op1=0 CRn=0 CRm=4 op2=0 */
	const struct vcpu_exit *exit = decode(0x62300069);

	ck_assert_int_eq(exit->reason, EXIT_SYSREG_READ);
	ck_assert_uint_eq(exit->sysreg.addr, 0x300008);
	ck_assert_uint_eq(exit->sysreg.reg, 3);
	ck_assert_uint_eq(exit->insn_len, 4);

	/* msr icc_sgi1r_el1, x9: op0=3 op1=0 CRn=12 CRm=11 op2=5 */
	exit = decode(0x623a3136);
	ck_assert_int_eq(exit->reason, EXIT_SYSREG_WRITE);
	ck_assert_uint_eq(exit->sysreg.addr, 0x3a3016);
	ck_assert_uint_eq(exit->sysreg.value, vcpu.frame.x[9]);

	/* msr oslar_el1, xzr */
	exit = decode(0x622807e0);
	ck_assert_int_eq(exit->reason, EXIT_SYSREG_WRITE);
	ck_assert_uint_eq(exit->sysreg.addr, 0x280400);
	ck_assert_uint_eq(exit->sysreg.reg, 31);
	ck_assert_uint_eq(exit->sysreg.value, 0);
	ck_assert_uint_eq(decode(0x62000000 | (UINT64_C(0x18) << 26) | 0x1ffffff)->sysreg.addr, 0x3ffc1e);
}
END_TEST

/* The sixteen conditions, from their definitions [DDI0487 C1.2.4]. */
static bool holds(unsigned int cond, unsigned int nzcv)
{
	bool n = nzcv & 8, z = nzcv & 4, c = nzcv & 2, v = nzcv & 1;

	switch (cond) {
	case 0: return z;
	case 1: return !z;
	case 2: return c;
	case 3: return !c;
	case 4: return n;
	case 5: return !n;
	case 6: return v;
	case 7: return !v;
	case 8: return c && !z;
	case 9: return !c || z;
	case 10: return n == v;
	case 11: return n != v;
	case 12: return !z && n == v;
	case 13: return z || n != v;
	default: return true;
	}
}

static uint64_t spsr_with_it(uint64_t spsr, unsigned int it)
{
	return spsr | ((uint64_t)(it >> 2) << 10) | ((uint64_t)(it & 3) << 25);
}

/* Each class that carries CV and COND, A32 (CV = 1), T32 with IT (CV = 0), both lengths. */
START_TEST(test_aarch32_conditions)
{
	static const uint8_t classes[] = { 0x01, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0c, 0x13 };

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		for (unsigned int bits = 0; bits < 1024; bits++) {
			unsigned int cond = bits & 15, nzcv = (bits >> 4) & 15, cv = (bits >> 8) & 1,
				     il = (bits >> 9) & 1;
			uint64_t esr = ((uint64_t)classes[i] << 26) | ((uint64_t)il << 25);
			uint64_t spsr = 0x10 | ((uint64_t)nzcv << 28);
			bool skipped;

			/* CV = 0: COND is noise, and the opposite of what the IT block says. */
			if (cv)
				esr |= 0x1000000 | (cond << 20);
			else
				esr |= ((cond ^ 1) << 20), spsr = spsr_with_it(spsr | 0x20, (cond << 4) | 8);
			set_up(esr);
			vcpu.frame.spsr = spsr;
			handle_exception_sync(&vcpu);
			skipped = vcpu.exit.reason == EXIT_NOTHING;
			ck_assert_msg(skipped == !holds(cond, nzcv), "EC %#x cond %u nzcv %u cv %u", classes[i], cond,
				      nzcv, cv);
			ck_assert_uint_eq(vcpu.exit.insn_len, il ? 4 : 2);
		}
	}
	/* From AArch64 the same bits mean nothing: EQ with Z clear runs. Nor do classes without CV look at them. */
	ck_assert_int_eq(decode(0x07000000)->reason, EXIT_HALT);
	set_up(0x4b000000); /* HVC32 */
	vcpu.frame.spsr = 0x10;
	handle_exception_sync(&vcpu);
	ck_assert_int_eq(vcpu.exit.reason, EXIT_HYPERCALL);
	/* Thumb outside an IT block, and A32 with CV = 0: always. */
	ck_assert(aarch32_condition_passed(0, 0x30));
	ck_assert(aarch32_condition_passed(0, spsr_with_it(0x10, 0x08)));
	ck_assert(!aarch32_condition_passed(0, spsr_with_it(0x30, 0x08)));
}
END_TEST

START_TEST(test_itstate_advance)
{
	/* ITTEE EQ: mask 0111 -> 1110 -> 1100 -> 1000 -> over; the condition's low bit follows the mask. */
	static const uint8_t steps[] = { 0x07, 0x0e, 0x1c, 0x18, 0x00 };
	const uint64_t other = 0xf1ff03bf & ~UINT64_C(0x1f);

	for (size_t i = 0; i + 1 < ARRAY_SIZE(steps); i++) {
		uint64_t spsr = spsr_with_it((other & ~UINT64_C(0x600fc00)) | 0x30, steps[i]);

		ck_assert_uint_eq(aarch32_advance_itstate(spsr),
				  spsr_with_it((other & ~UINT64_C(0x600fc00)) | 0x30, steps[i + 1]));
	}
	/* All 256 by the rule of the manual. */
	for (unsigned int it = 0; it < 256; it++) {
		unsigned int next = (it & 7) ? (it & 0xe0) | ((it << 1) & 0x1f) : 0;

		ck_assert_uint_eq(aarch32_advance_itstate(spsr_with_it(0x30, it)), spsr_with_it(0x30, next));
		ck_assert_uint_eq(aarch32_advance_itstate(spsr_with_it(0x10, it)), spsr_with_it(0x10, it));
	}
	/* AArch64: the same bits are BTYPE, SSBS, TCO. */
	ck_assert_uint_eq(aarch32_advance_itstate(0x0600ffe5), 0x0600ffe5);
}
END_TEST

START_TEST(test_async)
{
	set_up(0x93810007);
	handle_exception_async(&vcpu, EXIT_KIND_IRQ);
	ck_assert_int_eq(vcpu.exit.reason, EXIT_EXTERNAL_INTERRUPT);
	ck_assert_uint_eq(vcpu.exit.external_interrupt.vector, 0);
	ck_assert_uint_eq(vcpu.exit.insn_len, 0);
	set_up(0);
	handle_exception_async(&vcpu, EXIT_KIND_FIQ);
	ck_assert_int_eq(vcpu.exit.reason, EXIT_EXTERNAL_INTERRUPT);
	handle_exception_async(&vcpu, EXIT_KIND_SERROR);
	ck_assert_int_eq(vcpu.exit.reason, EXIT_FAIL_ENTRY);
	ck_assert_int_eq(vcpu.exit.fail_entry.why, FAIL_SERROR);
	handle_exception_async(&vcpu, EXIT_KIND_SYNC);
	ck_assert_int_eq(vcpu.exit.fail_entry.why, FAIL_UNEXPECTED);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("decode");
	TCase *tcase = tcase_create("decode");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_every_class_has_its_outcome);
	tcase_add_test(tcase, test_total_and_leaves_the_guest_alone);
	tcase_add_test(tcase, test_names);
	tcase_add_test(tcase, test_golden_mmio);
	tcase_add_test(tcase, test_every_mmio_form);
	tcase_add_test(tcase, test_every_data_fault_status);
	tcase_add_test(tcase, test_every_instruction_fault_status);
	tcase_add_test(tcase, test_abort_order);
	tcase_add_test(tcase, test_no_ipa_runs_again);
	tcase_add_test(tcase, test_wfx);
	tcase_add_test(tcase, test_hypercalls);
	tcase_add_test(tcase, test_sysregs);
	tcase_add_test(tcase, test_aarch32_conditions);
	tcase_add_test(tcase, test_itstate_advance);
	tcase_add_test(tcase, test_async);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

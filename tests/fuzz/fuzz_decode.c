/*
 * The decode chain: any syndrome, any registers, any instruction. One of the reasons that decoding may give, a length
 * that ELR may move by, an access that kernel/mmio.c can carry out; nothing of the guest changes, and nothing of the
 * exit before shows.
 */
#include <string.h>

#include "arch/arm64/regs/esr.h"
#include "tests/fuzz/fuzz.h"
#include "vcpu/decode.h"
#include "vcpu/mmio_value.h"

/* What has no other bound than its type may be anything that decoding does not read. */
static void set_up(struct vcpu *vcpu, struct fuzz_input input)
{
	struct syndrome *syndrome = &vcpu->syndrome;
	uint8_t flags = fuzz_u8(&input);

	syndrome->esr = fuzz_u64(&input);
	vcpu->frame.spsr = fuzz_u64(&input);
	syndrome->insn.word = fuzz_u32(&input);
	syndrome->insn.state = flags % 4 == 3 ? INSN_READ : (enum insn_state)(flags % 4);
	syndrome->insn.zva_bytes = 4U << (flags >> 2) % 10;
	syndrome->ipa_valid = (flags & 0x80) == 0;
	syndrome->far = fuzz_u64(&input);
	syndrome->ipa = ipa(fuzz_u64(&input));
	syndrome->insn.sp = fuzz_u64(&input);
	for (unsigned int n = 0; n < 31; n++)
		vcpu->frame.x[n] = fuzz_u64(&input);
}

/* The mathematical definition, bit by bit: the sign's copies up to the register's width, zeroes above. */
static void check_shaping(const struct exit_mmio *mmio, uint64_t value)
{
	uint64_t shaped = mmio_read_value(mmio, value);
	unsigned int bits = 8 * access_width_bytes(mmio->width), reg_bits = 8 * access_width_bytes(mmio->reg_width);

	for (unsigned int n = 0; n < 64; n++) {
		unsigned int from = n < bits ? n : bits - 1;
		bool is_set = n < reg_bits && (n < bits || mmio->sign_extend) && (value >> from & 1) != 0;

		FUZZ_ASSERT((shaped >> n & 1) == is_set);
	}
}

static void check_mmio(struct vcpu *vcpu)
{
	const struct exit_mmio *mmio = &vcpu->exit.mmio;
	const struct mmio_plan *plan = &mmio->plan;
	bool write = vcpu->exit.reason == EXIT_MMIO_WRITE;

	FUZZ_ASSERT(FIELD_GET(ESR_ELx_EC, vcpu->syndrome.esr) == ESR_ELx_EC_DABT_LOW && vcpu->syndrome.ipa_valid);
	FUZZ_ASSERT(write == ((vcpu->syndrome.esr & ESR_ELx_ABORT_WNR) != 0));
	FUZZ_ASSERT(mmio->addr.raw == vcpu->syndrome.ipa.raw && mmio->width <= ACCESS_QWORD && mmio->reg <= 31);
	FUZZ_ASSERT(plan->next_access == 0 && plan->nr_accesses >= 1 && plan->nr_accesses <= 256);
	FUZZ_ASSERT(plan->zero_block || plan->nr_accesses <= 4);
	FUZZ_ASSERT(plan->from_insn || (plan->nr_accesses == 1 && !plan->writeback && !plan->to_vreg));
	FUZZ_ASSERT(plan->from_insn == exit_needs_insn(&vcpu->syndrome));
	FUZZ_ASSERT(plan->reg2 <= 31 && plan->base_reg <= 31);
	if (write && !plan->from_insn)
		FUZZ_ASSERT(mmio->data == (trap_frame_read(&vcpu->frame, mmio->reg) & access_width_mask(mmio->width)));
	if (!write && !plan->to_vreg) {
		FUZZ_ASSERT(mmio->reg_width == ACCESS_DWORD || mmio->reg_width == ACCESS_QWORD);
		check_shaping(mmio, vcpu->frame.x[0]);
	}
}

static void check_exit(struct vcpu *vcpu)
{
	const struct vcpu_exit *exit = &vcpu->exit;
	uint64_t ec = FIELD_GET(ESR_ELx_EC, vcpu->syndrome.esr);

	FUZZ_ASSERT(exit->insn_len == 0 || exit->insn_len == ((vcpu->syndrome.esr & ESR_ELx_IL) != 0 ? 4 : 2));
	switch (exit->reason) {
	case EXIT_MMIO_READ:
	case EXIT_MMIO_WRITE: check_mmio(vcpu); break;
	case EXIT_HYPERCALL:
		FUZZ_ASSERT(exit->hypercall.nr == vcpu->frame.x[0] && !exit->hypercall.forward);
		FUZZ_ASSERT((exit->hypercall.conduit == CONDUIT_HVC) == (exit->insn_len == 0));
		break;
	case EXIT_SYSREG_READ:
	case EXIT_SYSREG_WRITE:
		FUZZ_ASSERT(ec == ESR_ELx_EC_SYS64 && exit->sysreg.reg <= 31);
		FUZZ_ASSERT((exit->sysreg.addr & ~ESR_ELx_SYS64_ADDR) == 0);
		break;
	case EXIT_NESTED_PAGE_FAULT:
		FUZZ_ASSERT(vcpu->syndrome.ipa_valid && exit->nested_page_fault.addr.raw == vcpu->syndrome.ipa.raw);
		FUZZ_ASSERT(exit->nested_page_fault.exec == (ec == ESR_ELx_EC_IABT_LOW));
		FUZZ_ASSERT(!(exit->nested_page_fault.exec && exit->nested_page_fault.write));
		break;
	case EXIT_HALT: FUZZ_ASSERT(ec == ESR_ELx_EC_WFx); break;
	case EXIT_FAIL_ENTRY: FUZZ_ASSERT(exit->fail_entry.why <= FAIL_UNEXPECTED); break;
	case EXIT_NOTHING: break;
	case EXIT_IO_READ:
	case EXIT_IO_WRITE:
	case EXIT_EXTERNAL_INTERRUPT:
	case EXIT_CPU_UP:
	case EXIT_CPU_DOWN:
	case EXIT_SYSTEM_DOWN:
	case EXIT_SEND_IPI:
	case EXIT_NR_REASONS: FUZZ_FAIL("a reason that no syndrome means");
	}
}

static void check_same_plan(const struct mmio_plan *a, const struct mmio_plan *b)
{
	FUZZ_ASSERT(a->nr_accesses == b->nr_accesses && a->next_access == b->next_access);
	FUZZ_ASSERT(a->from_insn == b->from_insn && a->zero_block == b->zero_block && a->quad == b->quad);
	FUZZ_ASSERT(a->to_vreg == b->to_vreg && a->reg2 == b->reg2);
	FUZZ_ASSERT(a->writeback == b->writeback && a->base_reg == b->base_reg && a->base_value == b->base_value);
}

/* What kernel/ reads of an exit comes from this syndrome alone. */
static void check_same(const struct vcpu_exit *a, const struct vcpu_exit *b)
{
	FUZZ_ASSERT(a->reason == b->reason && a->insn_len == b->insn_len);
	if (a->reason == EXIT_MMIO_READ || a->reason == EXIT_MMIO_WRITE) {
		FUZZ_ASSERT(a->mmio.far == b->mmio.far && a->mmio.data == b->mmio.data);
		FUZZ_ASSERT(a->mmio.sign_extend == b->mmio.sign_extend && a->mmio.reg == b->mmio.reg);
		check_same_plan(&a->mmio.plan, &b->mmio.plan);
	} else if (a->reason == EXIT_FAIL_ENTRY) {
		FUZZ_ASSERT(a->fail_entry.why == b->fail_entry.why && a->fail_entry.far == b->fail_entry.far);
		FUZZ_ASSERT(a->fail_entry.s1ptw == b->fail_entry.s1ptw && a->fail_entry.write == b->fail_entry.write);
	} else if (a->reason == EXIT_HALT) {
		FUZZ_ASSERT(a->halt.wfe == b->halt.wfe && a->halt.deadline == b->halt.deadline);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct vcpu vcpu, before;
	struct vcpu_exit first;

	set_up(&vcpu, (struct fuzz_input){ data, size });
	before = vcpu;
	memset(&vcpu.exit, 0xa5, sizeof(vcpu.exit));
	handle_exception_sync(&vcpu);
	check_exit(&vcpu);
	FUZZ_ASSERT(memcmp(&before.frame, &vcpu.frame, sizeof(vcpu.frame)) == 0);
	FUZZ_ASSERT(memcmp(&before.syndrome, &vcpu.syndrome, sizeof(vcpu.syndrome)) == 0);
	first = vcpu.exit;
	memset(&vcpu.exit, 0x5a, sizeof(vcpu.exit));
	handle_exception_sync(&vcpu);
	check_same(&first, &vcpu.exit);
	return 0;
}

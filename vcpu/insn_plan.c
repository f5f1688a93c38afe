/* MMIO exits without a valid syndrome: see insn_plan.h. */
#include "vcpu/insn_plan.h"

#include "arch/arm64/regs/esr.h"
#include "arch/arm64/regs/spsr.h"
#include "lib/bits.h"
#include "vcpu/insn_decode.h"

/* FAR_EL2 has the address's tag or not [DDI0487 D8.8.3]: below it and the sign, addresses are compared. */
#define VA_BITS GENMASK(54, 0)

/* The base, and the address of the first access; what is written back goes into the plan. */
static uint64_t plan_address(const struct vcpu *vcpu, const struct insn_transfer *t, struct mmio_plan *plan)
{
	uint64_t base = t->rn == 31 ? vcpu->syndrome.insn.sp : trap_frame_read(&vcpu->frame, t->rn);
	uint64_t offset = (uint64_t)t->offset;

	if (t->offset_by_reg)
		offset = insn_extend_offset(t, trap_frame_read(&vcpu->frame, t->rm));
	plan->writeback = t->index != INDEX_NONE;
	plan->base_reg = t->rn;
	plan->base_value = base + offset;
	return t->index == INDEX_POST ? base : base + offset;
}

static void plan_transfer(struct vcpu *vcpu, const struct insn_transfer *t)
{
	struct exit_mmio *mmio = &vcpu->exit.mmio;
	struct mmio_plan *plan = &mmio->plan;

	vcpu->exit.reason = t->load ? EXIT_MMIO_READ : EXIT_MMIO_WRITE;
	plan->quad = t->size_log2 > ACCESS_QWORD;
	plan->nr_accesses = (uint16_t)((t->pair ? 2 : 1) << (plan->quad ? 1 : 0));
	plan->to_vreg = t->vector;
	plan->reg2 = t->rt2;
	mmio->far = plan_address(vcpu, t, plan);
	mmio->width = plan->quad ? ACCESS_QWORD : (enum access_width)t->size_log2;
	mmio->reg = t->rt;
	mmio->reg_width = t->to_x ? ACCESS_QWORD : ACCESS_DWORD;
	mmio->sign_extend = t->sign_extend;
}

/* DC ZVA: the naturally aligned block that Xt's value lies in. [DDI0487 DC ZVA, DCZID_EL0] */
static void plan_zero_block(struct vcpu *vcpu, unsigned int rt)
{
	struct exit_mmio *mmio = &vcpu->exit.mmio;
	uint64_t bytes = vcpu->syndrome.insn.zva_bytes;

	vcpu->exit.reason = EXIT_MMIO_WRITE;
	mmio->plan.zero_block = true;
	mmio->plan.nr_accesses = (uint16_t)(bytes / access_width_bytes(ACCESS_QWORD));
	mmio->width = ACCESS_QWORD;
	mmio->far = align_down(trap_frame_read(&vcpu->frame, rt), bytes);
}

/* Does the plan reach the address that faulted, in the direction in which it did? */
static bool is_what_faulted(const struct vcpu *vcpu)
{
	const struct exit_mmio *mmio = &vcpu->exit.mmio;
	uint64_t bytes = (uint64_t)mmio->plan.nr_accesses * access_width_bytes(mmio->width);
	bool wrote = (vcpu->syndrome.esr & ESR_ELx_ABORT_WNR) != 0;

	return wrote == (vcpu->exit.reason == EXIT_MMIO_WRITE) && ((vcpu->syndrome.far - mmio->far) & VA_BITS) < bytes;
}

enum insn_plan_result insn_plan(struct vcpu *vcpu)
{
	const struct abort_insn *insn = &vcpu->syndrome.insn;
	struct insn_transfer transfer;

	if (insn->state == INSN_GONE)
		return INSN_PLAN_RETRY;
	if (insn->state != INSN_READ || (vcpu->frame.spsr & SPSR_M_AARCH32) != 0)
		return INSN_PLAN_REFUSED;
	switch (insn_decode(insn->word, &transfer)) {
	case INSN_TRANSFER: plan_transfer(vcpu, &transfer); break;
	case INSN_ZERO_BLOCK: plan_zero_block(vcpu, transfer.rt); break;
	case INSN_PREFETCH: return INSN_PLAN_SKIP;
	case INSN_OTHER: return INSN_PLAN_RETRY;
	case INSN_EXCLUSIVE:
	case INSN_ATOMIC:
	case INSN_STRUCTURE:
	case INSN_LITERAL:
	case INSN_UNPREDICTABLE:
	case INSN_UNALLOCATED:
	case INSN_NR_KINDS: return INSN_PLAN_REFUSED;
	}
	vcpu->exit.mmio.plan.from_insn = true;
	vcpu->exit.mmio.addr = vcpu->syndrome.ipa; /* of the one that faulted; kernel/mmio.c finds each */
	return is_what_faulted(vcpu) ? INSN_PLAN_READY : INSN_PLAN_RETRY;
}

/*
 * Loads and stores: what the decoder says of a word, encoded again by the tables' other direction, is that word; and
 * the plan that is made of it is one that kernel/mmio.c can carry out, at the address that faulted.
 */
#include <string.h>

#include "arch/arm64/regs/esr.h"
#include "tests/fuzz/fuzz.h"
#include "vcpu/insn_decode.h"
#include "vcpu/insn_plan.h"

static uint32_t bits(uint64_t value, unsigned int width, unsigned int at)
{
	return (uint32_t)((value & ((UINT64_C(1) << width) - 1)) << at);
}

static uint32_t common(const struct insn_transfer *t)
{
	return bits(t->vector, 1, 26) | bits(t->rn, 5, 5) | bits(t->rt, 5, 0);
}

/* [DDI0487 C4.1 "Load/store register pair"]: no-allocate and offset have the same meaning. */
static bool is_pair(uint32_t word, const struct insn_transfer *t)
{
	uint32_t index = t->index == INDEX_PRE ? 3 : t->index == INDEX_POST ? 1 : 2;
	uint32_t opc = t->vector ? (uint32_t)(t->size_log2 - 2) : t->sign_extend ? 1 : t->size_log2 == 3 ? 2 : 0;
	uint32_t rest = UINT32_C(0x28000000) | common(t) | bits(opc, 2, 30) | bits(t->load, 1, 22) |
			bits((uint64_t)(t->offset / (1 << t->size_log2)), 7, 15) | bits(t->rt2, 5, 10);

	return word == (rest | index << 23) || (t->index == INDEX_NONE && word == rest);
}

static uint32_t opc_of_one(const struct insn_transfer *t)
{
	if (t->vector)
		return (t->size_log2 == 4 ? 2U : 0U) | t->load;
	if (t->sign_extend)
		return t->to_x ? 2 : 3;
	return t->load;
}

/* [DDI0487 C4.1 "Load/store register"], all forms; unscaled and unsigned immediates may mean the same. */
static bool is_one(uint32_t word, const struct insn_transfer *t)
{
	uint32_t rest = UINT32_C(0x38000000) | common(t) | bits(t->size_log2 % 4, 2, 30) | bits(opc_of_one(t), 2, 22);
	uint32_t imm9 = bits((uint64_t)t->offset, 9, 12);

	if (t->offset_by_reg)
		return word == (rest | bits(1, 1, 21) | bits(t->rm, 5, 16) | bits(t->extend, 3, 13) |
				bits(t->shift != 0, 1, 12) | bits(2, 2, 10)) ||
		       (t->size_log2 == 0 && t->shift == 0 &&
			word == (rest | bits(1, 1, 21) | bits(t->rm, 5, 16) | bits(t->extend, 3, 13) | bits(6, 3, 10)));
	if (t->unprivileged)
		return word == (rest | imm9 | bits(2, 2, 10));
	if (t->index != INDEX_NONE)
		return word == (rest | imm9 | bits(t->index == INDEX_PRE ? 3 : 1, 2, 10));
	return word == (rest | imm9) ||
	       word == (rest | bits(1, 1, 24) | bits((uint64_t)t->offset >> t->size_log2, 12, 10));
}

static void check_transfer(uint32_t word, const struct insn_transfer *t)
{
	FUZZ_ASSERT(t->rt <= 31 && t->rt2 <= 31 && t->rn <= 31 && t->rm <= 31 && t->size_log2 <= (t->vector ? 4 : 3));
	FUZZ_ASSERT(!t->sign_extend || (t->load && !t->vector));
	FUZZ_ASSERT(t->vector || t->sign_extend || t->to_x == (t->size_log2 == 3));
	FUZZ_ASSERT(!t->offset_by_reg || (t->offset == 0 && t->index == INDEX_NONE && !t->pair));
	FUZZ_ASSERT(t->pair ? is_pair(word, t) : is_one(word, t));
	/* What the base would be, were it both written back and transferred, is UNPREDICTABLE. */
	FUZZ_ASSERT(t->vector || t->index == INDEX_NONE || t->rn == 31 || t->rt != t->rn);
	FUZZ_ASSERT(!(t->pair && t->load && t->rt == t->rt2));
}

static void check_plan(const struct vcpu *vcpu, const struct insn_transfer *t)
{
	const struct exit_mmio *mmio = &vcpu->exit.mmio;
	const struct mmio_plan *plan = &mmio->plan;
	uint64_t bytes = (uint64_t)plan->nr_accesses << mmio->width;

	FUZZ_ASSERT((vcpu->exit.reason == EXIT_MMIO_WRITE) == ((vcpu->syndrome.esr & ESR_ELx_ABORT_WNR) != 0));
	FUZZ_ASSERT(plan->from_insn && plan->next_access == 0);
	/* Tags aside, the address that faulted is one of the plan's. */
	FUZZ_ASSERT(((vcpu->syndrome.far - mmio->far) & GENMASK(54, 0)) < bytes);
	if (plan->zero_block) {
		FUZZ_ASSERT(bytes == vcpu->syndrome.insn.zva_bytes && mmio->far % bytes == 0 && !plan->writeback);
		return;
	}
	FUZZ_ASSERT(bytes == (UINT64_C(1) << t->size_log2) * (t->pair ? 2 : 1) && plan->nr_accesses <= 4);
	FUZZ_ASSERT(plan->writeback == (t->index != INDEX_NONE) && plan->to_vreg == t->vector);
	FUZZ_ASSERT(!plan->writeback || plan->base_value - (uint64_t)t->offset ==
						(t->rn == 31 ? vcpu->syndrome.insn.sp : vcpu->frame.x[t->rn]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	static struct vcpu vcpu;
	struct trap_frame before;
	struct insn_transfer t;
	uint32_t word = fuzz_u32(&input);
	uint8_t flags = fuzz_u8(&input);
	enum insn_kind kind = insn_decode(word, &t);

	FUZZ_ASSERT(kind < INSN_NR_KINDS && insn_kind_name(kind) != NULL);
	if (kind == INSN_TRANSFER)
		check_transfer(word, &t);
	memset(&vcpu, 0, sizeof(vcpu));
	vcpu.syndrome.insn.state = INSN_READ;
	vcpu.syndrome.insn.word = word;
	vcpu.syndrome.insn.zva_bytes = 4U << flags % 10;
	if ((flags & 0x80) != 0)
		vcpu.syndrome.esr = ESR_ELx_ABORT_WNR;
	/* Mostly where a base points, so that plans are made. */
	vcpu.syndrome.far = vcpu.syndrome.insn.sp = fuzz_u64(&input);
	for (unsigned int n = 0; n < 31; n++)
		vcpu.frame.x[n] = (flags & 0x40) != 0 ? fuzz_u64(&input) : vcpu.syndrome.far;
	vcpu.syndrome.far += fuzz_u8(&input);
	before = vcpu.frame;
	if (insn_plan(&vcpu) == INSN_PLAN_READY) {
		FUZZ_ASSERT(kind == INSN_TRANSFER || kind == INSN_ZERO_BLOCK);
		check_plan(&vcpu, &t);
	}
	FUZZ_ASSERT(memcmp(&before, &vcpu.frame, sizeof(before)) == 0);
	return 0;
}

/* The instruction of an abort: see insn_fetch.h. */
#include "kernel/insn_fetch.h"

#include "arch/arm64/cache.h"
#include "arch/arm64/el1_state.h"
#include "arch/arm64/guest.h"
#include "arch/arm64/guest_at.h"
#include "arch/arm64/regs/par.h"
#include "arch/arm64/regs/spsr.h"
#include "kernel/guest_mem.h"
#include "kernel/vm.h"
#include "lib/bits.h"

/* A32 and T32 are not decoded: nothing is read for them. A64 words are 4-aligned, so none crosses a page. */
void insn_fetch(struct vcpu *vcpu)
{
	const struct trap_frame *frame = &vcpu->frame;
	struct abort_insn *insn = &vcpu->syndrome.insn;
	uint64_t par, contiguous;
	const uint32_t *word;

	*insn = (struct abort_insn){ .state = INSN_NOT_READ };
	if ((frame->spsr & SPSR_M_AARCH32) != 0)
		return;
	/* It was fetched, so it may be read: as EL1, for whom no page is execute-only. */
	par = guest_at(frame->elr, false, false);
	if ((par & PAR_EL1_F) != 0) {
		insn->state = INSN_GONE;
		return;
	}
	word = guest_mem_at(vcpu->vm, ipa((par & PAR_EL1_PA) | (frame->elr & (PAGE_SIZE - sizeof(*word)))),
			    &contiguous);
	if (word == NULL || contiguous < sizeof(*word))
		return;
	/* A guest with its caches off wrote its code behind the lines that Corbel may hold of it. */
	cache_clean_invalidate_to_poc(word, sizeof(*word));
	insn->word = __atomic_load_n(word, __ATOMIC_RELAXED);
	insn->zva_bytes = arch_zva_bytes();
	insn->sp = (frame->spsr & SPSR_M) == SPSR_M_EL1H ? el1_sp_read() : frame->sp_el0;
	insn->state = INSN_READ;
}

/* Walks of a guest's tables: see guest_walk.h. */
#include "kernel/guest_walk.h"

#include "arch/arm64/cache.h"
#include "arch/arm64/el1_state.h"
#include "kernel/guest_mem.h"
#include "kernel/vm.h"
#include "vcpu/stage1_walk.h"

static bool read_descriptor(void *ctx, uint64_t address, uint64_t *descriptor)
{
	uint64_t contiguous;
	const uint64_t *at = guest_mem_at(ctx, ipa(address), &contiguous);

	if (at == NULL || contiguous < sizeof(*at))
		return false;
	/* The guest's walks may be non-cacheable, and its tables newer than the lines that Corbel holds of them. */
	cache_clean_invalidate_to_poc(at, sizeof(*at));
	*descriptor = __atomic_load_n(at, __ATOMIC_RELAXED);
	return true;
}

uint8_t guest_walk_level(const struct vcpu *vcpu, uint64_t va)
{
	struct stage1_tables tables;

	el1_tables_read(&tables.tcr_el1, &tables.ttbr0_el1, &tables.ttbr1_el1);
	return (uint8_t)stage1_walk_level(&tables, va, read_descriptor, vcpu->vm);
}

void guest_walk(const struct vm *vm, const struct stage1_tables *tables, uint64_t va, struct stage1_walk *walk)
{
	stage1_walk(tables, va, read_descriptor, (void *)vm, walk);
}

bool guest_walk_read_word(const struct vm *vm, ipa_t at, uint32_t *word)
{
	uint64_t contiguous;
	const uint32_t *virt = guest_mem_at(vm, at, &contiguous);

	if (virt == NULL || contiguous < sizeof(*virt))
		return false;
	cache_clean_invalidate_to_poc(virt, sizeof(*virt));
	*word = __atomic_load_n(virt, __ATOMIC_RELAXED);
	return true;
}

/* Walks of a guest's tables: see guest_walk.h. */
#include "kernel/guest_walk.h"

#include "arch/arm64/cache.h"
#include "arch/arm64/el1_state.h"
#include "kernel/guest_mem.h"
#include "kernel/vm.h"
#include "vcpu/stage1_walk.h"

static bool read_descriptor(void *ctx, uint64_t address, uint64_t *descriptor)
{
	const struct vcpu *vcpu = ctx;
	uint64_t contiguous;
	const uint64_t *at = guest_mem_at(vcpu->vm, ipa(address), &contiguous);

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
	return (uint8_t)stage1_walk_level(&tables, va, read_descriptor, (void *)vcpu);
}

/* A VM's RAM: see vm_ram.h. */
#include "kernel/vm_ram.h"

#include "arch/arm64/cache.h"
#include "arch/arm64/guest.h"
#include "kernel/guest_mem.h"
#include "kernel/palloc.h"
#include "kernel/vm.h"
#include "lib/bits.h"

/* Zeroed and cleaned in one step. */
#define SCRUB_STEP_BYTES (UINT64_C(8) * 1024)

/* Mapped or unmapped in one step: a few entries of the level that chunks of this size are mapped with. */
static uint64_t map_step_bytes(const struct vm_chunk *chunk)
{
	if (chunk->size_bytes >= SZ_1G)
		return SZ_1G;
	return min_u64(chunk->size_bytes, chunk->size_bytes >= SZ_2M ? 4 * SZ_2M : 8 * PAGE_SIZE);
}

/* The largest chunk that is still to be had, at most 2^order pages. */
static enum hv_err take_chunk(struct vm *vm, unsigned int order)
{
	struct vm_chunk *chunk = &vm->chunks[vm->nr_chunks];
	pa_t base = pa(vm->map->ram_base.raw);

	if (vm->nr_chunks == VM_MAX_CHUNKS)
		return HV_ENOMEM;
	/* With IPA = PA it was taken when the VM was created, whole. */
	while (!vm->config->direct_map && palloc_alloc(order, &base) != HV_OK) {
		if (order == 0)
			return HV_ENOMEM;
		order--;
	}
	chunk->ipa = ipa(vm->map->ram_base.raw + vm->ram_bytes);
	chunk->pa = base;
	chunk->size_bytes = PAGE_SIZE << order;
	vm->nr_chunks++;
	vm->ram_bytes += chunk->size_bytes;
	return HV_OK;
}

/*
 * Chunks come in falling orders, so that each one's IPA is aligned to its size as its PA is: RAM base is 1 GiB-aligned.
 * One that came out smaller than wanted keeps the rule, since no later one is larger.
 */
static unsigned int next_order(const struct vm *vm)
{
	uint64_t most = vm->config->memory_bytes - vm->ram_bytes;
	unsigned int order = PALLOC_MAX_ORDER;

	if (vm->nr_chunks != 0)
		most = min_u64(most, vm->chunks[vm->nr_chunks - 1].size_bytes);
	while ((PAGE_SIZE << order) > most)
		order--;
	return order;
}

/* The next part of the last chunk becomes the guest's. */
static enum hv_err map_step(struct vm *vm)
{
	const struct vm_chunk *chunk = &vm->chunks[vm->nr_chunks - 1];
	uint64_t offset = vm->mapped_bytes - (vm->ram_bytes - chunk->size_bytes), bytes = map_step_bytes(chunk);
	enum hv_err err;

	spin_lock(&vm->lock);
	err = stage2_map(&vm->stage2, ipa(chunk->ipa.raw + offset), pa(chunk->pa.raw + offset), bytes,
			 STAGE2_R | STAGE2_W | STAGE2_X, STAGE2_NORMAL);
	spin_unlock(&vm->lock);
	if (err != HV_OK)
		return err;
	vm->mapped_bytes += bytes;
	return HV_EBUSY;
}

enum hv_err vm_ram_take_step(struct vm *vm)
{
	enum hv_err err;

	if (vm->mapped_bytes < vm->ram_bytes)
		return map_step(vm);
	if (vm->ram_bytes == vm->config->memory_bytes)
		return HV_OK;
	err = take_chunk(vm, next_order(vm));
	return err == HV_OK ? HV_EBUSY : err;
}

/* Zeroes reach memory itself: the next owner may read with its caches off. */
static void scrub_step(struct vm *vm)
{
	uint64_t contiguous;
	void *at = guest_mem_at(vm, ipa(vm->map->ram_base.raw + vm->scrubbed_bytes), &contiguous);
	uint64_t bytes = min_u64(SCRUB_STEP_BYTES, contiguous);

	arch_zero(at, bytes);
	cache_clean_invalidate_to_poc(at, bytes);
	vm->scrubbed_bytes += bytes;
}

/* The last part of the last chunk is the guest's no more. No split is needed, so it cannot fail. */
static void unmap_step(struct vm *vm)
{
	uint64_t bytes = map_step_bytes(&vm->chunks[vm->nr_chunks - 1]);

	vm->mapped_bytes -= bytes;
	spin_lock(&vm->lock);
	(void)stage2_unmap(&vm->stage2, ipa(vm->map->ram_base.raw + vm->mapped_bytes), bytes);
	spin_unlock(&vm->lock);
}

static void free_chunk(struct vm *vm)
{
	const struct vm_chunk *chunk = &vm->chunks[--vm->nr_chunks];

	vm->ram_bytes -= chunk->size_bytes;
	if (!vm->config->direct_map)
		palloc_free(chunk->pa, palloc_order_for(chunk->size_bytes));
}

bool vm_ram_release_step(struct vm *vm)
{
	if (vm->nr_chunks == 0) {
		vm->scrubbed_bytes = 0;
		return false;
	}
	if (vm->scrubbed_bytes < vm->ram_bytes)
		scrub_step(vm);
	else if (vm->mapped_bytes > vm->ram_bytes - vm->chunks[vm->nr_chunks - 1].size_bytes)
		unmap_step(vm);
	else
		free_chunk(vm);
	return true;
}

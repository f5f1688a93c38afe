/* Guest memory: see guest_mem.h. */
#include "kernel/guest_mem.h"

#include "arch/arm64/cache.h"
#include "arch/arm64/guest.h"
#include "kernel/palloc.h"
#include "kernel/vm.h"
#include "lib/bits.h"

void *guest_mem_at(const struct vm *vm, ipa_t address, uint64_t *contiguous_bytes)
{
	for (unsigned int n = 0; n < vm->nr_chunks; n++) {
		const struct vm_chunk *chunk = &vm->chunks[n];
		uint64_t offset = address.raw - chunk->ipa.raw;

		if (address.raw >= chunk->ipa.raw && offset < chunk->size_bytes) {
			*contiguous_bytes = chunk->size_bytes - offset;
			return phys_to_virt(pa(chunk->pa.raw + offset));
		}
	}
	return NULL;
}

enum hv_err guest_mem_write(const struct vm *vm, ipa_t to, const void *from, uint64_t bytes)
{
	const uint8_t *at = from;

	while (bytes != 0) {
		uint64_t contiguous;
		void *virt = guest_mem_at(vm, to, &contiguous);
		uint64_t part = min_u64(bytes, contiguous);

		if (virt == NULL)
			return HV_ERANGE;
		arch_copy(virt, at, part);
		cache_clean_invalidate_to_poc(virt, part);
		at += part;
		to.raw += part;
		bytes -= part;
	}
	return HV_OK;
}

enum hv_err guest_mem_read(const struct vm *vm, ipa_t from, void *to, uint64_t bytes)
{
	uint8_t *at = to;

	while (bytes != 0) {
		uint64_t contiguous;
		const void *virt = guest_mem_at(vm, from, &contiguous);
		uint64_t part = min_u64(bytes, contiguous);

		if (virt == NULL)
			return HV_ERANGE;
		arch_copy(at, virt, part);
		at += part;
		from.raw += part;
		bytes -= part;
	}
	return HV_OK;
}

/* Loading: see vm_load.h. */
#include "kernel/vm_load.h"

#include "arch/arm64/cache.h"
#include "kernel/entropy.h"
#include "kernel/guest_fdt.h"
#include "kernel/guest_mem.h"
#include "kernel/vm.h"
#include "lib/bits.h"
#include "lib/log.h"

/* Copied and cleaned per slice: about 60,000 instructions. */
#define LOAD_SLICE_BYTES (256 * 1024)

enum load_step { LOAD_KERNEL, LOAD_RAMDISK, LOAD_FDT };

_Static_assert((PAGE_SIZE << VM_FDT_ORDER) == 2 * GUEST_FDT_MAX_BYTES, "tree and scratch");

void vm_load_begin(struct vm *vm)
{
	vm->load_step = LOAD_KERNEL;
	vm->load_offset = 0;
}

/* One slice of an image; moves on to the next step behind its end. */
static enum vm_load_result load_image(struct vm *vm, const struct bundle_blob *image, ipa_t to)
{
	uint64_t bytes = min_u64(LOAD_SLICE_BYTES, image->size_bytes - vm->load_offset);

	if (guest_mem_write(vm, ipa(to.raw + vm->load_offset), image->data + vm->load_offset, bytes) != HV_OK)
		return VM_LOAD_FAILED;
	vm->load_offset += bytes;
	if (vm->load_offset == image->size_bytes) {
		vm->load_step++;
		vm->load_offset = 0;
	}
	return VM_LOAD_MORE;
}

static enum vm_load_result load_fdt(struct vm *vm)
{
	struct guest_fdt_facts facts = {
		.initrd_base = vm->layout.initrd,
		.initrd_bytes = vm->layout.initrd_bytes,
	};
	uint64_t mpidrs[MAX_VCPUS_PER_VM];
	char message[160];
	enum hv_err err;
	uint8_t *tree = vm->fdt_buffer;

	for (unsigned int n = 0; n < vm->nr_vcpus; n++)
		mpidrs[n] = vm->vcpus[n]->mpidr;
	facts.mpidrs = mpidrs;
	entropy_get(facts.rng_seed, sizeof(facts.rng_seed));
	entropy_get(&facts.kaslr_seed, sizeof(facts.kaslr_seed));
	err = guest_fdt_build(vm->config, vm->map, &facts, tree, tree + GUEST_FDT_MAX_BYTES, GUEST_FDT_MAX_BYTES,
			      message);
	if (err == HV_OK)
		err = guest_mem_write(vm, vm->layout.dtb, tree, GUEST_FDT_MAX_BYTES);
	else
		log_error("vm", "vm \"%s\" does not start: fdt: %s", vm->config->name, message);
	/* Code was written: a vCPU that enters with its I-cache on must not see what was there before. */
	cache_invalidate_instructions();
	return err == HV_OK ? VM_LOAD_DONE : VM_LOAD_FAILED;
}

enum vm_load_result vm_load_slice(struct vm *vm)
{
	switch ((enum load_step)vm->load_step) {
	case LOAD_KERNEL: return load_image(vm, &vm->config->kernel, vm->config->kernel_load);
	case LOAD_RAMDISK:
		if (vm->config->ramdisk.size_bytes != 0)
			return load_image(vm, &vm->config->ramdisk, vm->layout.initrd);
		vm->load_step = LOAD_FDT;
		return VM_LOAD_MORE;
	case LOAD_FDT: break;
	}
	return load_fdt(vm);
}

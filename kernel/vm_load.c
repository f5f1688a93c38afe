/* Loading: see vm_load.h. */
#include "kernel/vm_load.h"

#include "arch/arm64/cache.h"
#include "kernel/entropy.h"
#include "kernel/guest_fdt.h"
#include "kernel/guest_mem.h"
#include "kernel/host_devices.h"
#include "kernel/ram_clean.h"
#include "kernel/vm.h"
#include "kernel/vm_ram.h"
#include "lib/bits.h"
#include "lib/log.h"

/* Copied and cleaned in one step. */
#define COPY_STEP_BYTES (UINT64_C(4) * 1024)

enum stage_result { STAGE_MORE, STAGE_DONE, STAGE_FAILED };

static enum stage_result take_ram(struct vm *vm)
{
	enum hv_err err = vm_ram_take_step(vm);

	if (err == HV_OK || err == HV_EBUSY)
		return err == HV_OK ? STAGE_DONE : STAGE_MORE;
	log_error("vm", "vm \"%s\" does not start: not enough memory is left, its tables included", vm->config->name);
	return STAGE_FAILED;
}

static enum stage_result copy_step(struct vm *vm, const void *from, uint64_t size_bytes, ipa_t to)
{
	const uint8_t *at = (const uint8_t *)from + vm->load_offset;
	uint64_t bytes = min_u64(COPY_STEP_BYTES, size_bytes - vm->load_offset);

	if (guest_mem_write(vm, ipa(to.raw + vm->load_offset), at, bytes) != HV_OK)
		return STAGE_FAILED;
	vm->load_offset += bytes;
	return vm->load_offset == size_bytes ? STAGE_DONE : STAGE_MORE;
}

static enum stage_result copy_kernel(struct vm *vm)
{
	const struct bundle_blob *kernel = &vm->config->kernel;

	return copy_step(vm, kernel->data, kernel->size_bytes, vm->config->kernel_load);
}

static enum stage_result copy_ramdisk(struct vm *vm)
{
	const struct bundle_blob *ramdisk = &vm->config->ramdisk;

	if (ramdisk->size_bytes == 0)
		return STAGE_DONE;
	return copy_step(vm, ramdisk->data, ramdisk->size_bytes, vm->layout.initrd);
}

/* Each start has seeds of its own, but where the bundle's overlay or tree has set them. */
static enum stage_result renew_rng_seed(struct vm *vm)
{
	if (vm->fdt_seeds.rng_offset != 0)
		entropy_get((uint8_t *)vm->fdt + vm->fdt_seeds.rng_offset, GUEST_FDT_RNG_SEED_BYTES);
	return STAGE_DONE;
}

static enum stage_result renew_kaslr_seed(struct vm *vm)
{
	if (vm->fdt_seeds.kaslr_offset != 0)
		entropy_get((uint8_t *)vm->fdt + vm->fdt_seeds.kaslr_offset, sizeof(uint64_t));
	return STAGE_DONE;
}

static enum stage_result copy_fdt(struct vm *vm)
{
	return copy_step(vm, vm->fdt, GUEST_FDT_MAX_BYTES, vm->layout.dtb);
}

static enum stage_result reset_interrupts(struct vm *vm)
{
	if (vdev_reset_vgic_step(vm, (unsigned int)vm->load_offset++))
		return STAGE_MORE;
	host_devices_start(vm);
	/* Code was written: a vCPU that enters with its I-cache on must not see what was there before. */
	cache_invalidate_instructions();
	return STAGE_DONE;
}

static enum stage_result tell_running(struct vm *vm)
{
	const struct vm_config *config = vm->config;

	log_debug("vm", "%s: kernel at %lx, entry %lx, device tree at %lx, ramdisk at %lx", config->name,
		  (unsigned long)config->kernel_load.raw, (unsigned long)config->kernel_entry.raw,
		  (unsigned long)vm->layout.dtb.raw, (unsigned long)vm->layout.initrd.raw);
	log_words(LOG_INFO, "vm", config->name, ": running, ", vm->size_text, NULL);
	return STAGE_DONE;
}

static enum stage_result (*const stages[])(struct vm *vm) = {
	take_ram, copy_kernel, copy_ramdisk, renew_rng_seed, renew_kaslr_seed, copy_fdt, reset_interrupts, tell_running,
};

void vm_load_begin(struct vm *vm)
{
	vm->load_stage = 0;
	vm->load_offset = 0;
	ram_clean_forget(vm);
}

enum vm_load_result vm_load_step(struct vm *vm)
{
	if (vm->load_stage == ARRAY_SIZE(stages))
		return VM_LOAD_DONE;
	switch (stages[vm->load_stage](vm)) {
	case STAGE_MORE: return VM_LOAD_MORE;
	case STAGE_FAILED: return VM_LOAD_FAILED;
	case STAGE_DONE: break;
	}
	vm->load_stage++;
	vm->load_offset = 0;
	return VM_LOAD_MORE;
}

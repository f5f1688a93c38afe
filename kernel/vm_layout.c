#include "kernel/vm_layout.h"

#include <stdio.h>
#include <string.h>

#include "lib/bits.h"

/* The kernel and its initrd lie in one window of 32 GiB that starts at a multiple of 1 GiB. [Linux booting.rst] */
#define KERNEL_WINDOW_BYTES (32 * SZ_1G)

#define MIB(bytes) ((unsigned long)((bytes) >> 20))

static enum hv_err fail(const char **property, const char *name)
{
	*property = name;
	return HV_ERANGE;
}

/* The ramdisk against `top`, the DTB's slot right below it. Returns false when they would reach below ram_base. */
static bool place_top_down(const struct vm_config *config, uint64_t ram_base, uint64_t top, struct vm_layout *layout)
{
	uint64_t room = align_down(top - ram_base, SZ_2M);

	layout->initrd_bytes = config->ramdisk.size_bytes;
	if (layout->initrd_bytes > room)
		return false;
	room = align_down(room - layout->initrd_bytes, SZ_2M);
	layout->initrd = ipa(layout->initrd_bytes != 0 ? ram_base + room : 0);
	if (room < VM_LAYOUT_DTB_SLOT_BYTES)
		return false;
	layout->dtb = ipa(ram_base + room - VM_LAYOUT_DTB_SLOT_BYTES);
	return true;
}

enum hv_err vm_layout_plan(const struct vm_config *config, ipa_t ram_base, struct vm_layout *layout,
			   const char **property, char message[VM_LAYOUT_MESSAGE_MAX])
{
	uint64_t memory = config->memory_bytes, top;

	memset(layout, 0, sizeof(*layout));
	layout->kernel = config->kernel_load;
	layout->kernel_bytes = max_u64(config->kernel_bytes, config->kernel.size_bytes);
	if (!range_is_sane(ram_base.raw, memory) || !range_is_sane(layout->kernel.raw, layout->kernel_bytes) ||
	    !range_contains(ram_base.raw, memory, layout->kernel.raw, layout->kernel_bytes)) {
		snprintf(message, VM_LAYOUT_MESSAGE_MAX,
			 "%lu KiB at 0x%lx do not lie in the guest's RAM of %lu MiB at 0x%lx",
			 (unsigned long)(layout->kernel_bytes >> 10), (unsigned long)layout->kernel.raw, MIB(memory),
			 (unsigned long)ram_base.raw);
		return fail(property, "kernel");
	}
	top = min_u64(ram_base.raw + memory, align_down(layout->kernel.raw, SZ_1G) + KERNEL_WINDOW_BYTES);
	if (!place_top_down(config, ram_base.raw, top, layout)) {
		snprintf(message, VM_LAYOUT_MESSAGE_MAX,
			 "%lu KiB and 2 MiB for the device tree do not fit the guest's RAM of %lu MiB",
			 (unsigned long)(config->ramdisk.size_bytes >> 10), MIB(memory));
		return fail(property, config->ramdisk.size_bytes != 0 ? "ramdisk" : "corbel,memory-mib");
	}
	/* Everything from the DTB's slot to `top` is taken; a kernel above it would need RAM beyond 32 GiB. */
	if (ranges_overlap(layout->kernel.raw, layout->kernel_bytes, layout->dtb.raw,
			   ram_base.raw + memory - layout->dtb.raw)) {
		snprintf(message, VM_LAYOUT_MESSAGE_MAX,
			 "%lu KiB at 0x%lx reach into the device tree and ramdisk, from 0x%lx on in %lu MiB of RAM",
			 (unsigned long)(layout->kernel_bytes >> 10), (unsigned long)layout->kernel.raw,
			 (unsigned long)layout->dtb.raw, MIB(memory));
		return fail(property, "kernel");
	}
	return HV_OK;
}

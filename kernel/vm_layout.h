/*
 * Where a VM's kernel, ramdisk and device tree lie in its RAM. Pure. The one place that knows: the bundle's parser
 * refuses by it what does not fit, and the loader copies by it.
 *
 *   ram_base                                                            top
 *   | text_offset | kernel, image_size |  ...  | DTB slot, 2 MiB | ramdisk |
 */
#ifndef KERNEL_VM_LAYOUT_H
#define KERNEL_VM_LAYOUT_H

#include <stdint.h>

#include "kernel/bundle.h"
#include "lib/err.h"
#include "lib/types.h"

#define VM_LAYOUT_DTB_SLOT_BYTES SZ_2M
#define VM_LAYOUT_MESSAGE_MAX	 128

struct vm_layout {
	ipa_t kernel;
	uint64_t kernel_bytes; /* kept free from `kernel` on; the image itself may be smaller */
	ipa_t dtb;	       /* 2 MiB-aligned; VM_LAYOUT_DTB_SLOT_BYTES are kept for it */
	ipa_t initrd;
	uint64_t initrd_bytes; /* 0: no ramdisk */
};

/*
 * Lays out config's images in its memory_bytes of RAM at ram_base (2 MiB-aligned). HV_ERANGE when something does not
 * fit or overlaps: *property names what is to blame, as the bundle spells it, and message says why in one sentence.
 */
enum hv_err vm_layout_plan(const struct vm_config *config, ipa_t ram_base, struct vm_layout *layout,
			   const char **property, char message[VM_LAYOUT_MESSAGE_MAX]);

#endif

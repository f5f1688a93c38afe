/* What becomes of the `fdt` image of a VM; guest_fdt.c's own business. Pure. */
#ifndef KERNEL_GUEST_FDT_IMAGE_H
#define KERNEL_GUEST_FDT_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "kernel/guest_fdt.h"

/* True for an overlay: some child of the root has a child __overlay__ (what dtc makes of a source with /plugin/). */
bool guest_fdt_is_overlay(const void *fdt);

/*
 * Checks what libfdt trusts: the places named by __fixups__ and __local_fixups__, and target paths. fdt_blob_fault()
 * must have passed it. Returns what is wrong, as a clause, or NULL.
 */
const char *guest_fdt_overlay_fault(const void *overlay);

/* Makes the whole tree in `image` the guest's, in buffer. Returns zero or libfdt's error. */
int guest_fdt_adopt(const struct vm_config *config, const struct guest_map *map, const struct guest_fdt_facts *facts,
		    void *buffer, const void *image, size_t size_bytes);

#endif

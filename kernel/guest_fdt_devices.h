/* The part of a guest's tree that shows host devices (kernel/passthrough.h): guest_fdt.c writes it. Pure. */
#ifndef KERNEL_GUEST_FDT_DEVICES_H
#define KERNEL_GUEST_FDT_DEVICES_H

#include <stdint.h>

#include "kernel/passthrough.h"

/*
 * Writes each device into the tree that is being written (libfdt's sequential write; the root is open): a bus of its
 * own, `host@ADDRESS`, with dma-ranges where the host's bus has them, and in it the host's node with its properties.
 * What refers to other nodes of the host is left out, but for the interrupts, whose controller is the guest's GIC, and
 * for clocks: each becomes a fixed one where its rate is known (platform/clocks.h). Subnodes are left out. Phandles
 * from first_phandle on are free. Returns a libfdt error, 0 for none.
 */
int guest_fdt_put_devices(void *fdt, const void *host_fdt, const struct passthrough *plan, uint32_t gic_phandle,
			  uint32_t first_phandle);

#endif

/* The part of a guest's tree that shows its power key (kernel/vdev_power_key.h): guest_fdt.c writes it. Pure. */
#ifndef KERNEL_GUEST_FDT_POWER_KEY_H
#define KERNEL_GUEST_FDT_POWER_KEY_H

#include <stdint.h>

#include "kernel/guest_map.h"

/*
 * Writes the PL061, with this phandle, and gpio-keys, as QEMU's virt has them, into the tree that is being written
 * (libfdt's sequential write; the root is open). Returns a libfdt error, 0 for none.
 */
int guest_fdt_put_power_key(void *fdt, const struct guest_map *map, uint32_t clock_phandle, uint32_t phandle);

#endif

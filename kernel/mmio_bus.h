/*
 * A VM's MMIO bus: which device model answers an IPA. Built while the VM is built, then frozen: lookups take no lock.
 */
#ifndef KERNEL_MMIO_BUS_H
#define KERNEL_MMIO_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/types.h"
#include "vcpu/mmio.h"

struct mmio_region {
	ipa_t base;
	uint64_t size_bytes;
	const struct mmio_ops *ops;
	void *ctx;
	const char *name;
};

#define MMIO_MAX_REGIONS 48
#define MMIO_NR_HINTS	 512

struct mmio_bus {
	struct mmio_region regions[MMIO_MAX_REGIONS + 1]; /* sorted by base, disjoint; the last is always empty */
	unsigned int nr_regions;
	bool frozen;
	/* Made by the freeze, by bits 24:16 of an address: the last region that has such a one, or the empty one. */
	uint8_t hints[MMIO_NR_HINTS];
};

/* Adds a region: HV_EEXIST when it overlaps one, HV_ENOMEM when full, HV_EINVAL when empty, wrapping or frozen. */
enum hv_err mmio_bus_add(struct mmio_bus *bus, const struct mmio_region *region);
void mmio_bus_freeze(struct mmio_bus *bus);
/* The region in which the whole access lies, or NULL. Lock-free; only after the freeze. */
const struct mmio_region *mmio_bus_find(const struct mmio_bus *bus, ipa_t address, unsigned int width_bytes);

#endif

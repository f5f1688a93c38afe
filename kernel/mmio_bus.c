/* A VM's MMIO bus: a table sorted by base, searched by halves where an index by address does not find the region. */
#include "kernel/mmio_bus.h"

#include <stddef.h>
#include <string.h>

#include "lib/assert.h"
#include "lib/bits.h"

/* The number of regions whose base is at or below an IPA: the last of them is the only one that can hold it. */
static unsigned int count_at_or_below(const struct mmio_bus *bus, uint64_t address)
{
	unsigned int low = 0, high = bus->nr_regions;

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (bus->regions[middle].base.raw <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool overlaps(const struct mmio_region *a, const struct mmio_region *b)
{
	return ranges_overlap(a->base.raw, a->size_bytes, b->base.raw, b->size_bytes);
}

/* Kept sorted from the first region on, so a clash is told at the region that makes it. */
enum hv_err mmio_bus_add(struct mmio_bus *bus, const struct mmio_region *region)
{
	unsigned int place;

	if (bus->frozen || !range_is_sane(region->base.raw, region->size_bytes))
		return HV_EINVAL;
	place = count_at_or_below(bus, region->base.raw);
	/* Those that are there are disjoint: only the two neighbours can overlap it. */
	if (place > 0 && overlaps(&bus->regions[place - 1], region))
		return HV_EEXIST;
	if (place < bus->nr_regions && overlaps(&bus->regions[place], region))
		return HV_EEXIST;
	if (bus->nr_regions == MMIO_MAX_REGIONS)
		return HV_ENOMEM;
	for (unsigned int i = bus->nr_regions++; i > place; i--)
		bus->regions[i] = bus->regions[i - 1];
	bus->regions[place] = *region;
	return HV_OK;
}

#define HINT_BYTES 0x10000U

static unsigned int hint_of(uint64_t address)
{
	return (unsigned int)(address / HINT_BYTES % MMIO_NR_HINTS);
}

void mmio_bus_freeze(struct mmio_bus *bus)
{
	memset(bus->hints, MMIO_MAX_REGIONS, sizeof(bus->hints));
	for (unsigned int i = 0; i < bus->nr_regions; i++) {
		uint64_t first = bus->regions[i].base.raw / HINT_BYTES;
		uint64_t last = (bus->regions[i].base.raw + bus->regions[i].size_bytes - 1) / HINT_BYTES;

		for (unsigned int n = 0; n < MMIO_NR_HINTS && first + n <= last; n++)
			bus->hints[(first + n) % MMIO_NR_HINTS] = (uint8_t)i;
	}
	bus->frozen = true;
}

/* For several regions that share a hint. */
static __attribute__((noinline)) const struct mmio_region *search(const struct mmio_bus *bus, uint64_t address,
								  unsigned int width_bytes)
{
	unsigned int below = count_at_or_below(bus, address);
	const struct mmio_region *region = below != 0 ? &bus->regions[below - 1] : NULL;

	if (region == NULL || !range_contains(region->base.raw, region->size_bytes, address, width_bytes))
		return NULL;
	return region;
}

const struct mmio_region *mmio_bus_find(const struct mmio_bus *bus, ipa_t address, unsigned int width_bytes)
{
	unsigned int hint = bus->hints[hint_of(address.raw)];
	const struct mmio_region *region = &bus->regions[hint];

	ASSERT(bus->frozen);
	if (range_contains(region->base.raw, region->size_bytes, address.raw, width_bytes))
		return region;
	return hint == MMIO_MAX_REGIONS ? NULL : search(bus, address.raw, width_bytes);
}

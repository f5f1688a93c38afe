/* A VM's MMIO bus: a table sorted by base, searched by halves. */
#include "kernel/mmio_bus.h"

#include <stddef.h>

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

void mmio_bus_freeze(struct mmio_bus *bus)
{
	bus->frozen = true;
}

const struct mmio_region *mmio_bus_find(const struct mmio_bus *bus, ipa_t address, unsigned int width_bytes)
{
	unsigned int below = count_at_or_below(bus, address.raw);
	const struct mmio_region *region = below ? &bus->regions[below - 1] : NULL;

	ASSERT(bus->frozen);
	if (!region || !range_contains(region->base.raw, region->size_bytes, address.raw, width_bytes))
		return NULL;
	return region;
}

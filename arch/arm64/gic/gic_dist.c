#include "arch/arm64/gic/gic_dist.h"

#include "arch/arm64/mmio.h"
#include "lib/spinlock.h"

#define ALL_BITS UINT32_MAX

static struct spinlock gic_lock = SPINLOCK_INIT(LOCK_GIC);

uint32_t gic_dist_nr_intids(pa_t gicd)
{
	uint32_t lines = 32 * ((uint32_t)FIELD_GET(GICD_TYPER_ITLINES, mmio_read32(gicd, GICD_TYPER)) + 1);

	return lines > 1020 ? 1020 : lines; /* 1020-1023 are special */
}

void gic_frame_reset(pa_t frame, uint32_t first, uint32_t end, uint32_t group)
{
	for (uint32_t intid = first; intid < end; intid += 32) {
		uint64_t word = intid / 32 * 4;

		mmio_write32(frame, GICD_ICENABLER + word, ALL_BITS);
		mmio_write32(frame, GICD_ICPENDR + word, ALL_BITS);
		mmio_write32(frame, GICD_ICACTIVER + word, ALL_BITS);
		mmio_write32(frame, GICD_IGROUPR + word, group);
	}
	for (uint32_t intid = first; intid < end; intid += 4)
		mmio_write32(frame, GICD_IPRIORITYR + intid, GIC_PRIORITY_X4);
	/* SGIs are edge-triggered by nature, and a PPI's kind is the machine's: only SPIs are set. */
	for (uint32_t intid = first < GIC_NR_PRIVATE ? GIC_NR_PRIVATE : first; intid < end; intid += 16)
		mmio_write32(frame, GICD_ICFGR + intid / 16 * 4, 0);
}

void gic_frame_set_bit(pa_t frame, uint64_t reg, uint32_t intid)
{
	mmio_write32(frame, reg + intid / 32 * 4, UINT32_C(1) << (intid % 32));
}

bool gic_frame_get_bit(pa_t frame, uint64_t reg, uint32_t intid)
{
	return (mmio_read32(frame, reg + intid / 32 * 4) >> (intid % 32) & 1) != 0;
}

void gic_frame_set_edge(pa_t frame, uint32_t intid, bool edge)
{
	uint64_t reg = GICD_ICFGR + intid / 16 * 4;
	uint32_t bit = UINT32_C(2) << (2 * (intid % 16));

	spin_lock(&gic_lock);
	uint32_t value = mmio_read32(frame, reg) & ~bit;

	mmio_write32(frame, reg, edge ? value | bit : value);
	spin_unlock(&gic_lock);
}

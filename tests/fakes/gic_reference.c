/* See gic_reference.h. */
#include "tests/fakes/gic_reference.h"

#include <string.h>

struct ref_irq *ref_irq(struct ref_gic *gic, unsigned int cpu, unsigned int intid)
{
	return intid < 32 ? &gic->private[cpu][intid] : &gic->spi[intid - 32];
}

static bool has_sources(const struct ref_gic *gic, unsigned int intid)
{
	return gic->version == 2 && intid < 16;
}

static void reset_irq(const struct ref_gic *gic, struct ref_irq *irq, unsigned int intid)
{
	bool line = irq->line;

	memset(irq, 0, sizeof(*irq));
	irq->line = line; /* an input */
	irq->edge = intid < 16;
	irq->enabled = has_sources(gic, intid); /* choice: GICv2's SGIs cannot be disabled [IHI0048 4.3.5] */
	irq->active_on = REF_NOBODY;
}

void ref_init(struct ref_gic *gic, unsigned int version, unsigned int nr_cpus)
{
	memset(gic, 0, sizeof(*gic));
	gic->version = version;
	gic->nr_cpus = nr_cpus;
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
		gic->asleep[cpu] = true;
		for (unsigned int intid = 0; intid < 32; intid++)
			reset_irq(gic, &gic->private[cpu][intid], intid);
	}
	for (unsigned int intid = 32; intid < REF_NR_INTIDS; intid++)
		reset_irq(gic, &gic->spi[intid - 32], intid);
}

void ref_cpu_off(struct ref_gic *gic, unsigned int cpu)
{
	for (unsigned int intid = 0; intid < 32; intid++)
		reset_irq(gic, &gic->private[cpu][intid], intid);
	for (unsigned int intid = 32; intid < REF_NR_INTIDS; intid++)
		if (gic->spi[intid - 32].active && gic->spi[intid - 32].active_on == cpu)
			ref_deactivate(gic, cpu, intid);
	gic->off[cpu] = gic->asleep[cpu] = true;
}

/* --- states [IHI0048 3.2.4] [IHI0069 4.1.2] --- */

static bool is_pending(const struct ref_irq *irq)
{
	return irq->latch || irq->sources != 0 || (irq->line && !irq->edge);
}

/* Choice: of the CPUs that GICD_ITARGETSR names, the lowest gets it [IHI0048 3.2.3, 1-N model]. */
static unsigned int target_of(const struct ref_gic *gic, const struct ref_irq *irq)
{
	for (unsigned int cpu = 0; cpu < gic->nr_cpus; cpu++) {
		if (gic->version == 2 && (gic->nr_cpus == 1 || (irq->targets >> cpu & 1) != 0))
			return cpu;
		if (gic->version == 3 && irq->router == cpu)
			return cpu;
	}
	return REF_NOBODY;
}

bool ref_is_deliverable(struct ref_gic *gic, unsigned int cpu, unsigned int intid)
{
	const struct ref_irq *irq = ref_irq(gic, cpu, intid);

	return is_pending(irq) && !irq->active && irq->enabled && (gic->ctlr >> irq->group & 1) != 0 &&
	       (intid < 32 || target_of(gic, irq) == cpu);
}

void ref_acknowledge(struct ref_gic *gic, unsigned int cpu, unsigned int intid, unsigned int source)
{
	struct ref_irq *irq = ref_irq(gic, cpu, intid);

	irq->latch = false;
	if (has_sources(gic, intid))
		irq->sources &= ~(1U << source);
	irq->active = true;
	irq->forced = false;
	irq->active_on = cpu;
}

void ref_deactivate(struct ref_gic *gic, unsigned int cpu, unsigned int intid)
{
	struct ref_irq *irq = ref_irq(gic, cpu, intid);

	irq->active = irq->forced = false;
	irq->active_on = REF_NOBODY;
}

void ref_line(struct ref_gic *gic, unsigned int cpu, unsigned int intid, bool level)
{
	struct ref_irq *irq = ref_irq(gic, cpu, intid);

	if (level && !irq->line && irq->edge)
		irq->latch = true;
	irq->line = level;
}

void ref_sgi(struct ref_gic *gic, unsigned int source, unsigned int cpu, unsigned int intid)
{
	struct ref_irq *irq = ref_irq(gic, cpu, intid);

	if (gic->off[cpu])
		return; /* choice: lost, as where the redistributor has no power */
	if (has_sources(gic, intid))
		irq->sources |= 1U << source;
	else
		irq->latch = true;
}

/* --- registers with a field for each INTID --- */

enum array {
	NONE,
	IGROUPR,
	ISENABLER,
	ICENABLER,
	ISPENDR,
	ICPENDR,
	ISACTIVER,
	ICACTIVER,
	IPRIORITYR,
	ITARGETSR,
	ICFGR,
	CPENDSGIR,
	SPENDSGIR,
};

struct place {
	enum array array;
	unsigned int bits, intid; /* of a field; the first one's */
};

/* The map of one page, the same for GICD and a redistributor's SGI_base but for what only GICv2 has. */
static struct place find(unsigned int version, unsigned int offset)
{
	static const enum array one_bit[] = { IGROUPR, ISENABLER, ICENABLER, ISPENDR, ICPENDR, ISACTIVER, ICACTIVER };

	if (offset >= 0x080 && offset < 0x400)
		return (struct place){ one_bit[(offset - 0x080) / 0x80], 1, offset % 0x80 * 8 };
	if (offset >= 0x400 && offset < 0x800)
		return (struct place){ IPRIORITYR, 8, offset - 0x400 };
	if (offset >= 0xC00 && offset < 0xD00)
		return (struct place){ ICFGR, 2, (offset - 0xC00) * 4 };
	if (version == 2 && offset >= 0x800 && offset < 0xC00)
		return (struct place){ ITARGETSR, 8, offset - 0x800 };
	if (version == 2 && offset >= 0xF10 && offset < 0xF20)
		return (struct place){ CPENDSGIR, 8, offset - 0xF10 };
	if (version == 2 && offset >= 0xF20 && offset < 0xF30)
		return (struct place){ SPENDSGIR, 8, offset - 0xF20 };
	return (struct place){ NONE, 0, 0 };
}

static unsigned int get(struct ref_gic *gic, unsigned int cpu, enum array array, unsigned int intid)
{
	const struct ref_irq *irq = ref_irq(gic, cpu, intid);

	switch (array) {
	case NONE: break;
	case IGROUPR: return irq->group;
	case ISENABLER:
	case ICENABLER: return irq->enabled;
	case ISPENDR:
	case ICPENDR: return is_pending(irq);
	case ISACTIVER:
	case ICACTIVER: return irq->active;
	case IPRIORITYR: return irq->priority;
	case ITARGETSR: return gic->nr_cpus == 1 ? 0 : intid < 32 ? 1U << cpu : irq->targets;
	case ICFGR: return irq->edge ? 2 : 0;
	case CPENDSGIR:
	case SPENDSGIR: return irq->sources;
	}
	return 0;
}

/* A PPI's or SGI's owner; an SPI's target, or else who wrote. It matters when a CPU goes off. */
static unsigned int where_active(struct ref_gic *gic, unsigned int cpu, unsigned int intid)
{
	unsigned int target = intid < 32 ? cpu : target_of(gic, ref_irq(gic, cpu, intid));

	return target == REF_NOBODY ? cpu : target;
}

static void set_active(struct ref_gic *gic, unsigned int cpu, unsigned int intid)
{
	struct ref_irq *irq = ref_irq(gic, cpu, intid);

	if (irq->active)
		return;
	irq->active = irq->forced = true;
	irq->active_on = where_active(gic, cpu, intid);
}

static void set(struct ref_gic *gic, unsigned int cpu, enum array array, unsigned int intid, unsigned int value)
{
	struct ref_irq *irq = ref_irq(gic, cpu, intid);
	bool sources = has_sources(gic, intid), one = (value & 1) != 0;

	switch (array) {
	case NONE: break;
	case IGROUPR: irq->group = value; break;
	case ISENABLER: irq->enabled |= one && !sources; break;
	case ICENABLER: irq->enabled &= !one || sources; break;
	case ISPENDR: irq->latch |= one && !sources; break; /* [IHI0048 4.3.7]: a GICv2's SGIs: ignored */
	case ICPENDR: irq->latch &= !one; break;
	case ISACTIVER:
		if (one)
			set_active(gic, cpu, intid);
		break;
	case ICACTIVER:
		if (one)
			ref_deactivate(gic, cpu, intid);
		break;
	case IPRIORITYR: irq->priority = value & 0xf8; break; /* choice: 32 levels */
	case ITARGETSR:
		if (gic->nr_cpus > 1 && intid >= 32)
			irq->targets = value & ((1U << gic->nr_cpus) - 1);
		break;
	case ICFGR:
		if (intid >= 16)
			irq->edge = (value & 2) != 0;
		break;
	case CPENDSGIR: irq->sources &= ~value; break;
	case SPENDSGIR: irq->sources |= value & ((1U << gic->nr_cpus) - 1); break;
	}
}

/* --- plain registers --- */

static uint64_t id_register(const struct ref_gic *gic, bool dist, unsigned int offset)
{
	static const unsigned int v2[] = { 0x04, 0, 0, 0, 0x90, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1 };
	static const unsigned int v3[] = { 0x44, 0, 0, 0, 0x92, 0xb4, 0x3b, 0, 0x0d, 0xf0, 0x05, 0xb1 };
	unsigned int n = (offset - 0xfd0) / 4;

	if (offset < 0xfd0 || offset % 4 != 0)
		return 0;
	return gic->version == 2 ? v2[n] : v3[n] + (!dist && n == 4); /* a redistributor's part number is one more */
}

static uint64_t dist_register(const struct ref_gic *gic, unsigned int offset)
{
	bool v3 = gic->version == 3;

	switch (offset) {
	case 0x000: return gic->ctlr | (v3 ? 0x50U : 0U);		    /* ARE, DS */
	case 0x004: return v3 ? 0x02480007U : 7U | (gic->nr_cpus - 1) << 5; /* No1N, 10 bits of INTID; CPUNumber */
	case 0x008: return 0x4300043b;
	default: return 0;
	}
}

static uint64_t redist_register(const struct ref_gic *gic, unsigned int cpu, unsigned int offset)
{
	switch (offset) {
	case 0x0004: return 0x4300043b;
	case 0x0008: return cpu << 8 | (cpu + 1 == gic->nr_cpus ? 0x10U : 0U);
	case 0x000c: return cpu; /* Affinity_Value */
	case 0x0014: return gic->asleep[cpu] ? 6 : 0;
	default: return 0;
	}
}

/* GICD_IROUTER<n>: 64 bits, or halves of it; Aff3 and Aff2-0. */
static uint64_t *router(struct ref_gic *gic, unsigned int offset, unsigned int bytes)
{
	unsigned int intid = (offset - 0x6000) / 8;

	if (offset < 0x6100 || intid >= REF_NR_INTIDS || bytes < 4)
		return NULL;
	return &gic->spi[intid - 32].router;
}

/* --- accesses --- */

/* Words, and bytes where fields are bytes; choice: other widths are RAZ/WI [IHI0069 12.1.3]. */
static bool fits(const struct place *place, unsigned int bytes)
{
	return place->array != NONE && (bytes == 4 || (bytes == 1 && place->bits == 8));
}

/* With ARE the distributor has SPIs, a redistributor its CPU's private INTIDs; a GICv2 banks. */
static bool has_intid(const struct ref_gic *gic, unsigned int frame, unsigned int intid)
{
	if (gic->version == 2)
		return intid < REF_NR_INTIDS;
	return frame == REF_DIST ? intid >= 32 && intid < REF_NR_INTIDS : intid < 32;
}

static bool has_arrays(unsigned int frame, unsigned int *offset)
{
	if (frame == REF_DIST)
		return *offset < 0x1000;
	if (*offset < 0x10000)
		return false;
	*offset -= 0x10000;
	return *offset < 0x1000;
}

static uint64_t read_array(struct ref_gic *gic, unsigned int cpu, unsigned int frame, struct place place,
			   unsigned int bytes)
{
	uint64_t value = 0;

	for (unsigned int n = 0; n < 8 * bytes / place.bits; n++)
		if (has_intid(gic, frame, place.intid + n))
			value |= (uint64_t)get(gic, cpu, place.array, place.intid + n) << (n * place.bits);
	return value;
}

static uint64_t read_plain(struct ref_gic *gic, unsigned int frame, unsigned int offset, unsigned int bytes)
{
	unsigned int id_page = gic->version == 2 ? 0 : 0xf000;
	bool dist = frame == REF_DIST;

	if (gic->version == 3 && dist && offset >= 0x6000 && offset < 0x8000) {
		const uint64_t *at = router(gic, offset, bytes);

		return at == NULL ? 0 : bytes == 8 ? *at : *at >> 8 * (offset % 8) & 0xffffffff;
	}
	if (!dist && bytes == 8 && offset == 8)
		return redist_register(gic, frame, 8) | redist_register(gic, frame, 12) << 32;
	if (bytes != 4)
		return 0;
	if (offset >= id_page + 0xfd0 && offset < id_page + 0x1000)
		return id_register(gic, dist, offset - id_page);
	return dist ? dist_register(gic, offset) : redist_register(gic, frame, offset);
}

uint64_t ref_read(struct ref_gic *gic, unsigned int cpu, unsigned int frame, unsigned int offset, unsigned int bytes)
{
	unsigned int owner = frame == REF_DIST ? cpu : frame, in_page = offset;

	if (has_arrays(frame, &in_page)) {
		struct place place = find(gic->version, in_page);

		if (place.array != NONE)
			return fits(&place, bytes) ? read_array(gic, owner, frame, place, bytes) : 0;
	}
	return frame != REF_DIST && offset >= 0x10000 ? 0 : read_plain(gic, frame, offset, bytes);
}

static void write_router(uint64_t *at, unsigned int offset, unsigned int bytes, uint64_t value)
{
	uint64_t mask = bytes == 8 ? UINT64_MAX : UINT64_C(0xffffffff) << 8 * (offset % 8);

	*at = ((*at & ~mask) | (value << 8 * (offset % 8) & mask)) & UINT64_C(0xff00ffffff);
}

static void write_plain(struct ref_gic *gic, unsigned int cpu, unsigned int frame, unsigned int offset,
			unsigned int bytes, uint64_t value)
{
	bool v3 = gic->version == 3, dist = frame == REF_DIST;

	if (v3 && dist && offset >= 0x6000 && offset < 0x8000) {
		uint64_t *at = router(gic, offset, bytes);

		if (at != NULL)
			write_router(at, offset, bytes, value);
	} else if (bytes != 4) {
		return;
	} else if (dist && offset == 0) {
		gic->ctlr = (unsigned int)value & 3;
	} else if (!dist && offset == 0x14) {
		gic->asleep[frame] = (value & 2) != 0;
	} else if (!v3 && offset == 0xf00) {
		unsigned int filter = value >> 24 & 3, list = value >> 16 & 0xff;

		for (unsigned int n = 0; n < gic->nr_cpus; n++)
			if ((filter == 0 && (list >> n & 1) != 0) || (filter == 1 && n != cpu) ||
			    (filter == 2 && n == cpu))
				ref_sgi(gic, cpu, n, value & 15);
	}
}

void ref_write(struct ref_gic *gic, unsigned int cpu, unsigned int frame, unsigned int offset, unsigned int bytes,
	       uint64_t value)
{
	unsigned int owner = frame == REF_DIST ? cpu : frame, in_page = offset;
	struct place place = { NONE, 0, 0 };

	if (has_arrays(frame, &in_page))
		place = find(gic->version, in_page);
	if (place.array == NONE) {
		if (frame == REF_DIST || offset < 0x10000)
			write_plain(gic, cpu, frame, offset, bytes, value);
		return;
	}
	for (unsigned int n = 0; fits(&place, bytes) && n < 8 * bytes / place.bits; n++)
		if (has_intid(gic, frame, place.intid + n))
			set(gic, owner, place.array, place.intid + n,
			    (unsigned int)(value >> (n * place.bits)) & ((1U << place.bits) - 1));
}

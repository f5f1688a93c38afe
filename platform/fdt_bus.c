#include "platform/fdt_bus.h"

#include <libfdt.h>

#include "lib/bits.h"

/* [DeviceTree 2.3.5]: what holds where a node does not say. */
#define DEFAULT_ADDRESS_CELLS 2
#define DEFAULT_SIZE_CELLS    1

/* GIC specifiers [Linux bindings: arm,gic.yaml, arm,gic-v3.yaml]. */
#define GIC_CELLS_MIN 3
#define GIC_CELLS_MAX 4
#define GIC_SPI	      0
#define GIC_PPI	      1
#define GIC_FIRST_PPI 16
#define GIC_FIRST_SPI 32
#define GIC_NR_PPIS   16
#define GIC_NR_SPIS   988
#define IRQ_TYPE_EDGE GENMASK(1, 0) /* rising or falling */

void fdt_bus_enter(struct fdt_bus *bus, int node)
{
	struct fdt_bus_level *level = &bus->levels[bus->depth];
	const struct fdt_bus_level *parent = bus->depth > 0 ? level - 1 : NULL;

	level->address_cells = DEFAULT_ADDRESS_CELLS;
	level->size_cells = DEFAULT_SIZE_CELLS;
	level->interrupt_parent = parent ? parent->interrupt_parent : 0;
	level->usable = (!parent || parent->usable) && fdt_blob_is_enabled(bus->fdt, node);
	(void)fdt_blob_u32(bus->fdt, node, "#address-cells", &level->address_cells);
	(void)fdt_blob_u32(bus->fdt, node, "#size-cells", &level->size_cells);
	(void)fdt_blob_u32(bus->fdt, node, "interrupt-parent", &level->interrupt_parent);
	level->ranges = fdt_getprop(bus->fdt, node, "ranges", &level->ranges_bytes);
}

int fdt_bus_first(struct fdt_bus *bus)
{
	bus->depth = 0;
	fdt_bus_enter(bus, 0);
	return 0;
}

int fdt_bus_next(struct fdt_bus *bus, int node)
{
	node = fdt_next_node(bus->fdt, node, &bus->depth);
	if (node >= 0 && bus->depth >= 0)
		fdt_bus_enter(bus, node);
	return bus->depth >= 0 ? node : -1;
}

static bool cells_are_sane(const struct fdt_bus_level *level)
{
	/* Three address cells are PCI's: none of its addresses is looked at. */
	return level->address_cells >= 1 && level->address_cells <= 2 && level->size_cells >= 1 &&
	       level->size_cells <= 2;
}

/* From an address on one bus to one on the bus above it. */
static bool translate(const struct fdt_bus_level *below, const struct fdt_bus_level *above, struct hw_range *range)
{
	int entry_bytes;

	if (!below->ranges || !cells_are_sane(below) || !cells_are_sane(above))
		return false;
	if (below->ranges_bytes == 0) /* the same addresses */
		return true;
	entry_bytes = 4 * (int)(below->address_cells + above->address_cells + below->size_cells);
	for (int at = 0; at + entry_bytes <= below->ranges_bytes; at += entry_bytes) {
		const uint8_t *entry = below->ranges + at;
		const uint8_t *parent = entry + 4 * below->address_cells;
		uint64_t from = fdt_blob_cells(entry, below->address_cells);
		uint64_t size = fdt_blob_cells(parent + 4 * above->address_cells, below->size_cells);

		if (!range_is_sane(from, size) || !range_contains(from, size, range->base.raw, range->size_bytes))
			continue;
		range->base.raw += fdt_blob_cells(parent, above->address_cells) - from;
		return range_is_sane(range->base.raw, range->size_bytes);
	}
	return false;
}

/* Of the bus that the current node is on. */
static const struct fdt_bus_level *level_above(const struct fdt_bus *bus)
{
	return &bus->levels[bus->depth > 0 ? bus->depth - 1 : 0];
}

unsigned int fdt_bus_nr_regs(const struct fdt_bus *bus, int node)
{
	const struct fdt_bus_level *level = level_above(bus);
	int length;

	if (!fdt_getprop(bus->fdt, node, "reg", &length) || !cells_are_sane(level))
		return 0;
	return (unsigned int)length / (4 * (level->address_cells + level->size_cells));
}

bool fdt_bus_reg(const struct fdt_bus *bus, int node, unsigned int index, struct hw_range *range)
{
	const struct fdt_bus_level *level = level_above(bus);
	const uint8_t *reg = fdt_getprop(bus->fdt, node, "reg", NULL);

	if (index >= fdt_bus_nr_regs(bus, node))
		return false;
	reg += index * 4 * (level->address_cells + level->size_cells);
	range->base = pa(fdt_blob_cells(reg, level->address_cells));
	range->size_bytes = fdt_blob_cells(reg + 4 * level->address_cells, level->size_cells);
	if (!range_is_sane(range->base.raw, range->size_bytes))
		return false;
	for (; level > bus->levels; level--)
		if (!translate(level, level - 1, range))
			return false;
	return true;
}

static struct hw_irq decode_specifier(const uint8_t *cells)
{
	struct hw_irq irq = { 0 };
	uint64_t kind = fdt_blob_cells(cells, 1), number = fdt_blob_cells(cells + 4, 1);

	if (kind == GIC_PPI && number < GIC_NR_PPIS)
		irq.intid = (uint32_t)number + GIC_FIRST_PPI;
	else if (kind == GIC_SPI && number < GIC_NR_SPIS)
		irq.intid = (uint32_t)number + GIC_FIRST_SPI;
	irq.edge = irq.intid != 0 && (fdt_blob_cells(cells + 8, 1) & IRQ_TYPE_EDGE) != 0;
	return irq;
}

struct hw_irq fdt_bus_irq(const struct fdt_bus *bus, int node, unsigned int index)
{
	const struct hw_irq none = { 0 };
	unsigned int specifier_bytes = 4 * bus->gic_irq_cells, handle_bytes = 0;
	int length;
	/* Each entry of interrupts-extended names its controller itself. */
	const uint8_t *cells = fdt_getprop(bus->fdt, node, "interrupts-extended", &length);

	if (bus->gic_phandle == 0 || bus->gic_irq_cells < GIC_CELLS_MIN || bus->gic_irq_cells > GIC_CELLS_MAX)
		return none;
	if (cells)
		handle_bytes = 4;
	else if (bus->levels[bus->depth].interrupt_parent == bus->gic_phandle)
		cells = fdt_getprop(bus->fdt, node, "interrupts", &length);
	if (!cells || (unsigned int)length / (handle_bytes + specifier_bytes) <= index)
		return none;
	/* With another controller among them the entries have no common length: none can be found. */
	for (unsigned int i = 0; handle_bytes != 0 && i <= index; i++)
		if (fdt_blob_cells(cells + i * (handle_bytes + specifier_bytes), 1) != bus->gic_phandle)
			return none;
	return decode_specifier(cells + index * (handle_bytes + specifier_bytes) + handle_bytes);
}

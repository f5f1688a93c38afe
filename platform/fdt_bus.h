/*
 * The buses of the host's device tree: a walk without recursion that knows, at each node, which buses lie above it, so
 * that an address becomes a physical one and an interrupt an INTID. Pure: on a tree that fdt_blob_fault() has passed.
 */
#ifndef PLATFORM_FDT_BUS_H
#define PLATFORM_FDT_BUS_H

#include "lib/fdt_blob.h"
#include "platform/hw_info.h"

/* A node on the way down to the current one: what it says about its children. */
struct fdt_bus_level {
	uint32_t address_cells, size_cells;
	const uint8_t *ranges; /* NULL: its children's addresses mean nothing further up */
	int ranges_bytes;
	bool usable;		   /* it and all above it are enabled */
	uint32_t interrupt_parent; /* a phandle, inherited; 0: none */
};

struct fdt_bus {
	const void *fdt;
	struct fdt_bus_level levels[FDT_BLOB_MAX_DEPTH]; /* from the root, [0], to the current node, [depth] */
	int depth;
	uint32_t gic_phandle;	/* 0: not known: no interrupt is found */
	uint32_t gic_irq_cells; /* #interrupt-cells: 3, or 4 where PPIs are partitioned */
};

/* The walk: the root, then every node in the order of the tree; negative at the end. */
int fdt_bus_first(struct fdt_bus *bus);
int fdt_bus_next(struct fdt_bus *bus, int node);
/* Reads what a node says about its children into levels[depth], for who sets depth itself. */
void fdt_bus_enter(struct fdt_bus *bus, int node);

/* Is the current node enabled, and everything above it? */
static inline bool fdt_bus_is_usable(const struct fdt_bus *bus)
{
	return bus->levels[bus->depth].usable;
}

/* How many entries the current node's reg has, whether or not a CPU can reach them. */
unsigned int fdt_bus_nr_regs(const struct fdt_bus *bus, int node);
/* Entry `index` of the current node's reg, as a physical address; false when there is none or no bus carries it. */
bool fdt_bus_reg(const struct fdt_bus *bus, int node, unsigned int index, struct hw_range *range);
/* Entry `index` of the current node's interrupts; INTID 0 when there is none or it is not the GIC's. */
struct hw_irq fdt_bus_irq(const struct fdt_bus *bus, int node, unsigned int index);

#endif

/* What the parts of the scan of the host's tree share: fdt_scan.c, fdt_scan_bus.c, fdt_scan_dev.c. Pure. */
#ifndef BOOT_FDT_SCAN_H
#define BOOT_FDT_SCAN_H

#include "lib/fdt_blob.h"
#include "platform/hw_info.h"

/* A node on the way down to the current one: what it says about its children. */
struct scan_level {
	uint32_t address_cells, size_cells;
	const uint8_t *ranges; /* NULL: its children's addresses mean nothing further up */
	int ranges_bytes;
	bool usable;		   /* it and all above it are enabled */
	uint32_t interrupt_parent; /* a phandle, inherited; 0: none */
};

struct scan {
	const void *fdt;
	struct hw_info *hw;
	struct scan_level levels[FDT_BLOB_MAX_DEPTH]; /* from the root, [0], to the current node, [depth] */
	int depth;
	uint32_t gic_phandle;	/* 0: none found yet */
	uint32_t gic_irq_cells; /* #interrupt-cells: 3, or 4 where PPIs are partitioned */
	int stdout_node;	/* -1: none */
	bool reserved_is_full;
};

/* A handler for the nodes that have a compatible; called for usable ones, in the order of the tree. */
struct scan_match {
	const char *compatible;
	void (*take)(struct scan *scan, int node);
};

/* fdt_scan_bus.c: walks the whole tree once, keeping scan->levels, and calls the table's handlers. */
void scan_walk(struct scan *scan, const struct scan_match *table, unsigned int nr_matches);
/* Entry `index` of the current node's reg, as a physical address; false when there is none or no bus carries it. */
bool scan_reg(const struct scan *scan, int node, unsigned int index, struct hw_range *range);
/* Entry `index` of the current node's interrupts; INTID 0 when there is none or it is not the GIC's. */
struct hw_irq scan_irq(const struct scan *scan, int node, unsigned int index);

/* fdt_scan_dev.c: GIC, timer, UARTs, PSCI. stdout_node must be known. */
void scan_devices(struct scan *scan);

#endif

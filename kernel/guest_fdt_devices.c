#include "kernel/guest_fdt_devices.h"

#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "lib/bits.h"
#include "lib/fdt_blob.h"
#include "platform/clocks.h"

#define NODE_NAME_MAX 64
#define MAX_CLOCKS    4

#define IRQ_SPI		0
#define IRQ_EDGE_RISING 1
#define IRQ_LEVEL_HIGH	4
#define FIRST_SPI	32

struct put {
	void *fdt;
	const void *host;
	uint32_t gic_phandle, next_phandle;
	int err;
};

/* The first error stands. */
static void keep_error(struct put *p, int err)
{
	if (p->err == 0)
		p->err = err;
}

static void put_bytes(struct put *p, const char *name, const void *data, size_t length)
{
	keep_error(p, fdt_property(p->fdt, name, data, (int)length));
}

static void put_cell(struct put *p, const char *name, uint32_t value)
{
	keep_error(p, fdt_property_u32(p->fdt, name, value));
}

static void begin_at(struct put *p, const char *name, size_t length, uint64_t address)
{
	char text[NODE_NAME_MAX];

	snprintf(text, sizeof(text), "%.*s@%lx", (int)min_u64(length, 40), name, (unsigned long)address);
	keep_error(p, fdt_begin_node(p->fdt, text));
}

static void end(struct put *p)
{
	keep_error(p, fdt_end_node(p->fdt));
}

/* --- clocks --- */

struct clocks {
	uint32_t hz[MAX_CLOCKS], phandle[MAX_CLOCKS];
	unsigned int nr;
};

/* False when there are none, or one whose rate nobody knows: the guest's driver is then on its own. */
static bool find_clocks(const struct put *p, int node, struct clocks *clocks)
{
	int length = 0;
	const uint8_t *cells = fdt_getprop(p->host, node, "clocks", &length);
	uint32_t nr_left = cells ? (uint32_t)length / 4 : 0, nr_cells = 0;

	for (clocks->nr = 0; nr_left != 0; clocks->nr++) {
		int provider = fdt_node_offset_by_phandle(p->host, (uint32_t)fdt_blob_cells(cells, 1));

		if (clocks->nr == MAX_CLOCKS || provider < 0 ||
		    !fdt_blob_u32(p->host, provider, "#clock-cells", &nr_cells) || nr_cells >= nr_left)
			return false;
		clocks->hz[clocks->nr] = plat_clock_hz(p->host, provider, cells + 4, nr_cells);
		if (clocks->hz[clocks->nr] == 0)
			return false;
		cells += 4 + 4 * nr_cells;
		nr_left -= 1 + nr_cells;
	}
	return clocks->nr != 0;
}

/* Beside the device, on its bus. */
static void put_clock_stubs(struct put *p, struct clocks *clocks)
{
	char name[32];

	for (unsigned int i = 0; i < clocks->nr; i++) {
		clocks->phandle[i] = p->next_phandle++;
		snprintf(name, sizeof(name), "clock-%u", i);
		keep_error(p, fdt_begin_node(p->fdt, name));
		put_bytes(p, "compatible", "fixed-clock", sizeof("fixed-clock"));
		put_cell(p, "#clock-cells", 0);
		put_cell(p, "clock-frequency", clocks->hz[i]);
		put_cell(p, "phandle", clocks->phandle[i]);
		end(p);
	}
}

static void put_clocks(struct put *p, const struct clocks *clocks)
{
	fdt32_t cells[MAX_CLOCKS];

	for (unsigned int i = 0; i < clocks->nr; i++)
		cells[i] = cpu_to_fdt32(clocks->phandle[i]);
	put_bytes(p, "clocks", cells, clocks->nr * sizeof(cells[0]));
}

/* --- the device itself --- */

static void put_reg(struct put *p, const struct passthrough_device *device)
{
	fdt64_t reg[PASSTHROUGH_MAX_REGS][2];

	for (unsigned int i = 0; i < device->nr_regs; i++) {
		reg[i][0] = cpu_to_fdt64(device->regs[i].base.raw);
		reg[i][1] = cpu_to_fdt64(device->regs[i].size_bytes);
	}
	put_bytes(p, "reg", reg, device->nr_regs * sizeof(reg[0]));
}

static void put_interrupts(struct put *p, const struct passthrough_device *device)
{
	fdt32_t cells[PASSTHROUGH_MAX_IRQS][3];

	for (unsigned int i = 0; i < device->nr_irqs; i++) {
		cells[i][0] = cpu_to_fdt32(IRQ_SPI);
		cells[i][1] = cpu_to_fdt32(device->irqs[i].intid - FIRST_SPI);
		cells[i][2] = cpu_to_fdt32(device->irqs[i].edge ? IRQ_EDGE_RISING : IRQ_LEVEL_HIGH);
	}
	if (device->nr_irqs != 0)
		put_bytes(p, "interrupts", cells, device->nr_irqs * sizeof(cells[0]));
}

static bool ends_with(const char *name, const char *tail)
{
	size_t length = strlen(name), tail_length = strlen(tail);

	return length >= tail_length && strcmp(name + length - tail_length, tail) == 0;
}

/* Properties that name other nodes, by the device tree's conventions, and what is written anew. */
static bool is_left_out(const char *name, bool has_clocks)
{
	static const char *const names[] = {
		"reg",
		"ranges",
		"dma-ranges",
		"interrupts",
		"interrupts-extended",
		"interrupt-parent",
		"interrupt-map",
		"interrupt-map-mask",
		"phandle",
		"linux,phandle",
		"status",
		"clocks",
		"dmas",
		"dma-names",
		"resets",
		"reset-names",
		"power-domains",
		"power-domain-names",
		"iommus",
		"iommu-map",
		"phys",
		"phy-names",
		"phy-handle",
		"pinctrl-names",
		"mboxes",
		"mbox-names",
		"interconnects",
		"interconnect-names",
		"assigned-clocks",
		"assigned-clock-rates",
		"assigned-clock-parents",
		"mmc-pwrseq",
		"gpios",
		"nvmem-cells",
		"nvmem-cell-names",
		"operating-points-v2",
		"pwms",
		"thermal-sensors",
		"msi-map",
		"msi-parent",
		"memory-region",
		"firmware",
	};
	static const char *const tails[] = { "-supply", "-gpio", "-gpios" };

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	for (unsigned int i = 0; i < ARRAY_SIZE(tails); i++)
		if (ends_with(name, tails[i]))
			return true;
	if (strncmp(name, "pinctrl-", strlen("pinctrl-")) == 0)
		return true;
	return strcmp(name, "clock-names") == 0 && !has_clocks;
}

static void put_others(struct put *p, int node, bool has_clocks)
{
	int at;

	fdt_for_each_property_offset(at, p->host, node)
	{
		const char *name = NULL;
		int length = 0;
		const void *data = fdt_getprop_by_offset(p->host, at, &name, &length);

		if (data && !is_left_out(name, has_clocks))
			put_bytes(p, name, data, (size_t)length);
	}
}

/* In two cells each, as the bus says below. */
static void put_dma_ranges(struct put *p, const struct passthrough_device *device)
{
	const uint32_t cells[3] = { device->dma_child_cells, device->dma_parent_cells, device->dma_size_cells };
	uint32_t entry_bytes = 4 * (cells[0] + cells[1] + cells[2]), nr = device->dma_ranges_bytes / entry_bytes;
	fdt64_t ranges[PASSTHROUGH_MAX_DMA_RANGES][3];

	for (uint32_t i = 0; i < nr; i++) {
		const uint8_t *at = device->dma_ranges + i * entry_bytes;

		for (unsigned int n = 0; n < 3; at += 4 * cells[n], n++)
			ranges[i][n] = cpu_to_fdt64(fdt_blob_cells(at, cells[n]));
	}
	put_bytes(p, "dma-ranges", ranges, nr * sizeof(ranges[0]));
}

static void put_device(struct put *p, const struct passthrough_device *device)
{
	uint64_t address = device->regs[0].base.raw;
	const char *name = fdt_get_name(p->host, device->node, NULL);
	struct clocks clocks;
	bool has_clocks = find_clocks(p, device->node, &clocks);

	begin_at(p, "host", strlen("host"), address);
	put_bytes(p, "compatible", "simple-bus", sizeof("simple-bus"));
	put_cell(p, "#address-cells", 2);
	put_cell(p, "#size-cells", 2);
	put_cell(p, "interrupt-parent", p->gic_phandle);
	put_bytes(p, "ranges", "", 0);
	if (device->dma_ranges != NULL)
		put_dma_ranges(p, device);
	if (has_clocks)
		put_clock_stubs(p, &clocks);
	begin_at(p, name, strcspn(name, "@"), address);
	put_reg(p, device);
	put_interrupts(p, device);
	if (has_clocks)
		put_clocks(p, &clocks);
	put_others(p, device->node, has_clocks);
	end(p);
	end(p);
}

int guest_fdt_put_devices(void *fdt, const void *host_fdt, const struct passthrough *plan, uint32_t gic_phandle,
			  uint32_t first_phandle)
{
	struct put p = { .fdt = fdt, .host = host_fdt, .gic_phandle = gic_phandle, .next_phandle = first_phandle };

	for (unsigned int i = 0; i < plan->nr_devices; i++)
		put_device(&p, &plan->devices[i]);
	return p.err;
}

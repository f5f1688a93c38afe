#include "kernel/passthrough.h"

#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dev/vgic.h"
#include "lib/bits.h"
#include "platform/fdt_bus.h"

#define NAME_MAX_BYTES	    96
#define NEIGHBOUR_MAX_BYTES 64
#define FIRST_SPI	    32

struct planner {
	const struct passthrough_host *host;
	const struct vm_config *config;
	const struct guest_map *map;
	struct passthrough *plan;
	struct fdt_bus bus;
	char *message;
	enum hv_err err;
	char name[NAME_MAX_BYTES]; /* of the device that is looked at, as the bundle has it */
};

/* The first sentence stands. */
static void refuse(struct planner *p, const char *format, ...)
{
	char text[PASSTHROUGH_MESSAGE_MAX - NAME_MAX_BYTES];
	va_list args;

	if (p->err != HV_OK)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(p->message, PASSTHROUGH_MESSAGE_MAX, "%s %s", p->name, text);
	p->err = HV_EINVAL;
}

/* Its path, or where that is too long its name: what fdt_get_path() leaves behind then is no string. */
static void get_path(const struct planner *p, int node, char *path, size_t size_bytes)
{
	if (fdt_get_path(p->bus.fdt, node, path, (int)size_bytes) != 0)
		snprintf(path, size_bytes, "%s", fdt_get_name(p->bus.fdt, node, NULL));
}

static void set_name_of(struct planner *p, int node)
{
	get_path(p, node, p->name, sizeof(p->name));
}

struct hw_range passthrough_pages(const struct hw_range *registers)
{
	uint64_t start = align_down(registers->base.raw, PAGE_SIZE);
	uint64_t end = align_up(registers->base.raw + registers->size_bytes, PAGE_SIZE);

	return (struct hw_range){ pa(start), end - start };
}

static bool overlap(const struct hw_range *a, const struct hw_range *b)
{
	return ranges_overlap(a->base.raw, a->size_bytes, b->base.raw, b->size_bytes);
}

static bool hits_window(const struct hw_range *pages, const struct guest_window *window)
{
	return ranges_overlap(pages->base.raw, pages->size_bytes, window->base.raw, window->size_bytes);
}

/* --- what must not be given --- */

static void add_own(struct passthrough_host *host, const struct hw_range *range)
{
	if (range->size_bytes != 0 && host->nr_own < ARRAY_SIZE(host->own))
		host->own[host->nr_own++] = *range;
}

void passthrough_take_host(struct passthrough_host *host, const struct hw_info *hw, const struct hw_uart *console)
{
	host->hw = hw;
	host->nr_own = 0;
	host->own_intid = 0;
	add_own(host, &hw->gic.gicd);
	add_own(host, &hw->gic.gicc);
	add_own(host, &hw->gic.gich);
	add_own(host, &hw->gic.gicv);
	for (unsigned int n = 0; n < hw->gic.nr_gicr; n++)
		add_own(host, &hw->gic.gicr[n]);
	add_own(host, &hw->power.registers);
	if (console == NULL)
		return;
	add_own(host, &(struct hw_range){ console->base, console->size_bytes });
	host->own_intid = console->irq.intid;
}

/* --- which nodes --- */

static struct passthrough_device *device_of(struct planner *p, int node)
{
	for (unsigned int i = 0; i < p->plan->nr_devices; i++)
		if (p->plan->devices[i].node == node)
			return &p->plan->devices[i];
	return NULL;
}

/* Every name becomes a device with its node; what is wrong is told by the name as it is written. */
static void find_nodes(struct planner *p)
{
	const char *names = p->config->passthrough;

	for (size_t at = 0; at < p->config->passthrough_bytes && p->err == HV_OK; at += strlen(&names[at]) + 1) {
		int node = fdt_blob_find(p->bus.fdt, &names[at], strlen(&names[at]));

		snprintf(p->name, sizeof(p->name), "%s", &names[at]);
		if (node < 0)
			refuse(p, "is no path or alias in the host's device tree");
		else if (device_of(p, node) != NULL)
			refuse(p, "is named twice");
		else if (p->plan->nr_devices == PASSTHROUGH_MAX_DEVICES)
			refuse(p, "is one too many: a VM can have %u devices", PASSTHROUGH_MAX_DEVICES);
		else
			p->plan->devices[p->plan->nr_devices++].node = node;
	}
}

/* --- what they have --- */

/* All or none: a driver takes an entry by its place. */
static void take_regs(struct planner *p, struct passthrough_device *device)
{
	unsigned int nr = fdt_bus_nr_regs(&p->bus, device->node);

	if (nr == 0)
		refuse(p, "has no registers that a CPU can reach");
	if (nr > PASSTHROUGH_MAX_REGS)
		refuse(p, "has more than %u ranges of registers", PASSTHROUGH_MAX_REGS);
	for (unsigned int i = 0; i < nr && p->err == HV_OK; i++)
		if (!fdt_bus_reg(&p->bus, device->node, i, &device->regs[device->nr_regs++]))
			refuse(p, "has registers, entry %u of its reg, that a CPU cannot reach", i);
}

static void take_irqs(struct planner *p, struct passthrough_device *device)
{
	unsigned int entry_bytes = 4 * p->bus.gic_irq_cells;
	int length = 0;
	struct hw_irq irq;

	if (fdt_getprop(p->bus.fdt, device->node, "interrupts-extended", &length) != NULL)
		entry_bytes += 4;
	else
		(void)fdt_getprop(p->bus.fdt, device->node, "interrupts", &length);
	for (;;) {
		irq = fdt_bus_irq(&p->bus, device->node, device->nr_irqs);
		if (irq.intid == 0)
			break;
		if (device->nr_irqs == PASSTHROUGH_MAX_IRQS) {
			refuse(p, "has more than %u interrupts", PASSTHROUGH_MAX_IRQS);
			return;
		}
		device->irqs[device->nr_irqs++] = irq;
	}
	if (length > 0 && (unsigned int)length != device->nr_irqs * entry_bytes)
		refuse(p, "has interrupts that do not go to the GIC");
}

/* Of the bus right above the device: buses that translate DMA more than once are not known. */
static void take_dma_ranges(struct planner *p, struct passthrough_device *device, int parent)
{
	const struct fdt_bus_level *bus = &p->bus.levels[p->bus.depth - 1];
	uint32_t entry_bytes;
	int length = 0;
	const uint8_t *ranges = fdt_getprop(p->bus.fdt, parent, "dma-ranges", &length);

	if (p->err != HV_OK || !ranges || length == 0 || p->bus.depth < 2)
		return;
	device->dma_ranges = ranges;
	device->dma_ranges_bytes = (uint32_t)length;
	device->dma_child_cells = bus->address_cells;
	device->dma_parent_cells = bus[-1].address_cells;
	device->dma_size_cells = bus->size_cells;
	/* Its registers were reached, so all of these are 1 or 2. */
	entry_bytes = 4 * (device->dma_child_cells + device->dma_parent_cells + device->dma_size_cells);
	if (device->dma_ranges_bytes % entry_bytes != 0)
		refuse(p, "is on a bus whose dma-ranges have %u bytes, which are no whole entries",
		       (unsigned int)length);
	else if (device->dma_ranges_bytes / entry_bytes > PASSTHROUGH_MAX_DMA_RANGES)
		refuse(p, "is on a bus that has more than %u dma-ranges", PASSTHROUGH_MAX_DMA_RANGES);
}

static void take_device(struct planner *p, struct passthrough_device *device, int parent)
{
	set_name_of(p, device->node);
	if (!fdt_bus_is_usable(&p->bus)) {
		refuse(p, "is disabled in the host's device tree");
		return;
	}
	take_regs(p, device);
	take_irqs(p, device);
	take_dma_ranges(p, device, parent);
}

static void take_devices(struct planner *p)
{
	int parents[FDT_BLOB_MAX_DEPTH] = { 0 };

	for (int node = fdt_bus_first(&p->bus); node >= 0; node = fdt_bus_next(&p->bus, node)) {
		struct passthrough_device *device = device_of(p, node);

		parents[p->bus.depth] = node;
		if (device != NULL && p->bus.depth > 0)
			take_device(p, device, parents[p->bus.depth - 1]);
		else if (device != NULL)
			refuse(p, "is the root of the host's device tree");
	}
}

/* --- whether they can be given --- */

static void check_guest_platform(struct planner *p, const struct hw_range *pages)
{
	const struct guest_map *map = p->map;
	const struct guest_window *const windows[] = { &map->gicd, &map->gicc,	 &map->gicr, &map->uart,
						       &map->rtc,  &map->corbel, &map->gpio };
	const struct guest_window ram = { map->ram_base, p->config->memory_bytes };
	/* The last one, the GPIO port, is there only for the power key. */
	unsigned int nr_windows = (unsigned int)ARRAY_SIZE(windows) - (p->config->power_key ? 0 : 1);

	for (unsigned int i = 0; i < nr_windows; i++)
		if (hits_window(pages, windows[i]))
			refuse(p, "has registers at 0x%lx, where the guest platform has a device of its own",
			       (unsigned long)pages->base.raw);
	if (hits_window(pages, &ram))
		refuse(p, "has registers at 0x%lx, where the guest has its RAM", (unsigned long)pages->base.raw);
}

static void check_host(struct planner *p, const struct hw_range *pages)
{
	const struct passthrough_host *host = p->host;

	for (unsigned int i = 0; i < host->nr_own; i++)
		if (overlap(pages, &host->own[i]))
			refuse(p, "has a page, 0x%lx, with registers that Corbel itself uses",
			       (unsigned long)pages->base.raw);
	for (unsigned int i = 0; i < host->hw->nr_memory; i++)
		if (overlap(pages, &host->hw->memory[i]))
			refuse(p, "has registers at 0x%lx, where the host has RAM", (unsigned long)pages->base.raw);
	for (unsigned int n = 0; n < host->nr_others; n++) {
		const struct passthrough *other = host->others[n];

		for (unsigned int i = 0; i < other->nr_devices; i++) {
			for (unsigned int r = 0; r < other->devices[i].nr_regs; r++) {
				struct hw_range theirs = passthrough_pages(&other->devices[i].regs[r]);

				if (overlap(pages, &theirs))
					refuse(p, "has a page, 0x%lx, that another VM has",
					       (unsigned long)pages->base.raw);
			}
		}
	}
}

static bool others_have(const struct passthrough_host *host, uint32_t intid)
{
	for (unsigned int n = 0; n < host->nr_others; n++)
		for (unsigned int i = 0; i < host->others[n]->nr_devices; i++)
			for (unsigned int q = 0; q < host->others[n]->devices[i].nr_irqs; q++)
				if (host->others[n]->devices[i].irqs[q].intid == intid)
					return true;
	return false;
}

static void check_irq(struct planner *p, uint32_t intid)
{
	if (intid < FIRST_SPI)
		refuse(p, "has interrupt %u, which is private to a CPU", (unsigned int)intid);
	else if (intid >= VGIC_NR_INTIDS)
		refuse(p, "has interrupt %u, a guest's GIC ends at %u", (unsigned int)intid, VGIC_NR_INTIDS - 1);
	else if (intid >= p->host->nr_intids)
		refuse(p, "has interrupt %u, the host's GIC ends at %u", (unsigned int)intid,
		       (unsigned int)p->host->nr_intids - 1);
	else if (intid == p->map->uart_intid || intid == p->map->rtc_intid ||
		 (p->config->power_key && intid == p->map->gpio_intid))
		refuse(p, "has interrupt %u, which a device of the guest platform has", (unsigned int)intid);
	else if (intid == p->host->own_intid)
		refuse(p, "has interrupt %u, which Corbel's console has", (unsigned int)intid);
	else if (others_have(p->host, intid))
		refuse(p, "has interrupt %u, which another VM has", (unsigned int)intid);
}

static void check_devices(struct planner *p)
{
	for (unsigned int i = 0; i < p->plan->nr_devices && p->err == HV_OK; i++) {
		const struct passthrough_device *device = &p->plan->devices[i];

		set_name_of(p, device->node);
		for (unsigned int r = 0; r < device->nr_regs; r++) {
			struct hw_range pages = passthrough_pages(&device->regs[r]);

			if (!range_contains(0, p->host->ipa_bytes, device->regs[r].base.raw,
					    device->regs[r].size_bytes))
				refuse(p, "has registers at 0x%lx, beyond what a guest can address",
				       (unsigned long)pages.base.raw);
			check_host(p, &pages);
			check_guest_platform(p, &pages);
		}
		for (unsigned int q = 0; q < device->nr_irqs; q++)
			check_irq(p, device->irqs[q].intid);
	}
}

/* The device that is given away and has a page in which this range is, and that page; NULL: none. */
static const struct passthrough_device *shares_page(const struct planner *p, const struct hw_range *range,
						    struct hw_range *pages)
{
	for (unsigned int i = 0; i < p->plan->nr_devices; i++) {
		const struct passthrough_device *device = &p->plan->devices[i];

		for (unsigned int r = 0; r < device->nr_regs; r++) {
			*pages = passthrough_pages(&device->regs[r]);
			if (overlap(pages, range))
				return device;
		}
	}
	return NULL;
}

/* Do nodes that are not given away have something in a page that is? The first one is named, the others are counted. */
static void check_neighbours(struct planner *p)
{
	char path[NEIGHBOUR_MAX_BYTES] = "";
	unsigned int nr_neighbours = 0;
	struct hw_range range, pages, page = { 0 };

	for (int node = fdt_bus_first(&p->bus); node >= 0; node = fdt_bus_next(&p->bus, node)) {
		const struct passthrough_device *device = NULL;

		if (p->bus.depth == 0 || !fdt_bus_is_usable(&p->bus) || device_of(p, node) != NULL)
			continue;
		for (unsigned int i = 0; device == NULL && i < fdt_bus_nr_regs(&p->bus, node); i++)
			if (fdt_bus_reg(&p->bus, node, i, &range))
				device = shares_page(p, &range, &pages);
		if (device == NULL || nr_neighbours++ != 0)
			continue;
		set_name_of(p, device->node);
		page = pages;
		get_path(p, node, path, sizeof(path));
	}
	if (nr_neighbours == 1)
		refuse(p, "shares the page at 0x%lx with %s: a VM needs both or neither", (unsigned long)page.base.raw,
		       path);
	else if (nr_neighbours != 0)
		refuse(p, "shares the page at 0x%lx with %s and %u more: a VM needs all or none",
		       (unsigned long)page.base.raw, path, nr_neighbours - 1);
}

enum hv_err passthrough_plan(const struct passthrough_host *host, const struct vm_config *config,
			     const struct guest_map *map, struct passthrough *plan,
			     char message[PASSTHROUGH_MESSAGE_MAX])
{
	struct planner p = {
		.host = host,
		.config = config,
		.map = map,
		.plan = plan,
		.bus = { .fdt = host->hw->fdt,
			 .gic_phandle = host->hw->gic.phandle,
			 .gic_irq_cells = host->hw->gic.irq_cells },
		.message = message,
		.err = HV_OK,
	};

	memset(plan, 0, sizeof(*plan));
	message[0] = '\0';
	find_nodes(&p);
	if (p.err == HV_OK)
		take_devices(&p);
	if (p.err == HV_OK)
		check_devices(&p);
	if (p.err == HV_OK)
		check_neighbours(&p);
	return p.err;
}

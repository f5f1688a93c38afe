/* The devices that Corbel drives itself: GIC, timer, UARTs, the firmware's PSCI, a power block. */
#include <libfdt.h>
#include <string.h>

#include "boot/fdt_scan.h"
#include "lib/bits.h"

/* A handler for the nodes that have a compatible; called for usable ones, in the order of the tree. */
struct scan_match {
	const char *compatible;
	void (*take)(struct scan *scan, int node);
};

static void scan_walk(struct scan *scan, const struct scan_match *table, unsigned int nr_matches)
{
	for (int node = fdt_bus_first(&scan->bus); node >= 0; node = fdt_bus_next(&scan->bus, node)) {
		if (!fdt_bus_is_usable(&scan->bus))
			continue;
		for (unsigned int i = 0; i < nr_matches; i++) {
			if (fdt_node_check_compatible(scan->fdt, node, table[i].compatible) != 0)
				continue;
			table[i].take(scan, node);
			break;
		}
	}
}

/* --- GIC --- */

/* The first one counts; `interrupts` is the maintenance interrupt, which a GIC without a parent handles itself. */
static void take_gic(struct scan *scan, int node, enum hw_gic_version version)
{
	scan->hw->gic.version = version;
	scan->bus.gic_phandle = fdt_get_phandle(scan->fdt, node);
	(void)fdt_blob_u32(scan->fdt, node, "#interrupt-cells", &scan->bus.gic_irq_cells);
	if (scan->bus.levels[scan->bus.depth].interrupt_parent == 0)
		scan->bus.levels[scan->bus.depth].interrupt_parent = scan->bus.gic_phandle;
	scan->hw->gic.phandle = scan->bus.gic_phandle;
	scan->hw->gic.irq_cells = scan->bus.gic_irq_cells;
	scan->hw->gic.maintenance = fdt_bus_irq(&scan->bus, node, 0);
}

static void take_gicv2(struct scan *scan, int node)
{
	struct hw_info *hw = scan->hw;
	struct hw_range *const frames[] = { &hw->gic.gicd, &hw->gic.gicc, &hw->gic.gich, &hw->gic.gicv };

	if (hw->gic.version != HW_GIC_NONE)
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(frames); i++)
		(void)fdt_bus_reg(&scan->bus, node, i, frames[i]);
	take_gic(scan, node, HW_GIC_V2);
}

/* reg: GICD, each region of GICRs, then GICC, GICH, GICV where the GICv2 view exists. */
static void take_gicv3(struct scan *scan, int node)
{
	struct hw_info *hw = scan->hw;
	struct hw_range *const frames[] = { &hw->gic.gicc, &hw->gic.gich, &hw->gic.gicv };
	uint32_t nr_regions = 1;

	if (hw->gic.version != HW_GIC_NONE)
		return;
	(void)fdt_blob_u32(scan->fdt, node, "#redistributor-regions", &nr_regions);
	/* Not more than there are: a wild number would be counted up to. */
	nr_regions = (uint32_t)min_u64(nr_regions, fdt_bus_nr_regs(&scan->bus, node));
	(void)fdt_blob_u32_or_u64(scan->fdt, node, "redistributor-stride", &hw->gic.gicr_stride_bytes);
	(void)fdt_bus_reg(&scan->bus, node, 0, &hw->gic.gicd);
	for (uint32_t i = 0; i < nr_regions && hw->gic.nr_gicr < HW_MAX_GICR; i++)
		if (fdt_bus_reg(&scan->bus, node, 1 + i, &hw->gic.gicr[hw->gic.nr_gicr]))
			hw->gic.nr_gicr++;
	for (unsigned int i = 0; i < ARRAY_SIZE(frames); i++)
		(void)fdt_bus_reg(&scan->bus, node, 1 + nr_regions + i, frames[i]);
	take_gic(scan, node, HW_GIC_V3);
}

/* --- timer --- */

static void take_timer(struct scan *scan, int node)
{
	struct hw_info *hw = scan->hw;

	hw->timer_phys_s = fdt_bus_irq(&scan->bus, node, 0);
	hw->timer_phys_ns = fdt_bus_irq(&scan->bus, node, 1);
	hw->timer_virt = fdt_bus_irq(&scan->bus, node, 2);
	hw->timer_hyp = fdt_bus_irq(&scan->bus, node, 3);
}

/* --- UARTs --- */

static void take_uart(struct scan *scan, int node, enum hw_uart_kind kind, uint32_t reg_shift)
{
	struct hw_info *hw = scan->hw;
	struct hw_uart uart = { .kind = kind, .reg_shift = reg_shift };
	struct hw_range range;
	bool is_console = node == scan->stdout_node;
	unsigned int slot = hw->nr_uarts;

	if (!fdt_bus_reg(&scan->bus, node, 0, &range))
		return;
	/* The console finds a place even where the table is full. */
	if (slot == ARRAY_SIZE(hw->uarts) && is_console)
		slot--;
	if (slot == ARRAY_SIZE(hw->uarts))
		return;
	uart.base = range.base;
	uart.size_bytes = range.size_bytes;
	uart.irq = fdt_bus_irq(&scan->bus, node, 0);
	(void)fdt_blob_u32(scan->fdt, node, "reg-shift", &uart.reg_shift);
	if (fdt_get_path(scan->fdt, node, uart.path, sizeof(uart.path)) != 0)
		uart.path[0] = '\0';
	hw->uarts[slot] = uart;
	hw->nr_uarts = slot + 1;
	if (is_console) {
		hw->console = slot;
		hw->console_is_named = true;
	}
}

static void take_pl011(struct scan *scan, int node)
{
	take_uart(scan, node, HW_UART_PL011, 0);
}

/* Its binding has no reg-shift: the registers of this 16550 are always four bytes apart. */
static void take_bcm2835_aux(struct scan *scan, int node)
{
	take_uart(scan, node, HW_UART_BCM2835_AUX, 2);
}

/* --- PSCI --- */

/* 0.1, "arm,psci" alone, has function numbers of its own choice and is not used. */
static void take_psci(struct scan *scan, int node)
{
	const char *method = fdt_blob_string(scan->fdt, node, "method");

	if (method && strcmp(method, "smc") == 0)
		scan->hw->psci = HW_PSCI_SMC;
	else if (method && strcmp(method, "hvc") == 0)
		scan->hw->psci = HW_PSCI_HVC;
}

/* --- power --- */

/* reg: the PM block itself, then what belongs to its power domains. */
static void take_bcm2835_pm(struct scan *scan, int node)
{
	struct hw_info *hw = scan->hw;

	if (hw->power.kind == HW_POWER_NONE && fdt_bus_reg(&scan->bus, node, 0, &hw->power.registers))
		hw->power.kind = HW_POWER_BCM2835_PM;
}

/* The GIC first, in a walk of its own: the others' interrupts are known only by its phandle. */
static const struct scan_match gic_table[] = {
	{ "arm,gic-v3", take_gicv3 },	     { "arm,gic-400", take_gicv2 },	  { "arm,cortex-a15-gic", take_gicv2 },
	{ "arm,cortex-a9-gic", take_gicv2 }, { "arm,cortex-a7-gic", take_gicv2 },
};
static const struct scan_match device_table[] = {
	{ "arm,armv8-timer", take_timer },
	{ "arm,pl011", take_pl011 },
	{ "brcm,bcm2835-aux-uart", take_bcm2835_aux },
	{ "arm,psci-1.0", take_psci },
	{ "arm,psci-0.2", take_psci },
	{ "brcm,bcm2835-pm-wdt", take_bcm2835_pm },
	{ "brcm,bcm2835-pm", take_bcm2835_pm },
};

void scan_devices(struct scan *scan)
{
	struct hw_info *hw = scan->hw;

	hw->console = 0; /* the first one, or, without any, nr_uarts */
	scan_walk(scan, gic_table, ARRAY_SIZE(gic_table));
	scan_walk(scan, device_table, ARRAY_SIZE(device_table));
}

#include "tools/corbel-check/print.h"

#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "lib/bits.h"

#define SIZE_TEXT_MAX 32
#define PATH_TEXT_MAX 256

static const char *size_text(uint64_t bytes, char text[SIZE_TEXT_MAX])
{
	if (bytes != 0 && is_aligned(bytes, UINT64_C(1) << 20))
		snprintf(text, SIZE_TEXT_MAX, "%lu MiB", (unsigned long)(bytes >> 20));
	else if (bytes != 0 && is_aligned(bytes, 1024))
		snprintf(text, SIZE_TEXT_MAX, "%lu KiB", (unsigned long)(bytes >> 10));
	else
		snprintf(text, SIZE_TEXT_MAX, "%lu bytes", (unsigned long)bytes);
	return text;
}

/* The one form of a piece of an address space: first and last byte, size, what it is. */
static void print_piece(uint64_t base, uint64_t bytes, const char *what)
{
	char size[SIZE_TEXT_MAX];

	report_print("  0x%09lx-0x%09lx  %12s  %s", (unsigned long)base, (unsigned long)(base + bytes - 1),
		     size_text(bytes, size), what);
}

static const char *plural(unsigned int number)
{
	return number == 1 ? "" : "s";
}

/* --- the board's memory -------------------------------------------------------------------------- */

struct piece {
	uint64_t base, end;
	const char *what;
};

struct pieces {
	struct piece list[HW_MAX_RESERVED + MAX_VMS + 3];
	unsigned int nr;
	char names[MAX_VMS][VM_NAME_MAX + 32];
};

static void add_piece(struct pieces *pieces, const struct hw_range *range, const char *what)
{
	uint64_t base = align_down(range->base.raw, PAGE_SIZE);
	uint64_t end = align_up(range->base.raw + range->size_bytes, PAGE_SIZE);

	pieces->list[pieces->nr++] = (struct piece){ base, end, what };
}

/* The first to contain an address tells what is there: so the particular ones come before the tree's own. */
static void find_pieces(const struct plan *plan, struct pieces *pieces)
{
	const struct board *board = plan->board;

	pieces->nr = 0;
	add_piece(pieces, &board->image, "Corbel");
	add_piece(pieces, &board->bundle, "the bundle");
	add_piece(pieces, &board->fdt, "the device tree");
	for (unsigned int n = 0; n < plan->nr_vms; n++) {
		const struct planned_vm *vm = &plan->vms[n];

		if (!vm->config.direct_map)
			continue;
		snprintf(pieces->names[n], sizeof(pieces->names[n]), "RAM of VM %s, direct-map", vm->config.name);
		add_piece(pieces, &(struct hw_range){ pa(vm->map.ram_base.raw), vm->config.memory_bytes },
			  pieces->names[n]);
	}
	for (unsigned int n = 0; n < board->hw.nr_reserved; n++)
		add_piece(pieces, &board->hw.reserved[n], "reserved by the board");
}

/* What is at `at`, and up to where: to its own end, or to where another piece begins. */
static const char *piece_at(const struct pieces *pieces, uint64_t at, uint64_t *end)
{
	const char *what = NULL;

	for (unsigned int n = 0; n < pieces->nr; n++) {
		const struct piece *piece = &pieces->list[n];

		if (piece->base > at)
			*end = min_u64(*end, piece->base);
		else if (piece->end > at && what == NULL) {
			what = piece->what;
			*end = min_u64(*end, piece->end);
		}
	}
	return what != NULL ? what : "free for VMs";
}

static void print_memory(const struct plan *plan)
{
	const struct hw_info *hw = &plan->board->hw;
	struct pieces pieces;
	char size[SIZE_TEXT_MAX];

	find_pieces(plan, &pieces);
	report_print("Memory of the board%s",
		     plan->board->is_bundle_told ? "" : " (where a boot loader puts things is assumed)");
	for (unsigned int n = 0; n < hw->nr_memory; n++) {
		uint64_t at = hw->memory[n].base.raw, top = at + hw->memory[n].size_bytes;

		while (at < top) {
			uint64_t end = top;
			const char *what = piece_at(&pieces, at, &end);

			print_piece(at, end - at, what);
			at = end;
		}
	}
	report_print("  of what is free: %s for the page allocator's tables",
		     size_text(plan->board->tables_bytes, size));
	report_print("  of what is free: %s kept back for what Corbel needs for VMs",
		     size_text(VM_OVERHEAD_BYTES, size));
	report_print("  VMs can have %lu MiB in all", (unsigned long)(plan->host.free_bytes >> 20));
}

/* --- the board ----------------------------------------------------------------------------------- */

static void print_irq(const char *whose, const struct hw_irq *irq)
{
	if (irq->intid != 0)
		report_print("  interrupt %u: %s", (unsigned int)irq->intid, whose);
}

void print_board(const struct plan *plan)
{
	const struct board *board = plan->board;
	const struct hw_info *hw = &board->hw;

	report_print("Board: %s", hw->model);
	report_print("  GICv%u, %u CPU%s", (unsigned int)hw->gic.version, hw->nr_cpus, plural(hw->nr_cpus));
	for (unsigned int id = 0; id < hw->nr_cpus; id++)
		report_print("  CPU %u: MPIDR 0x%lx%s", id, (unsigned long)hw->cpus[id].mpidr,
			     (board->cpus.online & BIT(id)) == 0 ? ", stays off" : "");
	report_print("  firmware: %s", hw->psci == HW_PSCI_SMC ? "PSCI by SMC" : "none that answers SMC");
	report_print("  console: %s", board->console != NULL ? board->console->path : "none that Corbel drives");
	if (board->console != NULL)
		print_irq("Corbel's console", &board->console->irq);
	print_irq("Corbel's timer", &hw->timer_hyp);
	print_irq("the GIC's maintenance", &hw->gic.maintenance);
	report_print("%s", "");
	print_memory(plan);
}

/* --- VMs ----------------------------------------------------------------------------------------- */

static const char *ram_text(const struct plan *plan, const struct planned_vm *vm)
{
	if (!vm->config.direct_map)
		return "RAM";
	return plan->board != NULL ? "RAM, at the same addresses of the board"
				   : "RAM, which moves to where the board has such a block, with all in it";
}

static void print_ram(const struct plan *plan, const struct planned_vm *vm)
{
	const struct vm_layout *layout = &vm->layout;
	char what[64];

	print_piece(vm->map.ram_base.raw, vm->config.memory_bytes, ram_text(plan, vm));
	snprintf(what, sizeof(what), "kernel%s, entry 0x%lx", vm->config.kernel_is_image ? "" : " (raw)",
		 (unsigned long)vm->config.kernel_entry.raw);
	print_piece(layout->kernel.raw, layout->kernel_bytes, what);
	print_piece(layout->dtb.raw, VM_LAYOUT_DTB_SLOT_BYTES, "device tree");
	if (layout->initrd_bytes != 0)
		print_piece(layout->initrd.raw, layout->initrd_bytes, "ramdisk");
}

static void print_devices(const struct plan *plan, const struct planned_vm *vm)
{
	const void *host = plan->board->hw.fdt;
	char path[PATH_TEXT_MAX];

	for (unsigned int i = 0; i < vm->passthrough.nr_devices; i++) {
		const struct passthrough_device *device = &vm->passthrough.devices[i];

		if (fdt_get_path(host, device->node, path, sizeof(path)) != 0)
			snprintf(path, sizeof(path), "%s", fdt_get_name(host, device->node, NULL));
		report_print("  host device %s", path);
		for (unsigned int r = 0; r < device->nr_regs; r++) {
			struct hw_range pages = passthrough_pages(&device->regs[r]);

			print_piece(pages.base.raw, pages.size_bytes, "its registers, in pages");
		}
		for (unsigned int q = 0; q < device->nr_irqs; q++)
			report_print("  interrupt %u: its own, %s", (unsigned int)device->irqs[q].intid,
				     device->irqs[q].edge ? "edge" : "level");
	}
}

static void print_gic(const struct planned_vm *vm)
{
	const struct guest_map *map = &vm->map;

	print_piece(map->gicd.base.raw, map->gicd.size_bytes, "GICD");
	if (vm->config.gic_version == 2)
		print_piece(map->gicc.base.raw, map->gicc.size_bytes, "GICC");
	if (vm->config.gic_version == 3)
		print_piece(map->gicr.base.raw, map->gicr.size_bytes, "GICR, two frames a vCPU");
}

static void print_scheduling(const struct vm_config *config)
{
	char budget[64] = "no budget";

	if (config->budget_us != 0)
		snprintf(budget, sizeof(budget), "%u us of every %u us", (unsigned int)config->budget_us,
			 (unsigned int)config->period_us);
	report_print("  priority %u, weight %u, %s", (unsigned int)config->priority, (unsigned int)config->weight,
		     budget);
}

static void print_vm(const struct plan *plan, const struct planned_vm *vm)
{
	const struct vm_config *config = &vm->config;
	char gic[24] = "the board's GIC";

	if (config->gic_version != 0)
		snprintf(gic, sizeof(gic), "GICv%u", (unsigned int)config->gic_version);
	report_print("VM %s: %u vCPU%s, %lu MiB, %s, %s", config->name, (unsigned int)config->nr_vcpus,
		     plural(config->nr_vcpus), (unsigned long)(config->memory_bytes >> 20), gic,
		     config->autostart ? "starts at boot" : "does not start by itself");
	print_ram(plan, vm);
	print_scheduling(config);
	for (unsigned int n = 0; plan->board != NULL && n < config->nr_vcpus; n++)
		report_print("  vCPU %u: on CPU %u, of mask 0x%lx", n, vm->homes[n],
			     (unsigned long)config->affinity[n]);
	print_gic(vm);
	print_piece(vm->map.uart.base.raw, vm->map.uart.size_bytes, "PL011");
	print_piece(vm->map.rtc.base.raw, vm->map.rtc.size_bytes, "PL031");
	print_piece(vm->map.corbel.base.raw, vm->map.corbel.size_bytes, "kept for Corbel's own, as stolen time");
	report_print("  interrupt %u: PL011; %u: PL031; %u, %u: timers", (unsigned int)vm->map.uart_intid,
		     (unsigned int)vm->map.rtc_intid, (unsigned int)vm->map.timer_intids[GUEST_TIMER_VIRT],
		     (unsigned int)vm->map.timer_intids[GUEST_TIMER_PHYS_NS]);
	if (plan->board != NULL)
		print_devices(plan, vm);
	else if (config->passthrough_bytes != 0)
		report_print("  host devices: not looked at without a board");
}

void print_vms(const struct plan *plan)
{
	for (unsigned int n = 0; n < plan->nr_vms; n++) {
		if (n != 0)
			report_print("%s", "");
		print_vm(plan, &plan->vms[n]);
	}
}

/* --- what is left -------------------------------------------------------------------------------- */

/* The vCPUs of one CPU, with their VMs' priorities: a line of at most all of them. */
static void print_cpu(const struct plan *plan, unsigned int id)
{
	char line[MAX_VCPUS * (VM_NAME_MAX + 32) + 32];
	size_t length = (size_t)snprintf(line, sizeof(line), "  CPU %u:", id);
	const char *separator = " ";

	for (unsigned int n = 0; n < plan->nr_vms; n++) {
		const struct planned_vm *vm = &plan->vms[n];

		for (unsigned int i = 0; i < vm->config.nr_vcpus; i++) {
			if (vm->homes[i] != id)
				continue;
			length += (size_t)snprintf(line + length, sizeof(line) - length, "%s%s.%u (priority %u)",
						   separator, vm->config.name, i, (unsigned int)vm->config.priority);
			separator = ", ";
		}
	}
	report_print("%s%s", line, plan->cpus.nr_assigned[id] == 0 ? " nobody" : "");
}

void print_rest(const struct plan *plan)
{
	uint64_t left = plan->host.free_bytes - plan->ram_bytes;

	report_print("Who lives where");
	for (unsigned int id = 0; id < plan->board->hw.nr_cpus; id++)
		if ((plan->cpus.online & BIT(id)) != 0)
			print_cpu(plan, id);
	report_print("Left: %lu MiB of RAM, %u of %u vCPUs, %u of %u VMs", (unsigned long)(left >> 20),
		     MAX_VCPUS - plan->nr_vcpus, MAX_VCPUS, MAX_VMS - plan->nr_vms, MAX_VMS);
}

/* Memory and interrupts of the host: see monitor_host.h. */
#include "kernel/monitor_host.h"

#include <libfdt.h>
#include <stdio.h>

#include "arch/arm64/sections.h"
#include "kernel/console.h"
#include "kernel/exit_times.h"
#include "kernel/irq.h"
#include "kernel/monitor_commands.h"
#include "kernel/palloc.h"
#include "kernel/system.h"
#include "kernel/vm.h"
#include "lib/bits.h"
#include "lib/json.h"

typedef unsigned long ulong;

/* --- mem --- */

/* As the page allocator gives it. */
static uint64_t pages_for(uint64_t bytes)
{
	return BIT(palloc_order_for(bytes));
}

static ulong kib(uint64_t pages)
{
	return (ulong)(pages * PAGE_SIZE >> 10);
}

/* What a VM has, in pages. */
struct vm_pages {
	uint64_t ram, tables, vcpus, times, tree, rest;
};

static struct vm_pages pages_of(const struct vm *vm)
{
	struct vm_pages pages = {
		.tables = BIT(palloc_order_for(vm->stage2.root_pages * PAGE_SIZE)) + vm->stage2.nr_table_pages,
		.vcpus = vm->nr_vcpus * pages_for(sizeof(struct vcpu)),
		.tree = pages_for(GUEST_FDT_MAX_BYTES),
		.rest = pages_for(sizeof(*vm)) + 1, /* 1: stolen time */
	};

	if (vm->config->direct_map) /* for good */
		pages.ram = pages_for(vm->config->memory_bytes);
	for (unsigned int n = 0; n < vm->nr_chunks && !vm->config->direct_map; n++)
		pages.ram += vm->chunks[n].size_bytes / PAGE_SIZE;
	for (unsigned int n = 0; n < vm->nr_vcpus; n++)
		pages.times += vm->vcpus[n]->times != NULL ? pages_for(sizeof(struct exit_times)) : 0;
	return pages;
}

static uint64_t own_pages(const struct vm_pages *pages)
{
	return pages->tables + pages->vcpus + pages->times + pages->tree + pages->rest;
}

static void say_vm_mem(const struct vm *vm, const struct vm_pages *pages)
{
	monitor_say(
		"%s: %lu KiB of RAM, %lu KiB for it: stage 2 %lu, %u vCPU%s %lu, times %lu, tree %lu, the rest %lu\n",
		vm->config->name, kib(pages->ram), kib(own_pages(pages)), kib(pages->tables), vm->nr_vcpus,
		vm->nr_vcpus == 1 ? "" : "s", kib(pages->vcpus), kib(pages->times), kib(pages->tree), kib(pages->rest));
}

static void vm_mem_json(const struct vm *vm, const struct vm_pages *pages, struct json *json)
{
	json_open_object(json, NULL);
	json_string(json, "name", vm->config->name);
	json_number(json, "ram_pages", pages->ram);
	json_number(json, "stage2_pages", pages->tables);
	json_number(json, "vcpu_pages", pages->vcpus);
	json_number(json, "times_pages", pages->times);
	json_number(json, "tree_pages", pages->tree);
	json_number(json, "rest_pages", pages->rest);
	json_close(json);
}

static void say_own_mem(unsigned int row)
{
	struct palloc_stats stats = palloc_stats();
	uint64_t image = (uint64_t)(__image_end - __image_start), stacks = (uint64_t)(__stacks_end - __stacks_start);

	switch (row) {
	case 0:
		monitor_say("%lu MiB of RAM, %lu MiB free (%lu of %lu pages of 4 KiB)\n",
			    (ulong)(stats.total_pages >> 8), (ulong)(stats.free_pages >> 8), (ulong)stats.free_pages,
			    (ulong)stats.total_pages);
		break;
	case 1:
		monitor_say("Corbel: image %lu KiB, of it %lu code, %lu stacks; allocator %lu KiB\n",
			    (ulong)(image >> 10), (ulong)((uint64_t)(__text_end - __image_start) >> 10),
			    (ulong)(stacks >> 10), kib(stats.table_pages));
		break;
	case 2:
		monitor_say("each VM: %lu bytes (struct %lu, tree %lu, stolen time %lu), stage 2, and %u of the image "
			    "for its console\n",
			    (ulong)(sizeof(struct vm) + GUEST_FDT_MAX_BYTES + PAGE_SIZE), (ulong)sizeof(struct vm),
			    (ulong)GUEST_FDT_MAX_BYTES, (ulong)PAGE_SIZE, VM_CONSOLE_RING_BYTES);
		break;
	case 3:
		monitor_say("each vCPU: %lu bytes; with \"stats on\" %lu more\n", (ulong)sizeof(struct vcpu),
			    (ulong)sizeof(struct exit_times));
		break;
	default: monitor_say("bundle: %lu KiB, kept\n", (ulong)(system_hw->initrd.size_bytes >> 10)); break;
	}
}

#define NR_OWN_MEM_ROWS 5U

static void own_mem_json(struct json *json)
{
	struct palloc_stats stats = palloc_stats();

	json_open_object(json, NULL);
	json_number(json, "page_bytes", PAGE_SIZE);
	json_number(json, "total_pages", stats.total_pages);
	json_number(json, "free_pages", stats.free_pages);
	json_number(json, "image_bytes", (uint64_t)(__image_end - __image_start));
	json_number(json, "bundle_bytes", system_hw->initrd.size_bytes);
	json_number(json, "vm_bytes", sizeof(struct vm));
	json_number(json, "vcpu_bytes", sizeof(struct vcpu));
	json_open_array(json, "vms");
}

/* The n-th VM's, or behind the last one what is left when all that is known is taken away: 0, or something has been
 * lost. `known` adds up from row to row, so that no step walks all VMs. Returns whether there was a VM. */
static bool mem_of_nth(unsigned int n, struct json *json)
{
	static uint64_t known; /* the monitor's job's: one answer at a time */
	struct palloc_stats stats = palloc_stats();
	uint64_t used = stats.total_pages - stats.free_pages;

	known = n == 0 ? 0 : known;
	if (n < nr_vms) {
		struct vm_pages pages = pages_of(vms[n]);

		known += pages.ram + own_pages(&pages);
		if (json != NULL)
			vm_mem_json(vms[n], &pages, json);
		else
			say_vm_mem(vms[n], &pages);
		return true;
	}
	used -= min_u64(used, known); /* a VM may have given its RAM back since its row */
	if (json != NULL) {
		json_close(json);
		json_number(json, "nobodys_pages", used);
	} else {
		monitor_say("nobody's: %lu KiB\n", kib(used));
	}
	return false;
}

bool monitor_mem_row(unsigned int row, const char *argument)
{
	unsigned int first_reserved = NR_OWN_MEM_ROWS + nr_vms + 1;
	struct json *json = monitor_json();

	(void)argument;
	if (json != NULL && row == 0) {
		own_mem_json(json);
	} else if (json != NULL) {
		return mem_of_nth(row - 1, json);
	} else if (row < NR_OWN_MEM_ROWS) {
		say_own_mem(row);
	} else if (row < first_reserved) {
		(void)mem_of_nth(row - NR_OWN_MEM_ROWS, NULL);
	} else {
		const struct hw_range *reserved = &system_hw->reserved[row - first_reserved];

		monitor_say("reserved: %lx-%lx\n", (ulong)reserved->base.raw,
			    (ulong)(reserved->base.raw + reserved->size_bytes - 1));
	}
	return json != NULL || row + 1 < first_reserved + system_hw->nr_reserved;
}

/* --- irq --- */

#define NR_PRIVATE_ROWS 8U /* the heading is the first */

/* Whose it is: Corbel's, a VM's, or of each vCPU while it is in the machine. */
struct irq_owner {
	const char *vm; /* its name; NULL: another one's */
	bool is_current;
	const char *what, *trigger; /* trigger: NULL where it does not matter */
};

static void irq_json(uint32_t intid, bool counted, const struct irq_owner *owner, struct json *json)
{
	json_open_object(json, NULL);
	json_number(json, "intid", intid);
	if (counted)
		json_number(json, "count", irq_spi_count(intid));
	else
		json_null(json, "count");
	json_string(json, "owner", owner->vm != NULL ? "vm" : owner->is_current ? "current vm" : "corbel");
	if (owner->vm != NULL)
		json_string(json, "vm", owner->vm);
	else
		json_null(json, "vm");
	json_string(json, "what", owner->what);
	if (owner->trigger != NULL)
		json_string(json, "trigger", owner->trigger);
	json_close(json);
}

/* counted: an SPI; each of the others would pay for it at an exit. */
static void say_irq(uint32_t intid, bool counted, struct irq_owner owner)
{
	const char *who = owner.vm != NULL ? owner.vm : owner.is_current ? "the VM that runs" : "Corbel";
	char count[24] = "-";

	if (monitor_json() != NULL) {
		irq_json(intid, counted, &owner, monitor_json());
		return;
	}
	if (counted)
		(void)snprintf(count, sizeof(count), "%lu", (ulong)irq_spi_count(intid));
	monitor_say("%-5u  %-10s  %s: %s%s%s\n", (unsigned int)intid, count, who, owner.what,
		    owner.trigger != NULL ? ", " : "", owner.trigger != NULL ? owner.trigger : "");
}

static void say_heading(void)
{
	if (monitor_json() != NULL)
		json_open_array(monitor_json(), NULL);
	else
		monitor_say("INTID  Count       Owner\n");
}

static void say_private(unsigned int row)
{
	const struct {
		uint32_t intid;
		struct irq_owner owner;
	} irqs[NR_PRIVATE_ROWS - 1] = {
		{ IRQ_SGI_KICK, { .what = "kicks" } },
		{ IRQ_SGI_HALT, { .what = "halt, at a panic" } },
		{ IRQ_SGI_SNAPSHOT, { .what = "why" } },
		{ system_hw->gic.maintenance.intid, { .what = "list registers" } },
		{ system_hw->timer_hyp.intid, { .what = "its timers" } },
		{ system_hw->timer_virt.intid, { .is_current = true, .what = "virtual timer" } },
		{ system_hw->timer_phys_ns.intid, { .is_current = true, .what = "physical timer" } },
	};

	if (row == 0)
		say_heading();
	else
		say_irq(irqs[row - 1].intid, false, irqs[row - 1].owner);
}

static void say_console_irq(void)
{
	const struct hw_uart *uart = console_uart();

	if (uart != NULL && uart->irq.intid != 0)
		say_irq(uart->irq.intid, true, (struct irq_owner){ .what = uart->path });
}

static void say_device_irq(const struct vm *vm, const struct passthrough_device *device, const struct hw_irq *irq)
{
	const char *name = fdt_get_name(system_hw->fdt, device->node, NULL);

	say_irq(irq->intid, true,
		(struct irq_owner){ .vm = vm->config->name,
				    .what = name != NULL ? name : "a device",
				    .trigger = irq->edge ? "edge" : "level" });
}

/* The n-th interrupt of all VMs' devices. Returns false when there is none. */
static bool say_nth_device_irq(unsigned int n)
{
	for (unsigned int v = 0; v < nr_vms; v++) {
		for (unsigned int d = 0; d < vms[v]->passthrough.nr_devices; d++) {
			const struct passthrough_device *device = &vms[v]->passthrough.devices[d];

			if (n < device->nr_irqs) {
				say_device_irq(vms[v], device, &device->irqs[n]);
				return true;
			}
			n -= device->nr_irqs;
		}
	}
	return false;
}

bool monitor_irq_row(unsigned int row, const char *argument)
{
	(void)argument;
	if (row < NR_PRIVATE_ROWS) {
		say_private(row);
		return true;
	}
	if (row == NR_PRIVATE_ROWS) {
		say_console_irq();
		return true;
	}
	return say_nth_device_irq(row - NR_PRIVATE_ROWS - 1);
}

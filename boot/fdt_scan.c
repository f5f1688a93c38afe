/* The host's device tree becomes struct hw_info: memory, CPUs and /chosen here; the rest in fdt_scan_dev.c. Pure. */
#include "boot/fdt_scan.h"

#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "lib/bits.h"

/* "The device tree blob must [...] not exceed 2 megabytes in size." [Linux Documentation/arch/arm64/booting.rst] */
#define FDT_MAX_BYTES SZ_2M

#define PA_LIMIT BIT(52) /* no machine of this architecture has a longer physical address */

#define MPIDR_AFFINITY UINT64_C(0xff00ffffff) /* Aff3, Aff2, Aff1, Aff0 [DDI0487 MPIDR_EL1] */

static enum hv_err fail(char message[HW_MESSAGE_MAX], const char *text)
{
	snprintf(message, HW_MESSAGE_MAX, "host device tree: %s", text);
	return HV_EINVAL;
}

/* --- memory --- */

static void remove_memory(struct hw_info *hw, unsigned int i)
{
	hw->nr_memory--;
	memmove(&hw->memory[i], &hw->memory[i + 1], (hw->nr_memory - i) * sizeof(hw->memory[0]));
}

/* Keeps the table sorted and merged; whole pages only. Where it is full the memory is not used, which does no harm. */
static void add_memory(struct hw_info *hw, const struct hw_range *range)
{
	uint64_t start = align_up(range->base.raw, PAGE_SIZE);
	uint64_t stop = align_down(range->base.raw + range->size_bytes, PAGE_SIZE);
	unsigned int i = 0;

	if (!range_contains(0, PA_LIMIT, range->base.raw, range->size_bytes) || start >= stop)
		return;
	while (i < hw->nr_memory) {
		uint64_t base = hw->memory[i].base.raw, end = base + hw->memory[i].size_bytes;

		if (end < start || base > stop) {
			i++;
			continue;
		}
		start = min_u64(start, base);
		stop = max_u64(stop, end);
		remove_memory(hw, i);
		i = 0;
	}
	if (hw->nr_memory == HW_MAX_MEMORY)
		return;
	for (i = hw->nr_memory++; i > 0 && hw->memory[i - 1].base.raw > start; i--)
		hw->memory[i] = hw->memory[i - 1];
	hw->memory[i] = (struct hw_range){ pa(start), stop - start };
}

/* Whole pages around it, in a table that leaves out what it has already. */
static void add_range(struct scan *scan, struct hw_range *table, unsigned int *nr, uint64_t base, uint64_t size_bytes)
{
	uint64_t start = align_down(base, PAGE_SIZE);

	if (!range_is_sane(base, size_bytes) || !range_contains(0, PA_LIMIT, base, size_bytes))
		return;
	for (unsigned int i = 0; i < *nr; i++)
		if (range_contains(table[i].base.raw, table[i].size_bytes, base, size_bytes))
			return;
	if (*nr == HW_MAX_RESERVED) {
		scan->reserved_is_full = true;
		return;
	}
	table[(*nr)++] = (struct hw_range){ pa(start), align_up(base + size_bytes, PAGE_SIZE) - start };
}

/* What shares a page with it cannot be given away either. */
static void add_reserved(struct scan *scan, uint64_t base, uint64_t size_bytes)
{
	add_range(scan, scan->hw->reserved, &scan->hw->nr_reserved, base, size_bytes);
}

/* Makes the children of `parent`, which is a child of the root or the root, readable by fdt_bus_reg(). */
static void enter_bus(struct scan *scan, int parent)
{
	struct fdt_bus_level *bus = &scan->bus.levels[0];

	/* No ranges are looked at from here: CPUs have none, and memory's addresses are the root's. */
	bus->address_cells = (uint32_t)fdt_address_cells(scan->fdt, parent);
	bus->size_cells = (uint32_t)fdt_size_cells(scan->fdt, parent);
	scan->bus.depth = 1;
}

static void scan_memory(struct scan *scan)
{
	struct hw_range range;
	int node;

	enter_bus(scan, 0);
	fdt_for_each_subnode(node, scan->fdt, 0)
	{
		const char *type = fdt_blob_string(scan->fdt, node, "device_type");
		int length = 0;

		if (!type || strcmp(type, "memory") != 0 || !fdt_blob_is_enabled(scan->fdt, node))
			continue;
		(void)fdt_getprop(scan->fdt, node, "reg", &length);
		/* fdt_bus_reg() refuses entries of size 0: firmware that fills them in has not, or need not have. */
		for (int i = 0; i < length / 8; i++)
			if (fdt_bus_reg(&scan->bus, node, (unsigned int)i, &range))
				add_memory(scan->hw, &range);
	}
}

static void take_reserved(struct scan *scan, int node, const struct hw_range *range)
{
	struct hw_info *hw = scan->hw;

	add_reserved(scan, range->base.raw, range->size_bytes);
	if (fdt_getprop(scan->fdt, node, "no-map", NULL) != NULL)
		add_range(scan, hw->no_map, &hw->nr_no_map, range->base.raw, range->size_bytes);
}

/* Static regions; those with a size only are for the operating system to place. */
static void scan_reserved(struct scan *scan)
{
	int parent = fdt_subnode_offset(scan->fdt, 0, "reserved-memory"), node;
	struct hw_info *hw = scan->hw;
	struct hw_range range;
	uint64_t base, size;

	for (int i = 0; i < fdt_num_mem_rsv(scan->fdt); i++)
		if (fdt_get_mem_rsv(scan->fdt, i, &base, &size) == 0)
			add_reserved(scan, base, size);
	add_reserved(scan, (uintptr_t)scan->fdt, fdt_totalsize(scan->fdt));
	add_reserved(scan, hw->initrd.base.raw, hw->initrd.size_bytes);
	/* CPUs that do not come up poll their words for ever; firmware should have reserved them, and may have not. */
	for (unsigned int cpu = 0; cpu < hw->nr_cpus; cpu++)
		if (hw->cpus[cpu].enable == HW_ENABLE_SPIN_TABLE)
			add_reserved(scan, hw->cpus[cpu].release_addr.raw, sizeof(uint64_t));
	if (parent < 0 || !fdt_blob_is_enabled(scan->fdt, parent))
		return;
	enter_bus(scan, parent);
	fdt_for_each_subnode(node, scan->fdt, parent)
	{
		int length = 0;

		(void)fdt_getprop(scan->fdt, node, "reg", &length);
		for (int i = 0; fdt_blob_is_enabled(scan->fdt, node) && i < length / 8; i++)
			if (fdt_bus_reg(&scan->bus, node, (unsigned int)i, &range))
				take_reserved(scan, node, &range);
	}
}

/* --- CPUs --- */

/* A CPU that is "disabled" waits for its enable-method; "fail" must be left alone. [DeviceTree 3.8.1] */
static bool cpu_is_there(const void *fdt, int node)
{
	const char *type = fdt_blob_string(fdt, node, "device_type");
	const char *status = fdt_blob_string(fdt, node, "status");

	return type && strcmp(type, "cpu") == 0 && (!status || strncmp(status, "fail", 4) != 0);
}

static void take_enable_method(const void *fdt, int node, struct hw_cpu *cpu)
{
	const char *method = fdt_blob_string(fdt, node, "enable-method");

	if (!method)
		return;
	if (strcmp(method, "psci") == 0)
		cpu->enable = HW_ENABLE_PSCI;
	else if (strcmp(method, "spin-table") == 0 &&
		 fdt_blob_u32_or_u64(fdt, node, "cpu-release-addr", &cpu->release_addr.raw))
		cpu->enable = HW_ENABLE_SPIN_TABLE;
}

static void scan_cpus(struct scan *scan)
{
	int parent = fdt_subnode_offset(scan->fdt, 0, "cpus"), node;
	struct hw_info *hw = scan->hw;
	uint64_t mpidr;

	if (parent < 0)
		return;
	fdt_for_each_subnode(node, scan->fdt, parent)
	{
		struct hw_cpu *cpu = &hw->cpus[hw->nr_cpus];

		/* reg has one cell or two, as /cpus says; both are just as long as the number. */
		if (!cpu_is_there(scan->fdt, node) || !fdt_blob_u32_or_u64(scan->fdt, node, "reg", &mpidr))
			continue;
		if (hw->nr_cpus == HW_MAX_CPUS)
			return;
		cpu->mpidr = mpidr & MPIDR_AFFINITY;
		take_enable_method(scan->fdt, node, cpu);
		hw->nr_cpus++;
	}
}

/* --- /chosen --- */

/* The node of stdout-path: a path or an alias, options behind a colon. */
static int find_stdout(const void *fdt, int chosen)
{
	const char *path = fdt_blob_string(fdt, chosen, "stdout-path");

	if (!path)
		path = fdt_blob_string(fdt, chosen, "linux,stdout-path");
	if (!path)
		return -1;
	return fdt_blob_find(fdt, path, strcspn(path, ":"));
}

static void scan_chosen(struct scan *scan)
{
	struct hw_info *hw = scan->hw;
	int chosen = fdt_subnode_offset(scan->fdt, 0, "chosen"), length;
	uint64_t start, end;
	const char *bootargs;
	const void *seed;

	if (chosen < 0)
		return;
	scan->stdout_node = find_stdout(scan->fdt, chosen);
	bootargs = fdt_blob_string(scan->fdt, chosen, "bootargs");
	if (bootargs)
		snprintf(hw->bootargs, sizeof(hw->bootargs), "%s", bootargs);
	if (fdt_blob_u32_or_u64(scan->fdt, chosen, "linux,initrd-start", &start) &&
	    fdt_blob_u32_or_u64(scan->fdt, chosen, "linux,initrd-end", &end) && end > start)
		hw->initrd = (struct hw_range){ pa(start), end - start };
	seed = fdt_getprop(scan->fdt, chosen, "rng-seed", &length);
	if (seed) {
		hw->rng_seed_bytes = (unsigned int)min_u64((uint64_t)length, sizeof(hw->rng_seed));
		memcpy(hw->rng_seed, seed, hw->rng_seed_bytes);
	}
}

static void scan_model(struct scan *scan)
{
	const char *model = fdt_blob_string(scan->fdt, 0, "model");

	if (!model)
		model = fdt_blob_string(scan->fdt, 0, "compatible");
	snprintf(scan->hw->model, sizeof(scan->hw->model), "%s", model ? model : "");
}

static const char *find_fault(const void *fdt)
{
	if (!fdt)
		return "there is none";
	if (is_aligned((uintptr_t)fdt, 8) && fdt_magic(fdt) == FDT_MAGIC && fdt_totalsize(fdt) > FDT_MAX_BYTES)
		return "it is larger than 2 MiB";
	return fdt_blob_fault(fdt, FDT_MAX_BYTES);
}

/* The devices before anything that can fail: a sentence wants a console to be printed on. */
enum hv_err fdt_scan(const void *fdt, struct hw_info *hw, char message[HW_MESSAGE_MAX])
{
	struct scan scan = { .fdt = fdt, .bus.fdt = fdt, .hw = hw, .stdout_node = -1 };
	const char *fault;

	memset(hw, 0, sizeof(*hw));
	message[0] = '\0';
	fault = find_fault(fdt);
	if (fault)
		return fail(message, fault);
	hw->fdt = fdt;
	hw->fdt_size_bytes = fdt_totalsize(fdt);
	scan_model(&scan);
	scan_chosen(&scan);
	scan_devices(&scan);
	scan_cpus(&scan);
	scan_memory(&scan);
	scan_reserved(&scan);
	if (hw->nr_memory == 0)
		return fail(message, "it has no memory");
	if (scan.reserved_is_full)
		return fail(message, "it reserves more than 32 regions of memory, which is Corbel's limit");
	return HV_OK;
}

#include "tools/corbel-check/board.h"

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "kernel/palloc.h"
#include "lib/bits.h"
#include "lib/fdt_blob.h"

#define MIB UINT64_C(0x100000)

#define ROOM_BYTES	1024 /* for what is added, beside bootargs */
#define ARENA_MAX_BYTES (UINT64_C(1) << 40)

/* --- a copy of the tree, for the boot loader's words --------------------------------------------- */

/* With room for what is added; no larger than it is, where it has that already. */
static bool copy_tree(struct board *board, const struct board_files *files)
{
	const void *tree = files->dtb->data;
	size_t room = ROOM_BYTES + (files->bootargs != NULL ? strlen(files->bootargs) : 0);
	size_t used = fdt_off_mem_rsvmap(tree) + 16 * ((size_t)fdt_num_mem_rsv(tree) + 1) + fdt_size_dt_struct(tree) +
		      fdt_size_dt_strings(tree);
	size_t size = max_u64(fdt_totalsize(tree), align_up(used + room, 8));

	board->tree = malloc(size);
	return board->tree != NULL && fdt_open_into(tree, board->tree, (int)size) == 0;
}

void board_free(struct board *board)
{
	free(board->tree);
	board->tree = NULL;
}

static int find_chosen(void *tree)
{
	int chosen = fdt_subnode_offset(tree, 0, "chosen");

	return chosen >= 0 ? chosen : fdt_add_subnode(tree, 0, "chosen");
}

static bool set_bootargs(void *tree, const char *bootargs)
{
	int chosen = find_chosen(tree);

	return chosen >= 0 && fdt_setprop(tree, chosen, "bootargs", bootargs, (int)strlen(bootargs) + 1) == 0;
}

static int find_memory(void *tree)
{
	int node = fdt_node_offset_by_prop_value(tree, -1, "device_type", "memory", sizeof("memory"));

	if (node >= 0)
		return node;
	node = fdt_add_subnode(tree, 0, "memory");
	return node < 0 || fdt_setprop(tree, node, "device_type", "memory", sizeof("memory")) != 0 ? -1 : node;
}

/* As firmware does that knows how much there is. libfdt refuses what the root's cells cannot say. */
static bool set_memory(void *tree, const struct hw_range *memory, unsigned int nr_memory)
{
	int node = find_memory(tree);
	bool done = node >= 0;

	if (done)
		(void)fdt_delprop(tree, node, "reg");
	for (unsigned int n = 0; done && n < nr_memory; n++)
		done = fdt_appendprop_addrrange(tree, 0, node, "reg", memory[n].base.raw, memory[n].size_bytes) == 0;
	return done;
}

static void clear_initrd(void *tree)
{
	int chosen = fdt_subnode_offset(tree, 0, "chosen");

	if (chosen < 0)
		return;
	(void)fdt_delprop(tree, chosen, "linux,initrd-start");
	(void)fdt_delprop(tree, chosen, "linux,initrd-end");
}

static bool set_initrd(void *tree, const struct hw_range *bundle)
{
	uint64_t end = bundle->base.raw + bundle->size_bytes;
	int chosen = find_chosen(tree);

	return chosen >= 0 && fdt_setprop_u64(tree, chosen, "linux,initrd-start", bundle->base.raw) == 0 &&
	       fdt_setprop_u64(tree, chosen, "linux,initrd-end", end) == 0;
}

/* --- places in RAM ------------------------------------------------------------------------------- */

static uint64_t end_of(const struct hw_range *range)
{
	return range->base.raw + range->size_bytes;
}

/* Behind the first reserved range that overlaps these bytes; `base` itself where none does. */
static uint64_t past_reserved(const struct hw_info *hw, uint64_t base, uint64_t size_bytes)
{
	for (unsigned int n = 0; n < hw->nr_reserved; n++)
		if (ranges_overlap(hw->reserved[n].base.raw, hw->reserved[n].size_bytes, base, size_bytes))
			return align_up(end_of(&hw->reserved[n]), SZ_2M);
	return base;
}

/* The lowest place of 2 MiB alignment from `lowest` on that is RAM and not reserved. */
static bool place(const struct hw_info *hw, uint64_t lowest, uint64_t size_bytes, struct hw_range *range)
{
	for (unsigned int n = 0; n < hw->nr_memory; n++) {
		uint64_t at, next = align_up(max_u64(lowest, hw->memory[n].base.raw), SZ_2M);

		do {
			at = next;
			if (!range_contains(hw->memory[n].base.raw, hw->memory[n].size_bytes, at, size_bytes))
				break;
			next = past_reserved(hw, at, size_bytes);
		} while (next != at);
		if (next != at || !range_contains(hw->memory[n].base.raw, hw->memory[n].size_bytes, at, size_bytes))
			continue;
		*range = (struct hw_range){ pa(at), size_bytes };
		return true;
	}
	return false;
}

static bool place_files(struct board *board, const struct board_files *files)
{
	const struct hw_info *hw = &board->hw;
	uint64_t base = hw->memory[0].base.raw, middle = min_u64(hw->memory[0].size_bytes / 2, 128 * MIB);

	if (!place(hw, base + SZ_2M, files->image_bytes, &board->image))
		return false;
	if (board->is_bundle_told)
		board->bundle = hw->initrd;
	else if (!place(hw, max_u64(base + middle, end_of(&board->image)), max_u64(files->bundle->size_bytes, 1),
			&board->bundle))
		return false;
	return place(hw, end_of(&board->bundle), fdt_totalsize(board->tree), &board->fdt);
}

/* The scan took the copy's address on this machine for the tree's: that is where this process has it. */
static void move_tree(struct board *board)
{
	uint64_t here = align_down((uintptr_t)board->tree, PAGE_SIZE),
		 start = align_down(board->fdt.base.raw, PAGE_SIZE);

	for (unsigned int n = 0; n < board->hw.nr_reserved; n++)
		if (board->hw.reserved[n].base.raw == here)
			board->hw.reserved[n] =
				(struct hw_range){ pa(start), align_up(end_of(&board->fdt), PAGE_SIZE) - start };
}

/* --- scan ---------------------------------------------------------------------------------------- */

static bool scan(struct board *board, struct report *report)
{
	char message[HW_MESSAGE_MAX];

	if (fdt_scan(board->tree, &board->hw, message) == HV_OK)
		return true;
	report_say(report, true, "%s", message);
	return false;
}

/* A tree of a running machine, or a dump of one, has the bundle's own place. */
static bool is_bundle_told(const struct hw_info *hw, const struct file *bundle)
{
	for (unsigned int n = 0; n < hw->nr_memory; n++)
		if (range_contains(hw->memory[n].base.raw, hw->memory[n].size_bytes, hw->initrd.base.raw,
				   hw->initrd.size_bytes))
			return hw->initrd.size_bytes != 0 && hw->initrd.size_bytes == bundle->size_bytes;
	return false;
}

/* What the firmware and the boot loader write, but for the bundle's place. */
static bool edit_tree(const struct board_files *files, void *tree)
{
	if (files->nr_memory != 0 && !set_memory(tree, files->memory, files->nr_memory))
		return false;
	return files->bootargs == NULL || set_bootargs(tree, files->bootargs);
}

/* Where the tree does not tell a place for the bundle, one is found and written into it. */
static bool place_all(struct board *board, const struct board_files *files, struct report *report)
{
	board->is_bundle_told = is_bundle_told(&board->hw, files->bundle);
	if (!board->is_bundle_told) {
		clear_initrd(board->tree);
		if (!scan(board, report))
			return false;
	}
	if (place_files(board, files) && (board->is_bundle_told || set_initrd(board->tree, &board->bundle)))
		return true;
	report_say(report, true, "host device tree: its RAM has no room for Corbel, the bundle and the tree");
	return false;
}

/* The tree is looked at, to see where there is room; then again, as Corbel will find it. */
static bool load(struct board *board, const struct board_files *files, struct report *report)
{
	const char *fault = fdt_blob_fault(files->dtb->data, files->dtb->size_bytes);

	if (fault != NULL) {
		report_say(report, true, "host device tree: %s", fault);
		return false;
	}
	if (!copy_tree(board, files) || !edit_tree(files, board->tree)) {
		report_say(report, true, "host device tree: nothing can be added to it");
		return false;
	}
	if (!scan(board, report) || !place_all(board, files, report) || !scan(board, report))
		return false;
	move_tree(board);
	return true;
}

/* --- memory -------------------------------------------------------------------------------------- */

/* Corbel's image is memory that nobody may be given, as boot/boot_main.c has it. */
static bool reserve_image(struct board *board, struct report *report)
{
	struct hw_info *hw = &board->hw;

	if (hw->nr_reserved == HW_MAX_RESERVED) {
		report_say(report, true,
			   "host device tree: it has more than 31 reserved memory regions, which is Corbel's limit");
		return false;
	}
	hw->reserved[hw->nr_reserved++] = board->image;
	return true;
}

/* Addresses that stand for the board's RAM: Corbel's allocator keeps its books in it. Hardly any of it is touched. */
static bool map_arena(const struct hw_info *hw, struct report *report)
{
	uint64_t base = hw->memory[0].base.raw, bytes = end_of(&hw->memory[hw->nr_memory - 1]) - base;
	void *arena = MAP_FAILED;

	if (bytes <= ARENA_MAX_BYTES)
		arena = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (arena == MAP_FAILED) {
		report_say(report, true, "the board's RAM spans %lu GiB, which is more than can be planned here",
			   (unsigned long)(bytes >> 30));
		return false;
	}
	phys_to_virt_offset = (uintptr_t)arena - base;
	return true;
}

static bool init_memory(struct board *board, struct report *report)
{
	struct palloc_range memory[HW_MAX_MEMORY], reserved[HW_MAX_RESERVED];
	const struct hw_info *hw = &board->hw;

	if (!reserve_image(board, report) || !map_arena(hw, report))
		return false;
	for (unsigned int n = 0; n < hw->nr_memory; n++)
		memory[n] = (struct palloc_range){ hw->memory[n].base, hw->memory[n].size_bytes };
	for (unsigned int n = 0; n < hw->nr_reserved; n++)
		reserved[n] = (struct palloc_range){ hw->reserved[n].base, hw->reserved[n].size_bytes };
	if (palloc_init(memory, hw->nr_memory, reserved, hw->nr_reserved) != HV_OK) {
		report_say(report, true, "no place in RAM for the page allocator's tables");
		return false;
	}
	board->free_bytes = palloc_stats().free_pages * PAGE_SIZE;
	board->tables_bytes = palloc_stats().table_pages * PAGE_SIZE;
	return true;
}

/* --- CPUs, console ------------------------------------------------------------------------------- */

/* Why this one stays off, or NULL. */
static const char *why_off(const struct hw_info *hw, const struct hw_cpu *cpu)
{
	switch (cpu->enable) {
	case HW_ENABLE_PSCI: return hw->psci == HW_PSCI_SMC ? NULL : "wants PSCI, but no firmware here answers SMC";
	case HW_ENABLE_SPIN_TABLE: return cpu->release_addr.raw != 0 ? NULL : "has a cpu-release-addr of 0";
	case HW_ENABLE_NONE: break;
	}
	return "has no enable-method psci or spin-table";
}

/* The first one is taken for the boot CPU, which is there even if the tree lists none. */
static void find_cpus(struct board *board, struct report *report)
{
	struct hw_info *hw = &board->hw;

	if (hw->nr_cpus == 0)
		hw->nr_cpus = 1;
	board->cpus.online = 1;
	for (unsigned int id = 1; id < hw->nr_cpus; id++) {
		const char *why = why_off(hw, &hw->cpus[id]);

		if (why == NULL)
			board->cpus.online |= BIT(id);
		else
			report_say(report, false, "CPU %u %s: left off", id, why);
	}
}

static void report_option(void *ctx, const char *word, const char *text)
{
	report_say(ctx, false, "\"%s\" %s: ignored", word, text);
}

bool board_init(struct board *board, const struct board_files *files, struct report *report)
{
	memset(board, 0, sizeof(*board));
	if (!load(board, files, report))
		return false;
	options_parse(board->hw.bootargs, &board->options, report_option, report);
	board->console = options_choose_uart(&board->options, &board->hw, report_option, report);
	if (board->hw.gic.version == HW_GIC_NONE) {
		report_say(report, true, "the host's device tree names no GICv2 or GICv3 that Corbel can drive");
		return false;
	}
	find_cpus(board, report);
	return init_memory(board, report);
}

/*
 * The board: what its device tree says, by Corbel's own scan, with the files where a boot loader puts them. Where one
 * puts them is not known; it is assumed as QEMU's `virt` has it, from the start of RAM on: Corbel at 2 MiB, the bundle
 * at 128 MiB (or half of RAM), the device tree behind it; and past what the tree reserves.
 */
#ifndef TOOLS_CORBEL_CHECK_BOARD_H
#define TOOLS_CORBEL_CHECK_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/options.h"
#include "kernel/vm_plan.h"
#include "platform/hw_info.h"
#include "tools/corbel-check/file.h"
#include "tools/corbel-check/report.h"

/* Whether the tree has the CPU's size of a physical address, and the GIC its number of interrupts, is not told there:
 * taken for as much as Corbel uses. */
#define BOARD_IPA_BYTES (UINT64_C(1) << IPA_BITS_WANTED)

struct board {
	void *tree; /* a copy of the file, with what a boot loader adds: hw.fdt */
	struct hw_info hw;
	struct corbel_options options;
	const struct hw_uart *console;	    /* NULL: none */
	struct vm_plan_cpus cpus;	    /* those that come up */
	struct hw_range image, bundle, fdt; /* in the board's RAM */
	bool is_bundle_told;		    /* where it is stands in the tree's /chosen */
	uint64_t free_bytes, tables_bytes;  /* of the page allocator: left, and its own tables */
};

/* What a boot loader would be given. */
struct board_files {
	const struct file *dtb, *bundle;
	uint64_t image_bytes;		       /* Corbel's, in memory */
	struct hw_range memory[HW_MAX_MEMORY]; /* in place of the tree's, where there is any */
	unsigned int nr_memory;
	const char *bootargs; /* NULL: the tree's */
};

/*
 * Finds out what the board is. False when Corbel would not run on it, which has been reported. Called once: Corbel's
 * page allocator has one board.
 */
bool board_init(struct board *board, const struct board_files *files, struct report *report);
/* Also after a board_init() that failed. */
void board_free(struct board *board);

#endif

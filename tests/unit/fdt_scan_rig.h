/* A host's tree and what the scan makes of it. Each test program has its own. */
#ifndef UNIT_FDT_SCAN_RIG_H
#define UNIT_FDT_SCAN_RIG_H

#include <check.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bits.h"
#include "platform/hw_info.h"

static _Alignas(4096) uint8_t tree[16384];
static struct hw_info hw;
static char message[HW_MESSAGE_MAX];

static inline enum hv_err scan(const void *fdt)
{
	memset(&hw, 0xee, sizeof(hw));
	memset(message, 0xee, sizeof(message));
	return fdt_scan(fdt, &hw, message);
}

static inline size_t read_tree(const char *name)
{
	const char *dir = getenv("TEST_DTB_DIR");
	char path[256];
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir ? dir : "build/host/dtb", name);
	file = fopen(path, "rb");
	ck_assert_msg(file != NULL, "%s: no such file (make test-dtbs)", path);
	size = fread(tree, 1, sizeof(tree), file);
	fclose(file);
	return size;
}

static inline void scan_file(const char *name)
{
	read_tree(name);
	ck_assert_msg(scan(tree) == HV_OK, "%s", message);
	ck_assert_str_eq(message, "");
	ck_assert_ptr_eq(hw.fdt, tree);
	ck_assert_uint_eq(hw.fdt_size_bytes, fdt_totalsize(tree));
}

static inline void expect_range(const struct hw_range *range, uint64_t base, uint64_t size)
{
	ck_assert_uint_eq(range->base.raw, base);
	ck_assert_uint_eq(range->size_bytes, size);
}

static inline void expect_irq(struct hw_irq irq, uint32_t intid, bool edge)
{
	ck_assert_uint_eq(irq.intid, intid);
	ck_assert_int_eq(irq.edge, edge);
}

static inline bool is_reserved(uint64_t base, uint64_t size)
{
	for (unsigned int i = 0; i < hw.nr_reserved; i++)
		if (hw.reserved[i].base.raw == base && hw.reserved[i].size_bytes == size)
			return true;
	return false;
}

static inline bool dtb_is_reserved(void)
{
	return is_reserved((uintptr_t)tree, align_up(fdt_totalsize(tree), 4096));
}

#endif

/* A VM's facts, the tree that is built of them, and what must stand in it. Each test program has its own. */
#ifndef UNIT_GUEST_FDT_RIG_H
#define UNIT_GUEST_FDT_RIG_H

#include <check.h>
#include <libfdt.h>
#include <string.h>

#include "kernel/guest_fdt.h"
#include "lib/bits.h"
#include "lib/fdt_blob.h"

static _Alignas(8) uint8_t tree[GUEST_FDT_MAX_BYTES], scratch[GUEST_FDT_MAX_BYTES];
static struct vm_config config;
static struct guest_fdt_facts facts;
static uint64_t mpidrs[MAX_VCPUS_PER_VM];
static char message[160];

static inline void setup(void)
{
	config = (struct vm_config){
		.name = "linux", .bootargs = "quiet", .nr_vcpus = 2, .memory_bytes = UINT64_C(5) << 30, .gic_version = 3
	};
	facts = (struct guest_fdt_facts){ .initrd_base = { 0x17fe00000 },
					  .initrd_bytes = 0x123456,
					  .kaslr_seed = UINT64_C(0x1122334455667788),
					  .mpidrs = mpidrs };
	for (int i = 0; i < 32; i++)
		facts.rng_seed[i] = (uint8_t)(i + 1);
	for (uint64_t i = 0; i < MAX_VCPUS_PER_VM; i++)
		mpidrs[i] = BIT(31) | i; /* as MPIDR_EL1 reads */
}

static inline enum hv_err build(void)
{
	memset(tree, 0xcc, sizeof(tree));
	memset(scratch, 0xcc, sizeof(scratch));
	return guest_fdt_build(&config, &guest_map_virt, &facts, tree, scratch, sizeof(tree), message);
}

static inline void build_well(void)
{
	ck_assert_msg(build() == HV_OK, "%s", message);
	ck_assert_str_eq(message, "");
	ck_assert_ptr_null(fdt_blob_fault(tree, sizeof(tree)));
	/* build() filled the buffer with 0xcc; no such run may be left for the guest to read. */
	for (size_t i = fdt_totalsize(tree); i + 4 <= sizeof(tree); i += 4)
		ck_assert_mem_ne(tree + i, "\xcc\xcc\xcc\xcc", 4);
}

static const void *get(const char *path, const char *name, int *length)
{
	const void *data;
	int node = fdt_path_offset(tree, path);

	ck_assert_msg(node >= 0, "no node %s", path);
	data = fdt_getprop(tree, node, name, length);
	ck_assert_msg(data != NULL, "no property %s of %s", name, path);
	return data;
}

static inline void expect_cells(const char *path, const char *name, int nr, const uint32_t *cells)
{
	int length;
	const uint8_t *data = get(path, name, &length);

	ck_assert_msg(length == 4 * nr, "%s %s has %d bytes", path, name, length);
	for (int i = 0; i < nr; i++)
		ck_assert_msg(fdt_blob_cells(data + 4 * i, 1) == cells[i], "%s %s cell %d", path, name, i);
}
#define EXPECT(path, name, ...) \
	expect_cells(path, name, (int)ARRAY_SIZE(((uint32_t[]){ __VA_ARGS__ })), (uint32_t[]){ __VA_ARGS__ })

static inline void expect_text(const char *path, const char *name, const char *text, int size)
{
	int length;
	const char *data = get(path, name, &length);

	ck_assert_msg(length == size && memcmp(data, text, (size_t)size) == 0, "%s %s is %s", path, name, data);
}
#define TEXT(path, name, text) expect_text(path, name, text, sizeof(text))

static inline bool has_node(const char *path)
{
	return fdt_path_offset(tree, path) >= 0;
}

static inline bool has_property(const char *path, const char *name)
{
	return fdt_getprop(tree, fdt_path_offset(tree, path), name, NULL) != NULL;
}

#endif

/* A bundle of one good VM, made anew for each test, and what the parser reports. Each test program has its own. */
#ifndef UNIT_BUNDLE_RIG_H
#define UNIT_BUNDLE_RIG_H

#include <check.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "kernel/bundle.h"
#include "lib/bits.h"

#define RAM_BASE UINT64_C(0x40000000)
#define MIB	 UINT64_C(0x100000)

static _Alignas(8) uint8_t fit[1 << 20];
static struct bundle_host host;
static struct vm_config configs[MAX_VMS];
static unsigned int nr_configs;
static char reports[16384]; /* a line each: "E vm: property: text" or "I ..." */
static uint8_t image[4096];

static inline void note(void *ctx, bool is_error, const char *vm, const char *property, const char *text)
{
	size_t used = strlen(reports);

	ck_assert_ptr_eq(ctx, &host);
	ck_assert_msg(text[0] != '\0', "a report without a text");
	if (used < sizeof(reports) - 512)
		snprintf(reports + used, sizeof(reports) - used, "%c %s: %s: %s\n", is_error ? 'E' : 'I', vm, property,
			 text);
}

static inline enum hv_err parse(const void *data, size_t size)
{
	reports[0] = '\0';
	return bundle_parse(data, size, &host, configs, &nr_configs, note, &host);
}

static inline enum hv_err parse_fit(void)
{
	return parse(fit, fdt_totalsize(fit));
}

/* Exactly these lines were reported. */
static inline void expect_reports(const char *lines)
{
	ck_assert_str_eq(reports, lines);
}

/* --- making a FIT --- */

static inline int at(const char *path)
{
	int node = fdt_path_offset(fit, path);

	ck_assert_msg(node >= 0, "%s: %s", path, fdt_strerror(node));
	return node;
}

static inline void set(const char *path, const char *name, const void *data, int length)
{
	ck_assert_int_eq(fdt_setprop(fit, at(path), name, data, length), 0);
}

static inline void set_string(const char *path, const char *name, const char *text)
{
	set(path, name, text, (int)strlen(text) + 1);
}

static inline void set_cell(const char *path, const char *name, uint32_t value)
{
	ck_assert_int_eq(fdt_setprop_u32(fit, at(path), name, value), 0);
}

static inline void add_node(const char *path, const char *name)
{
	ck_assert_int_ge(fdt_add_subnode(fit, at(path), name), 0);
}

static inline void put_le64(uint8_t *bytes, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}

static inline void make_image(uint64_t text_offset, uint64_t image_size, uint64_t flags)
{
	memset(image, 0xA5, sizeof(image));
	put_le64(image + 8, text_offset);
	put_le64(image + 16, image_size);
	put_le64(image + 24, flags);
	memcpy(image + 56, "ARM\x64", 4);
}

static inline void add_vm(const char *name)
{
	char path[64];

	add_node("/configurations", name);
	snprintf(path, sizeof(path), "/configurations/%s", name);
	set_string(path, "compatible", "corbel,vm");
	set_string(path, "kernel", "kernel");
}

#define VM  "/configurations/linux"
#define KRN "/images/kernel"

/* One good VM, "linux": an Image of 4 KiB that wants 1 MiB. */
static inline void setup(void)
{
	host = (struct bundle_host){ .gic_version = 3,
				     .nr_cpus = 4,
				     .free_bytes = 731 * MIB,
				     .ram_base = { RAM_BASE },
				     .max_ram_bytes = 255 * 1024 * MIB,
				     .has_firmware = true };
	ck_assert_int_eq(fdt_create_empty_tree(fit, sizeof(fit)), 0);
	add_node("/", "images");
	add_node("/images", "kernel");
	add_node("/images", "initrd");
	add_node("/", "configurations");
	make_image(0, MIB, 0xa);
	set(KRN, "data", image, sizeof(image));
	set_string(KRN, "arch", "arm64");
	set_string(KRN, "compression", "none");
	set("/images/initrd", "data", "0123456789", 10);
	add_vm("linux");
}

static inline void set_hash(const char *algo, const void *value, int length)
{
	set_string("/images/initrd/hash-1", "algo", algo);
	set("/images/initrd/hash-1", "value", value, length);
}

/* The digests of "0123456789", by coreutils. */
static const struct {
	const char *algo;
	int length;
	uint8_t value[32];
} digests[] = {
	{ "crc32", 4, { 0xa6, 0x84, 0xc7, 0xc6 } },
	{ "md5",
	  16,
	  { 0x78, 0x1e, 0x5e, 0x24, 0x5d, 0x69, 0xb5, 0x66, 0x97, 0x9b, 0x86, 0xe2, 0x8d, 0x23, 0xf2, 0xc7 } },
	{ "sha1", 20, { 0x87, 0xac, 0xec, 0x17, 0xcd, 0x9d, 0xcd, 0x20, 0xa7, 0x16,
			0xcc, 0x2c, 0xf6, 0x74, 0x17, 0xb7, 0x1c, 0x8a, 0x70, 0x16 } },
	{ "sha256", 32, { 0x84, 0xd8, 0x98, 0x77, 0xf0, 0xd4, 0x04, 0x1e, 0xfb, 0x6b, 0xf9,
			  0x1a, 0x16, 0xf0, 0x24, 0x8f, 0x2f, 0xd5, 0x73, 0xe6, 0xaf, 0x05,
			  0xc1, 0x9f, 0x96, 0xbe, 0xdb, 0x9f, 0x88, 0x2f, 0x78, 0x82 } },
};

#endif

/* The bundle's parser on good bundles, on each way to be wrong (the sentence is the interface), and on damaged ones. */
#include <check.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/bundle.h"
#include "lib/bits.h"
#include "tests/fakes/prng.h"

#define RAM_BASE UINT64_C(0x40000000)
#define MIB	 UINT64_C(0x100000)

static _Alignas(8) uint8_t fit[1 << 20];
static struct bundle_host host;
static struct vm_config configs[MAX_VMS];
static unsigned int nr_configs;
static char reports[16384]; /* a line each: "E vm: property: text" or "I ..." */
static uint8_t image[4096];

static void note(void *ctx, bool is_error, const char *vm, const char *property, const char *text)
{
	size_t used = strlen(reports);

	ck_assert_ptr_eq(ctx, &host);
	ck_assert_msg(text[0] != '\0', "a report without a text");
	if (used < sizeof(reports) - 512)
		snprintf(reports + used, sizeof(reports) - used, "%c %s: %s: %s\n", is_error ? 'E' : 'I', vm, property,
			 text);
}

static enum hv_err parse(const void *data, size_t size)
{
	reports[0] = '\0';
	return bundle_parse(data, size, &host, configs, &nr_configs, note, &host);
}

static enum hv_err parse_fit(void)
{
	return parse(fit, fdt_totalsize(fit));
}

/* Exactly these lines were reported. */
static void expect_reports(const char *lines)
{
	ck_assert_str_eq(reports, lines);
}

/* --- making a FIT --- */

static int at(const char *path)
{
	int node = fdt_path_offset(fit, path);

	ck_assert_msg(node >= 0, "%s: %s", path, fdt_strerror(node));
	return node;
}

static void set(const char *path, const char *name, const void *data, int length)
{
	ck_assert_int_eq(fdt_setprop(fit, at(path), name, data, length), 0);
}

static void set_string(const char *path, const char *name, const char *text)
{
	set(path, name, text, (int)strlen(text) + 1);
}

static void set_cell(const char *path, const char *name, uint32_t value)
{
	ck_assert_int_eq(fdt_setprop_u32(fit, at(path), name, value), 0);
}

static void add_node(const char *path, const char *name)
{
	ck_assert_int_ge(fdt_add_subnode(fit, at(path), name), 0);
}

static void put_le64(uint8_t *bytes, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}

static void make_image(uint64_t text_offset, uint64_t image_size, uint64_t flags)
{
	memset(image, 0xA5, sizeof(image));
	put_le64(image + 8, text_offset);
	put_le64(image + 16, image_size);
	put_le64(image + 24, flags);
	memcpy(image + 56, "ARM\x64", 4);
}

static void add_vm(const char *name)
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
static void setup(void)
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

/* --- good ones --- */

START_TEST(defaults)
{
	const struct vm_config *vm = &configs[0];

	ck_assert_int_eq(parse_fit(), HV_OK);
	expect_reports("");
	ck_assert_uint_eq(nr_configs, 1);
	ck_assert_str_eq(vm->name, "linux");
	ck_assert_str_eq(vm->bootargs, "");
	ck_assert_uint_eq(vm->nr_vcpus, 1);
	ck_assert_uint_eq(vm->memory_bytes, 128 * MIB);
	ck_assert_uint_eq(vm->affinity[0], 0xf);
	ck_assert_uint_eq(vm->priority, 0);
	ck_assert_uint_eq(vm->weight, 256);
	ck_assert_uint_eq(vm->budget_us, 0);
	ck_assert_uint_eq(vm->gic_version, 3);
	ck_assert(vm->autostart);
	ck_assert_int_eq(vm->on_crash, VM_POLICY_STOP);
	ck_assert_int_eq(vm->on_reset, VM_POLICY_RESTART);
	ck_assert(vm->kernel_is_image);
	ck_assert_uint_eq(vm->kernel.size_bytes, sizeof(image));
	ck_assert_mem_eq(vm->kernel.data, image, sizeof(image));
	ck_assert_uint_eq(vm->kernel_load.raw, RAM_BASE);
	ck_assert_uint_eq(vm->kernel_entry.raw, RAM_BASE);
	ck_assert_uint_eq(vm->kernel_bytes, MIB);
	ck_assert_uint_eq(vm->ramdisk.size_bytes, 0);
	ck_assert_uint_eq(vm->fdt.size_bytes, 0);
}
END_TEST

START_TEST(everything_said)
{
	const struct vm_config *vm = &configs[0];
	fdt32_t masks[2] = { cpu_to_fdt32(0x1), cpu_to_fdt32(0xff2) };

	set_string(VM, "ramdisk", "initrd");
	set_string(VM, "fdt", "initrd"); /* only guest_fdt_build() looks inside */
	set_string(VM, "corbel,bootargs", "quiet splash");
	set(VM, "corbel,affinity", masks, sizeof(masks)); /* before vcpus in the file: no matter */
	set_cell(VM, "corbel,vcpus", 2);
	set_cell(VM, "corbel,memory-mib", 731);
	set_cell(VM, "corbel,priority", 7);
	set_cell(VM, "corbel,gic", 3);
	set_cell(VM, "corbel,autostart", 0);
	set_string(VM, "corbel,on-crash", "restart");
	set_string(VM, "corbel,on-reset", "stop");
	set_string(VM, "description", "not ours");
	ck_assert_int_eq(parse_fit(), HV_OK);
	expect_reports("");
	ck_assert_str_eq(vm->bootargs, "quiet splash");
	ck_assert_uint_eq(vm->ramdisk.size_bytes, 10);
	ck_assert_mem_eq(vm->ramdisk.data, "0123456789", 10);
	ck_assert_uint_eq(vm->fdt.size_bytes, 10);
	ck_assert_uint_eq(vm->nr_vcpus, 2);
	ck_assert_uint_eq(vm->memory_bytes, 731 * MIB);
	ck_assert_uint_eq(vm->affinity[0], 0x1);
	ck_assert_uint_eq(vm->affinity[1], 0x2); /* CPUs that are not there drop out */
	ck_assert_uint_eq(vm->priority, 7);
	ck_assert(!vm->autostart);
	ck_assert_int_eq(vm->on_crash, VM_POLICY_RESTART);
	ck_assert_int_eq(vm->on_reset, VM_POLICY_STOP);
}
END_TEST

START_TEST(one_affinity_for_all)
{
	set_cell(VM, "corbel,vcpus", 3);
	set_cell(VM, "corbel,affinity", 0x4);
	ck_assert_int_eq(parse_fit(), HV_OK);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(configs[0].affinity[i], 0x4);
}
END_TEST

START_TEST(shares_of_time)
{
	set_cell(VM, "corbel,weight", 4096);
	set_cell(VM, "corbel,budget-us", 2000);
	ck_assert_int_eq(parse_fit(), HV_OK);
	expect_reports("");
	ck_assert_uint_eq(configs[0].weight, 4096);
	ck_assert_uint_eq(configs[0].budget_us, 2000);
	ck_assert_uint_eq(configs[0].period_us, PERIOD_DEFAULT_US);
	set_cell(VM, "corbel,period-us", 2000);
	ck_assert_int_eq(parse_fit(), HV_OK);
	ck_assert_uint_eq(configs[0].period_us, 2000);
}
END_TEST

START_TEST(shares_that_cannot_be)
{
	set_cell(VM, "corbel,weight", 15);
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	expect_reports("E linux: corbel,weight: wants 15, 16 to 4096 are possible\n");
	set_cell(VM, "corbel,weight", 16);
	set_cell(VM, "corbel,period-us", 1000);
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	expect_reports("E linux: corbel,period-us: is of a budget, and there is no corbel,budget-us\n");
	set_cell(VM, "corbel,budget-us", 1001);
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	expect_reports("E linux: corbel,budget-us: is 1001, the period has 1000\n");
}
END_TEST

START_TEST(host_devices)
{
	static const char names[] = "/virtio@a000000\0serial1";

	make_image(0, 2 * MIB, 0xa);
	set(KRN, "data", image, sizeof(image));
	set(VM, "corbel,passthrough", names, sizeof(names));
	set_cell(VM, "corbel,memory-mib", 64);
	set_cell(VM, "corbel,direct-map", 1);
	ck_assert_int_eq(parse_fit(), HV_OK);
	expect_reports("");
	ck_assert(configs[0].direct_map);
	ck_assert_uint_eq(configs[0].passthrough_bytes, sizeof(names));
	ck_assert_mem_eq(configs[0].passthrough, names, sizeof(names));
}
END_TEST

/* No list of strings; RAM that is no block; a kernel that runs in one place only. */
START_TEST(bad_host_devices)
{
	static const char *const bad[] = { "", "/a", "/a\0", "\0" };
	static const unsigned int lengths[] = { 0, 2, 4, 1 };

	for (unsigned int i = 0; i < 4; i++) {
		set(VM, "corbel,passthrough", bad[i], lengths[i]);
		ck_assert_int_eq(parse_fit(), HV_ENOENT);
		expect_reports(
			"E linux: corbel,passthrough: wants strings: paths or aliases of the host's device tree\n");
	}
	set(VM, "corbel,passthrough", "/a", 3);
	set(KRN, "data", "\x00\x00\x00\x14raw", 7);
	set_cell(KRN, "load", (uint32_t)RAM_BASE + 0x10000);
	set_cell(KRN, "entry", (uint32_t)RAM_BASE + 0x10000);
	set_cell(VM, "corbel,memory-mib", 48);
	set_cell(VM, "corbel,direct-map", 1);
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	expect_reports("E linux: corbel,memory-mib: wants 48 MiB: with corbel,direct-map a power of two up to 1024 is "
		       "possible\n"
		       "E linux: corbel,direct-map: needs a kernel with an Image header, which runs at any address\n");
}
END_TEST

/* --- kernels --- */

START_TEST(image_text_offset)
{
	make_image(0x80000, 2 * MIB, 0xa);
	set(KRN, "data", image, sizeof(image));
	ck_assert_int_eq(parse_fit(), HV_OK);
	ck_assert_uint_eq(configs[0].kernel_load.raw, RAM_BASE + 0x80000);
	ck_assert_uint_eq(configs[0].kernel_entry.raw, RAM_BASE + 0x80000);
	ck_assert_uint_eq(configs[0].kernel_bytes, 2 * MIB);
}
END_TEST

/* image_size 0: text_offset is not to be believed; the header need not say more than the file has. */
START_TEST(image_of_an_old_kernel)
{
	make_image(0x12345, 0, 0);
	set(KRN, "data", image, sizeof(image));
	ck_assert_int_eq(parse_fit(), HV_OK);
	ck_assert_uint_eq(configs[0].kernel_load.raw, RAM_BASE + 0x80000);
	ck_assert_uint_eq(configs[0].kernel_bytes, sizeof(image));
}
END_TEST

START_TEST(image_big_endian)
{
	make_image(0, MIB, 0xb);
	set(KRN, "data", image, sizeof(image));
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	expect_reports("E linux: kernel: its Image header says big-endian, guests start little-endian\n");
}
END_TEST

START_TEST(image_too_large)
{
	make_image(0, 200 * MIB, 0xa);
	set(KRN, "data", image, sizeof(image));
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	expect_reports(
		"E linux: kernel: 204800 KiB at 0x40000000 do not lie in the guest's RAM of 128 MiB at 0x40000000\n");
	make_image(UINT64_MAX - 0xfff, MIB, 0xa);
	set(KRN, "data", image, sizeof(image));
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	ck_assert_ptr_nonnull(strstr(reports, "E linux: kernel: "));
	make_image(0, UINT64_MAX, 0xa);
	set(KRN, "data", image, sizeof(image));
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	ck_assert_ptr_nonnull(strstr(reports, "E linux: kernel: "));
}
END_TEST

START_TEST(raw_kernel)
{
	fdt64_t entry = cpu_to_fdt64(RAM_BASE + 0x10004);

	set(KRN, "data", "\x00\x00\x00\x14raw", 7);
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	expect_reports("E linux: kernel: it has no arm64 Image header, so its image needs load and entry\n");
	set_cell(KRN, "load", (uint32_t)RAM_BASE + 0x10000);
	set(KRN, "entry", &entry, sizeof(entry)); /* two cells do as well */
	ck_assert_int_eq(parse_fit(), HV_OK);
	ck_assert(!configs[0].kernel_is_image);
	ck_assert_uint_eq(configs[0].kernel_load.raw, RAM_BASE + 0x10000);
	ck_assert_uint_eq(configs[0].kernel_entry.raw, RAM_BASE + 0x10004);
	ck_assert_uint_eq(configs[0].kernel_bytes, 7);
	set_cell(KRN, "entry", 0x80000);
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	expect_reports("E linux: kernel: entry 0x80000 is no instruction's place in the guest's RAM\n");
	set_cell(KRN, "entry", (uint32_t)RAM_BASE);
	set_cell(KRN, "load", (uint32_t)RAM_BASE - 4);
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	expect_reports("E linux: kernel: 0 KiB at 0x3ffffffc do not lie in the guest's RAM of 128 MiB at 0x40000000\n");
}
END_TEST

START_TEST(kernel_of_another_kind)
{
	set_string(KRN, "arch", "arm");
	parse_fit();
	expect_reports("E linux: kernel: its arch is \"arm\", not \"arm64\"\n");
	set_string(KRN, "arch", "arm64");
	set(KRN, "data", "\x1f\x8b\x08\x00", 4);
	parse_fit();
	expect_reports("E linux: kernel: it is compressed by gzip: unpack it first\n");
}
END_TEST

/* --- images --- */

START_TEST(image_references)
{
	ck_assert_int_eq(fdt_delprop(fit, at(VM), "kernel"), 0);
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	expect_reports("E linux: kernel: is missing\n");
	set_string(VM, "kernel", "nothing");
	parse_fit();
	expect_reports("E linux: kernel: there is no image \"nothing\"\n");
	set(VM, "kernel", "kernel\0initrd", 14);
	parse_fit();
	expect_reports("E linux: kernel: wants the name of one image\n");
	set(VM, "kernel", "kernel", 6); /* no NUL */
	parse_fit();
	expect_reports("E linux: kernel: wants the name of one image\n");
	set(VM, "kernel", "", 0);
	parse_fit();
	expect_reports("E linux: kernel: wants the name of one image\n");
}
END_TEST

START_TEST(image_data)
{
	set_string(VM, "ramdisk", "initrd");
	set("/images/initrd", "data", "", 0);
	parse_fit();
	expect_reports("E linux: ramdisk: image \"initrd\" is empty\n");
	ck_assert_int_eq(fdt_delprop(fit, at("/images/initrd"), "data"), 0);
	parse_fit();
	expect_reports("E linux: ramdisk: image \"initrd\" has no data\n");
	set_cell("/images/initrd", "data-offset", 0);
	parse_fit();
	expect_reports("E linux: ramdisk: image \"initrd\" has no data-size\n");
	set_cell("/images/initrd", "data-size", 0);
	parse_fit();
	expect_reports("E linux: ramdisk: image \"initrd\" is empty\n");
	set_string("/images/initrd", "compression", "lz4");
	parse_fit();
	expect_reports("E linux: ramdisk: image \"initrd\": compression \"lz4\" is not supported, only \"none\"\n");
}
END_TEST

/* data-offset counts from the end of the tree, data-position from its start; neither may reach past the end of the
 * file. */
START_TEST(image_outside_of_the_tree)
{
	static _Alignas(8) uint8_t file[sizeof(fit)];
	const char *past = "E linux: ramdisk: image \"initrd\" reaches past the end of the bundle\n";
	size_t size;

	ck_assert_int_eq(fdt_delprop(fit, at("/images/initrd"), "data"), 0);
	set_string(VM, "ramdisk", "initrd");
	set_cell("/images/initrd", "data-offset", 8);
	set_cell("/images/initrd", "data-size", 4);
	ck_assert_int_eq(fdt_pack(fit), 0);
	size = align_up(fdt_totalsize(fit), 4);
	memcpy(file, fit, size);
	memcpy(file + size, "01234567abcd", 12);
	ck_assert_int_eq(parse(file, size + 12), HV_OK);
	ck_assert_mem_eq(configs[0].ramdisk.data, "abcd", 4);
	ck_assert_int_eq(parse(file, size + 11), HV_ENOENT);
	expect_reports(past);
	fdt_setprop_inplace_u32(file, fdt_path_offset(file, "/images/initrd"), "data-offset", UINT32_MAX);
	ck_assert_int_eq(parse(file, size + 12), HV_ENOENT);
	expect_reports(past);

	ck_assert_int_eq(fdt_open_into(fit, fit, sizeof(fit)), 0);
	set_cell("/images/initrd", "data-position", 0);
	ck_assert_int_eq(parse_fit(), HV_OK);
	ck_assert_mem_eq(configs[0].ramdisk.data, "\xd0\x0d\xfe\xed", 4);
	set_cell("/images/initrd", "data-position", fdt_totalsize(fit) - 3);
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	expect_reports(past);
}
END_TEST

static void set_hash(const char *algo, const void *value, int length)
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

START_TEST(hashes)
{
	uint8_t wrong[32];
	char line[128];

	set_string(VM, "ramdisk", "initrd");
	add_node("/images/initrd", "hash-1");
	set_hash(digests[_i].algo, digests[_i].value, digests[_i].length);
	ck_assert_int_eq(parse_fit(), HV_OK);
	snprintf(line, sizeof(line), "E linux: ramdisk: image \"initrd\": its %s hash is wrong\n", digests[_i].algo);
	for (int byte = 0; byte < digests[_i].length; byte++) {
		memcpy(wrong, digests[_i].value, sizeof(wrong));
		wrong[byte] ^= 0x10;
		set_hash(digests[_i].algo, wrong, digests[_i].length);
		ck_assert_int_eq(parse_fit(), HV_ENOENT);
		expect_reports(line);
	}
	set_hash(digests[_i].algo, digests[_i].value, digests[_i].length - 1);
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	expect_reports(line);
}
END_TEST

START_TEST(hash_of_an_unknown_kind)
{
	set_string(VM, "ramdisk", "initrd");
	add_node("/images/initrd", "hash-1");
	set_hash("sha512", "x", 1);
	parse_fit();
	expect_reports("E linux: ramdisk: image \"initrd\": hash algorithm \"sha512\" is not known\n");
	ck_assert_int_eq(fdt_delprop(fit, at("/images/initrd/hash-1"), "value"), 0);
	parse_fit();
	expect_reports("E linux: ramdisk: image \"initrd\": its hash has no algo or no value\n");
	ck_assert_int_eq(fdt_set_name(fit, at("/images/initrd/hash-1"), "hashing"), 0); /* not a hash node */
	ck_assert_int_eq(parse_fit(), HV_OK);
	ck_assert_int_eq(fdt_set_name(fit, at("/images/initrd/hashing"), "hash@1"), 0); /* the old spelling is */
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
}
END_TEST

/* A wrong hash refuses the VMs that use the image, and no other. */
START_TEST(wrong_hash_of_a_shared_image)
{
	add_node(KRN, "hash-1");
	set_string(KRN "/hash-1", "algo", "crc32");
	set_cell(KRN "/hash-1", "value", 1);
	add_vm("second");
	add_node("/images", "other");
	set("/images/other", "data", image, sizeof(image));
	add_vm("third");
	set_string("/configurations/third", "kernel", "other");
	ck_assert_int_eq(parse_fit(), HV_OK);
	ck_assert_uint_eq(nr_configs, 1);
	ck_assert_str_eq(configs[0].name, "third");
	expect_reports("E second: kernel: image \"kernel\": its crc32 hash is wrong\n"
		       "E linux: kernel: image \"kernel\": its crc32 hash is wrong\n");
}
END_TEST

/* --- properties that are wrong --- */

static const struct {
	const char *name;
	int length; /* 4: the cell; else so many bytes of text */
	uint32_t cell;
	const char *text, *says;
} wrong_values[] = {
	{ "corbel,vcpus", 4, 0, NULL, "wants 0, 1 to 8 are possible" },
	{ "corbel,vcpus", 4, 9, NULL, "wants 9, 1 to 8 are possible" },
	{ "corbel,vcpus", 8, 0, "\0\0\0\0\0\0\0\1", "wants one cell, has 8 bytes" },
	{ "corbel,vcpus", 0, 0, "", "wants one cell, has 0 bytes" },
	{ "corbel,memory-mib", 4, 9000, NULL, "wants 9000 MiB, 731 MiB are free" },
	{ "corbel,memory-mib", 4, 732, NULL, "wants 732 MiB, 731 MiB are free" },
	{ "corbel,memory-mib", 4, 300000, NULL, "wants 300000 MiB, a guest's address space has room for 261120 MiB" },
	{ "corbel,memory-mib", 4, UINT32_MAX, NULL,
	  "wants 4294967295 MiB, a guest's address space has room for 261120 MiB" },
	{ "corbel,memory-mib", 4, 0, NULL, "wants 0, 1 to 4294967295 are possible" },
	{ "corbel,memory-mib", 2, 0, "ab", "wants one cell, has 2 bytes" },
	{ "corbel,bootargs", 5, 0, "quiet", "wants one string" },
	{ "corbel,bootargs", 4, 0, NULL, NULL }, /* four NULs: see the loop */
	{ "corbel,affinity", 4, 0, NULL, "mask 0x0 names none of the host's 4 CPUs" },
	{ "corbel,affinity", 4, 0x30, NULL, "mask 0x30 names none of the host's 4 CPUs" },
	{ "corbel,affinity", 8, 0, "\0\0\0\1\0\0\0\1", "wants one cell or one for each of 1 vCPUs, has 8 bytes" },
	{ "corbel,affinity", 0, 0, "", "wants one cell or one for each of 1 vCPUs, has 0 bytes" },
	{ "corbel,gic", 4, 4, NULL, "wants 4, 2 to 3 are possible" },
	{ "corbel,gic", 4, 2, NULL, "wants 2, the host has a GICv3 and no GICv2 virtual CPU interface (GICV)" },
	{ "corbel,autostart", 4, 2, NULL, "wants 2, 0 to 1 are possible" },
	{ "corbel,on-crash", 7, 0, "reboot\0", "wants \"reboot\", \"stop\" and \"restart\" are possible" },
	{ "corbel,on-reset", 4, 0, "stop", "wants one string" },
	{ "corbel,memory", 4, 1, NULL, "is not known" },
	{ "corbel,", 4, 1, NULL, "is not known" },
};

START_TEST(wrong_value)
{
	char line[256];

	if (wrong_values[_i].text)
		set(VM, wrong_values[_i].name, wrong_values[_i].text, wrong_values[_i].length);
	else
		set_cell(VM, wrong_values[_i].name, wrong_values[_i].cell);
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	ck_assert_uint_eq(nr_configs, 0);
	snprintf(line, sizeof(line), "E linux: %s: %s\n", wrong_values[_i].name,
		 wrong_values[_i].says ? wrong_values[_i].says : "wants one string");
	expect_reports(line);
}
END_TEST

START_TEST(gic_of_the_host)
{
	host.gic_version = 2;
	ck_assert_int_eq(parse_fit(), HV_OK);
	ck_assert_uint_eq(configs[0].gic_version, 2);
	set_cell(VM, "corbel,gic", 3);
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	expect_reports("E linux: corbel,gic: wants 3, the host has a GICv2: 3 needs a GICv3\n");
}
END_TEST

/* Every problem of a VM is told at once. */
START_TEST(several_problems)
{
	set_cell(VM, "corbel,vcpus", 0);
	set_cell(VM, "corbel,memory-mib", 9000);
	set_string(VM, "ramdisk", "none-such");
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	expect_reports("E linux: corbel,vcpus: wants 0, 1 to 8 are possible\n"
		       "E linux: corbel,memory-mib: wants 9000 MiB, 731 MiB are free\n"
		       "E linux: ramdisk: there is no image \"none-such\"\n");
}
END_TEST

START_TEST(name_length)
{
	ck_assert_int_eq(fdt_set_name(fit, at(VM), "fifteen-letters"), 0);
	ck_assert_int_eq(parse_fit(), HV_OK);
	ck_assert_str_eq(configs[0].name, "fifteen-letters");
	ck_assert_int_eq(fdt_set_name(fit, at("/configurations/fifteen-letters"), "sixteen--letters"), 0);
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	expect_reports("E sixteen--letters: : its name has more than 15 characters\n");
}
END_TEST

/* --- several VMs --- */

/* libfdt adds in front: the first in the file is the last one added. */
START_TEST(a_bad_vm_harms_no_other)
{
	add_vm("bad");
	set_cell("/configurations/bad", "corbel,what", 1);
	add_vm("second");
	add_node("/configurations", "for-u-boot"); /* not ours at all */
	ck_assert_int_eq(parse_fit(), HV_OK);
	ck_assert_uint_eq(nr_configs, 2);
	ck_assert_str_eq(configs[0].name, "second");
	ck_assert_str_eq(configs[1].name, "linux");
	expect_reports("E bad: corbel,what: is not known\n");
}
END_TEST

START_TEST(memory_is_counted_once)
{
	add_vm("second");
	set_cell("/configurations/second", "corbel,memory-mib", 700);
	ck_assert_int_eq(parse_fit(), HV_OK);
	ck_assert_uint_eq(nr_configs, 1);
	expect_reports("E linux: corbel,memory-mib: wants 128 MiB, 31 MiB are free\n");
	/* A refused VM takes nothing from the others. */
	set_cell("/configurations/second", "corbel,what", 1);
	ck_assert_int_eq(parse_fit(), HV_OK);
	ck_assert_uint_eq(nr_configs, 1);
	ck_assert_str_eq(configs[0].name, "linux");
}
END_TEST

START_TEST(too_many)
{
	char name[16], path[40];

	host.free_bytes = 100000 * MIB;
	for (int i = 0; i < MAX_VMS; i++) {
		snprintf(name, sizeof(name), "vm%d", i);
		add_vm(name);
	}
	ck_assert_int_eq(parse_fit(), HV_OK);
	ck_assert_uint_eq(nr_configs, MAX_VMS);
	expect_reports("E linux: : is one too many: at most 16 VMs are possible\n");
	/* Eight times eight use up MAX_VCPUS: nothing is left for the others, "linux" among them. */
	for (int i = 0; i < MAX_VMS; i++) {
		snprintf(path, sizeof(path), "/configurations/vm%d", i);
		set_cell(path, "corbel,vcpus", 8);
	}
	ck_assert_int_eq(parse_fit(), HV_OK);
	ck_assert_uint_eq(nr_configs, 8);
	ck_assert_ptr_nonnull(strstr(reports, "E linux: corbel,vcpus: wants 1, 0 are left of 64 for all VMs\n"));
	ck_assert_ptr_nonnull(strstr(reports, "E vm7: corbel,vcpus: wants 8, 0 are left of 64 for all VMs\n"));
}
END_TEST

/* --- what is no bundle --- */

START_TEST(not_a_bundle)
{
	_Alignas(8) static const char text[128] = "hello, I am an initrd";

	ck_assert_int_eq(parse(text, sizeof(text)), HV_EINVAL);
	expect_reports(
		"E : : the bundle of 128 bytes is no FIT image: it does not begin with a device tree's magic number\n");
	ck_assert_int_eq(parse(text, 0), HV_EINVAL);
	expect_reports("E : : the bundle of 0 bytes is no FIT image: it is shorter than a device tree's header\n");
	ck_assert_int_eq(parse(fit, fdt_totalsize(fit) - 1), HV_EINVAL);
	expect_reports("E : : the bundle of 1048575 bytes is no FIT image: it is truncated\n");
	ck_assert_int_eq(parse(fit + 4, 1000), HV_EINVAL);
	ck_assert_ptr_nonnull(strstr(reports, "it is not 8-byte aligned in memory"));
}
END_TEST

START_TEST(without_its_nodes)
{
	ck_assert_int_eq(fdt_del_node(fit, at(VM)), 0);
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	expect_reports("E : /configurations: holds no VM: none has compatible = \"corbel,vm\"\n");
	ck_assert_int_eq(fdt_del_node(fit, at("/configurations")), 0);
	ck_assert_int_eq(parse_fit(), HV_EINVAL);
	expect_reports("E : /configurations: is missing from the bundle\n");
	ck_assert_int_eq(fdt_del_node(fit, at("/images")), 0);
	ck_assert_int_eq(parse_fit(), HV_EINVAL);
	expect_reports("E : /images: is missing from the bundle\n");
}
END_TEST

static void put_be32(uint8_t *bytes, uint32_t value)
{
	fdt32_st(bytes, value);
}

START_TEST(behind_a_legacy_header)
{
	static _Alignas(8) uint8_t file[sizeof(fit) + 64];
	uint32_t size;

	ck_assert_int_eq(fdt_pack(fit), 0);
	size = fdt_totalsize(fit);
	put_be32(file, 0x27051956);
	put_be32(file + 12, size);
	memcpy(file + 64, fit, size);
	ck_assert_int_eq(parse(file, size + 64), HV_OK);
	ck_assert_int_eq(parse(file, size + 63), HV_EINVAL);
	ck_assert_ptr_nonnull(strstr(reports, "the bundle is truncated: its U-Boot header says "));
	put_be32(file + 12, UINT32_MAX);
	ck_assert_int_eq(parse(file, size + 64), HV_EINVAL);
	/* What the header leaves out is not there. */
	put_be32(file + 12, size - 4);
	ck_assert_int_eq(parse(file, size + 64), HV_EINVAL);
	put_be32(file + 12, size);
	file[31] = 1;
	ck_assert_int_eq(parse(file, size + 64), HV_EINVAL);
	expect_reports("E : : the bundle's U-Boot header says that it is compressed: use mkimage -C none\n");
}
END_TEST

/* --- damaged ones: no outcome is asked for but to return, under the sanitizers --- */

static void set_up_damage(void)
{
	set_string(VM, "ramdisk", "initrd");
	add_node("/images/initrd", "hash-1");
	set_hash("crc32", digests[0].value, 4);
	set_cell(VM, "corbel,vcpus", 2);
	set_string(VM, "corbel,bootargs", "a b");
	ck_assert_int_eq(fdt_delprop(fit, at("/images/initrd"), "data"), 0);
	set_cell("/images/initrd", "data-offset", 0);
	set_cell("/images/initrd", "data-size", 0);
	set(KRN, "data", image, 64);
	ck_assert_int_eq(fdt_pack(fit), 0);
}

/* In a buffer of just the size, so that a byte too far is seen; with the size that its header says, too. */
START_TEST(truncated_anywhere)
{
	uint32_t size;

	set_up_damage();
	size = fdt_totalsize(fit);
	for (uint32_t cut = 0; cut < size; cut += 4) {
		uint8_t *exact = malloc(cut ? cut : 1);

		memcpy(exact, fit, cut);
		ck_assert_int_eq(parse(exact, cut), HV_EINVAL);
		ck_assert_str_ne(reports, "");
		if (cut >= 8) {
			fdt_set_totalsize(exact, cut);
			ck_assert_int_ne(parse(exact, cut), HV_OK);
			ck_assert_str_ne(reports, "");
		}
		free(exact);
	}
}
END_TEST

static uint64_t random_state = 1;
static uint32_t random_next(void)
{
	return (uint32_t)(prng_next(&random_state) >> 32);
}

START_TEST(bytes_flipped)
{
	uint32_t size;

	set_up_damage();
	size = fdt_totalsize(fit);
	for (int round = 0; round < 20000; round++) {
		uint8_t *exact = malloc(size);

		memcpy(exact, fit, size);
		for (uint32_t flips = 1 + random_next() % 4; flips > 0; flips--)
			exact[random_next() % size] = (uint8_t)(random_next() % 4 ? random_next() >> 8 : 0xff);
		if (parse(exact, size) != HV_OK)
			ck_assert_str_ne(reports, "");
		for (unsigned int i = 0; i < nr_configs; i++) {
			ck_assert(configs[i].kernel.data >= exact);
			ck_assert(configs[i].kernel.data + configs[i].kernel.size_bytes <= exact + size);
			ck_assert_uint_lt(strlen(configs[i].bootargs), size);
		}
		free(exact);
	}
}
END_TEST

/* --- made by mkimage --- */

static size_t read_file(const char *name)
{
	const char *dir = getenv("TEST_DTB_DIR");
	char path[256];
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir ? dir : "build/host/dtb", name);
	file = fopen(path, "rb");
	ck_assert_msg(file != NULL, "%s: no such file (make test-dtbs)", path);
	size = fread(fit, 1, sizeof(fit), file);
	fclose(file);
	return size;
}

START_TEST(made_by_mkimage)
{
	static const char *const names[] = { "bundle.itb", "bundle-external.itb" };
	size_t size = read_file(names[_i]);

	ck_assert_int_eq(parse(fit, size), HV_OK);
	expect_reports("");
	ck_assert_uint_eq(nr_configs, 2);
	ck_assert_str_eq(configs[0].name, "linux");
	ck_assert_str_eq(configs[0].bootargs, "console=ttyAMA0");
	ck_assert_uint_eq(configs[0].nr_vcpus, 2);
	ck_assert_uint_eq(configs[0].memory_bytes, 256 * MIB);
	ck_assert(configs[0].kernel_is_image);
	ck_assert_uint_eq(configs[0].kernel_bytes, MIB);
	ck_assert_uint_eq(configs[0].ramdisk.size_bytes, 7);
	ck_assert_mem_eq(configs[0].ramdisk.data, "initrd!", 7);
	ck_assert_str_eq(configs[1].name, "rtos");
	ck_assert(!configs[1].kernel_is_image);
	ck_assert_uint_eq(configs[1].kernel_entry.raw, 0x40010000);
}
END_TEST

/* --- corbel,smc-allow --- */

static void set_ranges(const uint32_t *cells, unsigned int nr_cells)
{
	fdt32_t value[2 * MAX_SMC_RANGES + 2];

	for (unsigned int n = 0; n < nr_cells; n++)
		value[n] = cpu_to_fdt32(cells[n]);
	set(VM, "corbel,smc-allow", value, (int)(nr_cells * sizeof(*value)));
}

START_TEST(smc_ranges)
{
	const uint32_t cells[] = { 0x82000000, 0x8200ffff, 0xc3000001, 0xc3000001 };
	const struct vm_config *vm = &configs[0];

	set_ranges(cells, 4);
	ck_assert_int_eq(parse_fit(), HV_OK);
	expect_reports("");
	ck_assert_uint_eq(vm->nr_smc_allow, 2);
	ck_assert_uint_eq(vm->smc_allow[0].first, 0x82000000);
	ck_assert_uint_eq(vm->smc_allow[0].last, 0x8200ffff);
	ck_assert_uint_eq(vm->smc_allow[1].first, 0xc3000001);
	ck_assert_uint_eq(vm->smc_allow[1].last, 0xc3000001);
}
END_TEST

START_TEST(smc_range_count)
{
	uint32_t cells[2 * MAX_SMC_RANGES + 2];

	for (unsigned int n = 0; n < ARRAY_SIZE(cells); n++)
		cells[n] = 0x82000000 + n;
	set_ranges(cells, 2 * MAX_SMC_RANGES);
	ck_assert_int_eq(parse_fit(), HV_OK);
	expect_reports("");
	ck_assert_uint_eq(configs[0].nr_smc_allow, MAX_SMC_RANGES);
	ck_assert_uint_eq(configs[0].smc_allow[15].last, 0x8200001f);
	set_ranges(cells, ARRAY_SIZE(cells));
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	expect_reports("E linux: corbel,smc-allow: has 17 ranges, 16 are possible\n");
}
END_TEST

START_TEST(smc_ranges_of_odd_size)
{
	const uint32_t cells[] = { 0x82000000, 0x8200ffff, 0x83000000 };

	set_ranges(cells, 3);
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	expect_reports("E linux: corbel,smc-allow: wants pairs of cells, first and last function, has 12 bytes\n");
	set_ranges(cells, 0);
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	expect_reports("E linux: corbel,smc-allow: wants pairs of cells, first and last function, has 0 bytes\n");
}
END_TEST

/* Each bad range is told, and the VM is refused for all of them together. */
START_TEST(smc_ranges_that_are_none)
{
	const uint32_t cells[] = { 0x82000001, 0x82000000, 0x82000000, 0x82000000,
				   0x84000000, 0x8400ffff, 0xc400001f, 0xc4000020 };

	set_ranges(cells, ARRAY_SIZE(cells));
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	expect_reports("E linux: corbel,smc-allow: 0x82000001 to 0x82000000: the last function is before the first\n"
		       "E linux: corbel,smc-allow: 0x84000000 to 0x8400ffff: PSCI's functions 0x84000000 to 0x8400001f "
		       "are in it, which never reach the firmware\n"
		       "E linux: corbel,smc-allow: 0xc400001f to 0xc4000020: PSCI's functions 0xc4000000 to 0xc400001f "
		       "are in it, which never reach the firmware\n");
}
END_TEST

/* A board whose firmware answers no SMC: the VM runs, and none of its calls leaves Corbel. */
START_TEST(smc_without_firmware)
{
	const uint32_t cells[] = { 0x82000000, 0x8200ffff }, psci[] = { 0x84000003, 0x84000003 };

	host.has_firmware = false;
	set_ranges(cells, 2);
	ck_assert_int_eq(parse_fit(), HV_OK);
	expect_reports(
		"I linux: corbel,smc-allow: is ignored, and these calls are NOT_SUPPORTED: the host's device tree "
		"names no firmware that answers SMC\n");
	ck_assert_uint_eq(configs[0].nr_smc_allow, 0);
	set_ranges(psci, 2); /* wrong everywhere */
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("bundle");
	TCase *tcase = tcase_create("parse");
	SRunner *runner = srunner_create(suite);
	int failures;

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, defaults);
	tcase_add_test(tcase, everything_said);
	tcase_add_test(tcase, one_affinity_for_all);
	tcase_add_test(tcase, shares_of_time);
	tcase_add_test(tcase, shares_that_cannot_be);
	tcase_add_test(tcase, host_devices);
	tcase_add_test(tcase, bad_host_devices);
	tcase_add_test(tcase, image_text_offset);
	tcase_add_test(tcase, image_of_an_old_kernel);
	tcase_add_test(tcase, image_big_endian);
	tcase_add_test(tcase, image_too_large);
	tcase_add_test(tcase, raw_kernel);
	tcase_add_test(tcase, kernel_of_another_kind);
	tcase_add_test(tcase, image_references);
	tcase_add_test(tcase, image_data);
	tcase_add_test(tcase, image_outside_of_the_tree);
	tcase_add_loop_test(tcase, hashes, 0, (int)ARRAY_SIZE(digests));
	tcase_add_test(tcase, hash_of_an_unknown_kind);
	tcase_add_test(tcase, wrong_hash_of_a_shared_image);
	tcase_add_loop_test(tcase, wrong_value, 0, (int)ARRAY_SIZE(wrong_values));
	tcase_add_test(tcase, gic_of_the_host);
	tcase_add_test(tcase, several_problems);
	tcase_add_test(tcase, name_length);
	tcase_add_test(tcase, a_bad_vm_harms_no_other);
	tcase_add_test(tcase, memory_is_counted_once);
	tcase_add_test(tcase, too_many);
	tcase_add_test(tcase, not_a_bundle);
	tcase_add_test(tcase, without_its_nodes);
	tcase_add_test(tcase, behind_a_legacy_header);
	tcase_add_test(tcase, truncated_anywhere);
	tcase_add_test(tcase, bytes_flipped);
	tcase_add_loop_test(tcase, made_by_mkimage, 0, 2);
	tcase_add_test(tcase, smc_ranges);
	tcase_add_test(tcase, smc_range_count);
	tcase_add_test(tcase, smc_ranges_of_odd_size);
	tcase_add_test(tcase, smc_ranges_that_are_none);
	tcase_add_test(tcase, smc_without_firmware);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

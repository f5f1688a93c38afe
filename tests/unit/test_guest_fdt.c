/* The guest's tree: what DESIGN section 5 promises, overlays and whole trees, and fdt images that are broken. */
#include <check.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/guest_fdt.h"
#include "lib/bits.h"
#include "lib/fdt_blob.h"
#include "tests/fakes/prng.h"

static _Alignas(8) uint8_t tree[GUEST_FDT_MAX_BYTES], scratch[GUEST_FDT_MAX_BYTES];
static uint8_t image[GUEST_FDT_MAX_BYTES];
static struct vm_config config;
static struct guest_fdt_facts facts;
static uint64_t mpidrs[MAX_VCPUS_PER_VM];
static char message[160];

static void setup(void)
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

static enum hv_err build(void)
{
	memset(tree, 0xcc, sizeof(tree));
	memset(scratch, 0xcc, sizeof(scratch));
	return guest_fdt_build(&config, &guest_map_virt, &facts, tree, scratch, sizeof(tree), message);
}

static void build_well(void)
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

static void expect_cells(const char *path, const char *name, int nr, const uint32_t *cells)
{
	int length;
	const uint8_t *data = get(path, name, &length);

	ck_assert_msg(length == 4 * nr, "%s %s has %d bytes", path, name, length);
	for (int i = 0; i < nr; i++)
		ck_assert_msg(fdt_blob_cells(data + 4 * i, 1) == cells[i], "%s %s cell %d", path, name, i);
}
#define EXPECT(path, name, ...) \
	expect_cells(path, name, (int)ARRAY_SIZE(((uint32_t[]){ __VA_ARGS__ })), (uint32_t[]){ __VA_ARGS__ })

static void expect_text(const char *path, const char *name, const char *text, int size)
{
	int length;
	const char *data = get(path, name, &length);

	ck_assert_msg(length == size && memcmp(data, text, (size_t)size) == 0, "%s %s is %s", path, name, data);
}
#define TEXT(path, name, text) expect_text(path, name, text, sizeof(text))

static bool has_node(const char *path)
{
	return fdt_path_offset(tree, path) >= 0;
}

static bool has_property(const char *path, const char *name)
{
	return fdt_getprop(tree, fdt_path_offset(tree, path), name, NULL) != NULL;
}

/* --- the generated tree --- */

START_TEST(gicv3_tree)
{
	build_well();
	TEXT("/", "compatible", "linux,dummy-virt");
	EXPECT("/", "#address-cells", 2);
	EXPECT("/", "#size-cells", 2);
	TEXT("/intc@8000000", "compatible", "arm,gic-v3");
	EXPECT("/intc@8000000", "reg", 0, 0x08000000, 0, 0x10000, 0, 0x080a0000, 0, 2 * 0x20000);
	EXPECT("/intc@8000000", "#redistributor-regions", 1);
	EXPECT("/intc@8000000", "#interrupt-cells", 3);
	ck_assert(has_property("/intc@8000000", "interrupt-controller"));
	EXPECT("/", "interrupt-parent", fdt_get_phandle(tree, fdt_path_offset(tree, "/intc@8000000")));
	TEXT("/timer", "compatible", "arm,armv8-timer\0arm,armv7-timer");
	EXPECT("/timer", "interrupts", 1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10, 4);
	ck_assert(has_property("/timer", "always-on"));
	TEXT("/psci", "compatible", "arm,psci-1.0\0arm,psci-0.2");
	TEXT("/psci", "method", "hvc");
	TEXT("/memory@40000000", "device_type", "memory");
	EXPECT("/memory@40000000", "reg", 0, 0x40000000, 1, 0x40000000);
}
END_TEST

START_TEST(gicv2_tree)
{
	config.gic_version = 2;
	build_well();
	TEXT("/intc@8000000", "compatible", "arm,cortex-a15-gic");
	EXPECT("/intc@8000000", "reg", 0, 0x08000000, 0, 0x10000, 0, 0x08010000, 0, 0x2000);
	ck_assert(!has_property("/intc@8000000", "#redistributor-regions"));
}
END_TEST

START_TEST(devices)
{
	uint32_t clock;

	build_well();
	clock = fdt_get_phandle(tree, fdt_path_offset(tree, "/apb-pclk"));
	ck_assert_uint_ne(clock, 0);
	EXPECT("/apb-pclk", "clock-frequency", 24000000);
	EXPECT("/apb-pclk", "#clock-cells", 0);
	TEXT("/pl011@9000000", "compatible", "arm,pl011\0arm,primecell");
	EXPECT("/pl011@9000000", "reg", 0, 0x09000000, 0, 0x1000);
	EXPECT("/pl011@9000000", "interrupts", 0, 1, 4);
	EXPECT("/pl011@9000000", "clocks", clock, clock);
	TEXT("/pl011@9000000", "clock-names", "uartclk\0apb_pclk");
	TEXT("/pl031@9010000", "compatible", "arm,pl031\0arm,primecell");
	EXPECT("/pl031@9010000", "reg", 0, 0x09010000, 0, 0x1000);
	EXPECT("/pl031@9010000", "interrupts", 0, 2, 4);
	EXPECT("/pl031@9010000", "clocks", clock);
	TEXT("/aliases", "serial0", "/pl011@9000000");
}
END_TEST

START_TEST(chosen)
{
	int length;

	build_well();
	TEXT("/chosen", "bootargs", "quiet");
	TEXT("/chosen", "stdout-path", "/pl011@9000000");
	EXPECT("/chosen", "linux,initrd-start", 1, 0x7fe00000);
	EXPECT("/chosen", "linux,initrd-end", 1, 0x7ff23456);
	EXPECT("/chosen", "kaslr-seed", 0x11223344, 0x55667788);
	ck_assert_mem_eq(get("/chosen", "rng-seed", &length), facts.rng_seed, 32);
	ck_assert_int_eq(length, 32);
	facts.initrd_bytes = 0;
	build_well();
	ck_assert(!has_property("/chosen", "linux,initrd-start"));
	ck_assert(!has_property("/chosen", "linux,initrd-end"));
}
END_TEST

START_TEST(cpus)
{
	char path[32];

	for (config.nr_vcpus = 1; config.nr_vcpus <= MAX_VCPUS_PER_VM; config.nr_vcpus++) {
		build_well();
		for (uint32_t i = 0; i < MAX_VCPUS_PER_VM; i++) {
			snprintf(path, sizeof(path), "/cpus/cpu@%x", i);
			ck_assert_int_eq(has_node(path), i < config.nr_vcpus);
			if (i >= config.nr_vcpus)
				continue;
			EXPECT(path, "reg", i);
			TEXT(path, "device_type", "cpu");
			TEXT(path, "compatible", "arm,armv8");
			TEXT(path, "enable-method", "psci");
		}
	}
	EXPECT("/cpus", "#address-cells", 1);
	EXPECT("/cpus", "#size-cells", 0);
	mpidrs[1] = 0x80000100;
	config.nr_vcpus = 2;
	build_well();
	EXPECT("/cpus/cpu@100", "reg", 0x100);
}
END_TEST

/* The map is data: the tree follows it. */
START_TEST(another_map)
{
	struct guest_map map = guest_map_virt;

	map.uart.base = ipa(0x1c090000);
	map.uart_intid = 37;
	map.ram_base = ipa(UINT64_C(0x880000000));
	map.timer_intids[2] = 28;
	ck_assert_int_eq(guest_fdt_build(&config, &map, &facts, tree, scratch, sizeof(tree), message), HV_OK);
	EXPECT("/pl011@1c090000", "interrupts", 0, 5, 4);
	EXPECT("/memory@880000000", "reg", 8, 0x80000000, 1, 0x40000000);
	EXPECT("/timer", "interrupts", 1, 13, 4, 1, 14, 4, 1, 12, 4, 1, 10, 4);
	TEXT("/chosen", "stdout-path", "/pl011@1c090000");
	TEXT("/aliases", "serial0", "/pl011@1c090000");
}
END_TEST

/* Every phandle is one node's only, and every symbol leads to a node that has one. */
START_TEST(symbols)
{
	int symbols, at;
	unsigned int nr = 0;

	config.nr_vcpus = MAX_VCPUS_PER_VM;
	build_well();
	symbols = fdt_path_offset(tree, "/__symbols__");
	ck_assert_int_ge(symbols, 0);
	fdt_for_each_property_offset(at, tree, symbols)
	{
		const char *label, *path = fdt_getprop_by_offset(tree, at, &label, NULL);
		int node = fdt_path_offset(tree, path);
		uint32_t phandle = node >= 0 ? fdt_get_phandle(tree, node) : 0;

		ck_assert_msg(phandle != 0, "label %s", label);
		ck_assert_int_eq(fdt_node_offset_by_phandle(tree, phandle), node);
		nr++;
	}
	ck_assert_uint_eq(nr, 7 + MAX_VCPUS_PER_VM);
}
END_TEST

START_TEST(too_small_a_buffer)
{
	for (size_t size = 0; size < 600; size += 8)
		ck_assert_int_eq(guest_fdt_build(&config, &guest_map_virt, &facts, tree, scratch, size, message),
				 HV_ENOMEM);
	ck_assert_ptr_nonnull(strstr(message, "the guest's device tree becomes too large"));
}
END_TEST

START_TEST(too_long_bootargs)
{
	static char text[GUEST_FDT_MAX_BYTES + 1];

	memset(text, 'x', sizeof(text) - 1);
	config.bootargs = text;
	ck_assert_int_eq(build(), HV_ENOMEM);
}
END_TEST

/* --- the user's fdt image --- */

static void read_image(const char *name)
{
	const char *dir = getenv("TEST_DTB_DIR");
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir ? dir : "build/host/dtb", name);
	file = fopen(path, "rb");
	ck_assert_msg(file != NULL, "%s: no such file (make test-dtbs)", path);
	config.fdt = (struct bundle_blob){ image, fread(image, 1, sizeof(image), file) };
	fclose(file);
}

START_TEST(overlay)
{
	int uart, thing;

	read_image("guest-overlay.dtb");
	build_well();
	uart = fdt_path_offset(tree, "/pl011@9000000");
	TEXT("/pl011@9000000", "status", "disabled");
	TEXT("/thing", "compatible", "example,thing");
	thing = fdt_path_offset(tree, "/thing");
	EXPECT("/thing", "interrupt-parent", fdt_get_phandle(tree, fdt_path_offset(tree, "/intc@8000000")));
	EXPECT("/thing", "self", 0, fdt_get_phandle(tree, thing));
	EXPECT("/pl011@9000000", "friend", fdt_get_phandle(tree, thing));
	ck_assert_uint_ne(fdt_get_phandle(tree, thing), fdt_get_phandle(tree, uart));
	EXPECT("/chosen", "kaslr-seed", 0, 0); /* the user's own */
	TEXT("/chosen", "bootargs", "quiet");
}
END_TEST

/* FIT data is 4-byte aligned only. */
START_TEST(unaligned_overlay)
{
	read_image("guest-overlay.dtb");
	memmove(image + 4, image, config.fdt.size_bytes);
	config.fdt.data = image + 4;
	build_well();
	ck_assert(has_node("/thing"));
}
END_TEST

START_TEST(whole_tree)
{
	int length;

	read_image("guest-whole.dtb");
	build_well();
	TEXT("/", "compatible", "example,machine");
	ck_assert(!has_node("/intc@8000000"));
	ck_assert(!has_node("/memory@0"));
	ck_assert(!has_node("/memory@80000000"));
	TEXT("/memory@40000000", "device_type", "memory");
	EXPECT("/memory@40000000", "reg", 0, 0x40000000, 1, 0x40000000);
	TEXT("/chosen", "bootargs", "quiet");
	EXPECT("/chosen", "linux,initrd-start", 1, 0x7fe00000);
	EXPECT("/chosen", "kaslr-seed", 0x11223344, 0x55667788);
	ck_assert_mem_eq(get("/chosen", "rng-seed", &length), facts.rng_seed, 32);
	config.bootargs = "";
	facts.initrd_bytes = 0;
	build_well();
	TEXT("/chosen", "bootargs", "its own");
	ck_assert(!has_property("/chosen", "linux,initrd-start"));
	ck_assert(!has_property("/chosen", "linux,initrd-end"));
}
END_TEST

/* A small tree of one's own making: for what dtc would not write. */
static _Alignas(8) uint8_t own[8192];

static void own_begin(void)
{
	ck_assert_int_eq(fdt_create_empty_tree(own, sizeof(own)), 0);
}

static int own_node(int parent, const char *name)
{
	int node = fdt_add_subnode(own, parent, name);

	ck_assert_int_ge(node, 0);
	return node;
}

static void own_end(void)
{
	ck_assert_int_eq(fdt_pack(own), 0);
	memcpy(image, own, fdt_totalsize(own));
	config.fdt = (struct bundle_blob){ image, fdt_totalsize(own) };
}

static void expect_refused(const char *says)
{
	ck_assert_int_eq(build(), HV_EINVAL);
	ck_assert_msg(strstr(message, says) != NULL, "it says: %s", message);
}

START_TEST(one_cell_tree)
{
	own_begin();
	fdt_setprop_u32(own, 0, "#address-cells", 1);
	fdt_setprop_u32(own, 0, "#size-cells", 1);
	own_end();
	config.memory_bytes = 0x10000000;
	build_well();
	EXPECT("/memory@40000000", "reg", 0x40000000, 0x10000000);
	config.memory_bytes = UINT64_C(5) << 30;
	expect_refused("the fdt image: FDT_ERR_BADVALUE");
}
END_TEST

START_TEST(three_cell_tree)
{
	own_begin();
	fdt_setprop_u32(own, 0, "#address-cells", 3);
	fdt_setprop_u32(own, 0, "#size-cells", 1);
	own_end();
	expect_refused("the fdt image: FDT_ERR_BADNCELLS");
}
END_TEST

START_TEST(no_seeds)
{
	struct guest_fdt_seeds seeds = { 1, 1 };

	own_begin(); /* without /chosen */
	guest_fdt_find_seeds(own, &facts, &seeds);
	ck_assert_uint_eq(seeds.rng_offset, 0);
	ck_assert_uint_eq(seeds.kaslr_offset, 0);
}
END_TEST

static void own_overlay(const char *target_path)
{
	int fragment;

	own_begin();
	fragment = own_node(0, "fragment@0");
	if (target_path)
		fdt_setprop_string(own, fragment, "target-path", target_path);
	fdt_setprop_u32(own, own_node(fragment, "__overlay__"), "x", 1);
}

START_TEST(overlay_targets)
{
	own_overlay("/timer");
	own_end();
	build_well();
	EXPECT("/timer", "x", 1);
	own_overlay("/none");
	own_end();
	expect_refused("it refers to a label or path that the generated tree does not have");
	own_overlay("serial0"); /* an alias could name itself */
	own_end();
	expect_refused("a target-path is not absolute");
	own_overlay(NULL);
	fdt_setprop(own, fdt_path_offset(own, "/fragment@0"), "target-path", "/timer", 6); /* no NUL */
	own_end();
	expect_refused("a target-path is not absolute");
	own_overlay(NULL);
	own_end();
	expect_refused("FDT_ERR_BADOVERLAY");
}
END_TEST

START_TEST(overlay_labels)
{
	own_overlay("/timer");
	fdt_setprop_string(own, own_node(0, "__fixups__"), "no_such_label", "/fragment@0/__overlay__:x:0");
	own_end();
	expect_refused("it refers to a label or path that the generated tree does not have");
	own_overlay("/timer");
	fdt_setprop_string(own, own_node(0, "__fixups__"), "gic", "/fragment@0/__overlay__:x:0");
	own_end();
	build_well();
	EXPECT("/timer", "x", fdt_get_phandle(tree, fdt_path_offset(tree, "/intc@8000000")));
}
END_TEST

/* libfdt writes where these say: past a property's end is past the tree's, some day. */
static const char *const bad_fixups[] = {
	"/fragment@0/__overlay__:x:1",
	"/fragment@0/__overlay__:x:4294967295",
	"/fragment@0/__overlay__:x:4294967292",
	"/fragment@0/__overlay__:x:-4",
	"/fragment@0/__overlay__:y:0",
	"/fragment@0/__overlay__:x:",
	"/fragment@0/__overlay__:x:0x0",
	"/fragment@0/__overlay__::0",
	"/fragment@0/__overlay__",
	"/fragment@0/none:x:0",
	"serial0:x:0",
	"",
	"/fragment@0/__overlay__:x:18446744073709551615",
};

START_TEST(overlay_fixups_outside)
{
	own_overlay("/timer");
	fdt_setprop_string(own, own_node(0, "__fixups__"), "gic", bad_fixups[_i]);
	own_end();
	expect_refused("its __fixups__ name a place that is not there");
}
END_TEST

START_TEST(overlay_local_fixups_outside)
{
	static const uint32_t offsets[] = { 1, 4, 0xffffffff, 0xfffffffc, 0x7fffffff };

	for (unsigned int i = 0; i < ARRAY_SIZE(offsets); i++) {
		own_overlay("/timer");
		fdt_setprop_u32(own, own_node(own_node(own_node(0, "__local_fixups__"), "fragment@0"), "__overlay__"),
				"x", offsets[i]);
		own_end();
		expect_refused("its __local_fixups__ name a place that is not there");
	}
	own_overlay("/timer");
	own_node(own_node(0, "__local_fixups__"), "nowhere");
	own_end();
	expect_refused("its __local_fixups__ name a place that is not there");
	own_overlay("/timer");
	fdt_setprop_u32(own, own_node(own_node(own_node(0, "__local_fixups__"), "fragment@0"), "__overlay__"), "x", 0);
	own_end();
	build_well();
}
END_TEST

START_TEST(overlay_too_deep)
{
	int node;

	for (int depth = 1; depth < 40; depth++) {
		own_overlay("/timer");
		node = fdt_path_offset(own, "/fragment@0/__overlay__");
		for (int i = 0; i < depth; i++)
			node = own_node(node, "n");
		own_end();
		if (depth + 3 <= FDT_BLOB_MAX_DEPTH)
			build_well();
		else
			expect_refused("its nodes are nested too deeply");
	}
}
END_TEST

START_TEST(no_tree_at_all)
{
	memcpy(image, "not a tree", 10);
	config.fdt = (struct bundle_blob){ image, 10 };
	expect_refused("the fdt image is no usable device tree: it is shorter than a device tree's header");
	config.fdt.size_bytes = GUEST_FDT_MAX_BYTES + 1;
	ck_assert_int_eq(build(), HV_ENOMEM);
	ck_assert_str_eq(message, "the fdt image has 65537 bytes, at most 65536 are possible");
}
END_TEST

/* A start renews Corbel's own seeds in place; those that the bundle sets stay. */
START_TEST(seeds_are_found)
{
	struct guest_fdt_seeds seeds;

	build_well();
	guest_fdt_find_seeds(tree, &facts, &seeds);
	ck_assert_mem_eq(tree + seeds.rng_offset, facts.rng_seed, sizeof(facts.rng_seed));
	ck_assert_mem_eq(tree + seeds.kaslr_offset, "\x11\x22\x33\x44\x55\x66\x77\x88", 8);
	tree[seeds.rng_offset] ^= 1;
	ck_assert_uint_eq(*(const uint8_t *)get("/chosen", "rng-seed", NULL), facts.rng_seed[0] ^ 1);

	own_overlay("/chosen");
	fdt_setprop_u64(own, fdt_path_offset(own, "/fragment@0/__overlay__"), "kaslr-seed", 5);
	own_end();
	build_well();
	guest_fdt_find_seeds(tree, &facts, &seeds);
	ck_assert_uint_ne(seeds.rng_offset, 0);
	ck_assert_uint_eq(seeds.kaslr_offset, 0);
}
END_TEST

static uint64_t random_state = 7;
static uint32_t random_next(void)
{
	return (uint32_t)(prng_next(&random_state) >> 32);
}

/* No outcome is asked for, but to return, under the sanitizers; and a tree that was accepted is sound. */
START_TEST(damaged)
{
	static const char *const names[] = { "guest-overlay.dtb", "guest-whole.dtb" };
	struct guest_fdt_seeds seeds;
	uint64_t size;

	read_image(names[_i]);
	size = config.fdt.size_bytes;
	memcpy(own, image, size);
	for (uint64_t cut = 4; cut < size; cut += 4) {
		config.fdt = (struct bundle_blob){ image, cut };
		ck_assert_int_eq(build(), HV_EINVAL);
		ck_assert_str_ne(message, "");
	}
	config.fdt.size_bytes = size;
	for (int round = 0; round < 5000; round++) {
		memcpy(image, own, size);
		for (uint32_t flips = 1 + random_next() % 3; flips > 0; flips--)
			image[random_next() % size] = (uint8_t)(random_next() % 3 ? random_next() >> 8 : 0);
		if (build() == HV_OK) {
			ck_assert_ptr_null(fdt_blob_fault(tree, sizeof(tree)));
			guest_fdt_find_seeds(tree, &facts, &seeds);
		} else {
			ck_assert_str_ne(message, "");
		}
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("guest_fdt");
	TCase *tcase = tcase_create("build");
	SRunner *runner = srunner_create(suite);
	int failures;

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, gicv3_tree);
	tcase_add_test(tcase, gicv2_tree);
	tcase_add_test(tcase, devices);
	tcase_add_test(tcase, chosen);
	tcase_add_test(tcase, cpus);
	tcase_add_test(tcase, another_map);
	tcase_add_test(tcase, symbols);
	tcase_add_test(tcase, too_small_a_buffer);
	tcase_add_test(tcase, too_long_bootargs);
	tcase_add_test(tcase, overlay);
	tcase_add_test(tcase, unaligned_overlay);
	tcase_add_test(tcase, whole_tree);
	tcase_add_test(tcase, one_cell_tree);
	tcase_add_test(tcase, three_cell_tree);
	tcase_add_test(tcase, no_seeds);
	tcase_add_test(tcase, overlay_targets);
	tcase_add_test(tcase, overlay_labels);
	tcase_add_loop_test(tcase, overlay_fixups_outside, 0, (int)ARRAY_SIZE(bad_fixups));
	tcase_add_test(tcase, overlay_local_fixups_outside);
	tcase_add_test(tcase, overlay_too_deep);
	tcase_add_test(tcase, no_tree_at_all);
	tcase_add_test(tcase, seeds_are_found);
	tcase_add_loop_test(tcase, damaged, 0, 2);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

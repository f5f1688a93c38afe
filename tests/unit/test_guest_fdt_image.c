/* The user's fdt image: overlays, whole trees, and broken ones. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/fakes/prng.h"
#include "tests/unit/guest_fdt_rig.h"

static uint8_t image[GUEST_FDT_MAX_BYTES];

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
	Suite *suite = suite_create("guest_fdt_image");
	TCase *tcase = tcase_create("build");
	SRunner *runner = srunner_create(suite);
	int failures;

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_set_timeout(tcase, 60);
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

/* What is no bundle, and damaged ones; and what mkimage makes. */
#include <stdlib.h>

#include "tests/fakes/prng.h"
#include "tests/unit/bundle_rig.h"

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

int main(void)
{
	Suite *suite = suite_create("bundle_damaged");
	TCase *tcase = tcase_create("parse");
	SRunner *runner = srunner_create(suite);
	int failures;

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, not_a_bundle);
	tcase_add_test(tcase, without_its_nodes);
	tcase_add_test(tcase, behind_a_legacy_header);
	tcase_add_test(tcase, truncated_anywhere);
	tcase_add_test(tcase, bytes_flipped);
	tcase_add_loop_test(tcase, made_by_mkimage, 0, 2);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

/* The images of a bundle: kernels of all kinds, where data lie, hashes. */
#include "tests/unit/bundle_rig.h"

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

int main(void)
{
	Suite *suite = suite_create("bundle_images");
	TCase *tcase = tcase_create("parse");
	SRunner *runner = srunner_create(suite);
	int failures;

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_set_timeout(tcase, 60);
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
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

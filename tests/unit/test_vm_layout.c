/* Where a VM's images lie: the promises of DESIGN section 4, the refusals, and a sweep that looks for overlaps. */
#include <check.h>
#include <string.h>

#include "kernel/guest_map.h"
#include "kernel/vm_layout.h"
#include "lib/bits.h"

#define BASE UINT64_C(0x40000000)
#define KIB  UINT64_C(0x400)
#define MIB  UINT64_C(0x100000)

static struct vm_config config;
static struct vm_layout layout;
static const char *property;
static char message[VM_LAYOUT_MESSAGE_MAX];

static enum hv_err plan(uint64_t memory, uint64_t kernel_at, uint64_t kernel_bytes, uint64_t ramdisk_bytes)
{
	config = (struct vm_config){ .memory_bytes = memory,
				     .kernel_load = ipa(kernel_at),
				     .kernel_bytes = kernel_bytes };
	config.kernel.size_bytes = kernel_bytes < 100 ? kernel_bytes : 100;
	config.ramdisk.size_bytes = ramdisk_bytes;
	property = "";
	strcpy(message, "");
	return vm_layout_plan(&config, ipa(BASE), &layout, &property, message);
}

START_TEST(as_promised)
{
	ck_assert_int_eq(plan(128 * MIB, BASE + 0x80000, 32 * MIB, 3 * MIB + 5), HV_OK);
	ck_assert_uint_eq(layout.kernel.raw, BASE + 0x80000);
	ck_assert_uint_eq(layout.kernel_bytes, 32 * MIB);
	ck_assert_uint_eq(layout.initrd.raw, BASE + 124 * MIB);
	ck_assert_uint_eq(layout.initrd_bytes, 3 * MIB + 5);
	ck_assert_uint_eq(layout.dtb.raw, BASE + 122 * MIB);
}
END_TEST

START_TEST(without_ramdisk)
{
	ck_assert_int_eq(plan(16 * MIB, BASE, 1 * MIB, 0), HV_OK);
	ck_assert_uint_eq(layout.initrd_bytes, 0);
	ck_assert_uint_eq(layout.initrd.raw, 0);
	ck_assert_uint_eq(layout.dtb.raw, BASE + 14 * MIB);
}
END_TEST

/* An odd number of MiB leaves the last one free. */
START_TEST(odd_memory)
{
	ck_assert_int_eq(plan(15 * MIB, BASE, 1 * MIB, 100), HV_OK);
	ck_assert_uint_eq(layout.initrd.raw, BASE + 12 * MIB);
	ck_assert_uint_eq(layout.dtb.raw, BASE + 10 * MIB);
}
END_TEST

START_TEST(just_fits)
{
	ck_assert_int_eq(plan(4 * MIB, BASE, 2 * MIB, 0), HV_OK);
	ck_assert_int_eq(plan(4 * MIB, BASE, 2 * MIB + 1, 0), HV_ERANGE);
	ck_assert_str_eq(property, "kernel");
	ck_assert_str_eq(message, "2048 KiB at 0x40000000 reach into the device tree and ramdisk, "
				  "from 0x40200000 on in 4 MiB of RAM");
	ck_assert_int_eq(plan(6 * MIB, BASE, 2 * MIB, 2 * MIB), HV_OK);
	ck_assert_int_eq(plan(6 * MIB, BASE, 2 * MIB, 2 * MIB + 1), HV_ERANGE);
	ck_assert_str_eq(property, "kernel");
}
END_TEST

START_TEST(kernel_outside)
{
	static const struct {
		uint64_t at, bytes;
	} kernels[] = {
		{ BASE - 1, 4 * KIB }, { BASE + 64 * MIB, 4 * KIB }, { BASE + 64 * MIB - 1, 2 }, { BASE, 64 * MIB + 1 },
		{ 0, UINT64_MAX },     { BASE, UINT64_MAX },	     { UINT64_MAX - 5, 10 },	 { BASE, 0 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(kernels); i++) {
		ck_assert_int_eq(plan(64 * MIB, kernels[i].at, kernels[i].bytes, 0), HV_ERANGE);
		ck_assert_str_eq(property, "kernel");
		ck_assert_ptr_nonnull(strstr(message, "do not lie in the guest's RAM of 64 MiB at 0x40000000"));
	}
}
END_TEST

START_TEST(ramdisk_too_large)
{
	ck_assert_int_eq(plan(64 * MIB, BASE, MIB, 63 * MIB), HV_ERANGE);
	ck_assert_str_eq(property, "ramdisk");
	ck_assert_str_eq(message, "64512 KiB and 2 MiB for the device tree do not fit the guest's RAM of 64 MiB");
	ck_assert_int_eq(plan(64 * MIB, BASE, MIB, UINT64_MAX), HV_ERANGE);
	ck_assert_str_eq(property, "ramdisk");
	ck_assert_int_eq(plan(1 * MIB, BASE, 4 * KIB, 0), HV_ERANGE);
	ck_assert_str_eq(property, "corbel,memory-mib");
}
END_TEST

/* Linux wants its initrd within 32 GiB of the GiB that the kernel is in. */
START_TEST(linux_window)
{
	ck_assert_int_eq(plan(100 * SZ_1G, BASE, 32 * MIB, 8 * MIB), HV_OK);
	ck_assert_uint_eq(layout.initrd.raw + 8 * MIB, BASE + 32 * SZ_1G);
	ck_assert_int_eq(plan(100 * SZ_1G, BASE + 50 * SZ_1G + MIB, 32 * MIB, 8 * MIB), HV_OK);
	ck_assert_uint_eq(layout.initrd.raw + 8 * MIB, BASE + 82 * SZ_1G);
}
END_TEST

static void check_sound(uint64_t memory)
{
	uint64_t slot = VM_LAYOUT_DTB_SLOT_BYTES;

	ck_assert(range_contains(BASE, memory, layout.kernel.raw, layout.kernel_bytes));
	ck_assert(range_contains(BASE, memory, layout.dtb.raw, slot));
	ck_assert(is_aligned(layout.dtb.raw, SZ_2M));
	ck_assert(!ranges_overlap(layout.kernel.raw, layout.kernel_bytes, layout.dtb.raw, slot));
	if (layout.initrd_bytes == 0)
		return;
	ck_assert(is_aligned(layout.initrd.raw, SZ_2M));
	ck_assert(range_contains(BASE, memory, layout.initrd.raw, layout.initrd_bytes));
	ck_assert(!ranges_overlap(layout.kernel.raw, layout.kernel_bytes, layout.initrd.raw, layout.initrd_bytes));
	ck_assert(!ranges_overlap(layout.dtb.raw, slot, layout.initrd.raw, layout.initrd_bytes));
}

START_TEST(sweep)
{
	unsigned int good = 0, bad = 0;

	for (uint64_t memory = MIB; memory <= 12 * MIB; memory += MIB)
		for (uint64_t at = 0; at <= memory; at += 512 * KIB)
			for (uint64_t kernel = 1; kernel <= 4 * MIB; kernel += 700 * KIB)
				for (uint64_t ramdisk = 0; ramdisk <= 5 * MIB; ramdisk += 900 * KIB) {
					if (plan(memory, BASE + at, kernel, ramdisk) != HV_OK) {
						ck_assert_str_ne(message, "");
						bad++;
						continue;
					}
					good++;
					check_sound(memory);
				}
	ck_assert_uint_gt(good, 100);
	ck_assert_uint_gt(bad, 100);
}
END_TEST

/* 256 MiB-aligned, behind the last byte of the highest window, in front of RAM. */
START_TEST(end_of_devices)
{
	struct guest_map map = guest_map_virt;
	uint64_t end = guest_map_end_of_devices(&map).raw;

	ck_assert_uint_eq(end, 0x10000000);
	ck_assert_uint_le(end, map.ram_base.raw);
	map.rtc.base = ipa(0x10000000);
	ck_assert_uint_eq(guest_map_end_of_devices(&map).raw, 0x20000000);
	map.rtc.base = ipa(0x1ffff000);
	ck_assert_uint_eq(guest_map_end_of_devices(&map).raw, 0x20000000);
	map.rtc.base = ipa(0x1ffff001);
	ck_assert_uint_eq(guest_map_end_of_devices(&map).raw, 0x30000000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vm_layout");
	TCase *tcase = tcase_create("plan");
	SRunner *runner = srunner_create(suite);
	int failures;

	tcase_add_test(tcase, as_promised);
	tcase_add_test(tcase, without_ramdisk);
	tcase_add_test(tcase, odd_memory);
	tcase_add_test(tcase, just_fits);
	tcase_add_test(tcase, kernel_outside);
	tcase_add_test(tcase, ramdisk_too_large);
	tcase_add_test(tcase, linux_window);
	tcase_add_test(tcase, sweep);
	tcase_add_test(tcase, end_of_devices);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

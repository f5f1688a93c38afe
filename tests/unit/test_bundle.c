/* The bundle's parser on good VMs, and on each way to be wrong: the sentence is the interface. */
#include "tests/unit/bundle_rig.h"

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
	ck_assert(!configs[0].power_key);
	set_cell(VM, "corbel,power-key", 1);
	ck_assert_int_eq(parse_fit(), HV_OK);
	ck_assert(configs[0].power_key);
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

/* --- properties that are wrong --- */

static const struct {
	const char *name;
	int length; /* 4: the cell; else so many bytes of text */
	uint32_t cell;
	const char *text, *says;
} wrong_values[] = {
	{ "corbel,vcpus", 4, 0, NULL, "is 0: leave it out for its default; 1 to 8 are possible" },
	{ "corbel,vcpus", 4, 9, NULL, "wants 9, 1 to 8 are possible" },
	{ "corbel,vcpus", 8, 0, "\0\0\0\0\0\0\0\1", "wants one cell, has 8 bytes" },
	{ "corbel,vcpus", 0, 0, "", "wants one cell, has 0 bytes" },
	{ "corbel,memory-mib", 4, 9000, NULL, "wants 9000 MiB, 731 MiB are free" },
	{ "corbel,memory-mib", 4, 732, NULL, "wants 732 MiB, 731 MiB are free" },
	{ "corbel,memory-mib", 4, 300000, NULL, "wants 300000 MiB, a guest's address space has room for 261120 MiB" },
	{ "corbel,memory-mib", 4, UINT32_MAX, NULL,
	  "wants 4294967295 MiB, a guest's address space has room for 261120 MiB" },
	{ "corbel,memory-mib", 4, 0, NULL, "is 0: leave it out for its default; 1 to 4294967295 are possible" },
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

/* Nobody knows the board yet: either may be right, neither is chosen. */
START_TEST(gic_of_an_unknown_host)
{
	host.gic_version = 0;
	ck_assert_int_eq(parse_fit(), HV_OK);
	ck_assert_uint_eq(configs[0].gic_version, 0);
	for (uint32_t version = 2; version <= 3; version++) {
		set_cell(VM, "corbel,gic", version);
		ck_assert_int_eq(parse_fit(), HV_OK);
		ck_assert_uint_eq(configs[0].gic_version, version);
		expect_reports("");
	}
	set_cell(VM, "corbel,gic", 4);
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
}
END_TEST

/* Every problem of a VM is told at once. */
START_TEST(several_problems)
{
	set_cell(VM, "corbel,vcpus", 0);
	set_cell(VM, "corbel,memory-mib", 9000);
	set_string(VM, "ramdisk", "none-such");
	ck_assert_int_eq(parse_fit(), HV_ENOENT);
	expect_reports("E linux: corbel,vcpus: is 0: leave it out for its default; 1 to 8 are possible\n"
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
	tcase_add_loop_test(tcase, wrong_value, 0, (int)ARRAY_SIZE(wrong_values));
	tcase_add_test(tcase, gic_of_the_host);
	tcase_add_test(tcase, gic_of_an_unknown_host);
	tcase_add_test(tcase, several_problems);
	tcase_add_test(tcase, name_length);
	tcase_add_test(tcase, a_bad_vm_harms_no_other);
	tcase_add_test(tcase, memory_is_counted_once);
	tcase_add_test(tcase, too_many);
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

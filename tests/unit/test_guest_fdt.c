/* The guest's tree: what DESIGN section 5 promises. */
#include <stdio.h>

#include "tests/unit/guest_fdt_rig.h"

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

START_TEST(power_key)
{
	uint32_t gpio;

	build_well();
	ck_assert_int_lt(fdt_path_offset(tree, "/gpio-keys"), 0);
	config.power_key = true;
	build_well();
	gpio = fdt_get_phandle(tree, fdt_path_offset(tree, "/pl061@9030000"));
	ck_assert_uint_ne(gpio, 0);
	TEXT("/pl061@9030000", "compatible", "arm,pl061\0arm,primecell");
	EXPECT("/pl061@9030000", "reg", 0, 0x09030000, 0, 0x1000);
	EXPECT("/pl061@9030000", "interrupts", 0, 7, 4);
	EXPECT("/pl061@9030000", "clocks", fdt_get_phandle(tree, fdt_path_offset(tree, "/apb-pclk")));
	ck_assert(has_property("/pl061@9030000", "gpio-controller"));
	EXPECT("/pl061@9030000", "#gpio-cells", 2);
	TEXT("/gpio-keys", "compatible", "gpio-keys");
	EXPECT("/gpio-keys/poweroff", "linux,code", 116);
	EXPECT("/gpio-keys/poweroff", "gpios", gpio, 3, 0);
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
	tcase_add_test(tcase, power_key);
	tcase_add_test(tcase, chosen);
	tcase_add_test(tcase, cpus);
	tcase_add_test(tcase, another_map);
	tcase_add_test(tcase, symbols);
	tcase_add_test(tcase, too_small_a_buffer);
	tcase_add_test(tcase, too_long_bootargs);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

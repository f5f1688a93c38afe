/* The scan of the host's tree: what it reads of four machines. */
#include "tests/unit/fdt_scan_rig.h"

START_TEST(virt_gicv2)
{
	static const uint8_t seed[] = { 0x00, 0x11, 0x22, 0x33 };

	scan_file("virt-gicv2.dtb");
	ck_assert_str_eq(hw.model, "linux,dummy-virt");
	ck_assert_uint_eq(hw.nr_memory, 1);
	expect_range(&hw.memory[0], 0x40000000, 0x40000000);
	ck_assert_uint_eq(hw.nr_reserved, 3);
	ck_assert(is_reserved(0x48000000, 0x100000));
	ck_assert(is_reserved(0x48200000, 0x13000)); /* the initrd, in whole pages */
	ck_assert(dtb_is_reserved());
	expect_range(&hw.initrd, 0x48200000, 0x12345);
	ck_assert_uint_eq(hw.nr_cpus, 2);
	ck_assert_uint_eq(hw.cpus[1].mpidr, 1);
	ck_assert_int_eq(hw.cpus[1].enable, HW_ENABLE_PSCI);
	ck_assert_int_eq(hw.gic.version, HW_GIC_V2);
	expect_range(&hw.gic.gicd, 0x08000000, 0x10000);
	expect_range(&hw.gic.gicc, 0x08010000, 0x10000);
	expect_range(&hw.gic.gich, 0x08030000, 0x10000);
	expect_range(&hw.gic.gicv, 0x08040000, 0x10000);
	ck_assert_uint_eq(hw.gic.nr_gicr, 0);
	expect_irq(hw.gic.maintenance, 25, false);
	expect_irq(hw.timer_phys_s, 29, false);
	expect_irq(hw.timer_phys_ns, 30, false);
	expect_irq(hw.timer_virt, 27, false);
	expect_irq(hw.timer_hyp, 26, false);
	ck_assert_int_eq(hw.psci, HW_PSCI_SMC);
	ck_assert_uint_eq(hw.nr_uarts, 1);
	ck_assert_uint_eq(hw.console, 0);
	ck_assert_int_eq(hw.uarts[0].kind, HW_UART_PL011);
	ck_assert_uint_eq(hw.uarts[0].base.raw, 0x09000000);
	ck_assert_uint_eq(hw.uarts[0].size_bytes, 0x1000);
	expect_irq(hw.uarts[0].irq, 33, false);
	ck_assert_str_eq(hw.uarts[0].path, "/pl011@9000000");
	ck_assert_str_eq(hw.bootargs, "loglevel=debug on-idle=monitor");
	ck_assert_uint_eq(hw.rng_seed_bytes, 32);
	ck_assert_mem_eq(hw.rng_seed, seed, sizeof(seed));
}
END_TEST

START_TEST(virt_gicv3)
{
	scan_file("virt-gicv3.dtb");
	ck_assert_str_eq(hw.model, "linux,dummy-virt"); /* the first compatible: there is no model */
	ck_assert_uint_eq(hw.nr_memory, 2);
	expect_range(&hw.memory[0], 0x40000000, 0x80000000);
	expect_range(&hw.memory[1], 0x880000000, 0x100000000);
	ck_assert_uint_eq(hw.nr_reserved, 4);
	ck_assert(is_reserved(0x10000f000, 0x1000)); /* a spin table */
	ck_assert(is_reserved(0x47ff0000, 0x2000));  /* 0x47ff0800 to 0x47ff1800 */
	ck_assert(is_reserved(0x48000000, 0x1000));
	ck_assert(dtb_is_reserved());
	expect_range(&hw.initrd, 0x48000000, 4);
	ck_assert_uint_eq(hw.rng_seed_bytes, 0);
	ck_assert_str_eq(hw.bootargs, "");
	ck_assert_int_eq(hw.psci, HW_PSCI_HVC);

	ck_assert_uint_eq(hw.nr_cpus, 3); /* the one that failed and the one without reg are none */
	ck_assert_uint_eq(hw.cpus[0].mpidr, 0);
	ck_assert_uint_eq(hw.cpus[1].mpidr, 0x100000001);
	ck_assert_int_eq(hw.cpus[1].enable, HW_ENABLE_SPIN_TABLE);
	ck_assert_uint_eq(hw.cpus[1].release_addr.raw, 0x10000fff8);
	ck_assert_uint_eq(hw.cpus[2].mpidr, 3);

	ck_assert_int_eq(hw.gic.version, HW_GIC_V3);
	expect_range(&hw.gic.gicd, 0x08000000, 0x10000);
	ck_assert_uint_eq(hw.gic.nr_gicr, 2);
	expect_range(&hw.gic.gicr[0], 0x080a0000, 0xf60000);
	expect_range(&hw.gic.gicr[1], UINT64_C(0x4000000000), 0x4000000);
	ck_assert_uint_eq(hw.gic.gicr_stride_bytes, 0x40000);
	expect_range(&hw.gic.gicc, 0x2c000000, 0x2000);
	expect_range(&hw.gic.gich, 0x2c010000, 0x2000);
	expect_range(&hw.gic.gicv, 0x2c020000, 0x2000);
	expect_irq(hw.gic.maintenance, 25, false);
	expect_irq(hw.timer_phys_ns, 30, false); /* by interrupts-extended */
	expect_irq(hw.timer_virt, 27, true);
}
END_TEST

/* Of six only two can be reached: not those outside of ranges, on a disabled bus, or on a bus without ranges. */
START_TEST(uarts_behind_buses)
{
	scan_file("virt-gicv3.dtb");
	ck_assert_uint_eq(hw.nr_uarts, 2);
	ck_assert_uint_eq(hw.console, 0);
	ck_assert_str_eq(hw.uarts[0].path, "/bus/uart@1000");
	ck_assert_uint_eq(hw.uarts[0].base.raw, 0x100001000);
	expect_irq(hw.uarts[0].irq, 0, false); /* another controller's */
	ck_assert_str_eq(hw.uarts[1].path, "/uart@9300000");
	expect_irq(hw.uarts[1].irq, 72, true);
	ck_assert_uint_eq(hw.uarts[1].reg_shift, 3);
}
END_TEST

START_TEST(pi4_shape)
{
	scan_file("pi4-shape.dtb");
	ck_assert_str_eq(hw.model, "Raspberry Pi 4 Model B, in shape");
	ck_assert_uint_eq(hw.nr_memory, 2);
	expect_range(&hw.memory[0], 0, 0x3b400000);
	expect_range(&hw.memory[1], 0x40000000, 0x40000000);
	ck_assert(is_reserved(0, 0x1000)); /* the spin table */
	ck_assert_uint_eq(hw.nr_cpus, 4);
	for (unsigned int i = 0; i < 4; i++) {
		ck_assert_uint_eq(hw.cpus[i].mpidr, i);
		ck_assert_int_eq(hw.cpus[i].enable, HW_ENABLE_SPIN_TABLE);
		ck_assert_uint_eq(hw.cpus[i].release_addr.raw, 0xd8 + 8 * i);
	}
	ck_assert_int_eq(hw.psci, HW_PSCI_NONE);
	ck_assert_int_eq(hw.gic.version, HW_GIC_V2);
	expect_range(&hw.gic.gicd, 0xff841000, 0x1000);
	expect_range(&hw.gic.gicc, 0xff842000, 0x2000);
	expect_range(&hw.gic.gich, 0xff844000, 0x2000);
	expect_range(&hw.gic.gicv, 0xff846000, 0x2000);
	expect_irq(hw.gic.maintenance, 25, false);
	expect_irq(hw.timer_hyp, 26, false);
	ck_assert_uint_eq(hw.nr_uarts, 2); /* the third is disabled */
	ck_assert_int_eq(hw.uarts[0].kind, HW_UART_PL011);
	ck_assert_uint_eq(hw.uarts[0].base.raw, 0xfe201000);
	expect_irq(hw.uarts[0].irq, 153, false);
	ck_assert_int_eq(hw.uarts[1].kind, HW_UART_BCM2835_AUX);
	ck_assert_uint_eq(hw.uarts[1].base.raw, 0xfe215040);
	ck_assert_uint_eq(hw.uarts[1].reg_shift, 2);
	expect_irq(hw.uarts[1].irq, 125, false);
	ck_assert_uint_eq(hw.console, 1); /* serial0 */
	ck_assert(hw.console_is_named);
	ck_assert_int_eq(hw.power.kind, HW_POWER_BCM2835_PM);
	expect_range(&hw.power.registers, 0xfe100000, 0x114);
}
END_TEST

START_TEST(banks_with_holes)
{
	scan_file("banks.dtb");
	ck_assert_uint_eq(hw.nr_memory, 3);
	expect_range(&hw.memory[0], 0, 0x3b400000);
	expect_range(&hw.memory[1], 0x40000000, 0xbc000000);
	expect_range(&hw.memory[2], 0x100000000, 0x100000000);
	/* Whole pages; a pool that has no place yet, and a disabled node, reserve nothing. */
	ck_assert_uint_eq(hw.nr_reserved, 8);
	ck_assert(dtb_is_reserved());
	ck_assert(is_reserved(0x200000, 0x1000));
	ck_assert(is_reserved(0, 0x80000));
	ck_assert(is_reserved(0x50000000, 0x800000));
	ck_assert(is_reserved(0x60000000, 0x2000));
	ck_assert(is_reserved(0x180000000, 0x10000000));
	/* Spin tables that firmware forgot to reserve. */
	ck_assert(is_reserved(0x300000, 0x1000));
	ck_assert(is_reserved(0x301000, 0x1000));
	/* The framebuffer may be mapped, the others not. */
	ck_assert_uint_eq(hw.nr_no_map, 3);
	expect_range(&hw.no_map[0], 0, 0x80000);
	expect_range(&hw.no_map[1], 0x60000000, 0x2000);
	expect_range(&hw.no_map[2], 0x180000000, 0x10000000);
	ck_assert_int_eq(hw.power.kind, HW_POWER_NONE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fdt_scan");
	TCase *tcase = tcase_create("scan");
	SRunner *runner = srunner_create(suite);
	int failures;

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, virt_gicv2);
	tcase_add_test(tcase, virt_gicv3);
	tcase_add_test(tcase, uarts_behind_buses);
	tcase_add_test(tcase, pi4_shape);
	tcase_add_test(tcase, banks_with_holes);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

/* What is decided about VMs before they are created: what they may have, where a vCPU lives, RAM that moves. */
#include <check.h>

#include "kernel/vm_plan.h"

START_TEST(host)
{
	const struct hw_info hw = { .gic.version = HW_GIC_V2, .nr_cpus = 3 };
	struct bundle_host host =
		vm_plan_host(&hw, &guest_map_virt, VM_OVERHEAD_BYTES + PAGE_SIZE, UINT64_C(1) << 40, true);

	ck_assert_uint_eq(host.gic_version, 2);
	ck_assert_uint_eq(host.nr_cpus, 3);
	ck_assert_uint_eq(host.free_bytes, PAGE_SIZE);
	ck_assert_uint_eq(host.ram_base.raw, 0x40000000);
	ck_assert_uint_eq(host.max_ram_bytes, (UINT64_C(1) << 40) - 0x40000000);
	ck_assert(host.has_firmware);
	/* A machine that has less than the overhead has nothing for VMs. */
	host = vm_plan_host(&hw, &guest_map_virt, VM_OVERHEAD_BYTES - PAGE_SIZE, UINT64_C(1) << 40, false);
	ck_assert_uint_eq(host.free_bytes, 0);
	ck_assert(!host.has_firmware);
}
END_TEST

START_TEST(homes)
{
	struct vm_plan_cpus cpus = { .online = 0xd, .nr_assigned = { 2, 0, 1, 1 } };

	/* The least loaded, the first of equals; pCPU 1 is off. */
	ck_assert_uint_eq(vm_plan_choose_home(&cpus, UINT64_MAX, false), 2);
	ck_assert_uint_eq(vm_plan_choose_home(&cpus, 0x9, false), 3);
	ck_assert_uint_eq(vm_plan_choose_home(&cpus, 0x3, false), 0);
	ck_assert_uint_eq(vm_plan_choose_home(&cpus, 0x2, false), MAX_CPUS);
	ck_assert_uint_eq(vm_plan_choose_home(&cpus, 0, false), MAX_CPUS);
	cpus.online = UINT64_C(1) << (MAX_CPUS - 1);
	ck_assert_uint_eq(vm_plan_choose_home(&cpus, UINT64_MAX, false), MAX_CPUS - 1);
}
END_TEST

START_TEST(homes_of_first_vcpus)
{
	struct vm_plan_cpus cpus = { .online = 0xf };

	/* Of many VMs with two vCPUs each, four CPUs have a fourth each of the first vCPUs, and of all. */
	for (unsigned int n = 0; n < 32; n++) {
		unsigned int home = vm_plan_choose_home(&cpus, UINT64_MAX, n % 2 == 0);

		cpus.nr_assigned[home]++;
		cpus.nr_first[home] += n % 2 == 0;
	}
	for (unsigned int id = 0; id < 4; id++) {
		ck_assert_uint_eq(cpus.nr_assigned[id], 8);
		ck_assert_uint_eq(cpus.nr_first[id], 4);
	}
	/* Load goes before. */
	cpus.nr_assigned[3]--;
	cpus.nr_first[3]++;
	ck_assert_uint_eq(vm_plan_choose_home(&cpus, UINT64_MAX, true), 3);
}
END_TEST

START_TEST(ram_moves)
{
	struct vm_config config = { .kernel_load = { 0x40080000 }, .kernel_entry = { 0x40080004 } };
	struct guest_map map = guest_map_virt;

	vm_plan_move_ram(&config, &map, pa(0x10000000));
	ck_assert_uint_eq(map.ram_base.raw, 0x10000000);
	ck_assert_uint_eq(config.kernel_load.raw, 0x10080000);
	ck_assert_uint_eq(config.kernel_entry.raw, 0x10080004);
	vm_plan_move_ram(&config, &map, pa(UINT64_C(0x180000000)));
	ck_assert_uint_eq(config.kernel_load.raw, UINT64_C(0x180080000));
	ck_assert_uint_eq(map.gicd.base.raw, guest_map_virt.gicd.base.raw);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vm_plan");
	TCase *tcase = tcase_create("vm_plan");
	SRunner *runner = srunner_create(suite);
	int failures;

	tcase_add_test(tcase, host);
	tcase_add_test(tcase, homes);
	tcase_add_test(tcase, homes_of_first_vcpus);
	tcase_add_test(tcase, ram_moves);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

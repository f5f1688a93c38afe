/* psci_refine.c over all functions and both conventions; vpsci.c: the machine behind CPU_ON. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bits.h"
#include "psci/psci.h"
#include "smc/smccc.h"

#define HIGH 0xfeedface00000000U

static struct vcpu vcpu;
static const struct psci_vm ram = { .ram_base = 0x40000000, .ram_size = 0x8000000 };

/* The chain as the kernel runs it: smccc_refine, then psci_refine. */
static void call(uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
{
	memset(&vcpu, 0, sizeof(vcpu));
	vcpu.frame.x[0] = x0;
	vcpu.frame.x[1] = x1;
	vcpu.frame.x[2] = x2;
	vcpu.frame.x[3] = x3;
	vcpu.exit.reason = EXIT_HYPERCALL;
	vcpu.exit.insn_len = 4;
	vcpu.exit.hypercall.nr = x0;
	vcpu.exit.hypercall.conduit = CONDUIT_SMC;
	smccc_refine(&vcpu, &(const struct smccc_vm){ 0 });
	psci_refine(&vcpu, &ram);
	ck_assert_uint_eq(vcpu.exit.insn_len, 4);
}

#define NO EXIT_NR_REASONS
static const struct {
	enum exit_reason smc32, smc64; /* NO: NOT_SUPPORTED */
} functions[32] = {
	[0] = { EXIT_NOTHING, NO },
	[1] = { EXIT_HALT, EXIT_HALT },
	[2] = { EXIT_CPU_DOWN, NO },
	[3] = { EXIT_CPU_UP, EXIT_CPU_UP },
	[4] = { EXIT_HYPERCALL, EXIT_HYPERCALL },
	[5] = { NO, NO },
	[6] = { EXIT_NOTHING, NO },
	[7] = { NO, NO },
	[8] = { EXIT_SYSTEM_DOWN, NO },
	[9] = { EXIT_SYSTEM_DOWN, NO },
	[10] = { EXIT_NOTHING, NO },
	[11] = { NO, NO },
	[12] = { NO, NO },
	[13] = { NO, NO },
	[14] = { EXIT_HYPERCALL, EXIT_HYPERCALL },
	[15] = { NO, NO },
	[16] = { NO, NO },
	[17] = { NO, NO },
	[18] = { EXIT_SYSTEM_DOWN, EXIT_SYSTEM_DOWN },
	[19] = { NO, NO },
	[20] = { NO, NO },
	[21] = { NO, NO },
	[22] = { NO, NO },
	[23] = { NO, NO },
	[24] = { NO, NO },
	[25] = { NO, NO },
	[26] = { NO, NO },
	[27] = { NO, NO },
	[28] = { NO, NO },
	[29] = { NO, NO },
	[30] = { NO, NO },
	[31] = { NO, NO },
};

/* What each of the 64 does, and that FEATURES says the same. */
START_TEST(test_every_function)
{
	for (uint64_t n = 0; n < 64; n++) {
		uint64_t function = (n < 32 ? 0x84000000 : 0xc4000000) + n % 32;
		enum exit_reason expected = n < 32 ? functions[n].smc32 : functions[n - 32].smc64;

		call(function, 0, 0x40000000, 0);
		if (expected == NO) {
			ck_assert_int_eq(vcpu.exit.reason, EXIT_NOTHING);
			ck_assert_uint_eq(vcpu.frame.x[0], n < 32 ? 0xffffffff : UINT64_MAX);
		} else {
			ck_assert_msg(vcpu.exit.reason == expected, "function %#lx", function);
			if (expected == EXIT_NOTHING && n != 10)
				ck_assert_uint_ne(vcpu.frame.x[0], 0xffffffff);
		}
		call(0x8400000a, function, 0, 0);
		ck_assert_int_eq(vcpu.exit.reason, EXIT_NOTHING);
		ck_assert_uint_eq(vcpu.frame.x[0], expected == NO ? 0xffffffff : 0);
	}
}
END_TEST

START_TEST(test_values)
{
	call(0x84000000, 0, 0, 0);
	ck_assert_uint_eq(vcpu.frame.x[0], 0x10001);
	call(0x84000006, 0, 0, 0);
	ck_assert_uint_eq(vcpu.frame.x[0], 2);
	call(0x84000008, 0, 0, 0);
	ck_assert_int_eq(vcpu.exit.system_down.kind, SYSTEM_DOWN_OFF);
	call(0x84000009, 0, 0, 0);
	ck_assert_int_eq(vcpu.exit.system_down.kind, SYSTEM_DOWN_RESET);
	/* FEATURES knows SMCCC_VERSION, and takes W1; what is not PSCI is not there. */
	call(0x8400000a, 0x80000000, 0, 0);
	ck_assert_uint_eq(vcpu.frame.x[0], 0);
	call(0x8400000a, HIGH | 0x84000003, 0, 0);
	ck_assert_uint_eq(vcpu.frame.x[0], 0);
	call(0x8400000a, 0x80000001, 0, 0);
	ck_assert_uint_eq(vcpu.frame.x[0], 0xffffffff);
	call(0x8400000a, 0x86000003, 0, 0);
	ck_assert_uint_eq(vcpu.frame.x[0], 0xffffffff);
	call(0x8400000a, 0x84000023, 0, 0);
	ck_assert_uint_eq(vcpu.frame.x[0], 0xffffffff);
}
END_TEST

START_TEST(test_cpu_on_arguments)
{
	/* SMC64: X registers whole. */
	call(0xc4000003, 0x100000001, 0x140080000, 0x123456789abcdef0);
	ck_assert_int_eq(vcpu.exit.reason, EXIT_CPU_UP);
	ck_assert_uint_eq(vcpu.exit.cpu_up.target_mpidr, 0x100000001);
	ck_assert_uint_eq(vcpu.exit.cpu_up.entry, 0x140080000);
	ck_assert_uint_eq(vcpu.exit.cpu_up.arg, 0x123456789abcdef0);
	ck_assert_uint_eq(vcpu.frame.x[0], 0xc4000003); /* psci_set_result() will need it */
	/* SMC32: W registers. */
	call(HIGH | 0x84000003, HIGH | 1, HIGH | 0x40080000, HIGH | 0x9abcdef0);
	ck_assert_int_eq(vcpu.exit.reason, EXIT_CPU_UP);
	ck_assert_uint_eq(vcpu.exit.cpu_up.target_mpidr, 1);
	ck_assert_uint_eq(vcpu.exit.cpu_up.entry, 0x40080000);
	ck_assert_uint_eq(vcpu.exit.cpu_up.arg, 0x9abcdef0);
}
END_TEST

START_TEST(test_affinity_info_arguments)
{
	call(0xc4000004, 0x100000001, HIGH, 0);
	ck_assert_int_eq(vcpu.exit.reason, EXIT_HYPERCALL);
	ck_assert_uint_eq(vcpu.exit.hypercall.nr, 0xc4000004);
	ck_assert_uint_eq(psci_arg(&vcpu, 1), 0x100000001);
	ck_assert_uint_eq(psci_arg(&vcpu, 2), HIGH);
	call(HIGH | 0x84000004, HIGH | 2, HIGH, 0);
	ck_assert_uint_eq(vcpu.exit.hypercall.nr, 0x84000004);
	ck_assert_uint_eq(psci_arg(&vcpu, 1), 2);
	ck_assert_uint_eq(psci_arg(&vcpu, 2), 0);
}
END_TEST

START_TEST(test_cpu_suspend)
{
	/* Every bit of power_state alone: [31:26] and [23:17] are reserved, but for the extended format's StateType. */
	for (unsigned int bit = 0; bit < 32; bit++) {
		bool reserved = (bit >= 26 && bit != 30) || (bit >= 17 && bit <= 23);

		for (int smc64 = 0; smc64 < 2; smc64++) {
			call(smc64 ? 0xc4000001 : 0x84000001, BIT(bit), 0x40000000, 7);
			ck_assert_msg(vcpu.exit.reason == (reserved ? EXIT_NOTHING : EXIT_HALT), "bit %u", bit);
			ck_assert_uint_eq(vcpu.frame.x[0], !reserved ? 0 : smc64 ? UINT64_MAX - 1 : 0xfffffffe);
			if (!reserved)
				ck_assert(!vcpu.exit.halt.wfe && !vcpu.exit.halt.has_deadline);
		}
	}
	call(0x84000001, HIGH, 0, 0);
	ck_assert_int_eq(vcpu.exit.reason, EXIT_HALT);
}
END_TEST

/* The same with StateType of the extended format: [31] and [29:28] are reserved. */
START_TEST(test_cpu_suspend_extended)
{
	for (unsigned int bit = 0; bit < 32; bit++) {
		bool reserved = bit == 31 || bit == 29 || bit == 28;

		call(0xc4000001, BIT(30) | BIT(bit), 0x40000000, 7);
		ck_assert_msg(vcpu.exit.reason == (reserved ? EXIT_NOTHING : EXIT_HALT), "bit %u", bit);
		ck_assert_uint_eq(vcpu.frame.x[0], reserved ? UINT64_MAX - 1 : 0);
	}
}
END_TEST

/* A state that powers down needs an entry point; a standby state has none. */
START_TEST(test_cpu_suspend_entry)
{
	static const uint64_t down[] = { 0x10000, 0x1010001, 0x40000000, 0x4fffffff }, standby[] = { 0, 0x0300ffff };
	static const uint64_t bad[] = { 0, 0x3ffffffc, 0x40000002, 0x48000000, UINT64_MAX, 0x140000000 };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		for (size_t n = 0; n < ARRAY_SIZE(down); n++) {
			call(0xc4000001, down[n], bad[i], 0);
			ck_assert_int_eq(vcpu.exit.reason, EXIT_NOTHING);
			ck_assert_uint_eq(vcpu.frame.x[0], UINT64_MAX - 8);
		}
		for (size_t n = 0; n < ARRAY_SIZE(standby); n++) {
			call(0xc4000001, standby[n], bad[i], 0);
			ck_assert_int_eq(vcpu.exit.reason, EXIT_HALT);
		}
	}
	call(0x84000001, 0x10000, HIGH | 0x40000000, 0);
	ck_assert_int_eq(vcpu.exit.reason, EXIT_HALT);
	call(0x84000001, 0x10000, 0x48000000, 0);
	ck_assert_uint_eq(vcpu.frame.x[0], 0xfffffff7);
	call(0x84000001, 0x80000000, 0x48000000, 0); /* the state is looked at first */
	ck_assert_uint_eq(vcpu.frame.x[0], 0xfffffffe);
}
END_TEST

START_TEST(test_system_reset2)
{
	static const uint64_t bad[] = { 1, 2, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff };

	for (int smc64 = 0; smc64 < 2; smc64++) {
		uint64_t function = smc64 ? 0xc4000012 : 0x84000012;

		call(function, HIGH, UINT64_MAX, 0); /* the type is 32 bits wide; any cookie */
		ck_assert_int_eq(vcpu.exit.reason, EXIT_SYSTEM_DOWN);
		ck_assert_int_eq(vcpu.exit.system_down.kind, SYSTEM_DOWN_RESET);
		for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
			call(function, bad[i], 0, 0);
			ck_assert_int_eq(vcpu.exit.reason, EXIT_NOTHING);
			ck_assert_uint_eq(vcpu.frame.x[0], smc64 ? UINT64_MAX - 1 : 0xfffffffe);
		}
	}
}
END_TEST

START_TEST(test_results)
{
	psci_set_result(&vcpu, 0x84000003, PSCI_ALREADY_ON);
	ck_assert_uint_eq(vcpu.frame.x[0], 0xfffffffc);
	psci_set_result(&vcpu, 0xc4000003, PSCI_ALREADY_ON);
	ck_assert_uint_eq(vcpu.frame.x[0], 0xfffffffffffffffc);
	psci_set_result(&vcpu, 0x40000000bfffffff, PSCI_DENIED); /* bit 62 is not bit 30 */
	ck_assert_uint_eq(vcpu.frame.x[0], 0xfffffffd);
	psci_set_result(&vcpu, 0xc4000003, PSCI_SUCCESS);
	ck_assert_uint_eq(vcpu.frame.x[0], 0);
}
END_TEST

/* A guest may not have a page of the table served to another owner's range, or to another exit. */
START_TEST(test_not_psci)
{
	static const uint64_t others[] = { 0x04000003, 0x85000003, 0x84010003, 0x84000020, 0xc4000023 };

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		memset(&vcpu, 0, sizeof(vcpu));
		vcpu.exit.reason = EXIT_HYPERCALL;
		vcpu.exit.hypercall.nr = vcpu.frame.x[0] = others[i];
		psci_refine(&vcpu, &ram);
		ck_assert_int_eq(vcpu.exit.reason, EXIT_HYPERCALL);
		ck_assert_uint_eq(vcpu.frame.x[0], others[i]);
	}
	memset(&vcpu, 0, sizeof(vcpu));
	vcpu.exit.reason = EXIT_MMIO_READ;
	vcpu.exit.mmio.addr = ipa(0x84000002);
	psci_refine(&vcpu, &ram);
	ck_assert_int_eq(vcpu.exit.reason, EXIT_MMIO_READ);
}
END_TEST

/* Three vCPUs, MPIDR 0, 1 and 0x100; the first is on. */
static struct vcpu cpus[3];
static struct vcpu *const cpu_list[3] = { &cpus[0], &cpus[1], &cpus[2] };
static struct psci_vm vm;

static void set_up_vm(void)
{
	memset(cpus, 0, sizeof(cpus));
	for (unsigned int i = 0; i < 3; i++) {
		cpus[i].mpidr = i == 2 ? 0x100 : i;
		cpus[i].power = i == 0 ? VCPU_POWER_ON : VCPU_POWER_OFF;
	}
	vm = (struct psci_vm){ .vcpus = (struct vcpu **)(uintptr_t)cpu_list,
			       .nr_vcpus = 3,
			       .ram_base = 0x40000000,
			       .ram_size = 0x8000000 };
}

static int cpu_on(uint64_t target, uint64_t entry, struct vcpu **up)
{
	*up = NULL;
	return vpsci_cpu_on(&vm, target, entry, 0xc0ffee, up).code;
}

START_TEST(test_cpu_on_machine)
{
	struct vcpu *up;

	set_up_vm();
	ck_assert_int_eq(vpsci_affinity_info(&vm, 1, 0).code, 1);
	ck_assert_int_eq(cpu_on(1, 0x40000004, &up), 0);
	ck_assert_ptr_eq(up, &cpus[1]);
	ck_assert_uint_eq(cpus[1].on_entry, 0x40000004);
	ck_assert_uint_eq(cpus[1].on_context_id, 0xc0ffee);
	ck_assert_int_eq(vpsci_affinity_info(&vm, 1, 0).code, 2);

	/* The second call does not succeed, and changes nothing of what the first one asked. */
	ck_assert_int_eq(cpu_on(1, 0x40000008, &up), -5);
	ck_assert_ptr_null(up);
	ck_assert_uint_eq(cpus[1].on_entry, 0x40000004);

	cpus[1].power = VCPU_POWER_ON;
	ck_assert_int_eq(cpu_on(1, 0x40000008, &up), -4);
	ck_assert_ptr_null(up);
	ck_assert_int_eq(vpsci_affinity_info(&vm, 1, 0).code, 0);
	ck_assert_int_eq(cpu_on(0, 0x40000008, &up), -4);

	ck_assert_int_eq(vpsci_cpu_off(&cpus[1]).code, 0);
	ck_assert_int_eq(vpsci_affinity_info(&vm, 1, 0).code, 1);
	ck_assert_int_eq(cpu_on(1, 0x40000008, &up), 0);
	ck_assert_ptr_eq(up, &cpus[1]);
	ck_assert_uint_eq(cpus[1].on_entry, 0x40000008);
	ck_assert_int_eq(cpus[2].power, VCPU_POWER_OFF);
	ck_assert_int_eq(cpu_on(0x100, 0x40000000, &up), 0);
	ck_assert_ptr_eq(up, &cpus[2]);
}
END_TEST

START_TEST(test_cpu_on_targets)
{
	/* Not there; MPIDR's RES1 bit and MT, which are no affinity; bits beyond; an index taken for an MPIDR. */
	static const uint64_t bad[] = { 3, 2, 0x101, 0x80000001, 0x1000001, 0x100000001, 0x10000000001, UINT64_MAX };
	struct vcpu *up;

	set_up_vm();
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		ck_assert_int_eq(cpu_on(bad[i], 0x40000000, &up), -2);
		ck_assert_ptr_null(up);
		ck_assert_int_eq(vpsci_affinity_info(&vm, bad[i], 0).code, -2);
	}
	ck_assert_int_eq(vpsci_affinity_info(&vm, 1, 1).code, -2);
	ck_assert_int_eq(vpsci_affinity_info(&vm, 1, UINT64_C(1) << 32).code, -2);
	vm.nr_vcpus = 1;
	ck_assert_int_eq(cpu_on(1, 0x40000000, &up), -2);
}
END_TEST

START_TEST(test_cpu_on_entry_points)
{
	static const uint64_t bad[] = { 0x40000001, 0x40000002, 0x40000003, 0x3ffffffc,	    0x48000000,
					0,	    0x9000000,	UINT64_MAX, UINT64_MAX - 3, 0x8000000040000000 };
	struct vcpu *up;

	set_up_vm();
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		ck_assert_msg(cpu_on(1, bad[i], &up) == -9, "entry %#lx", bad[i]);
		ck_assert_ptr_null(up);
		ck_assert_int_eq(cpus[1].power, VCPU_POWER_OFF);
	}
	ck_assert_int_eq(cpu_on(1, 0x47fffffc, &up), 0);
}
END_TEST

static int system_suspend(struct vcpu *self, uint64_t entry)
{
	self->on_entry = self->on_context_id = 1;
	return vpsci_system_suspend(&vm, self, entry, 0xc0ffee).code;
}

START_TEST(test_system_suspend)
{
	set_up_vm();
	ck_assert_int_eq(system_suspend(&cpus[0], 0x40000004), 0);
	ck_assert_uint_eq(cpus[0].on_entry, 0x40000004);
	ck_assert_uint_eq(cpus[0].on_context_id, 0xc0ffee);
	ck_assert_int_eq(cpus[0].power, VCPU_POWER_ON);

	/* Anywhere but in RAM, or between two instructions. */
	ck_assert_int_eq(system_suspend(&cpus[0], 0x40000002), -9);
	ck_assert_int_eq(system_suspend(&cpus[0], 0x48000000), -9);
	ck_assert_int_eq(system_suspend(&cpus[0], UINT64_MAX), -9);
	ck_assert_uint_eq(cpus[0].on_entry, 1);

	/* Not while another is on, or about to come; whichever it is. */
	cpus[2].power = VCPU_POWER_ON_PENDING;
	ck_assert_int_eq(system_suspend(&cpus[0], 0x40000000), -3);
	cpus[2].power = VCPU_POWER_ON;
	ck_assert_int_eq(system_suspend(&cpus[0], 0x48000000), -3);
	ck_assert_uint_eq(cpus[0].on_entry, 1);
	cpus[0].power = VCPU_POWER_OFF;
	ck_assert_int_eq(system_suspend(&cpus[2], 0x40000000), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("psci");
	TCase *tcase = tcase_create("psci");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, test_every_function);
	tcase_add_test(tcase, test_values);
	tcase_add_test(tcase, test_cpu_on_arguments);
	tcase_add_test(tcase, test_affinity_info_arguments);
	tcase_add_test(tcase, test_cpu_suspend);
	tcase_add_test(tcase, test_cpu_suspend_extended);
	tcase_add_test(tcase, test_cpu_suspend_entry);
	tcase_add_test(tcase, test_system_reset2);
	tcase_add_test(tcase, test_system_suspend);
	tcase_add_test(tcase, test_results);
	tcase_add_test(tcase, test_not_psci);
	tcase_add_test(tcase, test_cpu_on_machine);
	tcase_add_test(tcase, test_cpu_on_targets);
	tcase_add_test(tcase, test_cpu_on_entry_points);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

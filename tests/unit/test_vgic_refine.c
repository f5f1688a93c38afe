/* Which exits become SEND_IPI, with what in them, and which are left alone. */
#include <check.h>
#include <string.h>

#include "dev/vgic.h"
#include "lib/bits.h"

#define GICD	       0x08000000
#define ICC_DIR_EL1    0x323016 /* op2 1 */
#define ICC_SGI1R_EL1  0x3a3016 /* op0 3, op1 0, CRn 12, CRm 11, op2 5 as ESR_EL2.ISS has it */
#define ICC_ASGI1R_EL1 0x3c3016
#define ICC_SGI0R_EL1  0x3e3016

static struct vcpu vcpu;

static void sysreg_write(unsigned int version, uint32_t addr, uint64_t value)
{
	memset(&vcpu.exit, 0, sizeof(vcpu.exit));
	vcpu.exit.reason = EXIT_SYSREG_WRITE;
	vcpu.exit.insn_len = 4;
	vcpu.exit.sysreg.addr = addr;
	vcpu.exit.sysreg.value = value;
	vgic_refine(&vcpu, version, ipa(GICD));
}

static void sgir_write(uint32_t value)
{
	memset(&vcpu.exit, 0, sizeof(vcpu.exit));
	vcpu.exit.reason = EXIT_MMIO_WRITE;
	vcpu.exit.insn_len = 4;
	vcpu.exit.mmio.addr = ipa(GICD + 0xf00);
	vcpu.exit.mmio.width = ACCESS_DWORD;
	vcpu.exit.mmio.data = value;
	vcpu.exit.mmio.plan.nr_accesses = 1;
	vcpu.exit.mmio.plan.base_value = UINT64_MAX; /* shares its bytes with nothing that is read later */
}

static void expect_ipi(uint64_t target, uint64_t aux, bool to_all, bool to_self, uint32_t vector, uint8_t group,
		       bool is_mmio)
{
	ck_assert_int_eq(vcpu.exit.reason, EXIT_SEND_IPI);
	ck_assert_uint_eq(vcpu.exit.insn_len, 4);
	ck_assert_uint_eq(vcpu.exit.send_ipi.target, target);
	ck_assert_uint_eq(vcpu.exit.send_ipi.aux, aux);
	ck_assert_int_eq(vcpu.exit.send_ipi.to_all, to_all);
	ck_assert_int_eq(vcpu.exit.send_ipi.to_self, to_self);
	ck_assert_uint_eq(vcpu.exit.send_ipi.vector, vector);
	ck_assert_uint_eq(vcpu.exit.send_ipi.group, group);
	ck_assert_int_eq(vcpu.exit.send_ipi.is_mmio, is_mmio);
}

START_TEST(v3_fields)
{
	sysreg_write(3, ICC_SGI1R_EL1, 0);
	expect_ipi(0, 0, false, false, 0, 1, false);
	sysreg_write(3, ICC_SGI1R_EL1, 0xffff);
	expect_ipi(0, 0xffff, false, false, 0, 1, false);
	sysreg_write(3, ICC_SGI1R_EL1, 0x00ab0000);
	expect_ipi(0xab00, 0, false, false, 0, 1, false);
	sysreg_write(3, ICC_SGI1R_EL1, UINT64_C(0x0f000000));
	expect_ipi(0, 0, false, false, 15, 1, false);
	sysreg_write(3, ICC_SGI1R_EL1, UINT64_C(0xcd) << 32);
	expect_ipi(0xcd0000, 0, false, false, 0, 1, false);
	sysreg_write(3, ICC_SGI1R_EL1, UINT64_C(0xef) << 48);
	expect_ipi(UINT64_C(0xef00000000), 0, false, false, 0, 1, false);
	sysreg_write(3, ICC_SGI1R_EL1, BIT(40) | 5 << 24);
	expect_ipi(0, 0, true, false, 5, 1, false);
	/* Reserved bits: 31-28, 43-41, 63-56. */
	sysreg_write(3, ICC_SGI1R_EL1, UINT64_C(0xff000e00f0000000));
	expect_ipi(0, 0, false, false, 0, 1, false);
}
END_TEST

START_TEST(v3_range_selector)
{
	sysreg_write(3, ICC_SGI1R_EL1, UINT64_C(1) << 44 | 0x8001);
	expect_ipi(0, 0x80010000, false, false, 0, 1, false);
	sysreg_write(3, ICC_SGI1R_EL1, UINT64_C(3) << 44 | 0x8001);
	expect_ipi(0, UINT64_C(0x8001000000000000), false, false, 0, 1, false);
	sysreg_write(3, ICC_SGI1R_EL1, UINT64_C(4) << 44 | 0xffff);
	expect_ipi(0, 0, false, false, 0, 1, false);
	sysreg_write(3, ICC_SGI1R_EL1, UINT64_C(15) << 44 | 0xffff);
	expect_ipi(0, 0, false, false, 0, 1, false);
}
END_TEST

START_TEST(v3_groups)
{
	sysreg_write(3, ICC_SGI0R_EL1, 1);
	expect_ipi(0, 1, false, false, 0, 0, false);
	sysreg_write(3, ICC_ASGI1R_EL1, 1);
	expect_ipi(0, 1, false, false, 0, 0, false);
}
END_TEST

START_TEST(v2_fields)
{
	static const struct {
		uint32_t value;
		uint64_t target;
		bool to_all, to_self;
		uint32_t vector;
	} rows[] = {
		{ 0x00810003, 0x81, false, false, 3 }, { 0x00ff000f, 0xff, false, false, 15 },
		{ 0x01ff0001, 0, true, false, 1 },					   /* the list does not count */
		{ 0x02ff0002, 0, false, true, 2 },     { 0x03ff0002, 0, false, false, 2 }, /* reserved: to nobody */
		{ 0xfc00fff4, 0, false, false, 4 },					   /* NSATT and reserved bits */
	};

	for (unsigned int n = 0; n < ARRAY_SIZE(rows); n++) {
		sgir_write(rows[n].value);
		vgic_refine(&vcpu, 2, ipa(GICD));
		expect_ipi(rows[n].target, 0, rows[n].to_all, rows[n].to_self, rows[n].vector, 0, true);
	}
}
END_TEST

START_TEST(deactivations)
{
	uint32_t intid = 7;

	sysreg_write(3, ICC_DIR_EL1, UINT64_C(0xff000000ff0000c8)); /* reserved bits do not count */
	ck_assert_int_eq(vcpu.exit.reason, EXIT_SYSREG_WRITE);
	ck_assert(vgic_is_dir(&vcpu.exit, &intid));
	ck_assert_uint_eq(intid, 0xff0000c8 & 0xffffff);
	vcpu.exit.reason = EXIT_SYSREG_READ;
	ck_assert(!vgic_is_dir(&vcpu.exit, &intid));
	sysreg_write(3, ICC_DIR_EL1 + 2, 1); /* next CRm */
	ck_assert(!vgic_is_dir(&vcpu.exit, &intid));
	vcpu.exit.reason = EXIT_MMIO_WRITE;
	ck_assert(!vgic_is_dir(&vcpu.exit, &intid));
}
END_TEST

/* Refines once more from the given state and expects it unchanged. */
static void expect_left_alone(unsigned int version)
{
	struct vcpu_exit before = vcpu.exit;

	vgic_refine(&vcpu, version, ipa(GICD));
	ck_assert_int_eq(memcmp(&before, &vcpu.exit, sizeof(before)), 0);
}

START_TEST(others_are_left_alone)
{
	sysreg_write(2, ICC_SGI1R_EL1, 1); /* a GICv2 guest has no such register */
	ck_assert_int_eq(vcpu.exit.reason, EXIT_SYSREG_WRITE);
	sysreg_write(3, ICC_SGI1R_EL1 + 2, 1); /* next CRm */
	ck_assert_int_eq(vcpu.exit.reason, EXIT_SYSREG_WRITE);
	vcpu.exit.sysreg.addr = ICC_SGI1R_EL1;
	vcpu.exit.reason = EXIT_SYSREG_READ;
	expect_left_alone(3);

	sgir_write(0x00010003);
	expect_left_alone(3); /* with affinity routing the register is not there */
	vcpu.exit.reason = EXIT_MMIO_READ;
	expect_left_alone(2);
	sgir_write(0x00010003);
	vcpu.exit.mmio.width = ACCESS_BYTE;
	expect_left_alone(2);
	sgir_write(0x00010003);
	vcpu.exit.mmio.addr.raw += 4;
	expect_left_alone(2);
	/* A base register to write back, a second access, data in a V register: SEND_IPI has no place for them. */
	sgir_write(0x00010003);
	vcpu.exit.mmio.plan.from_insn = true;
	expect_left_alone(2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vgic_refine");
	TCase *tc = tcase_create("vgic_refine");
	SRunner *runner;
	int failures;

	tcase_add_test(tc, v3_fields);
	tcase_add_test(tc, v3_range_selector);
	tcase_add_test(tc, v3_groups);
	tcase_add_test(tc, v2_fields);
	tcase_add_test(tc, deactivations);
	tcase_add_test(tc, others_are_left_alone);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

/* A host device's interrupt in a guest: a linked SPI, whose physical half must never be lost and never stay active. */
#include <check.h>
#include <stdlib.h>

#include "lib/bits.h"
#include "tests/fakes/fake_gic.h"
#include "tests/fakes/prng.h"

#define OTHER_SPI 40U

static struct fake_gic gic;

/* loop: bit 0: the version, 2 or 3; bit 1: with the end in software. */
static void start(int loop, unsigned int nr_vcpus, unsigned int nr_lrs)
{
	fake_gic_init(&gic, 2 + ((unsigned int)loop & 1), nr_vcpus, nr_lrs);
	gic.vgic.software_ends = (loop & 2) != 0;
	fake_gic_link_device(&gic, false);
	fake_gic_set_group(&gic, 0, FAKE_DEVICE_VINTID);
	fake_gic_set_target(&gic, FAKE_DEVICE_VINTID, 0);
	fake_gic_set_bit(&gic, 0, REG_ISENABLER, FAKE_DEVICE_VINTID);
}

static void expect_ack(unsigned int vcpu, uint32_t intid)
{
	ck_assert_uint_eq(fake_gic_ack(&gic, vcpu, NULL), intid);
}

/* Nothing of it is left, in the model or in the machine. */
static void expect_quiet(void)
{
	ck_assert(!gic.device_active);
	for (unsigned int vcpu = 0; vcpu < gic.vgic.nr_vcpus; vcpu++)
		expect_ack(vcpu, FAKE_SPURIOUS);
}

START_TEST(comes_and_ends)
{
	start(_i, 1, 4);
	fake_gic_device(&gic, true);
	ck_assert(gic.device_active);
	ck_assert(gic.pe[0].file.lr[0].hw == !gic.vgic.software_ends);
	expect_ack(0, FAKE_DEVICE_VINTID);
	fake_gic_device(&gic, false); /* the driver has served it */
	fake_gic_eoi(&gic, 0, FAKE_DEVICE_VINTID);
	expect_quiet();
	ck_assert_uint_eq(gic.nr_device_fires, 1);
}
END_TEST

START_TEST(comes_again_while_its_line_is_high)
{
	start(_i, 1, 4);
	fake_gic_device(&gic, true);
	for (unsigned int times = 0; times < 3; times++) {
		expect_ack(0, FAKE_DEVICE_VINTID);
		expect_ack(0, FAKE_SPURIOUS);
		fake_gic_eoi(&gic, 0, FAKE_DEVICE_VINTID);
	}
	fake_gic_device(&gic, false);
	fake_gic_refresh(&gic, 0);
	expect_quiet();
}
END_TEST

START_TEST(is_withdrawn_with_its_line)
{
	start(_i, 1, 4);
	fake_gic_device(&gic, true);
	fake_gic_device(&gic, false);
	fake_gic_refresh(&gic, 0);
	expect_quiet();
	/* It can fire again. */
	fake_gic_device(&gic, true);
	expect_ack(0, FAKE_DEVICE_VINTID);
}
END_TEST

/* An edge has no line to look at: it stays, also for a guest that leaves GICD_ICFGR as it is at reset, level. */
START_TEST(edge_is_not_withdrawn)
{
	start(_i, 1, 4);
	fake_gic_link_device(&gic, true);
	for (unsigned int times = 1; times <= 3; times++) {
		fake_gic_device(&gic, true);
		fake_gic_refresh(&gic, 0);
		expect_ack(0, FAKE_DEVICE_VINTID);
		fake_gic_eoi(&gic, 0, FAKE_DEVICE_VINTID);
		expect_quiet();
		ck_assert_uint_eq(gic.nr_device_fires, times);
	}
}
END_TEST

START_TEST(waits_until_it_is_enabled)
{
	start(_i, 1, 4);
	fake_gic_set_bit(&gic, 0, REG_ICENABLER, FAKE_DEVICE_VINTID);
	fake_gic_device(&gic, true);
	expect_ack(0, FAKE_SPURIOUS);
	ck_assert(fake_gic_get_bit(&gic, 0, REG_ISPENDR, FAKE_DEVICE_VINTID));
	fake_gic_set_bit(&gic, 0, REG_ISENABLER, FAKE_DEVICE_VINTID);
	expect_ack(0, FAKE_DEVICE_VINTID);
	ck_assert_uint_eq(gic.nr_device_fires, 1);
}
END_TEST

START_TEST(follows_its_target)
{
	start(_i, 2, 4);
	fake_gic_device(&gic, true);
	fake_gic_set_target(&gic, FAKE_DEVICE_VINTID, 1);
	expect_ack(0, FAKE_SPURIOUS);
	expect_ack(1, FAKE_DEVICE_VINTID);
	fake_gic_device(&gic, false);
	fake_gic_eoi(&gic, 1, FAKE_DEVICE_VINTID);
	expect_quiet();
}
END_TEST

/* Made pending by the guest itself, nothing physical is behind it: the end must not reach the machine. */
START_TEST(pending_by_software)
{
	start(_i, 1, 4);
	fake_gic_link_device(&gic, (_i & 4) != 0);
	fake_gic_set_bit(&gic, 0, REG_ISPENDR, FAKE_DEVICE_VINTID);
	ck_assert(!gic.pe[0].file.lr[0].hw);
	expect_ack(0, FAKE_DEVICE_VINTID);
	fake_gic_device(&gic, true); /* and now the device, too */
	fake_gic_eoi(&gic, 0, FAKE_DEVICE_VINTID);
	ck_assert(gic.device_active);
	expect_ack(0, FAKE_DEVICE_VINTID);
	fake_gic_device(&gic, false);
	fake_gic_eoi(&gic, 0, FAKE_DEVICE_VINTID);
	fake_gic_refresh(&gic, 0);
	expect_quiet();
}
END_TEST

START_TEST(ended_by_icactiver)
{
	start(_i, 1, 4);
	fake_gic_device(&gic, true);
	expect_ack(0, FAKE_DEVICE_VINTID);
	fake_gic_device(&gic, false);
	fake_gic_set_bit(&gic, 0, REG_ICACTIVER, FAKE_DEVICE_VINTID);
	ck_assert(!gic.device_active);
	gic.pe[0].depth = 0;
	expect_quiet();
}
END_TEST

/* Beyond the list registers its end comes by EOIcount. */
START_TEST(ended_outside_the_list_registers)
{
	start(_i, 1, 1);
	fake_gic_set_edge(&gic, 0, OTHER_SPI, true);
	fake_gic_set_group(&gic, 0, OTHER_SPI);
	fake_gic_set_target(&gic, OTHER_SPI, 0);
	fake_gic_set_priority(&gic, 0, OTHER_SPI, 0x10);
	fake_gic_set_priority(&gic, 0, FAKE_DEVICE_VINTID, 0x80);
	fake_gic_set_bit(&gic, 0, REG_ISENABLER, OTHER_SPI);
	fake_gic_device(&gic, true);
	expect_ack(0, FAKE_DEVICE_VINTID);
	fake_gic_pulse(&gic, 0, OTHER_SPI);
	expect_ack(0, OTHER_SPI);
	fake_gic_device(&gic, false);
	fake_gic_eoi(&gic, 0, OTHER_SPI);
	fake_gic_eoi(&gic, 0, FAKE_DEVICE_VINTID);
	fake_gic_refresh(&gic, 0);
	expect_quiet();
}
END_TEST

/* Its vCPU goes off: what it owed is told, what it had not seen waits for another. */
START_TEST(outlives_its_vcpu)
{
	bool acknowledged = (_i & 4) != 0;

	start(_i, 2, 4);
	fake_gic_device(&gic, true);
	if (acknowledged)
		expect_ack(0, FAKE_DEVICE_VINTID);
	gic.pe[0].file.used = 0;
	gic.pe[0].depth = 0;
	fake_gic_post(&gic, vgic_cpu_reset(&gic.vgic, 0));
	fake_gic_set_target(&gic, FAKE_DEVICE_VINTID, 1);
	fake_gic_refresh(&gic, 1);
	expect_ack(1, FAKE_DEVICE_VINTID);
	fake_gic_device(&gic, false);
	fake_gic_eoi(&gic, 1, FAKE_DEVICE_VINTID);
	expect_quiet();
}
END_TEST

START_TEST(out_of_range)
{
	start(_i, 1, 4);
	vgic_link_spi(&gic.vgic, VGIC_NR_INTIDS, 100, false);
	vgic_link_spi(&gic.vgic, 20, 100, false);
	ck_assert_uint_eq(vgic_inject_spi(&gic.vgic, VGIC_NR_INTIDS), 0);
	ck_assert_uint_eq(vgic_inject_spi(&gic.vgic, 20), 0);
	ck_assert_uint_eq(vgic_inject_spi(&gic.vgic, OTHER_SPI), 0); /* not linked */
}
END_TEST

/* --- anything, in any order --- */

static uint32_t stack[VGIC_MAX_VCPUS][64]; /* what each vCPU has acknowledged and not ended */

static void random_ack(unsigned int vcpu)
{
	unsigned int depth = gic.pe[vcpu].depth;
	uint32_t intid = fake_gic_ack(&gic, vcpu, NULL);

	if (intid != FAKE_SPURIOUS)
		stack[vcpu][depth] = intid;
}

static void random_end(unsigned int vcpu)
{
	if (gic.pe[vcpu].depth != 0)
		fake_gic_eoi(&gic, vcpu, stack[vcpu][gic.pe[vcpu].depth - 1]);
}

/* CPU_OFF, as kernel/virq.c does it: taken back, reset, and taken back once more. */
static void turn_off(unsigned int vcpu)
{
	fake_gic_refresh(&gic, vcpu);
	gic.pe[vcpu].file.used = 0;
	gic.pe[vcpu].depth = 0;
	fake_gic_post(&gic, vgic_cpu_reset(&gic.vgic, vcpu));
	fake_gic_refresh(&gic, vcpu);
}

static void random_step(uint64_t *seed)
{
	unsigned int vcpu = (unsigned int)prng_below(seed, gic.vgic.nr_vcpus);

	switch (prng_below(seed, 14)) {
	case 0:
	case 1: fake_gic_device(&gic, prng_below(seed, 2) != 0); break;
	case 2:
	case 3:
	case 4: random_ack(vcpu); break;
	case 5:
	case 6: random_end(vcpu); break;
	case 7: fake_gic_pulse(&gic, 0, OTHER_SPI + (uint32_t)prng_below(seed, 4)); break;
	case 8: fake_gic_set_bit(&gic, vcpu, REG_ICENABLER, FAKE_DEVICE_VINTID); break;
	case 9: fake_gic_set_bit(&gic, vcpu, REG_ISENABLER, FAKE_DEVICE_VINTID); break;
	case 10:
		fake_gic_set_target(&gic, FAKE_DEVICE_VINTID, (unsigned int)prng_below(seed, gic.vgic.nr_vcpus));
		break;
	case 11:
		fake_gic_set_bit(&gic, vcpu, prng_below(seed, 2) ? REG_ISPENDR : REG_ICPENDR, FAKE_DEVICE_VINTID);
		break;
	case 12:
		if (prng_below(seed, 8) == 0)
			turn_off(vcpu);
		break;
	case 13:
		fake_gic_set_bit(&gic, vcpu, prng_below(seed, 2) ? REG_ISACTIVER : REG_ICACTIVER, FAKE_DEVICE_VINTID);
		break;
	}
}

/* All ends what it has, and takes what comes, until nothing comes. */
static unsigned int drain(void)
{
	unsigned int nr_device = 0;

	for (unsigned int round = 0; round < 64; round++) {
		for (unsigned int vcpu = 0; vcpu < gic.vgic.nr_vcpus; vcpu++) {
			while (gic.pe[vcpu].depth != 0)
				random_end(vcpu);
			random_ack(vcpu);
			if (gic.pe[vcpu].depth != 0 && stack[vcpu][0] == FAKE_DEVICE_VINTID) {
				nr_device++;
				gic.device_line = false; /* its driver serves it */
			}
		}
	}
	return nr_device;
}

START_TEST(random_use_loses_nothing)
{
	static const unsigned int nr_lrs[] = { 1, 2, 4, 16 };
	uint64_t seed = 0xde71ce + (uint64_t)_i;

	start(_i, 3, nr_lrs[_i / 4 % 4]);
	fake_gic_link_device(&gic, _i >= 32);
	for (uint32_t n = 0; n < 4; n++) {
		fake_gic_set_edge(&gic, 0, OTHER_SPI + n, true);
		fake_gic_set_group(&gic, 0, OTHER_SPI + n);
		fake_gic_set_target(&gic, OTHER_SPI + n, n % 3);
		fake_gic_set_priority(&gic, 0, OTHER_SPI + n, (uint8_t)(0x20 + 0x20 * n));
		fake_gic_set_bit(&gic, 0, REG_ISENABLER, OTHER_SPI + n);
	}
	fake_gic_set_priority(&gic, 0, FAKE_DEVICE_VINTID, 0x50);
	for (unsigned int round = 0; round < 200; round++) {
		for (unsigned int step = 0; step < 50; step++)
			random_step(&seed);
		fake_gic_set_bit(&gic, 0, REG_ISENABLER, FAKE_DEVICE_VINTID);
		(void)drain();
		/* Nobody ends what only software has made active. */
		fake_gic_set_bit(&gic, 0, REG_ICACTIVER, FAKE_DEVICE_VINTID);
		(void)drain();
		/* At rest nothing is active, and a device that calls is heard. */
		ck_assert(!gic.device_active);
		fake_gic_device(&gic, true);
		ck_assert_uint_ge(drain(), 1);
		ck_assert(!gic.device_active);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vgic_device");
	TCase *tc = tcase_create("linked SPI");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tc, comes_and_ends, 0, 4);
	tcase_add_loop_test(tc, comes_again_while_its_line_is_high, 0, 4);
	tcase_add_loop_test(tc, is_withdrawn_with_its_line, 0, 4);
	tcase_add_loop_test(tc, edge_is_not_withdrawn, 0, 4);
	tcase_add_loop_test(tc, waits_until_it_is_enabled, 0, 4);
	tcase_add_loop_test(tc, follows_its_target, 0, 4);
	tcase_add_loop_test(tc, pending_by_software, 0, 8);
	tcase_add_loop_test(tc, ended_by_icactiver, 0, 4);
	tcase_add_loop_test(tc, ended_outside_the_list_registers, 0, 4);
	tcase_add_loop_test(tc, outlives_its_vcpu, 0, 8);
	tcase_add_loop_test(tc, out_of_range, 0, 2);
	tcase_add_loop_test(tc, random_use_loses_nothing, 0, 64);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

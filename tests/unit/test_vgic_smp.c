/*
 * What one vCPU does to interrupts that stand in the list registers of another, which runs: register accesses that
 * wait, DIR from elsewhere, ends that are counted, routes that physical interrupts follow, vCPUs that are off.
 */
#include <check.h>

#include "lib/bits.h"
#include "tests/fakes/fake_gic.h"

#define SPI	 40U
#define OTHER	 41U
#define SGI_BASE 0x10000

static struct fake_gic gic;

/* Loop index: GICv2, GICv3. Kicks arrive when the test says so. */
static void start(int i, unsigned int nr_lrs)
{
	fake_gic_init(&gic, 2 + (unsigned int)i, 3, nr_lrs);
	for (uint32_t intid = 32; intid < 64; intid++) {
		fake_gic_set_edge(&gic, 0, intid, true);
		fake_gic_set_priority(&gic, 0, intid, 0x80);
		fake_gic_set_target(&gic, intid, 1);
		fake_gic_set_bit(&gic, 0, REG_ISENABLER, intid);
	}
	gic.manual_kicks = true;
}

static void make_pending(uint32_t intid)
{
	fake_gic_pulse(&gic, 0, intid);
	fake_gic_refresh(&gic, 1);
}

static void expect_ack(unsigned int vcpu, uint32_t intid)
{
	ck_assert_uint_eq(fake_gic_ack(&gic, vcpu, NULL), intid);
}

/* vCPU 1 has acknowledged it since its last exit: only its LR knows. */
static void make_active_on_1(uint32_t intid)
{
	make_pending(intid);
	expect_ack(1, intid);
}

static bool reads(uint64_t base, uint32_t intid)
{
	return fake_gic_get_bit(&gic, 0, base, intid);
}

START_TEST(reads_wait_for_the_truth)
{
	start(_i, 4);
	make_active_on_1(SPI);
	ck_assert(reads(REG_ISACTIVER, SPI) && !reads(REG_ISPENDR, SPI));
	ck_assert_uint_eq(gic.nr_waits, 2);
	fake_gic_eoi(&gic, 1, SPI);
	ck_assert(!reads(REG_ICACTIVER, SPI));
	ck_assert_uint_eq(gic.nr_waits, 3);
	/* Nothing stands there any more, so there is nobody to ask. */
	ck_assert(!reads(REG_ICPENDR, SPI));
	ck_assert_uint_eq(gic.nr_waits, 3);
	ck_assert(!reads(REG_ICENABLER, 70));
	ck_assert_uint_eq(gic.nr_waits, 3);
}
END_TEST

START_TEST(private_ones_of_another)
{
	start(1, 4);
	fake_gic_sgi(&gic, 0, 1, 3);
	fake_gic_refresh(&gic, 1);
	expect_ack(1, 3);
	ck_assert_uint_eq(fake_gic_access_redist(&gic, 0, 1, SGI_BASE + REG_ISACTIVER, ACCESS_DWORD, false, 0), BIT(3));
	ck_assert_uint_eq(gic.nr_waits, 1);
	(void)fake_gic_access_redist(&gic, 0, 1, SGI_BASE + REG_ICACTIVER, ACCESS_DWORD, true, BIT(3));
	ck_assert_uint_eq(gic.nr_waits, 2);
	ck_assert_uint_eq(fake_gic_access_redist(&gic, 0, 1, SGI_BASE + REG_ISACTIVER, ACCESS_DWORD, false, 0), 0);
	/* Its own redistributor's, and the plain registers at the same offsets of RD_base: nobody is asked. */
	(void)fake_gic_access_redist(&gic, 1, 1, SGI_BASE + REG_ISACTIVER, ACCESS_DWORD, false, 0);
	(void)fake_gic_access_redist(&gic, 0, 1, REG_ISACTIVER, ACCESS_DWORD, false, 0);
	ck_assert_uint_eq(gic.nr_waits, 2);
}
END_TEST

/* Written once, however long it waits: an interrupt that is taken meanwhile is another one. */
START_TEST(writes_are_made_once)
{
	start(_i, 4);
	make_pending(SPI);
	expect_ack(1, SPI); /* taken before the write ended: a second one is due */
	fake_gic_set_bit(&gic, 0, REG_ISPENDR, SPI);
	ck_assert_uint_eq(gic.nr_waits, 1);
	fake_gic_eoi(&gic, 1, SPI);
	fake_gic_refresh(&gic, 1);
	expect_ack(1, SPI);
	fake_gic_eoi(&gic, 1, SPI);
	fake_gic_refresh(&gic, 1);
	expect_ack(1, FAKE_SPURIOUS);
	make_pending(SPI); /* not taken: it stays one */
	fake_gic_set_bit(&gic, 0, REG_ISPENDR, SPI);
	expect_ack(1, SPI);
	fake_gic_eoi(&gic, 1, SPI);
	fake_gic_refresh(&gic, 1);
	expect_ack(1, FAKE_SPURIOUS);
}
END_TEST

/* When the write has ended, the other vCPU does not take it any more: no kick is awaited. */
START_TEST(taken_back_at_once)
{
	static const uint64_t regs[] = { REG_ICENABLER, REG_ICPENDR };

	for (unsigned int n = 0; n < ARRAY_SIZE(regs); n++) {
		start(_i, 4);
		make_pending(SPI);
		fake_gic_set_bit(&gic, 0, regs[n], SPI);
		ck_assert_uint_eq(gic.nr_waits, 1);
		expect_ack(1, FAKE_SPURIOUS);
	}
	start(_i, 4);
	make_pending(SPI);
	fake_gic_write(&gic, 0, 0, ACCESS_DWORD, 2); /* group 0 off */
	ck_assert_uint_eq(gic.nr_waits, 1);
	expect_ack(1, FAKE_SPURIOUS);
	fake_gic_write(&gic, 0, 0, ACCESS_DWORD, 3); /* on again: nobody is asked */
	ck_assert_uint_eq(gic.nr_waits, 1);
	fake_gic_refresh(&gic, 1);
	expect_ack(1, SPI);
}
END_TEST

START_TEST(active_cleared_and_set)
{
	start(_i, 4);
	make_active_on_1(SPI);
	fake_gic_set_bit(&gic, 0, REG_ICACTIVER, SPI);
	ck_assert(!reads(REG_ISACTIVER, SPI));
	make_pending(OTHER);
	fake_gic_set_bit(&gic, 0, REG_ISACTIVER, OTHER);
	ck_assert(reads(REG_ISACTIVER, OTHER) && reads(REG_ISPENDR, OTHER));
	expect_ack(1, FAKE_SPURIOUS);
}
END_TEST

/* One of several accesses of an instruction: what was known at the last sync. */
START_TEST(answers_at_once_where_it_must)
{
	struct mmio_access access = { .vcpu = &gic.vcpu[0],
				      .offset = REG_ISACTIVER + SPI / 32 * 4,
				      .width = ACCESS_DWORD };
	vgic_mask_t mask = 0;
	enum mmio_result result;

	start(_i, 4);
	make_active_on_1(SPI);
	gic.vcpu[0].exit.mmio.plan.nr_accesses = 2;
	result = _i == 0 ? vgic_v2_dist_access(&gic.vgic, &access, false, &mask)
			 : vgic_v3_dist_access(&gic.vgic, &access, false, &mask);
	ck_assert_int_eq(result, MMIO_OK);
	ck_assert_uint_eq(access.value, 0);
	ck_assert_uint_eq(gic.vgic.waiting, 0);
	gic.vcpu[0].exit.mmio.plan.nr_accesses = 1;
	result = _i == 0 ? vgic_v2_dist_access(&gic.vgic, &access, false, &mask)
			 : vgic_v3_dist_access(&gic.vgic, &access, false, &mask);
	ck_assert_int_eq(result, MMIO_WAIT);
	ck_assert_uint_eq(mask, BIT(1));
	/* It goes off while it is waited for: that answers, too. */
	ck_assert_uint_eq(gic.answered, 0);
	fake_gic_refresh(&gic, 1);
	ck_assert_uint_eq(gic.answered, BIT(0));
}
END_TEST

static void split(void)
{
	for (unsigned int n = 0; n < 3; n++)
		gic.pe[n].eoi_split = true;
}

START_TEST(dir_from_another_vcpu)
{
	start(_i, 4);
	split();
	make_active_on_1(SPI);
	fake_gic_eoi(&gic, 1, SPI);
	fake_gic_pulse(&gic, 0, SPI);
	fake_gic_refresh(&gic, 1);
	expect_ack(1, FAKE_SPURIOUS);
	fake_gic_dir(&gic, 2, SPI);
	ck_assert(!reads(REG_ISACTIVER, SPI));
	expect_ack(1, SPI);
	/* Its own private ones only, and what is no INTID does no harm. */
	fake_gic_eoi(&gic, 1, SPI);
	fake_gic_dir(&gic, 1, SPI);
	fake_gic_sgi(&gic, 0, 1, 3);
	fake_gic_refresh(&gic, 1);
	expect_ack(1, 3);
	fake_gic_eoi(&gic, 1, 3);
	fake_gic_dir(&gic, 2, 3);
	fake_gic_dir(&gic, 2, 1023);
	fake_gic_dir(&gic, 2, 0xffffff);
	fake_gic_refresh(&gic, 1);
	ck_assert(fake_gic_get_bit(&gic, 1, REG_ISACTIVER, 3));
	fake_gic_dir(&gic, 1, 3);
	ck_assert(!fake_gic_get_bit(&gic, 1, REG_ISACTIVER, 3));
}
END_TEST

/* More active than LRs, ended in any order, from anywhere. */
START_TEST(dir_beyond_the_lrs)
{
	start(_i, 1);
	split();
	for (uint32_t n = 0; n < 6; n++) {
		make_active_on_1(SPI + n);
		fake_gic_eoi(&gic, 1, SPI + n);
	}
	for (uint32_t n = 0; n < 6; n++) {
		uint32_t intid = SPI + n * 5 % 6;

		fake_gic_dir(&gic, n % 3, intid);
		for (uint32_t other = 0; other < 6; other++) {
			bool ended = false;

			for (uint32_t done = 0; done <= n; done++)
				ended |= SPI + done * 5 % 6 == SPI + other;
			ck_assert(reads(REG_ISACTIVER, SPI + other) == !ended);
		}
	}
}
END_TEST

/* The device's physical interrupt ends wherever its virtual one is deactivated from. */
START_TEST(dir_of_a_linked_one)
{
	start(_i, 4);
	split();
	fake_gic_link_device(&gic, false);
	fake_gic_set_edge(&gic, 0, FAKE_DEVICE_VINTID, false);
	gic.manual_kicks = false;
	fake_gic_device(&gic, true);
	expect_ack(1, FAKE_DEVICE_VINTID);
	fake_gic_device(&gic, false);
	fake_gic_eoi(&gic, 1, FAKE_DEVICE_VINTID);
	ck_assert(gic.device_active);
	fake_gic_dir(&gic, 2, FAKE_DEVICE_VINTID);
	fake_gic_refresh(&gic, 0);
	ck_assert(!gic.device_active);
	fake_gic_device(&gic, true);
	expect_ack(1, FAKE_DEVICE_VINTID);
}
END_TEST

/* EOIs are counted for what was outside the LRs at the flush, whatever has become of it since. */
START_TEST(counted_ends_stay_right)
{
	start(_i, 1);
	for (uint32_t n = 0; n < 3; n++) {
		fake_gic_set_priority(&gic, 0, SPI + n, (uint8_t)(0x80 - 0x20 * n));
		make_active_on_1(SPI + n);
		fake_gic_refresh(&gic, 1);
	}
	/* One that nobody has acknowledged is active, too, and more urgent: no EOI is for it. */
	fake_gic_set_priority(&gic, 0, SPI + 9, 0x10);
	fake_gic_set_bit(&gic, 1, REG_ISACTIVER, SPI + 9);
	fake_gic_refresh(&gic, 1);
	for (uint32_t n = 3; n-- > 0;) {
		fake_gic_eoi(&gic, 1, SPI + n);
		for (uint32_t other = 0; other < 3; other++)
			ck_assert(reads(REG_ISACTIVER, SPI + other) == (other < n));
		ck_assert(reads(REG_ISACTIVER, SPI + 9));
	}
}
END_TEST

/* A CPU interface that takes one group: it gets that group's, however many of the other are in front. */
START_TEST(groups_share_the_lrs)
{
	unsigned int group = (unsigned int)_i % 2, seen = 0;

	start(_i / 2 % 2, _i / 4 == 0 ? 1 : 4);
	fake_gic_groups(&gic, 1, group == 0, group == 1);
	gic.manual_kicks = false;
	for (uint32_t intid = 32; intid < 64; intid++) {
		if ((intid >= 56) == (group == 1)) /* eight of the group that is on, the others in front of them */
			fake_gic_set_group(&gic, 0, intid);
		fake_gic_set_priority(&gic, 0, intid, intid >= 56 ? 0xa0 : 0x40);
		fake_gic_pulse(&gic, 0, intid);
	}
	for (; seen < 20; seen++) {
		uint32_t intid = fake_gic_ack(&gic, 1, NULL);

		if (intid == FAKE_SPURIOUS)
			break;
		ck_assert_uint_ge(intid, 56);
		fake_gic_eoi(&gic, 1, intid);
	}
	ck_assert_uint_eq(seen, 8);
	fake_gic_groups(&gic, 1, true, true);
	for (seen = 0; seen < 40; seen++) {
		uint32_t intid = fake_gic_ack(&gic, 1, NULL);

		if (intid == FAKE_SPURIOUS)
			break;
		fake_gic_eoi(&gic, 1, intid);
	}
	ck_assert_uint_eq(seen, 24);
}
END_TEST

START_TEST(physical_spis_follow_their_routes)
{
	unsigned int vcpu = 99;
	uint32_t pintid = 0;

	start(_i, 4);
	ck_assert(!vgic_take_moved(&gic.vgic, &pintid, &vcpu)); /* nothing is linked */
	fake_gic_link_device(&gic, false);
	fake_gic_set_target(&gic, FAKE_DEVICE_VINTID, 1); /* where it is */
	ck_assert(!vgic_take_moved(&gic.vgic, &pintid, &vcpu));
	fake_gic_set_target(&gic, FAKE_DEVICE_VINTID, 2);
	ck_assert(vgic_take_moved(&gic.vgic, &pintid, &vcpu));
	ck_assert_uint_eq(pintid, FAKE_DEVICE_PINTID);
	ck_assert_uint_eq(vcpu, 2);
	ck_assert(!vgic_take_moved(&gic.vgic, &pintid, &vcpu));
	fake_gic_set_target(&gic, SPI, 2);		  /* not linked */
	fake_gic_set_target(&gic, FAKE_DEVICE_VINTID, 7); /* nobody there */
	ck_assert(!vgic_take_moved(&gic.vgic, &pintid, &vcpu));
	/* Twice before anybody looks: the last one counts. */
	fake_gic_set_target(&gic, FAKE_DEVICE_VINTID, 0);
	fake_gic_set_target(&gic, FAKE_DEVICE_VINTID, 1);
	ck_assert(vgic_take_moved(&gic.vgic, &pintid, &vcpu));
	ck_assert_uint_eq(vcpu, 1);
	ck_assert(!vgic_take_moved(&gic.vgic, &pintid, &vcpu));
}
END_TEST

START_TEST(no_sgi_reaches_a_vcpu_that_is_off)
{
	start(_i, 4);
	gic.manual_kicks = false;
	(void)vgic_cpu_reset(&gic.vgic, 1);
	fake_gic_refresh(&gic, 1);
	fake_gic_sgi(&gic, 0, 1, 3);
	vgic_cpu_on(&gic.vgic, 1);
	fake_gic_set_bit(&gic, 1, REG_ISENABLER, 3);
	expect_ack(1, FAKE_SPURIOUS);
	ck_assert(!fake_gic_get_bit(&gic, 1, REG_ISPENDR, 3));
	fake_gic_sgi(&gic, 0, 1, 3);
	expect_ack(1, 3);
}
END_TEST

/* GICC_DIR's page. */
START_TEST(v2_dir_page)
{
	struct mmio_access access = { .vcpu = &gic.vcpu[2], .width = ACCESS_DWORD, .value = SPI | 5U << 10 };
	vgic_mask_t mask = 0;

	start(0, 4);
	split();
	make_active_on_1(SPI);
	fake_gic_refresh(&gic, 1);
	ck_assert_int_eq(vgic_v2_dir_access(&gic.vgic, &access, true, false, &mask), MMIO_OK);
	ck_assert(gic.vgic.spi[SPI - 32].active); /* EOImode = 0 */
	access.width = ACCESS_WORD;
	ck_assert_int_eq(vgic_v2_dir_access(&gic.vgic, &access, true, true, &mask), MMIO_OK);
	access.width = ACCESS_DWORD;
	access.offset = 4;
	ck_assert_int_eq(vgic_v2_dir_access(&gic.vgic, &access, true, true, &mask), MMIO_OK);
	ck_assert(gic.vgic.spi[SPI - 32].active && mask == 0);
	access.offset = 2;
	ck_assert_int_eq(vgic_v2_dir_access(&gic.vgic, &access, true, true, &mask), MMIO_FAULT);
	access.offset = 0;
	ck_assert_int_eq(vgic_v2_dir_access(&gic.vgic, &access, true, true, &mask), MMIO_OK);
	ck_assert_uint_eq(mask, BIT(1));
	ck_assert(!reads(REG_ISACTIVER, SPI));
	ck_assert_int_eq(vgic_v2_dir_access(&gic.vgic, &access, false, true, &mask), MMIO_OK);
	ck_assert_uint_eq(access.value, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vgic_smp");
	TCase *tc = tcase_create("vgic_smp");
	SRunner *runner;
	int failures;

	tcase_add_loop_test(tc, reads_wait_for_the_truth, 0, 2);
	tcase_add_test(tc, private_ones_of_another);
	tcase_add_loop_test(tc, writes_are_made_once, 0, 2);
	tcase_add_loop_test(tc, taken_back_at_once, 0, 2);
	tcase_add_loop_test(tc, active_cleared_and_set, 0, 2);
	tcase_add_loop_test(tc, answers_at_once_where_it_must, 0, 2);
	tcase_add_loop_test(tc, dir_from_another_vcpu, 0, 2);
	tcase_add_loop_test(tc, dir_beyond_the_lrs, 0, 2);
	tcase_add_loop_test(tc, dir_of_a_linked_one, 0, 2);
	tcase_add_loop_test(tc, counted_ends_stay_right, 0, 2);
	tcase_add_loop_test(tc, groups_share_the_lrs, 0, 8);
	tcase_add_loop_test(tc, physical_spis_follow_their_routes, 0, 2);
	tcase_add_loop_test(tc, no_sgi_reaches_a_vcpu_that_is_off, 0, 2);
	tcase_add_test(tc, v2_dir_page);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

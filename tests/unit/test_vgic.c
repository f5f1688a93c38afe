/* The vGIC's rules one by one, on both versions, with a guest that acknowledges and ends (tests/fakes/fake_gic.h). */
#include <check.h>

#include "lib/bits.h"
#include "tests/fakes/fake_gic.h"

#define EDGE_SPI  40U
#define LEVEL_SPI 41U
#define EDGE_PPI  20U

static struct fake_gic gic;

/* Loop tests 0 to 2 run with _i = 0 for GICv2, 1 for GICv3. */

/* Enabled, to vCPU 0, priority 0xa0; edge for even SPIs. */
static void enable_spi(uint32_t intid)
{
	fake_gic_set_edge(&gic, 0, intid, intid % 2 == 0);
	fake_gic_set_priority(&gic, 0, intid, 0xa0);
	fake_gic_set_target(&gic, intid, 0);
	fake_gic_set_bit(&gic, 0, REG_ISENABLER, intid);
}

static void start(int loop, unsigned int nr_vcpus, unsigned int nr_lrs)
{
	fake_gic_init(&gic, 2 + (unsigned int)loop, nr_vcpus, nr_lrs);
	enable_spi(EDGE_SPI);
	enable_spi(LEVEL_SPI);
	for (unsigned int vcpu = 0; vcpu < nr_vcpus; vcpu++)
		fake_gic_set_bit(&gic, vcpu, REG_ISENABLER, FAKE_TIMER_VINTID);
}

static void expect_ack(unsigned int vcpu, uint32_t intid)
{
	ck_assert_uint_eq(fake_gic_ack(&gic, vcpu, NULL), intid);
}

static void expect_once(unsigned int vcpu, uint32_t intid)
{
	expect_ack(vcpu, intid);
	fake_gic_eoi(&gic, vcpu, intid);
	expect_ack(vcpu, FAKE_SPURIOUS);
}

START_TEST(edge_comes_once)
{
	start(_i, 1, 4);
	expect_ack(0, FAKE_SPURIOUS);
	fake_gic_pulse(&gic, 0, EDGE_SPI);
	fake_gic_pulse(&gic, 0, EDGE_SPI); /* still pending: the two are one */
	expect_once(0, EDGE_SPI);
	/* A line that stays high is one edge. */
	fake_gic_line(&gic, 0, EDGE_SPI, true);
	expect_once(0, EDGE_SPI);
	fake_gic_line(&gic, 0, EDGE_SPI, true);
	expect_ack(0, FAKE_SPURIOUS);
	/* Its fall is none. */
	fake_gic_line(&gic, 0, EDGE_SPI, false);
	expect_ack(0, FAKE_SPURIOUS);
}
END_TEST

START_TEST(edge_while_active_comes_again)
{
	start(_i, 1, 4);
	fake_gic_pulse(&gic, 0, EDGE_SPI);
	expect_ack(0, EDGE_SPI);
	fake_gic_pulse(&gic, 0, EDGE_SPI);
	ck_assert(gic.pe[0].file.lr[0].pending && gic.pe[0].file.lr[0].active);
	expect_ack(0, FAKE_SPURIOUS); /* not before the end of the first */
	fake_gic_eoi(&gic, 0, EDGE_SPI);
	expect_once(0, EDGE_SPI);
	/* No exit was needed for it. */
	ck_assert_uint_eq(gic.pe[0].nr_maintenance, 0);
}
END_TEST

START_TEST(level_comes_while_high)
{
	start(_i, 1, 4);
	fake_gic_line(&gic, 0, LEVEL_SPI, true);
	for (unsigned int n = 0; n < 3; n++) {
		expect_ack(0, LEVEL_SPI);
		fake_gic_eoi(&gic, 0, LEVEL_SPI);
	}
	ck_assert_uint_eq(gic.pe[0].nr_maintenance, 3);
	expect_ack(0, LEVEL_SPI);
	/* Serviced: the end of it needs no exit any more. */
	fake_gic_line(&gic, 0, LEVEL_SPI, false);
	ck_assert(gic.pe[0].file.lr[0].active && !gic.pe[0].file.lr[0].eoi);
	fake_gic_eoi(&gic, 0, LEVEL_SPI);
	expect_ack(0, FAKE_SPURIOUS);
	ck_assert_uint_eq(gic.pe[0].nr_maintenance, 3);
}
END_TEST

START_TEST(level_that_falls_is_withdrawn)
{
	start(_i, 1, 4);
	fake_gic_line(&gic, 0, LEVEL_SPI, true);
	ck_assert_uint_eq(gic.pe[0].file.used, 1);
	fake_gic_line(&gic, 0, LEVEL_SPI, false);
	ck_assert_uint_eq(gic.pe[0].file.used, 0);
	/* Written pending, it stays so whatever the line does, until acknowledged or cleared. */
	fake_gic_set_bit(&gic, 0, REG_ISPENDR, LEVEL_SPI);
	fake_gic_line(&gic, 0, LEVEL_SPI, true);
	fake_gic_line(&gic, 0, LEVEL_SPI, false);
	expect_once(0, LEVEL_SPI);
	fake_gic_set_bit(&gic, 0, REG_ISPENDR, LEVEL_SPI);
	fake_gic_set_bit(&gic, 0, REG_ICPENDR, LEVEL_SPI);
	expect_ack(0, FAKE_SPURIOUS);
	/* A line that is high cannot be cleared away. */
	fake_gic_line(&gic, 0, LEVEL_SPI, true);
	fake_gic_set_bit(&gic, 0, REG_ICPENDR, LEVEL_SPI);
	expect_ack(0, LEVEL_SPI);
}
END_TEST

START_TEST(edge_is_cleared_out_of_an_lr)
{
	start(_i, 2, 4);
	fake_gic_pulse(&gic, 0, EDGE_SPI);
	/* By another vCPU, while vCPU 0 has it in an LR. */
	fake_gic_set_bit(&gic, 1, REG_ICPENDR, EDGE_SPI);
	expect_ack(0, FAKE_SPURIOUS);
	ck_assert(!fake_gic_get_bit(&gic, 1, REG_ISPENDR, EDGE_SPI));
}
END_TEST

START_TEST(disable_takes_it_out_of_an_lr)
{
	start(_i, 2, 4);
	fake_gic_pulse(&gic, 0, EDGE_SPI);
	fake_gic_set_bit(&gic, 1, REG_ICENABLER, EDGE_SPI);
	expect_ack(0, FAKE_SPURIOUS);
	ck_assert(fake_gic_get_bit(&gic, 1, REG_ISPENDR, EDGE_SPI));
	fake_gic_set_bit(&gic, 1, REG_ISENABLER, EDGE_SPI);
	expect_once(0, EDGE_SPI);
}
END_TEST

START_TEST(group_disable_takes_it_out_of_an_lr)
{
	start(_i, 2, 4);
	fake_gic_set_group(&gic, 0, EDGE_SPI);
	fake_gic_pulse(&gic, 0, EDGE_SPI);
	ck_assert_uint_eq(gic.pe[0].file.lr[0].group, 1);
	fake_gic_write(&gic, 1, 0, ACCESS_DWORD, 1); /* group 0 only */
	expect_ack(0, FAKE_SPURIOUS);
	fake_gic_write(&gic, 1, 0, ACCESS_DWORD, 2);
	expect_once(0, EDGE_SPI);
}
END_TEST

START_TEST(disabled_active_one_does_not_come_again)
{
	start(_i, 1, 4);
	fake_gic_pulse(&gic, 0, EDGE_SPI);
	expect_ack(0, EDGE_SPI);
	fake_gic_pulse(&gic, 0, EDGE_SPI);
	fake_gic_set_bit(&gic, 0, REG_ICENABLER, EDGE_SPI);
	fake_gic_eoi(&gic, 0, EDGE_SPI);
	expect_ack(0, FAKE_SPURIOUS);
	fake_gic_set_bit(&gic, 0, REG_ISENABLER, EDGE_SPI);
	expect_once(0, EDGE_SPI);
}
END_TEST

START_TEST(retarget_hands_on)
{
	start(_i, 3, 4);
	fake_gic_pulse(&gic, 0, EDGE_SPI);
	fake_gic_set_target(&gic, EDGE_SPI, 2);
	expect_ack(0, FAKE_SPURIOUS);
	expect_ack(2, EDGE_SPI);
	/* Active on 2, made pending again, sent to 1: first its end on 2. */
	fake_gic_pulse(&gic, 0, EDGE_SPI);
	fake_gic_set_target(&gic, EDGE_SPI, 1);
	expect_ack(1, FAKE_SPURIOUS);
	fake_gic_eoi(&gic, 2, EDGE_SPI);
	expect_once(1, EDGE_SPI);
	expect_ack(2, FAKE_SPURIOUS);
}
END_TEST

START_TEST(v2_targets)
{
	start(0, 3, 4);
	fake_gic_write(&gic, 0, 0x800 + EDGE_SPI, ACCESS_BYTE, 6); /* 1 of N: the lowest */
	fake_gic_pulse(&gic, 0, EDGE_SPI);
	expect_ack(2, FAKE_SPURIOUS);
	expect_once(1, EDGE_SPI);
	fake_gic_write(&gic, 0, 0x800 + EDGE_SPI, ACCESS_BYTE, 0);
	fake_gic_pulse(&gic, 0, EDGE_SPI);
	for (unsigned int vcpu = 0; vcpu < 3; vcpu++)
		expect_ack(vcpu, FAKE_SPURIOUS);
	fake_gic_write(&gic, 0, 0x800 + EDGE_SPI, ACCESS_BYTE, 4); /* kept until someone is there */
	expect_once(2, EDGE_SPI);
}
END_TEST

START_TEST(v2_uniprocessor_needs_no_target)
{
	fake_gic_init(&gic, 2, 1, 4);
	fake_gic_set_bit(&gic, 0, REG_ISENABLER, 50);
	fake_gic_line(&gic, 0, 50, true);
	ck_assert_uint_eq(fake_gic_signalled(&gic, 0), 0);
}
END_TEST

START_TEST(v3_routes)
{
	start(1, 3, 4);
	fake_gic_write(&gic, 0, 0x6000 + 8 * EDGE_SPI, ACCESS_QWORD, 0x100); /* no such vCPU */
	fake_gic_pulse(&gic, 0, EDGE_SPI);
	for (unsigned int vcpu = 0; vcpu < 3; vcpu++)
		expect_ack(vcpu, FAKE_SPURIOUS);
	fake_gic_write(&gic, 0, 0x6000 + 8 * EDGE_SPI, ACCESS_QWORD, 2);
	expect_once(2, EDGE_SPI);
	/* GICD_TYPER.No1N: Interrupt_Routing_Mode is not there. */
	ck_assert_uint_ne(fake_gic_read(&gic, 0, 4, ACCESS_DWORD) & BIT(25), 0);
	fake_gic_write(&gic, 0, 0x6000 + 8 * EDGE_SPI, ACCESS_QWORD, BIT(31) | 1);
	ck_assert_uint_eq(fake_gic_read(&gic, 0, 0x6000 + 8 * EDGE_SPI, ACCESS_QWORD), 1);
	fake_gic_pulse(&gic, 0, EDGE_SPI);
	expect_once(1, EDGE_SPI);
}
END_TEST

START_TEST(v2_sgi_comes_once_per_source)
{
	unsigned int sources = 0, source;

	start(0, 4, 4);
	fake_gic_sgi(&gic, 1, 0, 5);
	fake_gic_sgi(&gic, 3, 0, 5);
	fake_gic_sgi(&gic, 3, 0, 5); /* the same again is no more */
	ck_assert_uint_eq(fake_gic_read(&gic, 0, 0xF20 + 5, ACCESS_BYTE), 0xa);
	for (unsigned int n = 0; n < 2; n++) {
		ck_assert_uint_eq(fake_gic_ack(&gic, 0, &source), 5);
		sources |= 1U << source;
		fake_gic_eoi(&gic, 0, 5);
	}
	expect_ack(0, FAKE_SPURIOUS);
	ck_assert_uint_eq(sources, 0xa);
	/* Again from the one that is being handled. */
	fake_gic_sgi(&gic, 2, 0, 5);
	ck_assert_uint_eq(fake_gic_ack(&gic, 0, &source), 5);
	fake_gic_sgi(&gic, 2, 0, 5);
	fake_gic_eoi(&gic, 0, 5);
	ck_assert_uint_eq(fake_gic_ack(&gic, 0, &source), 5);
	ck_assert_uint_eq(source, 2);
	fake_gic_eoi(&gic, 0, 5);
	expect_ack(0, FAKE_SPURIOUS);
}
END_TEST

START_TEST(v2_sgi_sources_are_cleared_out_of_an_lr)
{
	unsigned int source;

	start(0, 4, 4);
	fake_gic_sgi(&gic, 1, 0, 5);
	fake_gic_sgi(&gic, 3, 0, 5);
	fake_gic_write(&gic, 0, 0xF10 + 5, ACCESS_BYTE, 2);
	ck_assert_uint_eq(fake_gic_ack(&gic, 0, &source), 5);
	ck_assert_uint_eq(source, 3);
	fake_gic_eoi(&gic, 0, 5);
	expect_ack(0, FAKE_SPURIOUS);
}
END_TEST

/* By one who did not sync before the access. */
START_TEST(v2_sgi_source_is_cleared_while_in_an_lr)
{
	struct mmio_access access = { .vcpu = &gic.vcpu[0], .offset = 0xf10 + 5, .width = ACCESS_BYTE };
	vgic_mask_t mask = 0;

	start(0, 4, 4);
	fake_gic_sgi(&gic, 2, 0, 5);
	ck_assert_int_eq(vgic_v2_dist_access(&gic.vgic, &access, false, &mask), MMIO_OK);
	ck_assert_uint_eq(access.value, 4);
	access.value = 3; /* others */
	ck_assert_int_eq(vgic_v2_dist_access(&gic.vgic, &access, true, &mask), MMIO_OK);
	fake_gic_refresh(&gic, 0);
	ck_assert_int_eq(fake_gic_signalled(&gic, 0), 0);
	access.value = 4;
	ck_assert_int_eq(vgic_v2_dist_access(&gic.vgic, &access, true, &mask), MMIO_OK);
	fake_gic_refresh(&gic, 0);
	expect_ack(0, FAKE_SPURIOUS);
}
END_TEST

START_TEST(sgi_target_filters)
{
	struct vcpu_exit exit = { .reason = EXIT_SEND_IPI };

	start(_i, 3, 4);
	exit.send_ipi.vector = 3;
	exit.send_ipi.to_all = true;
	ck_assert_uint_eq(vgic_send_ipi(&gic.vgic, 1, &exit), 5);
	exit.send_ipi.to_all = false;
	exit.send_ipi.to_self = true;
	ck_assert_uint_eq(vgic_send_ipi(&gic.vgic, 1, &exit), 2);
	exit.send_ipi.to_self = false;
	exit.send_ipi.target = 0;
	ck_assert_uint_eq(vgic_send_ipi(&gic.vgic, 1, &exit), 0);
	exit.send_ipi.vector = 16;
	exit.send_ipi.to_all = true;
	ck_assert_uint_eq(vgic_send_ipi(&gic.vgic, 1, &exit), 0);
}
END_TEST

START_TEST(v3_sgi_groups_and_affinity)
{
	static const uint64_t mpidrs[] = { 0x0, 0xf, 0x100 };
	struct vcpu_exit exit = { .reason = EXIT_SEND_IPI };

	fake_gic_init_model(&gic.vgic, 3, 3, mpidrs);
	gic.vgic.ctlr = 3;
	for (unsigned int vcpu = 0; vcpu < 3; vcpu++) {
		gic.vgic.cpu[vcpu].irq[4].enabled = true;
		vgic_cpu_on(&gic.vgic, vcpu);
	}
	gic.vgic.cpu[1].irq[4].group = 1;
	exit.send_ipi.vector = 4;
	exit.send_ipi.aux = 0x8001; /* Aff0 0 and 15 of cluster 0 */
	exit.send_ipi.group = 0;    /* SGI0R: group 0 only */
	ck_assert_uint_eq(vgic_send_ipi(&gic.vgic, 2, &exit), 1);
	exit.send_ipi.group = 1; /* SGI1R: either, with one security state */
	ck_assert_uint_eq(vgic_send_ipi(&gic.vgic, 2, &exit), 3);
	exit.send_ipi.target = 0x100;
	ck_assert_uint_eq(vgic_send_ipi(&gic.vgic, 0, &exit), 4);
	exit.send_ipi.target = 0x200;
	ck_assert_uint_eq(vgic_send_ipi(&gic.vgic, 0, &exit), 0);
}
END_TEST

/* More pending than LRs: by priority, then by INTID, none left behind. */
START_TEST(many_pending_come_in_order)
{
	static const unsigned int lrs[] = { 1, 2, 4, 16 };
	unsigned int nr_lrs = lrs[_i / 2];

	start(_i % 2, 1, nr_lrs);
	for (uint32_t n = 0; n < 20; n++) {
		enable_spi(100 + 2 * n);
		fake_gic_set_priority(&gic, 0, 100 + 2 * n, (uint8_t)(0xf0 - 8 * n));
	}
	for (uint32_t n = 0; n < 20; n++)
		fake_gic_pulse(&gic, 0, 100 + 2 * n);
	ck_assert(gic.pe[0].file.no_pending_irq);
	for (uint32_t n = 20; n-- > 0;) {
		expect_ack(0, 100 + 2 * n);
		fake_gic_eoi(&gic, 0, 100 + 2 * n);
	}
	expect_ack(0, FAKE_SPURIOUS);
	ck_assert(!gic.pe[0].file.no_pending_irq);
	/* One exit fills all LRs but that of the active one; with a single LR each end is an exit too. */
	ck_assert_uint_le(gic.pe[0].nr_maintenance, nr_lrs == 1 ? 2 * 20 : 20 / (nr_lrs - 1) + 1);
}
END_TEST

/* Each preempts the one before: more active than LRs, and a linked one among them. */
START_TEST(nested_beyond_the_lrs)
{
	static const unsigned int lrs[] = { 1, 2, 4 };

	start(_i % 2, 1, lrs[_i / 2]);
	fake_gic_set_priority(&gic, 0, FAKE_TIMER_VINTID, 0xf0);
	fake_gic_timer(&gic, 0, true);
	expect_ack(0, FAKE_TIMER_VINTID);
	for (uint32_t n = 0; n < 8; n++) {
		enable_spi(100 + 2 * n);
		fake_gic_set_priority(&gic, 0, 100 + 2 * n, (uint8_t)(0xe0 - 8 * n));
		fake_gic_pulse(&gic, 0, 100 + 2 * n);
		expect_ack(0, 100 + 2 * n);
		fake_gic_pulse(&gic, 0, 100 + 2 * n); /* again, after its end */
	}
	ck_assert(gic.pe[0].file.eoi_not_present_irq);
	fake_gic_timer(&gic, 0, false);
	for (uint32_t n = 8; n-- > 0;) {
		fake_gic_eoi(&gic, 0, 100 + 2 * n);
		expect_ack(0, 100 + 2 * n);
		fake_gic_eoi(&gic, 0, 100 + 2 * n);
	}
	ck_assert(gic.pe[0].timer_active);
	fake_gic_eoi(&gic, 0, FAKE_TIMER_VINTID);
	ck_assert(!gic.pe[0].timer_active); /* ended through the model, if it was in no LR */
	expect_ack(0, FAKE_SPURIOUS);
	ck_assert_uint_eq(gic.pe[0].file.used, 0);
}
END_TEST

START_TEST(eois_are_counted_once)
{
	struct vgic_sync_io io = { .file = &gic.pe[0].file };

	start(_i, 1, 1);
	for (uint32_t n = 0; n < 4; n++) {
		enable_spi(100 + 2 * n);
		fake_gic_set_priority(&gic, 0, 100 + 2 * n, (uint8_t)(0xe0 - 8 * n));
		fake_gic_pulse(&gic, 0, 100 + 2 * n);
		expect_ack(0, 100 + 2 * n);
	}
	fake_gic_refresh(&gic, 0); /* 106 in the LR; 104, 102 and 100 outside */
	gic.pe[0].file.lr[0].active = false;
	gic.pe[0].file.eoi_count = 1;
	ck_assert_uint_eq(vgic_sync(&gic.vgic, 0, &io), 0);
	ck_assert_uint_eq(vgic_sync(&gic.vgic, 0, &io), 0); /* the count is still in the file */
	ck_assert(!gic.vgic.spi[106 - 32].active && !gic.vgic.spi[104 - 32].active);
	ck_assert(gic.vgic.spi[102 - 32].active && gic.vgic.spi[100 - 32].active);
}
END_TEST

START_TEST(timer_is_linked)
{
	start(_i, 1, 4);
	fake_gic_timer(&gic, 0, true);
	ck_assert(gic.pe[0].file.lr[0].hw && gic.pe[0].file.lr[0].pintid == FAKE_TIMER_PINTID);
	expect_ack(0, FAKE_TIMER_VINTID);
	ck_assert(gic.pe[0].timer_active);
	fake_gic_timer(&gic, 0, false); /* set anew by the guest */
	fake_gic_eoi(&gic, 0, FAKE_TIMER_VINTID);
	ck_assert(!gic.pe[0].timer_active);
	expect_ack(0, FAKE_SPURIOUS);
	ck_assert_uint_eq(gic.pe[0].nr_maintenance, 0);
	/* It fires again, and again when its line stays high. */
	fake_gic_timer(&gic, 0, true);
	for (unsigned int n = 0; n < 3; n++) {
		/* It stays physically active through what else makes the vCPU exit. */
		fake_gic_refresh(&gic, 0);
		expect_ack(0, FAKE_TIMER_VINTID);
		fake_gic_refresh(&gic, 0);
		fake_gic_eoi(&gic, 0, FAKE_TIMER_VINTID);
	}
	ck_assert_uint_eq(gic.pe[0].nr_deactivations, 0);
}
END_TEST

/* GICD_ICFGR does not change what the timer is. */
START_TEST(timer_configured_as_edge)
{
	start(_i, 1, 4);
	fake_gic_set_edge(&gic, 0, FAKE_TIMER_VINTID, true);
	fake_gic_timer(&gic, 0, true);
	expect_ack(0, FAKE_TIMER_VINTID);
	fake_gic_timer(&gic, 0, false);
	fake_gic_eoi(&gic, 0, FAKE_TIMER_VINTID);
	fake_gic_timer(&gic, 0, true);
	fake_gic_timer(&gic, 0, false);
	fake_gic_refresh(&gic, 0);
	expect_ack(0, FAKE_SPURIOUS);
	ck_assert(!gic.pe[0].timer_active);
}
END_TEST

START_TEST(timer_that_falls_is_withdrawn)
{
	start(_i, 1, 4);
	fake_gic_timer(&gic, 0, true);
	ck_assert(gic.pe[0].timer_active && vgic_link_is_active(&gic.vgic, 0, FAKE_TIMER_VINTID));
	fake_gic_timer(&gic, 0, false);
	fake_gic_refresh(&gic, 0);
	expect_ack(0, FAKE_SPURIOUS);
	ck_assert(!gic.pe[0].timer_active && !vgic_link_is_active(&gic.vgic, 0, FAKE_TIMER_VINTID));
	/* The same where it is disabled, so in no LR; the guest reads it pending until then. */
	fake_gic_set_bit(&gic, 0, REG_ICENABLER, FAKE_TIMER_VINTID);
	fake_gic_timer(&gic, 0, true);
	ck_assert(fake_gic_get_bit(&gic, 0, REG_ISPENDR, FAKE_TIMER_VINTID));
	ck_assert_uint_eq(gic.pe[0].file.used, 0);
	fake_gic_timer(&gic, 0, false);
	ck_assert(!fake_gic_get_bit(&gic, 0, REG_ISPENDR, FAKE_TIMER_VINTID));
	ck_assert(!gic.pe[0].timer_active);
}
END_TEST

/* HW = 1 must not be pending and active at once; fake_gic checks every file for it. */
START_TEST(timer_written_pending_while_active)
{
	start(_i, 1, 4);
	fake_gic_timer(&gic, 0, true);
	expect_ack(0, FAKE_TIMER_VINTID);
	fake_gic_timer(&gic, 0, false);
	fake_gic_set_bit(&gic, 0, REG_ISPENDR, FAKE_TIMER_VINTID);
	ck_assert(!gic.pe[0].file.lr[0].hw && gic.pe[0].file.lr[0].pending && gic.pe[0].file.lr[0].active);
	fake_gic_eoi(&gic, 0, FAKE_TIMER_VINTID);
	expect_once(0, FAKE_TIMER_VINTID);
	ck_assert(!gic.pe[0].timer_active);
}
END_TEST

START_TEST(timer_ended_by_register)
{
	start(_i, 1, 4);
	fake_gic_timer(&gic, 0, true);
	expect_ack(0, FAKE_TIMER_VINTID);
	fake_gic_timer(&gic, 0, false);
	fake_gic_set_bit(&gic, 0, REG_ICACTIVER, FAKE_TIMER_VINTID);
	fake_gic_refresh(&gic, 0);
	ck_assert(!gic.pe[0].timer_active);
	ck_assert(!fake_gic_get_bit(&gic, 0, REG_ISACTIVER, FAKE_TIMER_VINTID));
}
END_TEST

/* The same by another vCPU, through this one's redistributor, in an LR and not. */
START_TEST(timer_ended_by_another)
{
	struct mmio_access access = { .vcpu = &gic.vcpu[1],
				      .offset = 0x10000 + REG_ICACTIVER,
				      .width = ACCESS_DWORD,
				      .value = BIT(FAKE_TIMER_VINTID) };
	vgic_mask_t mask = 0;

	start(1, 2, 4);
	fake_gic_timer(&gic, 0, true);
	expect_ack(0, FAKE_TIMER_VINTID);
	fake_gic_timer(&gic, 0, false);
	if (_i == 1)
		vgic_sync(&gic.vgic, 0, &(struct vgic_sync_io){ .file = &gic.pe[0].file });
	ck_assert_int_eq(vgic_v3_redist_access(&gic.vgic, 0, &access, true, &mask), MMIO_OK);
	ck_assert_uint_eq(mask, 1);
	fake_gic_post(&gic, mask);
	ck_assert(!gic.pe[0].timer_active);
	ck_assert_uint_eq(gic.pe[0].file.used, 0);
}
END_TEST

/* An end that was not told yet must not end what was loaded since. */
START_TEST(timer_end_is_overtaken)
{
	struct gic_lr_file file = { .nr_lrs = 4 };
	struct vgic_sync_io io = { .file = &file };

	start(_i, 1, 4);
	if (_i == 1) /* once out of an LR, once out of the model */
		fake_gic_set_bit(&gic, 0, REG_ICENABLER, FAKE_TIMER_VINTID);
	fake_gic_timer(&gic, 0, true);
	(void)vgic_cpu_reset(&gic.vgic, 0);
	ck_assert(!vgic_link_is_active(&gic.vgic, 0, FAKE_TIMER_VINTID));
	gic.vgic.cpu[0].irq[FAKE_TIMER_VINTID].enabled = true;
	ck_assert_uint_eq(vgic_inject_hw(&gic.vgic, 0, FAKE_TIMER_VINTID), 1);
	vgic_flush(&gic.vgic, 0, &file);
	ck_assert(file.lr[0].hw);
	(void)vgic_sync(&gic.vgic, 0, &io);
	ck_assert_uint_eq(io.nr_deactivate, 0);
}
END_TEST

START_TEST(active_bits_are_written)
{
	start(_i, 2, 4);
	/* While another vCPU has it in an LR: the write overrules what comes back. */
	fake_gic_pulse(&gic, 0, EDGE_SPI);
	expect_ack(0, EDGE_SPI);
	fake_gic_set_bit(&gic, 1, REG_ICACTIVER, EDGE_SPI);
	ck_assert(!fake_gic_get_bit(&gic, 1, REG_ISACTIVER, EDGE_SPI));
	gic.pe[0].depth = 0;
	fake_gic_pulse(&gic, 0, EDGE_SPI);
	expect_once(0, EDGE_SPI);
	/* Set, it keeps the interrupt from coming. */
	fake_gic_set_bit(&gic, 1, REG_ISACTIVER, EDGE_SPI);
	ck_assert(fake_gic_get_bit(&gic, 0, REG_ICACTIVER, EDGE_SPI));
	fake_gic_pulse(&gic, 0, EDGE_SPI);
	expect_ack(0, FAKE_SPURIOUS);
	fake_gic_set_bit(&gic, 1, REG_ICACTIVER, EDGE_SPI);
	expect_once(0, EDGE_SPI);
	/* Its end is expected from its target. */
	fake_gic_set_target(&gic, EDGE_SPI, 1);
	fake_gic_set_bit(&gic, 0, REG_ISACTIVER, EDGE_SPI);
	ck_assert_uint_eq(gic.pe[0].file.used, 0);
	ck_assert_uint_eq(gic.pe[1].file.lr[0].vintid, EDGE_SPI);
}
END_TEST

START_TEST(reset_of_a_vcpu)
{
	start(_i, 2, 4);
	fake_gic_set_bit(&gic, 1, REG_ISENABLER, EDGE_PPI);
	fake_gic_set_edge(&gic, 1, EDGE_PPI, true);
	fake_gic_pulse(&gic, 1, EDGE_PPI);
	fake_gic_timer(&gic, 1, true);
	expect_ack(1, EDGE_PPI);
	fake_gic_set_target(&gic, EDGE_SPI, 1);
	fake_gic_set_target(&gic, LEVEL_SPI, 1);
	fake_gic_set_priority(&gic, 0, LEVEL_SPI, 0);
	gic.pe[1].depth = 0;
	fake_gic_line(&gic, 0, LEVEL_SPI, true);
	expect_ack(1, FAKE_TIMER_VINTID); /* of the same priority, but the lower INTID */
	gic.pe[1].depth = 0;
	expect_ack(1, LEVEL_SPI);
	fake_gic_pulse(&gic, 0, EDGE_SPI); /* pending in an LR */
	fake_gic_timer(&gic, 1, false);

	gic.pe[1].file.used = 0; /* as the caller empties the LRs */
	gic.pe[1].depth = 0;
	fake_gic_post(&gic, vgic_cpu_reset(&gic.vgic, 1));
	ck_assert(!gic.pe[1].timer_active); /* told by the sync after it */
	ck_assert(!fake_gic_get_bit(&gic, 1, REG_ISENABLER, EDGE_PPI));
	ck_assert(!fake_gic_get_bit(&gic, 1, REG_ISACTIVER, EDGE_PPI));
	ck_assert(!fake_gic_get_bit(&gic, 1, REG_ISACTIVER, LEVEL_SPI));
	/* What devices want of it stays, and may go elsewhere. */
	fake_gic_set_target(&gic, EDGE_SPI, 0);
	fake_gic_set_target(&gic, LEVEL_SPI, 0);
	expect_ack(0, LEVEL_SPI);
	fake_gic_line(&gic, 0, LEVEL_SPI, false);
	fake_gic_eoi(&gic, 0, LEVEL_SPI);
	expect_once(0, EDGE_SPI);
	/* The link is still there. */
	fake_gic_set_bit(&gic, 1, REG_ISENABLER, FAKE_TIMER_VINTID);
	fake_gic_timer(&gic, 1, true);
	expect_ack(1, FAKE_TIMER_VINTID);
}
END_TEST

/* Group 0 and 1; PMR; the running priority; the bits that preempt. */
static bool deliverable_by(unsigned int vcpu, unsigned int mask, unsigned int running, uint8_t bits, bool g0, bool g1)
{
	const struct vgic_cpu_interface interface = {
		.priority_mask = mask, .running_priority = running, .preempts = { bits, 0xff }, .group_on = { g0, g1 }
	};

	return vgic_has_deliverable(&gic.vgic, vcpu, &interface);
}

START_TEST(deliverable)
{
	start(_i, 2, 4);
	ck_assert(!deliverable_by(0, 0x100, 0x100, 0xff, true, true));
	fake_gic_pulse(&gic, 0, EDGE_SPI); /* group 0, priority 0xa0 */
	ck_assert(deliverable_by(0, 0x100, 0x100, 0xff, true, false));
	ck_assert(deliverable_by(0, 0xa8, 0x100, 0xff, true, false));
	ck_assert(!deliverable_by(0, 0xa0, 0x100, 0xff, true, true));
	ck_assert(deliverable_by(0, 0x100, 0xa8, 0xff, true, true));
	ck_assert(!deliverable_by(0, 0x100, 0xa0, 0xff, true, true));
	ck_assert(deliverable_by(0, 0x100, 0xc0, 0xc0, true, true));
	ck_assert(!deliverable_by(0, 0x100, 0x80, 0xc0, true, true)); /* 0xa0 is of the same level */
	ck_assert(deliverable_by(0, 0x100, 0x100, 0, true, true));
	ck_assert(!deliverable_by(0, 0x100, 0, 0, true, true)); /* nothing preempts */
	ck_assert(!deliverable_by(0, 0x100, 0x100, 0xff, false, true));
	ck_assert(!deliverable_by(1, 0x100, 0x100, 0xff, true, true));
	expect_ack(0, EDGE_SPI);
	fake_gic_refresh(&gic, 0);
	ck_assert(!deliverable_by(0, 0x100, 0x100, 0xff, true, true));
}
END_TEST

START_TEST(arguments_out_of_range)
{
	start(_i, 2, 4);
	ck_assert_uint_eq(vgic_set_line(&gic.vgic, 0, VGIC_NR_INTIDS, true), 0);
	ck_assert_uint_eq(vgic_set_line(&gic.vgic, 0, UINT32_MAX, true), 0);
	ck_assert_uint_eq(vgic_set_line(&gic.vgic, 0, 3, true), 0); /* an SGI has no line */
	ck_assert_uint_eq(vgic_set_line(&gic.vgic, 2, EDGE_PPI, true), 0);
	ck_assert_uint_eq(vgic_set_line(&gic.vgic, 99, EDGE_SPI, true), 1); /* an SPI has no vCPU */
	ck_assert_uint_eq(vgic_inject_hw(&gic.vgic, 0, EDGE_PPI), 0);	    /* not linked */
	ck_assert_uint_eq(vgic_inject_hw(&gic.vgic, 0, EDGE_SPI), 0);
	ck_assert_uint_eq(vgic_inject_hw(&gic.vgic, 2, FAKE_TIMER_VINTID), 0);
	ck_assert_uint_eq(vgic_inject_hw(&gic.vgic, 1, FAKE_TIMER_VINTID), 2);
}
END_TEST

/* Who is not concerned is not kicked. */
START_TEST(kicks)
{
	start(_i, 3, 4);
	gic.manual_kicks = true;
	fake_gic_set_target(&gic, LEVEL_SPI, 1);
	gic.kicks = 0;
	ck_assert_uint_eq(vgic_set_line(&gic.vgic, 0, LEVEL_SPI, true), 2);
	ck_assert_uint_eq(vgic_set_line(&gic.vgic, 0, LEVEL_SPI, true), 0);
	ck_assert_uint_eq(vgic_set_line(&gic.vgic, 0, LEVEL_SPI, false), 0); /* was in no LR yet */
	ck_assert_uint_eq(vgic_set_line(&gic.vgic, 0, LEVEL_SPI, true), 2);
	fake_gic_refresh(&gic, 1);
	ck_assert_uint_eq(vgic_set_line(&gic.vgic, 0, LEVEL_SPI, false), 2);
	ck_assert_uint_eq(vgic_set_line(&gic.vgic, 0, 200, true), 0); /* not enabled */
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vgic");
	TCase *tc = tcase_create("vgic");
	SRunner *runner;
	int failures;

	tcase_add_loop_test(tc, edge_comes_once, 0, 2);
	tcase_add_loop_test(tc, edge_while_active_comes_again, 0, 2);
	tcase_add_loop_test(tc, level_comes_while_high, 0, 2);
	tcase_add_loop_test(tc, level_that_falls_is_withdrawn, 0, 2);
	tcase_add_loop_test(tc, edge_is_cleared_out_of_an_lr, 0, 2);
	tcase_add_loop_test(tc, disable_takes_it_out_of_an_lr, 0, 2);
	tcase_add_loop_test(tc, group_disable_takes_it_out_of_an_lr, 0, 2);
	tcase_add_loop_test(tc, disabled_active_one_does_not_come_again, 0, 2);
	tcase_add_loop_test(tc, retarget_hands_on, 0, 2);
	tcase_add_test(tc, v2_targets);
	tcase_add_test(tc, v2_uniprocessor_needs_no_target);
	tcase_add_test(tc, v3_routes);
	tcase_add_test(tc, v2_sgi_comes_once_per_source);
	tcase_add_test(tc, v2_sgi_sources_are_cleared_out_of_an_lr);
	tcase_add_test(tc, v2_sgi_source_is_cleared_while_in_an_lr);
	tcase_add_loop_test(tc, sgi_target_filters, 0, 2);
	tcase_add_test(tc, v3_sgi_groups_and_affinity);
	tcase_add_loop_test(tc, many_pending_come_in_order, 0, 8);
	tcase_add_loop_test(tc, nested_beyond_the_lrs, 0, 6);
	tcase_add_loop_test(tc, eois_are_counted_once, 0, 2);
	tcase_add_loop_test(tc, timer_is_linked, 0, 2);
	tcase_add_loop_test(tc, timer_that_falls_is_withdrawn, 0, 2);
	tcase_add_loop_test(tc, timer_written_pending_while_active, 0, 2);
	tcase_add_loop_test(tc, timer_ended_by_register, 0, 2);
	tcase_add_loop_test(tc, timer_configured_as_edge, 0, 2);
	tcase_add_loop_test(tc, timer_ended_by_another, 0, 2);
	tcase_add_loop_test(tc, timer_end_is_overtaken, 0, 2);
	tcase_add_loop_test(tc, active_bits_are_written, 0, 2);
	tcase_add_loop_test(tc, reset_of_a_vcpu, 0, 2);
	tcase_add_loop_test(tc, deliverable, 0, 2);
	tcase_add_loop_test(tc, arguments_out_of_range, 0, 2);
	tcase_add_loop_test(tc, kicks, 0, 2);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

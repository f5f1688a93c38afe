/* The registers of both versions: offsets, widths, reset values, what is read-only, banked, or not there. */
#include <check.h>

#include "lib/bits.h"
#include "tests/fakes/fake_gic.h"

#define SGI_BASE 0x10000
#define NR_VCPUS 3

static struct fake_gic gic;

static const enum access_width widths[] = { ACCESS_BYTE, ACCESS_WORD, ACCESS_DWORD, ACCESS_QWORD };

static void start(unsigned int version)
{
	fake_gic_init(&gic, version, NR_VCPUS, 4);
}

static uint64_t read32(unsigned int vcpu, uint64_t offset)
{
	return fake_gic_read(&gic, vcpu, offset, ACCESS_DWORD);
}

static void write32(unsigned int vcpu, uint64_t offset, uint64_t value)
{
	fake_gic_write(&gic, vcpu, offset, ACCESS_DWORD, value);
}

static uint64_t redist32(unsigned int vcpu, uint64_t offset)
{
	return fake_gic_read_redist(&gic, vcpu, offset, ACCESS_DWORD);
}

START_TEST(v2_identification)
{
	start(2);
	ck_assert_uint_eq(read32(1, 0x000), 3);
	write32(1, 0x000, 0xfffffffd);
	ck_assert_uint_eq(read32(0, 0x000), 1);
	ck_assert_uint_eq(read32(0, 0x004), 7 | (NR_VCPUS - 1) << 5);
	ck_assert_uint_eq(read32(0, 0x008) & 0xfff, 0x43b);
	ck_assert_uint_eq(read32(0, 0xfe8) & 0xf0, 0x20); /* ArchRev 2 */
	ck_assert_uint_eq(read32(0, 0xff0), 0x0d);
	ck_assert_uint_eq(read32(0, 0xff4), 0xf0);
	ck_assert_uint_eq(read32(0, 0xff8), 0x05);
	ck_assert_uint_eq(read32(0, 0xffc), 0xb1);
	write32(0, 0x004, 0xffffffff);
	ck_assert_uint_eq(read32(0, 0x004), 7 | (NR_VCPUS - 1) << 5);
	write32(0, 0xfe8, 0xffffffff);
	ck_assert_uint_eq(read32(0, 0xfe8) & 0xf0, 0x20);
}
END_TEST

START_TEST(v3_identification)
{
	start(3);
	ck_assert_uint_eq(read32(1, 0x0000), 0x53); /* DS, ARE, both groups */
	write32(1, 0x0000, 0xfffffffe);
	ck_assert_uint_eq(read32(0, 0x0000), 0x52);		     /* RWP stays 0 */
	ck_assert_uint_eq(read32(0, 0x0004), 7 | 9 << 19 | 1 << 25); /* No1N */
	ck_assert_uint_eq(read32(0, 0x0008) & 0xfff, 0x43b);
	ck_assert_uint_eq(read32(0, 0x000c), 0); /* TYPER2 */
	ck_assert_uint_eq(read32(0, 0xffe8) & 0xf0, 0x30);
	ck_assert_uint_eq(read32(0, 0xfff0), 0x0d);
	ck_assert_uint_eq(read32(0, 0xfffc), 0xb1);
	ck_assert_uint_eq(read32(0, 0xfe8), 0); /* where GICv2 has it */
}
END_TEST

START_TEST(v3_redistributor)
{
	static const uint64_t mpidrs[] = { 0x0, 0x1, UINT64_C(0x1200030f) << 8 | 0x40 };

	start(3);
	fake_gic_init_model(&gic.vgic, 3, NR_VCPUS, mpidrs);
	ck_assert_uint_eq(fake_gic_read_redist(&gic, 0, 8, ACCESS_QWORD), 0);
	ck_assert_uint_eq(fake_gic_read_redist(&gic, 1, 8, ACCESS_QWORD), UINT64_C(1) << 32 | 1 << 8);
	/* Last on the last one only; Aff3 packed under Aff2. */
	ck_assert_uint_eq(fake_gic_read_redist(&gic, 2, 8, ACCESS_QWORD), UINT64_C(0x12030f40) << 32 | 2 << 8 | 0x10);
	ck_assert_uint_eq(redist32(2, 8), 2 << 8 | 0x10);
	ck_assert_uint_eq(redist32(2, 12), 0x12030f40);
	ck_assert_uint_eq(redist32(0, 0), 0);
	ck_assert_uint_eq(redist32(0, 4) & 0xfff, 0x43b);
	ck_assert_uint_eq(redist32(0, 0xffe8) & 0xf0, 0x30);
	ck_assert_uint_eq(redist32(0, 0xfff0), 0x0d);

	ck_assert_uint_eq(redist32(1, 0x14), 6);
	fake_gic_write_redist(&gic, 1, 0x14, ACCESS_DWORD, 0);
	ck_assert_uint_eq(redist32(1, 0x14), 0);
	ck_assert_uint_eq(redist32(2, 0x14), 6);
	fake_gic_write_redist(&gic, 1, 0x14, ACCESS_DWORD, 2);
	ck_assert_uint_eq(redist32(1, 0x14), 6);
}
END_TEST

/* The redistributor of another: the frame says whose, not the vCPU that accesses. */
START_TEST(v3_redistributor_of_another)
{
	struct mmio_access access = {
		.vcpu = &gic.vcpu[0], .offset = SGI_BASE + REG_ISENABLER, .width = ACCESS_DWORD, .value = BIT(20)
	};
	vgic_mask_t mask = 0;

	start(3);
	ck_assert_int_eq(vgic_v3_redist_access(&gic.vgic, 2, &access, true, &mask), MMIO_OK);
	ck_assert_uint_eq(redist32(2, SGI_BASE + REG_ISENABLER), 0xffff | BIT(20));
	ck_assert_uint_eq(redist32(0, SGI_BASE + REG_ISENABLER), 0xffff);
	ck_assert_int_eq(vgic_v3_redist_access(&gic.vgic, NR_VCPUS, &access, true, &mask), MMIO_FAULT);
	access.offset = 0x20000;
	ck_assert_int_eq(vgic_v3_redist_access(&gic.vgic, 0, &access, true, &mask), MMIO_FAULT);
}
END_TEST

/* Set and clear registers, group, for each INTID: its own bit and no other. */
START_TEST(bits_of_every_intid)
{
	unsigned int version = 2 + (unsigned int)_i;

	start(version);
	for (uint32_t intid = 16; intid < VGIC_NR_INTIDS; intid++) {
		fake_gic_set_bit(&gic, 0, REG_ISENABLER, intid);
		ck_assert(fake_gic_get_bit(&gic, 0, REG_ISENABLER, intid));
		ck_assert(fake_gic_get_bit(&gic, 0, REG_ICENABLER, intid));
		ck_assert(!fake_gic_get_bit(&gic, 0, REG_ISENABLER, intid ^ 1));
		fake_gic_set_bit(&gic, 0, REG_ICENABLER, intid);
		ck_assert(!fake_gic_get_bit(&gic, 0, REG_ISENABLER, intid));

		fake_gic_set_bit(&gic, 0, REG_ISPENDR, intid);
		ck_assert(fake_gic_get_bit(&gic, 0, REG_ISPENDR, intid));
		ck_assert(fake_gic_get_bit(&gic, 0, REG_ICPENDR, intid));
		fake_gic_set_bit(&gic, 0, REG_ICPENDR, intid);
		ck_assert(!fake_gic_get_bit(&gic, 0, REG_ISPENDR, intid));

		fake_gic_set_bit(&gic, 0, REG_ISACTIVER, intid);
		ck_assert(fake_gic_get_bit(&gic, 0, REG_ISACTIVER, intid));
		ck_assert(fake_gic_get_bit(&gic, 0, REG_ICACTIVER, intid));
		ck_assert(!fake_gic_get_bit(&gic, 0, REG_ISACTIVER, intid ^ 1));
		fake_gic_set_bit(&gic, 0, REG_ICACTIVER, intid);
		ck_assert(!fake_gic_get_bit(&gic, 0, REG_ISACTIVER, intid));

		ck_assert(!fake_gic_get_bit(&gic, 0, REG_IGROUPR, intid));
		fake_gic_set_group(&gic, 0, intid);
		ck_assert(fake_gic_get_bit(&gic, 0, REG_IGROUPR, intid));
	}
	/* Past the last INTID: nothing. */
	write32(0, REG_ISENABLER + VGIC_NR_INTIDS / 8, 0xffffffff);
	ck_assert_uint_eq(read32(0, REG_ISENABLER + VGIC_NR_INTIDS / 8), 0);
}
END_TEST

/* Private INTIDs: banked in GICv2's distributor; in GICv3's there are none. */
START_TEST(private_intids_in_the_distributor)
{
	start(2);
	write32(1, REG_ISENABLER, BIT(20));
	ck_assert_uint_eq(read32(1, REG_ISENABLER), 0xffff | BIT(20));
	ck_assert_uint_eq(read32(0, REG_ISENABLER), 0xffff);
	write32(1, 0x400 + 20, 0x11223344);
	ck_assert_uint_eq(read32(1, 0x400 + 20), 0x10203040);
	ck_assert_uint_eq(read32(2, 0x400 + 20), 0);

	start(3);
	write32(1, REG_ISENABLER, 0xffffffff);
	write32(1, 0x400 + 20, 0xffffffff);
	ck_assert_uint_eq(read32(1, REG_ISENABLER), 0);
	ck_assert_uint_eq(read32(1, 0x400 + 20), 0);
	ck_assert_uint_eq(redist32(1, SGI_BASE + REG_ISENABLER), 0xffff);
	/* And the redistributor has no SPIs. */
	fake_gic_write_redist(&gic, 1, SGI_BASE + REG_ISENABLER + 4, ACCESS_DWORD, 0xffffffff);
	ck_assert_uint_eq(read32(1, REG_ISENABLER + 4), 0);
	ck_assert_uint_eq(redist32(1, SGI_BASE + REG_ISENABLER + 4), 0);
}
END_TEST

START_TEST(priorities)
{
	start(2 + (unsigned int)_i);
	write32(0, 0x400 + 40, 0xffa80701);
	ck_assert_uint_eq(read32(0, 0x400 + 40), 0xf8a80000); /* five bits */
	ck_assert_uint_eq(fake_gic_read(&gic, 0, 0x400 + 42, ACCESS_BYTE), 0xa8);
	fake_gic_write(&gic, 0, 0x400 + 41, ACCESS_BYTE, 0x58);
	ck_assert_uint_eq(read32(0, 0x400 + 40), 0xf8a85800);
	/* Halfwords do not exist [IHI0069 12.1.3]. */
	fake_gic_write(&gic, 0, 0x400 + 40, ACCESS_WORD, 0);
	ck_assert_uint_eq(fake_gic_read(&gic, 0, 0x400 + 40, ACCESS_WORD), 0);
	ck_assert_uint_eq(read32(0, 0x400 + 40), 0xf8a85800);
	write32(0, 0x400 + 252, 0x08101820);
	ck_assert_uint_eq(read32(0, 0x400 + 252), 0x08101820);
	write32(0, 0x400 + 256, 0x08101820);
	ck_assert_uint_eq(read32(0, 0x400 + 256), 0);
}
END_TEST

START_TEST(configuration)
{
	uint64_t sgis, ppis;

	start(2 + (unsigned int)_i);
	for (uint32_t intid = 0; intid < 16; intid++)
		fake_gic_set_edge(&gic, 0, intid, false);
	sgis = _i == 0 ? read32(0, 0xc00) : redist32(0, SGI_BASE + 0xc00);
	ck_assert_uint_eq(sgis, 0xaaaaaaaa); /* always edge */
	ppis = _i == 0 ? read32(0, 0xc04) : redist32(0, SGI_BASE + 0xc04);
	ck_assert_uint_eq(ppis, 0);
	write32(0, 0xc00 + 4 * 3, 0x00000003); /* bit 0 of a field is reserved */
	ck_assert_uint_eq(read32(0, 0xc00 + 4 * 3), 0x00000002);
	ck_assert(gic.vgic.spi[48 - 32].edge && !gic.vgic.spi[49 - 32].edge);
	write32(0, 0xc00 + 4 * 15, 0xffffffff);
	ck_assert_uint_eq(read32(0, 0xc00 + 4 * 15), 0xaaaaaaaa);
	write32(0, 0xc00 + 4 * 16, 0xffffffff);
	ck_assert_uint_eq(read32(0, 0xc00 + 4 * 16), 0);
}
END_TEST

START_TEST(v2_targets)
{
	start(2);
	/* The reader's own bit, by which Linux learns its number. */
	for (unsigned int vcpu = 0; vcpu < NR_VCPUS; vcpu++)
		ck_assert_uint_eq(read32(vcpu, 0x800), 0x01010101U << vcpu);
	write32(1, 0x800, 0);
	ck_assert_uint_eq(read32(1, 0x81c), 0x02020202);
	ck_assert_uint_eq(read32(0, 0x820), 0);
	write32(0, 0x820, 0x0102ff04);
	ck_assert_uint_eq(read32(1, 0x820), 0x01020704); /* bits of vCPUs that are not there */
	fake_gic_write(&gic, 0, 0x821, ACCESS_BYTE, 2);
	ck_assert_uint_eq(fake_gic_read(&gic, 0, 0x821, ACCESS_BYTE), 2);
	fake_gic_init(&gic, 2, 1, 4);
	write32(0, 0x820, 0x01010101);
	ck_assert_uint_eq(read32(0, 0x820), 0); /* uniprocessor: RAZ/WI */
	ck_assert_uint_eq(read32(0, 0x800), 0);
}
END_TEST

START_TEST(v2_sgis)
{
	start(2);
	write32(0, REG_ICENABLER, 0xffffffff);
	ck_assert_uint_eq(read32(0, REG_ISENABLER), 0xffff);
	write32(0, REG_ISPENDR, 0xffff); /* no source: ignored */
	ck_assert_uint_eq(read32(0, REG_ISPENDR), 0);
	write32(0, 0xf20, 0xff000002);
	ck_assert_uint_eq(read32(0, 0xf10), 0x07000002);
	ck_assert_uint_eq(read32(0, 0xf20), 0x07000002);
	ck_assert_uint_eq(read32(1, 0xf20), 0); /* banked */
	ck_assert_uint_eq(read32(0, REG_ISPENDR), 9);
	write32(0, REG_ICPENDR, 0xffff);
	ck_assert_uint_eq(read32(0, REG_ISPENDR), 9);
	write32(0, 0xf10, 0x05000000);
	ck_assert_uint_eq(read32(0, 0xf20), 0x02000002);
	fake_gic_write(&gic, 0, 0xf2f, ACCESS_BYTE, 1);
	ck_assert_uint_eq(read32(0, 0xf1c), 0x01000000);
	/* GICD_SGIR: write-only; plain stores are refined before, this is for the others. */
	ck_assert_uint_eq(read32(0, 0xf00), 0);
	fake_gic_write(&gic, 1, 0xf00, ACCESS_BYTE, 0x1);
	write32(1, 0xf00, 0x00040007);
	ck_assert_uint_eq(read32(2, 0xf24), 0x02000000);
	ck_assert_uint_eq(read32(2, 0xf20), 0);
}
END_TEST

START_TEST(v3_has_no_v2_registers)
{
	static const uint64_t offsets[] = { 0x800, 0x820, 0x8fc, 0xf00, 0xf10, 0xf20,
					    0xd00, 0xd04, 0xe00, 0xe08, 0x040, 0x048 };

	start(3);
	for (unsigned int n = 0; n < ARRAY_SIZE(offsets); n++) {
		write32(0, offsets[n], 0xffffffff);
		ck_assert_uint_eq(read32(0, offsets[n]), 0);
	}
	ck_assert_uint_eq(read32(0, REG_ISPENDR + 4), 0);
	ck_assert_uint_eq(redist32(0, SGI_BASE + REG_ISPENDR), 0);
	/* SGIs are like any other in the redistributor. */
	fake_gic_set_bit(&gic, 0, REG_ISPENDR, 9);
	ck_assert_uint_eq(redist32(0, SGI_BASE + REG_ICPENDR), BIT(9));
	fake_gic_set_bit(&gic, 0, REG_ICENABLER, 9);
	ck_assert_uint_eq(redist32(0, SGI_BASE + REG_ISENABLER), 0xffff & ~BIT(9));
}
END_TEST

START_TEST(v3_irouter)
{
	uint64_t last = 0x6000 + 8 * (VGIC_NR_INTIDS - 1);

	start(3);
	fake_gic_write(&gic, 0, 0x6100, ACCESS_QWORD, UINT64_MAX);
	ck_assert_uint_eq(fake_gic_read(&gic, 0, 0x6100, ACCESS_QWORD), UINT64_C(0xff00ffffff));
	write32(0, 0x6100, 2);
	ck_assert_uint_eq(fake_gic_read(&gic, 0, 0x6100, ACCESS_QWORD), UINT64_C(0xff00000002));
	ck_assert_uint_eq(gic.vgic.spi[0].target, VGIC_NOWHERE);
	write32(0, 0x6104, 0);
	ck_assert_uint_eq(read32(0, 0x6100), 2);
	ck_assert_uint_eq(read32(0, 0x6104), 0);
	ck_assert_uint_eq(gic.vgic.spi[0].target, 2);
	fake_gic_write(&gic, 0, last, ACCESS_QWORD, 1);
	ck_assert_uint_eq(gic.vgic.spi[VGIC_NR_INTIDS - 33].target, 1);
	/* Private INTIDs and those past the last have none; nor is it made of bytes. */
	fake_gic_write(&gic, 0, 0x6000, ACCESS_QWORD, 1);
	fake_gic_write(&gic, 0, 0x60f8, ACCESS_QWORD, 1);
	fake_gic_write(&gic, 0, last + 8, ACCESS_QWORD, 1);
	fake_gic_write(&gic, 0, 0x6100, ACCESS_BYTE, 1);
	ck_assert_uint_eq(fake_gic_read(&gic, 0, 0x6000, ACCESS_QWORD), 0);
	ck_assert_uint_eq(fake_gic_read(&gic, 0, last + 8, ACCESS_QWORD), 0);
	ck_assert_uint_eq(fake_gic_read(&gic, 0, 0x6100, ACCESS_BYTE), 0);
	ck_assert_uint_eq(read32(0, 0x6100), 2);
}
END_TEST

/* No offset and no width harms the model or gives anything but an answer; only unaligned ones fault. */
START_TEST(every_offset_and_width)
{
	unsigned int version = _i == 0 ? 2 : 3;
	bool redist = _i == 2;
	uint64_t end = redist ? 0x20000 : version == 2 ? 0x1000 : 0x10000;
	vgic_mask_t mask = 0; /* 0: GICv2, 1: GICv3's distributor, 2: a redistributor */

	start(version);
	for (uint64_t offset = 0; offset < end + 16; offset++) {
		for (unsigned int n = 0; n < 12; n++) {
			enum access_width width = widths[n / 3];
			bool write = n % 3 != 2, fault = offset % access_width_bytes(width) != 0;
			struct mmio_access access = { .vcpu = &gic.vcpu[1], .offset = offset, .width = width };
			enum mmio_result result;

			/* All ones, all zeroes; and what a read must overwrite. */
			access.value = n % 3 == 1 ? 0 : n % 3 == 0 ? access_width_mask(width) : UINT64_MAX;
			if (version == 2)
				result = vgic_v2_dist_access(&gic.vgic, &access, write, &mask);
			else if (!redist)
				result = vgic_v3_dist_access(&gic.vgic, &access, write, &mask);
			else
				result = vgic_v3_redist_access(&gic.vgic, 2, &access, write, &mask);
			fault = fault || (redist && offset >= end);
			ck_assert_int_eq(result, fault ? MMIO_FAULT : MMIO_OK);
			if (!write && !fault) /* the answer was written, and is no wider than asked */
				ck_assert_uint_eq(access.value & ~access_width_mask(access.width), 0);
			if (!write && !fault && offset >= end)
				ck_assert_uint_eq(access.value, 0);
		}
	}
}
END_TEST

/* Bytes and 64 bits where a register is a word. */
START_TEST(words_are_words)
{
	static const uint64_t offsets[] = { 0x000, 0x004, 0x008, REG_ISENABLER + 4, 0xc08, REG_IGROUPR + 4 };

	start(2 + (unsigned int)_i);
	fake_gic_set_bit(&gic, 0, REG_ISENABLER, 32);
	fake_gic_set_group(&gic, 0, 32);
	fake_gic_set_edge(&gic, 0, 32, true);
	for (unsigned int n = 0; n < ARRAY_SIZE(offsets); n++) {
		uint64_t before = read32(0, offsets[n]);

		ck_assert_uint_ne(before, 0);
		ck_assert_uint_eq(fake_gic_read(&gic, 0, offsets[n], ACCESS_BYTE), 0);
		ck_assert_uint_eq(fake_gic_read(&gic, 0, offsets[n], ACCESS_WORD), 0);
		fake_gic_write(&gic, 0, offsets[n], ACCESS_BYTE, 0);
		if (is_aligned(offsets[n], 8)) {
			ck_assert_uint_eq(fake_gic_read(&gic, 0, offsets[n], ACCESS_QWORD), 0);
			fake_gic_write(&gic, 0, offsets[n], ACCESS_QWORD, 0);
		}
		ck_assert_uint_eq(read32(0, offsets[n]), before);
	}
	ck_assert_uint_eq(fake_gic_read(&gic, 0, _i == 0 ? 0xff0 : 0xfff0, ACCESS_BYTE), 0);
}
END_TEST

/* Written by hand, from what the registers show; with EOIs that may be counted (has_outside), each write. */
START_TEST(which_accesses_want_a_sync)
{
	static const struct {
		uint64_t offset;
		bool read, write;
	} rows[] = {
		{ 0x000, false, true },	 { 0x004, false, true },
		{ 0x080, false, true },	 { 0x104, false, true },
		{ 0x1fc, false, true },	 { 0x200, true, true },
		{ 0x300, true, true },	 { 0x3fc, true, true },
		{ 0x400, false, false }, { 0x820, false, false },
		{ 0xc08, false, false }, { 0xf00, true, true },
		{ 0xf2c, true, true },	 { 0xfe8, false, false },
		{ 0x6100, false, true }, { SGI_BASE + 0x280, true, true },
	};

	start(3);
	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		gic.vgic.cpu[1].has_outside = false;
		ck_assert_int_eq(vgic_access_needs_sync(&gic.vgic, 1, rows[n].offset, false), rows[n].read);
		ck_assert_int_eq(vgic_access_needs_sync(&gic.vgic, 1, rows[n].offset, true), rows[n].write);
		gic.vgic.cpu[1].has_outside = true;
		ck_assert_int_eq(vgic_access_needs_sync(&gic.vgic, 1, rows[n].offset, false), rows[n].read);
		ck_assert(vgic_access_needs_sync(&gic.vgic, 1, rows[n].offset, true));
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vgic_mmio");
	TCase *tc = tcase_create("vgic_mmio");
	SRunner *runner;
	int failures;

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, v2_identification);
	tcase_add_test(tc, v3_identification);
	tcase_add_test(tc, v3_redistributor);
	tcase_add_test(tc, v3_redistributor_of_another);
	tcase_add_loop_test(tc, bits_of_every_intid, 0, 2);
	tcase_add_test(tc, private_intids_in_the_distributor);
	tcase_add_loop_test(tc, priorities, 0, 2);
	tcase_add_loop_test(tc, configuration, 0, 2);
	tcase_add_test(tc, v2_targets);
	tcase_add_test(tc, v2_sgis);
	tcase_add_test(tc, v3_has_no_v2_registers);
	tcase_add_test(tc, v3_irouter);
	tcase_add_loop_test(tc, every_offset_and_width, 0, 3);
	tcase_add_loop_test(tc, words_are_words, 0, 2);
	tcase_add_test(tc, which_accesses_want_a_sync);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

/* The vPL061: lines that are driven from outside and by the guest, edges and levels, masks. */
#include <check.h>

#include "dev/vpl061.h"
#include "lib/bits.h"

enum {
	DATA = 0x3fc,
	DIR = 0x400,
	IS = 0x404,
	IBE = 0x408,
	IEV = 0x40c,
	IE = 0x410,
	RIS = 0x414,
	MIS = 0x418,
	IC = 0x41c,
	AFSEL = 0x420
};

static struct vpl061_state gpio;
static bool irq;

static void setup(void)
{
	gpio = (struct vpl061_state){ 0 };
	irq = false;
}

static uint32_t rd(uint64_t offset)
{
	struct mmio_access access = { .offset = offset, .width = ACCESS_DWORD, .value = 0xdeadbeef };

	ck_assert_int_eq(vpl061_access(&gpio, &access, false, &irq), MMIO_OK);
	return (uint32_t)access.value;
}

static void wr(uint64_t offset, uint32_t value)
{
	struct mmio_access access = { .offset = offset, .width = ACCESS_DWORD, .value = value };

	ck_assert_int_eq(vpl061_access(&gpio, &access, true, &irq), MMIO_OK);
}

static void drive(unsigned int line, bool high)
{
	irq = vpl061_set_input(&gpio, line, high);
}

START_TEST(data_through_the_address_mask)
{
	drive(3, true);
	drive(7, true);
	ck_assert_uint_eq(rd(DATA), 0x88);
	ck_assert_uint_eq(rd(0x08 << 2), 0x08);
	ck_assert_uint_eq(rd(0), 0);
	wr(DIR, 0x0f);
	wr(0x05 << 2, 0xff); /* lines 0 and 2 */
	ck_assert_uint_eq(rd(DATA), 0x85);
	wr(DATA, 0); /* what the guest does not drive stays */
	ck_assert_uint_eq(rd(DATA), 0x80);
}
END_TEST

/* As Linux's driver sets a key up. */
START_TEST(both_edges)
{
	wr(IBE, 0x08);
	wr(IE, 0x08);
	ck_assert(!irq);
	drive(3, true);
	ck_assert(irq);
	ck_assert_uint_eq(rd(MIS), 0x08);
	wr(IC, 0x08);
	ck_assert(!irq);
	drive(3, true); /* no edge */
	ck_assert(!irq);
	drive(3, false);
	ck_assert(irq);
	wr(IC, 0xf7);
	ck_assert(irq);
	wr(IC, 0x08);
	ck_assert(!irq);
}
END_TEST

START_TEST(one_edge)
{
	wr(IE, 0x03);
	wr(IEV, 0x01); /* line 0 rising, line 1 falling */
	drive(0, true);
	drive(1, true);
	ck_assert_uint_eq(rd(RIS), 0x01);
	drive(0, false);
	drive(1, false);
	ck_assert_uint_eq(rd(RIS), 0x03);
}
END_TEST

START_TEST(levels)
{
	wr(IS, 0x0c);
	wr(IEV, 0x08); /* line 3 high, line 2 low */
	ck_assert_uint_eq(rd(RIS), 0x04);
	ck_assert(!irq);
	wr(IE, 0x0c);
	ck_assert(irq);
	wr(IC, 0xff); /* a level is not cleared */
	ck_assert(irq);
	drive(2, true);
	ck_assert(!irq);
	drive(3, true);
	ck_assert(irq);
	drive(3, false);
	ck_assert(!irq);
}
END_TEST

START_TEST(masked_edges_are_remembered)
{
	wr(IBE, 0xff);
	drive(5, true);
	ck_assert(!irq);
	ck_assert_uint_eq(rd(RIS), 0x20);
	ck_assert_uint_eq(rd(MIS), 0);
	wr(IE, 0x20);
	ck_assert(irq);
}
END_TEST

START_TEST(its_own_outputs_are_lines_too)
{
	wr(DIR, 0x01);
	wr(IBE, 0x01);
	wr(DATA, 0x01);
	ck_assert_uint_eq(rd(RIS), 0x01);
	drive(0, true); /* an input that is not looked at */
	wr(IC, 0x01);
	drive(0, false);
	ck_assert_uint_eq(rd(RIS), 0);
}
END_TEST

START_TEST(reset_keeps_what_is_outside)
{
	drive(3, true);
	for (unsigned int offset = DIR; offset <= AFSEL; offset += 4)
		wr(offset, 0xff);
	ck_assert_uint_eq(rd(AFSEL), 0xff);
	vpl061_reset(&gpio);
	for (unsigned int offset = DIR; offset <= AFSEL; offset += 4)
		ck_assert_uint_eq(rd(offset), 0);
	ck_assert_uint_eq(rd(DATA), 0x08);
}
END_TEST

START_TEST(ids_and_widths)
{
	static const uint8_t ids[] = { 0x61, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };
	struct mmio_access access = { .offset = DIR, .width = ACCESS_QWORD };

	for (unsigned int i = 0; i < 8; i++)
		ck_assert_uint_eq(rd(0xfe0 + 4 * i), ids[i]);
	ck_assert_int_eq(vpl061_access(&gpio, &access, false, &irq), MMIO_FAULT);
	access = (struct mmio_access){ .offset = 0x1000, .width = ACCESS_DWORD };
	ck_assert_int_eq(vpl061_access(&gpio, &access, false, &irq), MMIO_FAULT);
	access = (struct mmio_access){ .offset = DIR + 1, .width = ACCESS_WORD };
	ck_assert_int_eq(vpl061_access(&gpio, &access, true, &irq), MMIO_FAULT);
	access = (struct mmio_access){ .offset = DIR, .width = ACCESS_BYTE, .value = 0x5a };
	ck_assert_int_eq(vpl061_access(&gpio, &access, true, &irq), MMIO_OK);
	access = (struct mmio_access){ .offset = DIR + 1, .width = ACCESS_BYTE, .value = 0xff };
	ck_assert_int_eq(vpl061_access(&gpio, &access, true, &irq), MMIO_OK);
	ck_assert_uint_eq(rd(DIR), 0x5a);
	for (unsigned int offset = 0x424; offset < 0xfe0; offset += 0x7c) {
		wr(offset, 0xff);
		ck_assert_uint_eq(rd(offset), 0);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vpl061");
	TCase *tcase = tcase_create("registers");
	SRunner *runner = srunner_create(suite);
	int failures;

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, data_through_the_address_mask);
	tcase_add_test(tcase, both_edges);
	tcase_add_test(tcase, one_edge);
	tcase_add_test(tcase, levels);
	tcase_add_test(tcase, masked_edges_are_remembered);
	tcase_add_test(tcase, its_own_outputs_are_lines_too);
	tcase_add_test(tcase, reset_keeps_what_is_outside);
	tcase_add_test(tcase, ids_and_widths);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

/* The vPL031: a clock that counts, is set, wraps, and rings. */
#include <check.h>

#include "dev/vpl031.h"
#include "lib/bits.h"

enum { DR = 0x00, MR = 0x04, LR = 0x08, CR = 0x0c, IMSC = 0x10, RIS = 0x14, MIS = 0x18, ICR = 0x1c };

static struct vpl031_state rtc;
static uint64_t now;
static bool irq;

static void setup(void)
{
	vpl031_reset(&rtc);
	now = 1000;
	irq = false;
}

static uint32_t rd(uint64_t offset)
{
	struct mmio_access access = { .offset = offset, .width = ACCESS_DWORD, .value = 0xdeadbeef };

	ck_assert_int_eq(vpl031_access(&rtc, now, &access, false, &irq), MMIO_OK);
	return (uint32_t)access.value;
}

static void wr(uint64_t offset, uint32_t value)
{
	struct mmio_access access = { .offset = offset, .width = ACCESS_DWORD, .value = value };

	ck_assert_int_eq(vpl031_access(&rtc, now, &access, true, &irq), MMIO_OK);
}

START_TEST(counts_seconds)
{
	ck_assert_uint_eq(rd(DR), 1000);
	now += 5;
	ck_assert_uint_eq(rd(DR), 1005);
	wr(LR, 1700000000);
	ck_assert_uint_eq(rd(DR), 1700000000);
	ck_assert_uint_eq(rd(LR), 1700000000);
	now += 60;
	ck_assert_uint_eq(rd(DR), 1700000060);
	ck_assert_uint_eq(rd(LR), 1700000000);
	wr(DR, 7); /* read only */
	ck_assert_uint_eq(rd(DR), 1700000060);
}
END_TEST

START_TEST(wraps_at_32_bits)
{
	wr(LR, 0xfffffffe);
	now += 3;
	ck_assert_uint_eq(rd(DR), 1);
	wr(LR, 5); /* back in time */
	ck_assert_uint_eq(rd(DR), 5);
}
END_TEST

START_TEST(id_registers)
{
	static const uint8_t ids[] = { 0x31, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

	for (unsigned int i = 0; i < 8; i++)
		ck_assert_uint_eq(rd(0xfe0 + 4 * i), ids[i]);
}
END_TEST

START_TEST(other_registers)
{
	ck_assert_uint_eq(rd(CR), 1); /* Linux starts a clock that says 0 */
	wr(CR, 0);
	ck_assert_uint_eq(rd(CR), 1);
	wr(IMSC, 0xffffffff);
	ck_assert_uint_eq(rd(IMSC), 1);
	wr(IMSC, 0);
	ck_assert_uint_eq(rd(IMSC), 0);
	ck_assert_uint_eq(rd(ICR), 0);
	for (unsigned int offset = 0x20; offset < 0xfe0; offset += 0x7c) {
		wr(offset, 0xffffffff);
		ck_assert_uint_eq(rd(offset), 0);
	}
	ck_assert_uint_eq(rd(DR), 1000);
	ck_assert_uint_eq(rd(RIS), 0);
}
END_TEST

START_TEST(widths)
{
	static const struct {
		unsigned int offset;
		enum access_width width;
		enum mmio_result result;
		uint64_t value;
	} rows[] = {
		{ LR, ACCESS_BYTE, MMIO_OK, 0x44 },	 { LR + 1, ACCESS_BYTE, MMIO_OK, 0x33 },
		{ LR + 3, ACCESS_BYTE, MMIO_OK, 0x11 },	 { LR + 2, ACCESS_WORD, MMIO_OK, 0x1122 },
		{ LR + 1, ACCESS_WORD, MMIO_FAULT, 0 },	 { LR, ACCESS_QWORD, MMIO_FAULT, 0 },
		{ LR + 2, ACCESS_DWORD, MMIO_FAULT, 0 }, { 0x1000, ACCESS_DWORD, MMIO_FAULT, 0 },
	};

	wr(LR, 0x11223344);
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		struct mmio_access access = { .offset = rows[i].offset, .width = rows[i].width };

		ck_assert_int_eq(vpl031_access(&rtc, now, &access, false, &irq), rows[i].result);
		ck_assert_uint_eq(access.value, rows[i].value);
	}
	struct mmio_access upper = { .offset = LR + 2, .width = ACCESS_WORD, .value = 0xffff };
	ck_assert_int_eq(vpl031_access(&rtc, now, &upper, true, &irq), MMIO_OK);
	ck_assert_uint_eq(rd(LR), 0x11223344);
}
END_TEST

/* Linux's alarm: match, then mask, then the line at the very second, until ICR. */
START_TEST(alarm_rings)
{
	uint64_t in = 99;

	wr(LR, 50000);
	wr(MR, 50010);
	ck_assert(!vpl031_next_match(&rtc, now, &in)); /* masked: nobody need wake for it */
	wr(IMSC, 1);
	ck_assert(!irq);
	ck_assert(vpl031_next_match(&rtc, now, &in));
	ck_assert_uint_eq(in, 10);
	ck_assert(!vpl031_tick(&rtc, now + 9));
	ck_assert(vpl031_next_match(&rtc, now + 9, &in));
	ck_assert_uint_eq(in, 1);
	ck_assert(vpl031_tick(&rtc, now + 10));
	ck_assert(!vpl031_next_match(&rtc, now + 10, &in));
	now += 11;
	ck_assert_uint_eq(rd(RIS), 1);
	ck_assert_uint_eq(rd(MIS), 1);
	ck_assert(irq);
	wr(ICR, 1);
	ck_assert(!irq);
	ck_assert_uint_eq(rd(RIS), 0);
	ck_assert(!vpl031_tick(&rtc, now + 100)); /* once */
}
END_TEST

START_TEST(late_tick_rings_too)
{
	uint64_t in = 99;

	wr(MR, 1010);
	wr(IMSC, 1);
	ck_assert(vpl031_next_match(&rtc, now + 500, &in));
	ck_assert_uint_eq(in, 0);
	ck_assert(vpl031_tick(&rtc, now + 500));
}
END_TEST

START_TEST(masked_match_shows_in_ris)
{
	wr(MR, 1010);
	now += 10;
	ck_assert_uint_eq(rd(RIS), 1);
	ck_assert_uint_eq(rd(MIS), 0);
	ck_assert(!irq);
	wr(IMSC, 1);
	ck_assert(irq);
	ck_assert_uint_eq(rd(MIS), 1);
	wr(IMSC, 0);
	ck_assert(!irq);
	wr(ICR, 0); /* clears what it names */
	ck_assert_uint_eq(rd(RIS), 1);
}
END_TEST

START_TEST(match_now_rings_now)
{
	wr(IMSC, 1);
	wr(MR, 1000);
	ck_assert(irq);
}
END_TEST

START_TEST(match_in_the_past_is_once_around)
{
	uint64_t in;

	wr(IMSC, 1);
	wr(MR, 999);
	ck_assert(!irq);
	ck_assert(vpl031_next_match(&rtc, now, &in));
	ck_assert_uint_eq(in, 0xffffffff);
}
END_TEST

START_TEST(setting_the_clock_moves_the_match)
{
	uint64_t in;

	wr(IMSC, 1);
	wr(MR, 2000);
	wr(LR, 1990);
	ck_assert(vpl031_next_match(&rtc, now, &in));
	ck_assert_uint_eq(in, 10);
	wr(LR, 2000);
	ck_assert(irq);
	/* Not armed: setting the clock back arms nothing. */
	wr(ICR, 1);
	wr(LR, 1999);
	ck_assert(!vpl031_next_match(&rtc, now, &in));
}
END_TEST

START_TEST(reset_clears)
{
	uint64_t in;

	wr(IMSC, 1);
	wr(MR, 1000);
	wr(LR, 77);
	vpl031_reset(&rtc);
	ck_assert(!vpl031_tick(&rtc, now));
	ck_assert(!vpl031_next_match(&rtc, now, &in));
	ck_assert_uint_eq(rd(DR), 1000);
	ck_assert_uint_eq(rd(MR), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vpl031");
	TCase *tc = tcase_create("vpl031");
	SRunner *runner;
	int failures;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, counts_seconds);
	tcase_add_test(tc, wraps_at_32_bits);
	tcase_add_test(tc, id_registers);
	tcase_add_test(tc, other_registers);
	tcase_add_test(tc, widths);
	tcase_add_test(tc, alarm_rings);
	tcase_add_test(tc, late_tick_rings_too);
	tcase_add_test(tc, masked_match_shows_in_ris);
	tcase_add_test(tc, match_now_rings_now);
	tcase_add_test(tc, match_in_the_past_is_once_around);
	tcase_add_test(tc, setting_the_clock_moves_the_match);
	tcase_add_test(tc, reset_clears);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

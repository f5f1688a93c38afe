/* What a vPL011 receives, as its drivers do it: interrupts, the sequences of Linux and U-Boot. */
#include <stdio.h>
#include <string.h>

#include "tests/fakes/prng.h"
#include "tests/unit/vpl011_rig.h"

/* --- receive ---------------------------------------------------------------------------------- */

START_TEST(receive_in_order)
{
	wr(LCR_H, FEN);
	for (unsigned int i = 0; i < 32; i++) {
		ck_assert_uint_eq(rd(FR) & FR_RXFF, 0);
		ck_assert(vpl011_rx(&uart, (uint8_t)(0xf0 + i)));
	}
	ck_assert(!vpl011_rx(&uart, 1));
	ck_assert_uint_eq(rd(FR) & (FR_RXFF | FR_RXFE), FR_RXFF);
	nr_rx_room = 0;
	for (unsigned int i = 0; i < 32; i++) {
		/* The data alone: no error bits above it. */
		ck_assert_uint_eq(rd(DR), (uint8_t)(0xf0 + i));
		ck_assert_uint_eq(nr_rx_room, i + 1);
	}
	ck_assert_uint_eq(rd(FR) & (FR_RXFF | FR_RXFE), FR_RXFE);
	ck_assert_uint_eq(rd(DR), 0);
	ck_assert_uint_eq(nr_rx_room, 32); /* there was nothing to read */
	ck_assert_uint_eq(rd(RSR), 0);
}
END_TEST

START_TEST(receive_without_fifo)
{
	wr(IMSC, RXIM);
	ck_assert(vpl011_rx(&uart, 'a'));
	ck_assert(irq);
	ck_assert(!vpl011_rx(&uart, 'b'));
	ck_assert_uint_eq(rd(RIS), RXIM);
	ck_assert_uint_eq(rd(FR) & FR_RXFF, FR_RXFF);
	ck_assert_uint_eq(rd(DR), 'a');
	ck_assert(!irq);
	ck_assert(vpl011_rx(&uart, 'b'));
	ck_assert_uint_eq(rd(DR), 'b');
}
END_TEST

START_TEST(rx_trigger_levels)
{
	static const unsigned int level[8] = { 4, 8, 16, 24, 28, 16, 16, 16 };

	wr(LCR_H, FEN);
	wr(IFLS, (uint32_t)_i << 3);
	for (unsigned int count = 1; count <= 32; count++) {
		ck_assert(vpl011_rx(&uart, 'x'));
		ck_assert_uint_eq(rd(RIS) & RXIM, count >= level[_i] ? RXIM : 0);
		ck_assert_uint_eq(rd(RIS) & RTIM, RTIM); /* since the first byte */
	}
	for (unsigned int left = 32; left-- > 0;) {
		rd(DR);
		ck_assert_uint_eq(rd(RIS), (left >= level[_i] ? RXIM : 0) | (left ? RTIM : 0));
	}
}
END_TEST

/* A single key: nothing else will come, so it must interrupt by itself. */
START_TEST(one_key_interrupts)
{
	wr(LCR_H, FEN);
	wr(IMSC, RXIM | RTIM);
	type("q");
	ck_assert(irq);
	ck_assert_uint_eq(rd(MIS), RTIM);
	ck_assert_uint_eq(rd(DR), 'q');
	ck_assert(!irq);
	ck_assert_uint_eq(rd(RIS), 0);
}
END_TEST

/* Cleared with bytes left: quiet until the next byte comes or one is read; then none is forgotten. */
START_TEST(icr_and_the_rest)
{
	wr(LCR_H, FEN);
	wr(IMSC, RXIM | RTIM);
	type("abc");
	wr(ICR, 0x7ff);
	ck_assert(!irq);
	rd(DR);
	ck_assert(irq);
	wr(ICR, 0x7ff);
	ck_assert(!irq);
	type("d");
	ck_assert(irq);
	rd(DR);
	rd(DR);
	ck_assert_uint_eq(rd(DR), 'd');
	ck_assert(!irq);
}
END_TEST

START_TEST(line_is_told_once_a_change)
{
	wr(LCR_H, FEN);
	wr(IMSC, RXIM | RTIM | TXIM);
	type("abcdefghijklmnopqrst");
	wr(DR, 'x');
	ck_assert_uint_eq(nr_irq_changes, 1);
	while (!(rd(FR) & FR_RXFE))
		rd(DR);
	ck_assert_uint_eq(nr_irq_changes, 1); /* TX still asks */
	wr(ICR, TXIM);
	ck_assert_uint_eq(nr_irq_changes, 2);
	ck_assert(!irq);
}
END_TEST

START_TEST(reset_drops_the_line)
{
	wr(LCR_H, FEN);
	wr(IMSC, RTIM);
	type("a");
	ck_assert(irq);
	vpl011_reset(&uart);
	ck_assert(!irq);
	check_reset_values();
}
END_TEST

START_TEST(loopback)
{
	wr(LCR_H, FEN);
	wr(CR, LBE | 0x301);
	for (unsigned int i = 0; i < 40; i++)
		wr(DR, 'A' + i);
	ck_assert_str_eq(sent, "");
	ck_assert(!vpl011_rx(&uart, '!')); /* the wire is off */
	for (unsigned int i = 0; i < 40; i++)
		ck_assert_uint_eq(rd(DR), 'A' + i);
	ck_assert_uint_eq(rd(FR) & FR_RXFE, FR_RXFE);
	nr_rx_room = 0;
	wr(CR, 0x301);
	ck_assert_uint_gt(nr_rx_room, 0);
	ck_assert(vpl011_rx(&uart, '!'));
	wr(DR, 'z');
	ck_assert_str_eq(sent, "z");
}
END_TEST

/* --- drivers ---------------------------------------------------------------------------------- */

/* Linux's amba-pl011: what its start-up writes, in its order. */
static void linux_startup(void)
{
	wr(ICR, 0x7d0 & ~TXIM);
	wr(IMSC, RTIM | RXIM);
	wr(IFLS, 0x12);
	wr(CR, 0x301);
	wr(IBRD, 13);
	wr(FBRD, 1);
	wr(LCR_H, 0x70);
	wr(ICR, RTIM | RXIM);
	for (unsigned int i = 0; i < 64 && !(rd(FR) & FR_RXFE); i++)
		rd(DR);
	wr(IMSC, RTIM | RXIM);
}

/* Its transmit path: the first bytes by FR.TXFF; at an interrupt half a FIFO without a look at FR. */
static const char *linux_tx_chars(const char *text, bool from_irq)
{
	for (unsigned int count = 16; *text; text++) {
		if (from_irq && count-- == 0)
			break;
		if (!from_irq && (rd(FR) & FR_TXFF))
			break;
		wr(DR, (uint8_t)*text);
	}
	return text;
}

/* A kilobyte through a wire that takes a few bytes now and then: all arrives, in order, by interrupts alone. */
START_TEST(linux_transmits_through_a_slow_wire)
{
	static char text[1025];
	uint64_t seed = 0x0a47 + (uint64_t)_i;
	const char *left;

	for (unsigned int i = 0; i < 1024; i++)
		text[i] = (char)('!' + i % 90);
	linux_startup();
	tx_room = (unsigned int)prng_below(&seed, 40);
	left = linux_tx_chars(text, false);
	wr(IMSC, RTIM | RXIM | (*left ? TXIM : 0));
	for (unsigned int turn = 0; turn < 100000 && nr_sent < 1024; turn++) {
		unsigned int passes = 256;

		tx_room = (unsigned int)prng_below(&seed, 20);
		vpl011_tx_room(&uart);
		while (irq && passes-- > 0) {
			uint32_t status = rd(RIS) & rd(IMSC);

			wr(ICR, status & ~(uint32_t)(TXIM | RTIM | RXIM));
			if (status & TXIM) {
				left = linux_tx_chars(left, true);
				if (!*left)
					wr(IMSC, rd(IMSC) & ~(uint32_t)TXIM);
			}
		}
		ck_assert(!irq);
	}
	ck_assert_str_eq(sent, text);
}
END_TEST

START_TEST(linux_receives_bursts)
{
	char got[512] = "", expected[512] = "";
	uint64_t seed = 0x4ec + (uint64_t)_i;
	unsigned int nr_got = 0, nr_typed = 0;

	type("x"); /* typed before the driver came up: drained by it */
	linux_startup();
	while (nr_typed < 500) {
		unsigned int burst = 1 + (unsigned int)prng_below(&seed, 32);

		for (; burst > 0 && nr_typed < 500; burst--) {
			expected[nr_typed] = (char)('a' + nr_typed % 26);
			ck_assert(vpl011_rx(&uart, (uint8_t)expected[nr_typed++]));
		}
		ck_assert(irq);
		/* The interrupt handler. */
		while (!(rd(FR) & FR_RXFE))
			got[nr_got++] = (char)rd(DR);
		ck_assert(!irq);
	}
	ck_assert_str_eq(got, expected);
}
END_TEST

/* U-Boot's pl01x: polls both ways. */
START_TEST(u_boot)
{
	wr(CR, 0);
	wr(LCR_H, 0x70);
	wr(IBRD, 26);
	wr(FBRD, 3);
	wr(CR, 0x301);
	for (const char *c = "U-Boot"; *c; c++) {
		ck_assert_uint_eq(rd(FR) & FR_TXFF, 0);
		wr(DR, (uint8_t)*c);
	}
	ck_assert_str_eq(sent, "U-Boot");
	ck_assert_uint_eq(rd(FR) & FR_RXFE, FR_RXFE);
	type("\n");
	ck_assert_uint_eq(rd(FR) & FR_RXFE, 0);
	ck_assert_uint_eq(rd(DR), '\n');
	ck_assert(!irq);
}
END_TEST

/* Anything a guest does: no access beyond the FIFOs (sanitizers), counts within their depth, line as RIS & IMSC. */
START_TEST(random_accesses)
{
	uint64_t seed = 0xf422 + (uint64_t)_i;

	for (unsigned int step = 0; step < 20000; step++) {
		struct mmio_access access = { .offset = prng_below(&seed, prng_below(&seed, 8) ? 0x4c : 0x1010),
					      .width = (enum access_width)prng_below(&seed, 4),
					      .value = prng_next(&seed) };

		tx_room = (unsigned int)prng_below(&seed, 3);
		nr_sent = 0;
		switch (prng_below(&seed, 4)) {
		case 0: vpl011_rx(&uart, (uint8_t)step); break;
		case 1: vpl011_tx_room(&uart); break;
		case 2: vpl011_access(&uart, &access, false); break;
		default: vpl011_access(&uart, &access, true); break;
		}
		if (irq != ((uart.state.ris & uart.state.imsc) != 0))
			ck_abort_msg("step %u: the line is wrong", step);
		unsigned int depth = (uart.state.lcr_h & FEN) ? 32 : 1;
		if (uart.state.rx_count > depth || uart.state.tx_count > depth)
			ck_abort_msg("step %u: more than the FIFO holds", step);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vpl011_rx");
	TCase *tc = tcase_create("vpl011");
	SRunner *runner;
	int failures;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, receive_in_order);
	tcase_add_test(tc, receive_without_fifo);
	tcase_add_loop_test(tc, rx_trigger_levels, 0, 8);
	tcase_add_test(tc, one_key_interrupts);
	tcase_add_test(tc, icr_and_the_rest);
	tcase_add_test(tc, line_is_told_once_a_change);
	tcase_add_test(tc, reset_drops_the_line);
	tcase_add_test(tc, loopback);
	tcase_add_loop_test(tc, linux_transmits_through_a_slow_wire, 0, 6);
	tcase_add_loop_test(tc, linux_receives_bursts, 0, 3);
	tcase_add_test(tc, u_boot);
	tcase_add_loop_test(tc, random_accesses, 0, 4);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

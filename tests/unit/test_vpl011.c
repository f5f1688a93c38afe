/* The vPL011's registers, and what it sends. */
#include <string.h>

#include "tests/unit/vpl011_rig.h"

/* --- registers -------------------------------------------------------------------------------- */

START_TEST(reset_values)
{
	check_reset_values();
}
END_TEST

START_TEST(id_registers)
{
	static const uint8_t ids[] = { 0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };
	uint32_t pid = 0, cid = 0;

	for (unsigned int i = 0; i < 8; i++) {
		ck_assert_uint_eq(rd(0xfe0 + 4 * i), ids[i]);
		wr(0xfe0 + 4 * i, 0xff);
		ck_assert_uint_eq(rd(0xfe0 + 4 * i), ids[i]);
	}
	/* As Linux's AMBA bus puts them together; its pl011 entry is id 0x00041011 under mask 0x000fffff. */
	for (unsigned int i = 0; i < 4; i++) {
		pid |= (rd(0xfe0 + 4 * i) & 255) << (i * 8);
		cid |= (rd(0xff0 + 4 * i) & 255) << (i * 8);
	}
	ck_assert_uint_eq(pid, 0x00341011);
	ck_assert_uint_eq(pid & 0x000fffff, 0x00041011);
	ck_assert_uint_eq(cid, 0xb105f00d);
}
END_TEST

START_TEST(stored_bits)
{
	static const struct {
		unsigned int offset;
		uint32_t kept;
	} rows[] = { { IBRD, 0xffff }, { FBRD, 0x3f }, { LCR_H, 0xff }, { CR, 0xffff }, { IFLS, 0x3f }, { IMSC, 0x7ff },
		     { DMACR, 0x7 },   { RSR, 0 },     { FR, 0 },	{ RIS, 0 },	{ MIS, 0 },	{ ICR, 0 } };

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t before = rd(rows[i].offset);

		wr(rows[i].offset, 0xffffffff);
		ck_assert_uint_eq(rd(rows[i].offset), rows[i].kept ? rows[i].kept : before);
		wr(rows[i].offset, 0);
		ck_assert_uint_eq(rd(rows[i].offset), rows[i].kept ? 0 : before);
	}
}
END_TEST

/* Offsets that are no register are RAZ/WI, all of the frame answers, and nothing around them changes. */
START_TEST(whole_frame)
{
	struct vpl011_state before = uart.state;

	for (unsigned int offset = 0x4c; offset < 0x1000; offset += 4) {
		uint32_t value;

		wr(offset, 0xffffffff);
		value = rd(offset);
		if (offset < 0xfe0 && value != 0)
			ck_abort_msg("%x reads %x", offset, value);
	}
	ck_assert_mem_eq(&uart.state, &before, sizeof(before));
}
END_TEST

START_TEST(widths)
{
	static const struct {
		unsigned int offset;
		enum access_width width;
		enum mmio_result result;
	} rows[] = {
		{ FR, ACCESS_BYTE, MMIO_OK },	     { FR, ACCESS_WORD, MMIO_OK },
		{ FR, ACCESS_DWORD, MMIO_OK },	     { FR, ACCESS_QWORD, MMIO_FAULT },
		{ FR + 1, ACCESS_WORD, MMIO_FAULT }, { FR + 2, ACCESS_DWORD, MMIO_FAULT },
		{ FR + 1, ACCESS_BYTE, MMIO_OK },    { FR + 2, ACCESS_WORD, MMIO_OK },
		{ 0xfff, ACCESS_BYTE, MMIO_OK },     { 0x1000, ACCESS_DWORD, MMIO_FAULT },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		for (int write = 0; write < 2; write++) {
			struct mmio_access access = { .offset = rows[i].offset, .width = rows[i].width };

			ck_assert_int_eq(vpl011_access(&uart, &access, write), rows[i].result);
		}
}
END_TEST

START_TEST(narrow_accesses)
{
	struct mmio_access access = { .offset = CR, .width = ACCESS_WORD, .value = 0xc301 };

	ck_assert_int_eq(vpl011_access(&uart, &access, true), MMIO_OK);
	ck_assert_uint_eq(rd(CR), 0xc301);
	access = (struct mmio_access){ .offset = CR + 1, .width = ACCESS_BYTE };
	ck_assert_int_eq(vpl011_access(&uart, &access, false), MMIO_OK);
	ck_assert_uint_eq(access.value, 0xc3);
	access = (struct mmio_access){ .offset = CR, .width = ACCESS_BYTE };
	ck_assert_int_eq(vpl011_access(&uart, &access, false), MMIO_OK);
	ck_assert_uint_eq(access.value, 0x01);
	access = (struct mmio_access){ .offset = CR + 2, .width = ACCESS_WORD, .value = 0xffff };
	ck_assert_int_eq(vpl011_access(&uart, &access, true), MMIO_OK);
	ck_assert_uint_eq(rd(CR), 0xc301);
	/* A byte to DR is a byte sent, one to the lanes above it is not. */
	access = (struct mmio_access){ .offset = DR, .width = ACCESS_BYTE, .value = 'A' };
	ck_assert_int_eq(vpl011_access(&uart, &access, true), MMIO_OK);
	access = (struct mmio_access){ .offset = DR + 1, .width = ACCESS_BYTE, .value = 'B' };
	ck_assert_int_eq(vpl011_access(&uart, &access, true), MMIO_OK);
	ck_assert_str_eq(sent, "A");
}
END_TEST

/* --- transmit --------------------------------------------------------------------------------- */

/* earlycon and bare-metal guests: FR, DR, nothing else, CR at its reset value. */
START_TEST(polled_output)
{
	static const char text[] = "Booting Linux\n";

	for (const char *c = text; *c; c++) {
		ck_assert_uint_eq(rd(FR) & FR_TXFF, 0);
		wr(DR, (uint8_t)*c);
		ck_assert_uint_eq(rd(FR) & FR_BUSY, 0);
	}
	ck_assert_str_eq(sent, text);
	ck_assert(!irq);
}
END_TEST

START_TEST(blocked_output_fills_the_fifo)
{
	wr(LCR_H, FEN);
	tx_room = 0;
	for (unsigned int i = 0; i < 32; i++) {
		ck_assert_uint_eq(rd(FR) & FR_TXFF, 0);
		wr(DR, 'a' + i % 26);
	}
	ck_assert_uint_eq(rd(FR) & (FR_TXFF | FR_TXFE | FR_BUSY), FR_TXFF | FR_BUSY);
	wr(DR, '!'); /* lost, as FR said */
	tx_room = 5;
	vpl011_tx_room(&uart);
	ck_assert_str_eq(sent, "abcde");
	ck_assert_uint_eq(rd(FR) & (FR_TXFF | FR_TXFE | FR_BUSY), FR_BUSY);
	tx_room = ~0U;
	vpl011_tx_room(&uart);
	ck_assert_str_eq(sent, "abcdefghijklmnopqrstuvwxyzabcdef");
	ck_assert_uint_eq(rd(FR) & (FR_TXFF | FR_TXFE | FR_BUSY), FR_TXFE);
}
END_TEST

START_TEST(without_fifo_one_byte_waits)
{
	tx_room = 0;
	wr(DR, 'a');
	ck_assert_uint_eq(rd(FR) & FR_TXFF, FR_TXFF);
	ck_assert_uint_eq(rd(RIS) & TXIM, 0);
	wr(DR, 'b');
	tx_room = ~0U;
	vpl011_tx_room(&uart);
	ck_assert_str_eq(sent, "a");
	ck_assert_uint_eq(rd(RIS), TXIM);
}
END_TEST

/* TXRIS at each trigger level: raised when draining reaches it, not above, gone when writing passes it. */
START_TEST(tx_trigger_levels)
{
	static const unsigned int level[8] = { 4, 8, 16, 24, 28, 16, 16, 16 };

	wr(LCR_H, FEN);
	wr(IFLS, (uint32_t)_i);
	tx_room = 0;
	for (unsigned int i = 0; i < 32; i++)
		wr(DR, 'x');
	ck_assert_uint_eq(rd(RIS), 0);
	for (unsigned int left = 32; left-- > 0;) {
		tx_room = 1;
		vpl011_tx_room(&uart);
		ck_assert_uint_eq(rd(RIS) & TXIM, left <= level[_i] ? TXIM : 0);
	}
	for (unsigned int count = 1; count <= 32; count++) {
		wr(DR, 'x');
		ck_assert_uint_eq(rd(RIS) & TXIM, count <= level[_i] ? TXIM : 0);
	}
}
END_TEST

/* It rises by sending, not by being empty: unmasking it on an idle UART interrupts nobody; ICR clears it until bytes go
 * out again. */
START_TEST(tx_interrupt_is_an_event)
{
	wr(LCR_H, FEN);
	wr(IMSC, TXIM);
	ck_assert(!irq);
	wr(DR, 'a');
	ck_assert(irq);
	ck_assert_uint_eq(rd(MIS), TXIM);
	wr(ICR, TXIM);
	ck_assert(!irq);
	ck_assert_uint_eq(rd(RIS), 0);
	vpl011_tx_room(&uart); /* nothing to send: nothing happens */
	ck_assert(!irq);
	wr(DR, 'b');
	ck_assert(irq);
	wr(IMSC, 0);
	ck_assert(!irq);
	ck_assert_uint_eq(rd(RIS), TXIM);
	ck_assert_uint_eq(rd(MIS), 0);
	wr(IMSC, TXIM);
	ck_assert(irq);
}
END_TEST

START_TEST(fifo_off_flushes)
{
	wr(LCR_H, FEN);
	wr(IMSC, RXIM | RTIM);
	type("abc");
	tx_room = 0;
	wr(DR, 'x');
	ck_assert(irq);
	nr_rx_room = 0;
	wr(LCR_H, 0);
	ck_assert_uint_eq(rd(FR) & 0xf8, FR_TXFE | FR_RXFE);
	ck_assert(!irq);
	ck_assert_uint_gt(nr_rx_room, 0);
	tx_room = ~0U;
	vpl011_tx_room(&uart);
	ck_assert_str_eq(sent, "");
	/* Any other change of UARTLCR_H keeps what is there. */
	wr(LCR_H, FEN);
	type("abc");
	wr(LCR_H, FEN | 0x60);
	ck_assert_uint_eq(rd(DR), 'a');
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vpl011");
	TCase *tc = tcase_create("vpl011");
	SRunner *runner;
	int failures;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, reset_values);
	tcase_add_test(tc, id_registers);
	tcase_add_test(tc, stored_bits);
	tcase_add_test(tc, whole_frame);
	tcase_add_test(tc, widths);
	tcase_add_test(tc, narrow_accesses);
	tcase_add_test(tc, polled_output);
	tcase_add_test(tc, blocked_output_fills_the_fifo);
	tcase_add_test(tc, without_fifo_one_byte_waits);
	tcase_add_loop_test(tc, tx_trigger_levels, 0, 8);
	tcase_add_test(tc, tx_interrupt_is_an_event);
	tcase_add_test(tc, fifo_off_flushes);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

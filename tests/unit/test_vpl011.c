/* The vPL011 as its drivers use it: registers, FIFOs, interrupts, and the sequences of Linux and U-Boot. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "dev/vpl011.h"
#include "lib/bits.h"
#include "tests/fakes/prng.h"

enum {
	DR = 0x00,
	RSR = 0x04,
	FR = 0x18,
	IBRD = 0x24,
	FBRD = 0x28,
	LCR_H = 0x2c,
	CR = 0x30,
	IFLS = 0x34,
	IMSC = 0x38,
	RIS = 0x3c,
	MIS = 0x40,
	ICR = 0x44,
	DMACR = 0x48
};
enum { RXIM = 0x10, TXIM = 0x20, RTIM = 0x40 };
enum { FR_BUSY = 0x08, FR_RXFE = 0x10, FR_TXFF = 0x20, FR_RXFF = 0x40, FR_TXFE = 0x80 };
#define FEN 0x10
#define LBE 0x80

static struct vpl011 uart;
static char sent[4096];
static unsigned int nr_sent, tx_room, nr_irq_changes, nr_rx_room;
static bool irq;

static bool wire_tx(void *ctx, uint8_t byte)
{
	ck_assert_ptr_eq(ctx, &irq);
	if (tx_room == 0)
		return false;
	tx_room--;
	if (nr_sent == sizeof(sent) - 1)
		ck_abort_msg("sent without end");
	sent[nr_sent++] = (char)byte;
	sent[nr_sent] = 0;
	return true;
}

static void wire_irq(void *ctx, bool level)
{
	(void)ctx;
	if (level == irq)
		ck_abort_msg("told of a level that is no change");
	irq = level;
	nr_irq_changes++;
}

static void wire_rx_room(void *ctx)
{
	(void)ctx;
	nr_rx_room++;
}

static const struct vpl011_ops ops = { wire_tx, wire_irq, wire_rx_room };

static void setup(void)
{
	nr_sent = nr_irq_changes = nr_rx_room = 0;
	sent[0] = 0;
	tx_room = ~0U;
	irq = false;
	vpl011_init(&uart, &ops, &irq);
}

static uint32_t rd(uint64_t offset)
{
	struct mmio_access access = { .offset = offset, .width = ACCESS_DWORD, .value = 0xdeadbeef };

	if (vpl011_access(&uart, &access, false) != MMIO_OK)
		ck_abort_msg("read of %lx faults", (unsigned long)offset);
	return (uint32_t)access.value;
}

static void wr(uint64_t offset, uint32_t value)
{
	struct mmio_access access = { .offset = offset, .width = ACCESS_DWORD, .value = value };

	if (vpl011_access(&uart, &access, true) != MMIO_OK)
		ck_abort_msg("write to %lx faults", (unsigned long)offset);
}

static void type(const char *text)
{
	for (; *text; text++)
		ck_assert(vpl011_rx(&uart, (uint8_t)*text));
}

/* --- registers -------------------------------------------------------------------------------- */

static void check_reset_values(void)
{
	ck_assert_uint_eq(rd(FR) & 0xf8, FR_TXFE | FR_RXFE);
	ck_assert_uint_eq(rd(FR) & 7, 7); /* CTS, DSR, DCD: somebody is there */
	ck_assert_uint_eq(rd(CR), 0x300);
	ck_assert_uint_eq(rd(IFLS), 0x12);
	static const unsigned int zero[] = { RSR,  IBRD, FBRD, LCR_H, IMSC, RIS,  MIS,	DMACR,
					     0x08, 0x0c, 0x1c, 0x20,  0x4c, 0x80, 0xfdc };
	for (unsigned int i = 0; i < ARRAY_SIZE(zero); i++)
		ck_assert_uint_eq(rd(zero[i]), 0);
	ck_assert_uint_eq(rd(DR), 0);
	ck_assert_uint_eq(rd(ICR), 0);
}

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

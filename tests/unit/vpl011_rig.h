/* A vPL011 on a wire that takes as many bytes as a test lets it, and its registers. Each test program has its own. */
#ifndef UNIT_VPL011_RIG_H
#define UNIT_VPL011_RIG_H

#include <check.h>

#include "dev/vpl011.h"
#include "lib/bits.h"

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

static inline bool wire_tx(void *ctx, uint8_t byte)
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

static inline void wire_irq(void *ctx, bool level)
{
	(void)ctx;
	if (level == irq)
		ck_abort_msg("told of a level that is no change");
	irq = level;
	nr_irq_changes++;
}

static inline void wire_rx_room(void *ctx)
{
	(void)ctx;
	nr_rx_room++;
}

static const struct vpl011_ops ops = { wire_tx, wire_irq, wire_rx_room };

static inline void setup(void)
{
	nr_sent = nr_irq_changes = nr_rx_room = 0;
	sent[0] = 0;
	tx_room = ~0U;
	irq = false;
	vpl011_init(&uart, &ops, &irq);
}

static inline uint32_t rd(uint64_t offset)
{
	struct mmio_access access = { .offset = offset, .width = ACCESS_DWORD, .value = 0xdeadbeef };

	if (vpl011_access(&uart, &access, false) != MMIO_OK)
		ck_abort_msg("read of %lx faults", (unsigned long)offset);
	return (uint32_t)access.value;
}

static inline void wr(uint64_t offset, uint32_t value)
{
	struct mmio_access access = { .offset = offset, .width = ACCESS_DWORD, .value = value };

	if (vpl011_access(&uart, &access, true) != MMIO_OK)
		ck_abort_msg("write to %lx faults", (unsigned long)offset);
}

static inline void type(const char *text)
{
	for (; *text; text++)
		ck_assert(vpl011_rx(&uart, (uint8_t)*text));
}

static inline void check_reset_values(void)
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

#endif

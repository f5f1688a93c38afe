/* PL011 UART model: two FIFOs, the interrupt conditions on them, and a table of registers. */
#include "dev/vpl011.h"

#include <stddef.h>
#include <string.h>

#include "lib/bits.h"

/* Offsets [DDI0183 3.2]. */
#define UARTDR	      0x000
#define UARTRSR	      0x004 /* write: UARTECR */
#define UARTFR	      0x018
#define UARTIBRD      0x024
#define UARTFBRD      0x028
#define UARTLCR_H     0x02c
#define UARTCR	      0x030
#define UARTIFLS      0x034
#define UARTIMSC      0x038
#define UARTRIS	      0x03c
#define UARTMIS	      0x040
#define UARTICR	      0x044
#define UARTDMACR     0x048
#define UARTPeriphID0 0xfe0
#define FRAME_BYTES   0x1000

/* UARTFR [DDI0183 3.3.3]. */
#define FR_CTS	BIT(0)
#define FR_DSR	BIT(1)
#define FR_DCD	BIT(2)
#define FR_BUSY BIT(3)
#define FR_RXFE BIT(4)
#define FR_TXFF BIT(5)
#define FR_RXFF BIT(6)
#define FR_TXFE BIT(7)

#define LCR_H_FEN BIT(4) /* FIFOs on; off: one byte each way */
#define CR_LBE	  BIT(7) /* loop back */
#define CR_TXE	  BIT(8)
#define CR_RXE	  BIT(9)

#define IFLS_TXIFLSEL GENMASK(2, 0)
#define IFLS_RXIFLSEL GENMASK(5, 3)
#define IFLS_RESET    0x12 /* both at half */

/* UARTIMSC, UARTRIS, UARTMIS, UARTICR. The modem and error conditions never arise here. */
#define INT_RX	BIT(4)
#define INT_TX	BIT(5)
#define INT_RT	BIT(6)
#define INT_ALL GENMASK(10, 0)

/* --- FIFOs ------------------------------------------------------------------------------------ */

static bool fifos_on(const struct vpl011_state *s)
{
	return s->lcr_h & LCR_H_FEN;
}

static unsigned int fifo_depth(const struct vpl011_state *s)
{
	return fifos_on(s) ? VPL011_FIFO_BYTES : 1;
}

static uint8_t next_place(uint8_t head)
{
	return (uint8_t)((head + 1) % VPL011_FIFO_BYTES);
}

/* UARTIFLS's select values in bytes: 1/8, 1/4, 1/2, 3/4, 7/8; the reserved ones read as half [DDI0183 3.3.9]. */
static unsigned int trigger_bytes(uint64_t select)
{
	static const uint8_t eighths[8] = { 1, 2, 4, 6, 7, 4, 4, 4 };

	return eighths[select] * VPL011_FIFO_BYTES / 8;
}

/* RX: so many bytes raise INT_RX. Without FIFOs any byte does. */
static unsigned int rx_trigger(const struct vpl011_state *s)
{
	return fifos_on(s) ? trigger_bytes(FIELD_GET(IFLS_RXIFLSEL, s->ifls)) : 1;
}

/* TX: so few bytes raise INT_TX. Without FIFOs it takes an empty holding register. */
static unsigned int tx_trigger(const struct vpl011_state *s)
{
	return fifos_on(s) ? trigger_bytes(FIELD_GET(IFLS_TXIFLSEL, s->ifls)) : 0;
}

/* --- interrupts ------------------------------------------------------------------------------- */

static void set_ris(struct vpl011_state *s, uint64_t bits)
{
	s->ris = (uint16_t)(s->ris | bits);
}

static void clear_ris(struct vpl011_state *s, uint64_t bits)
{
	s->ris = (uint16_t)(s->ris & ~bits);
}

static void update_irq(struct vpl011 *uart)
{
	bool level = uart->state.ris & uart->state.imsc;

	if (level == uart->irq_level)
		return;
	uart->irq_level = level;
	uart->ops->set_irq(uart->ctx, level);
}

/* --- receive ---------------------------------------------------------------------------------- */

/*
 * What the receive FIFO asks for, after a byte came or was read. The timeout interrupt stands for "fewer than the
 * trigger, and nothing more comes" [DDI0183 2.4.2]; here time does not pass, so it is raised at once, and again while
 * bytes are left, lest a driver that reads only what the trigger promised leave the rest. Falling below the trigger and
 * emptying clear them.
 */
static void update_rx_interrupts(struct vpl011_state *s)
{
	if (s->rx_count >= rx_trigger(s))
		set_ris(s, INT_RX);
	else
		clear_ris(s, INT_RX);
	if (s->rx_count == 0)
		clear_ris(s, INT_RT);
	else if (s->rx_count < rx_trigger(s))
		set_ris(s, INT_RT);
}

static bool push_rx(struct vpl011_state *s, uint8_t byte)
{
	if (s->rx_count >= fifo_depth(s))
		return false;
	s->rx[(s->rx_head + s->rx_count) % VPL011_FIFO_BYTES] = byte;
	s->rx_count++;
	update_rx_interrupts(s);
	return true;
}

bool vpl011_rx(struct vpl011 *uart, uint8_t byte)
{
	/* In loopback the wire is cut off: the byte waits outside. */
	bool taken = !(uart->state.cr & CR_LBE) && push_rx(&uart->state, byte);

	update_irq(uart);
	return taken;
}

/* --- transmit --------------------------------------------------------------------------------- */

static bool send_byte(struct vpl011 *uart, uint8_t byte)
{
	if (uart->state.cr & CR_LBE)
		return push_rx(&uart->state, byte);
	return uart->ops->tx(uart->ctx, byte);
}

/*
 * Sends what the other side takes. INT_TX rises only when sending brings the FIFO to its trigger level, never by mere
 * emptiness [DDI0183 2.4.2]: Linux writes the first bytes by itself, unmasks, and waits for this. Then it writes half a
 * FIFO without looking at FR, so it must not be raised above the level.
 */
static void drain_tx(struct vpl011 *uart)
{
	struct vpl011_state *s = &uart->state;
	bool sent = false;

	while (s->tx_count > 0 && send_byte(uart, s->tx[s->tx_head])) {
		s->tx_head = next_place(s->tx_head);
		s->tx_count--;
		sent = true;
	}
	if (sent && s->tx_count <= tx_trigger(s))
		set_ris(s, INT_TX);
}

void vpl011_tx_room(struct vpl011 *uart)
{
	drain_tx(uart);
	update_irq(uart);
}

/* --- registers -------------------------------------------------------------------------------- */

static uint32_t read_dr(struct vpl011 *uart)
{
	struct vpl011_state *s = &uart->state;
	uint8_t byte = s->rx[s->rx_head];

	if (s->rx_count == 0)
		return 0;
	s->rx_head = next_place(s->rx_head);
	s->rx_count--;
	update_rx_interrupts(s);
	/* In loopback the transmit FIFO may have waited for this room. */
	if (s->cr & CR_LBE)
		drain_tx(uart);
	uart->ops->rx_room(uart->ctx);
	return byte;
}

static void write_dr(struct vpl011 *uart, uint32_t value)
{
	struct vpl011_state *s = &uart->state;

	/* A full FIFO loses the byte: whoever looks at FR.TXFF first loses none. */
	if (s->tx_count >= fifo_depth(s))
		return;
	s->tx[(s->tx_head + s->tx_count) % VPL011_FIFO_BYTES] = (uint8_t)value;
	s->tx_count++;
	if (s->tx_count > tx_trigger(s))
		clear_ris(s, INT_TX);
	drain_tx(uart);
}

static void write_ecr(struct vpl011 *uart, uint32_t value)
{
	(void)value; /* any write clears the errors [DDI0183 3.3.2] */
	uart->state.rsr = 0;
}

/* A peer is always there and ready: with CRTSCTS or without CLOCAL a guest would wait for it for ever. */
static uint32_t read_fr(struct vpl011 *uart)
{
	const struct vpl011_state *s = &uart->state;
	uint64_t fr = FR_CTS | FR_DSR | FR_DCD;

	if (s->tx_count == 0)
		fr |= FR_TXFE;
	else
		fr |= FR_BUSY;
	if (s->tx_count >= fifo_depth(s))
		fr |= FR_TXFF;
	if (s->rx_count == 0)
		fr |= FR_RXFE;
	if (s->rx_count >= fifo_depth(s))
		fr |= FR_RXFF;
	return (uint32_t)fr;
}

/* Turning the FIFOs off is how software flushes them [DDI0183 3.3.8]. */
static void write_lcr_h(struct vpl011 *uart, uint32_t value)
{
	struct vpl011_state *s = &uart->state;
	bool flush = fifos_on(s) && !(value & LCR_H_FEN);

	s->lcr_h = (uint16_t)(value & GENMASK(7, 0));
	if (!flush)
		return;
	s->rx_count = 0;
	s->tx_count = 0;
	update_rx_interrupts(s);
	uart->ops->rx_room(uart->ctx);
}

/* Bytes that waited, on the wire or for the loop, go where CR says now. */
static void write_cr(struct vpl011 *uart, uint32_t value)
{
	uart->state.cr = (uint16_t)value;
	drain_tx(uart);
	uart->ops->rx_room(uart->ctx);
}

static uint32_t read_mis(struct vpl011 *uart)
{
	return uart->state.ris & uart->state.imsc;
}

static void write_icr(struct vpl011 *uart, uint32_t value)
{
	clear_ris(&uart->state, value);
}

/* One register: handlers, or else a field of the state that keeps the writable bits. Neither: RAZ/WI. */
struct vpl011_reg {
	uint32_t (*read)(struct vpl011 *uart);
	void (*write)(struct vpl011 *uart, uint32_t value);
	uint8_t field; /* offset of a uint16_t in struct vpl011_state */
	bool has_field;
	uint16_t writable;
};

#define FIELD(name) .field = offsetof(struct vpl011_state, name), .has_field = true

/* No IrDA: UARTILPR is RAZ/WI. */
static const struct vpl011_reg registers[] = {
	[UARTDR / 4] = { .read = read_dr, .write = write_dr },
	[UARTRSR / 4] = { FIELD(rsr), .write = write_ecr },
	[UARTFR / 4] = { .read = read_fr },
	[UARTIBRD / 4] = { FIELD(ibrd), .writable = 0xffff },
	[UARTFBRD / 4] = { FIELD(fbrd), .writable = 0x3f },
	[UARTLCR_H / 4] = { FIELD(lcr_h), .write = write_lcr_h },
	[UARTCR / 4] = { FIELD(cr), .write = write_cr },
	[UARTIFLS / 4] = { FIELD(ifls), .writable = 0x3f },
	[UARTIMSC / 4] = { FIELD(imsc), .writable = INT_ALL },
	[UARTRIS / 4] = { FIELD(ris) },
	[UARTMIS / 4] = { .read = read_mis },
	[UARTICR / 4] = { .write = write_icr },
	[UARTDMACR / 4] = { FIELD(dmacr), .writable = 0x7 },
};

/* UARTPeriphID0-3: part 0x011, designer 0x41, revision 3 (r1p5); UARTPCellID0-3 [DDI0183 3.3.14]. */
static const uint8_t id_bytes[] = { 0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

static uint32_t read_register(struct vpl011 *uart, uint64_t index)
{
	const struct vpl011_reg *reg;
	uint16_t value;

	if (index >= UARTPeriphID0 / 4)
		return id_bytes[index - UARTPeriphID0 / 4];
	if (index >= ARRAY_SIZE(registers))
		return 0;
	reg = &registers[index];
	if (reg->read)
		return reg->read(uart);
	if (!reg->has_field)
		return 0;
	memcpy(&value, (const char *)&uart->state + reg->field, sizeof(value));
	return value;
}

static void write_register(struct vpl011 *uart, uint64_t index, uint32_t value)
{
	const struct vpl011_reg *reg;
	uint16_t kept;

	if (index >= ARRAY_SIZE(registers))
		return;
	reg = &registers[index];
	if (reg->write) {
		reg->write(uart, value);
	} else if (reg->writable) {
		kept = (uint16_t)(value & reg->writable);
		memcpy((char *)&uart->state + reg->field, &kept, sizeof(kept));
	}
}

/*
 * An APB device of 32-bit registers: narrower reads see their byte lanes; a narrower write at the register's own offset
 * writes all of it, as every driver means it, and one to the upper lanes, which hold no writable bits that a driver
 * reaches so, does nothing.
 */
enum mmio_result vpl011_access(struct vpl011 *uart, struct mmio_access *access, bool write)
{
	unsigned int bytes = access_width_bytes(access->width), lane = (unsigned int)(access->offset % 4);

	if (access->width == ACCESS_QWORD || !is_aligned(access->offset, bytes) || access->offset >= FRAME_BYTES)
		return MMIO_FAULT;
	if (!write)
		access->value =
			(read_register(uart, access->offset / 4) >> (8 * lane)) & access_width_mask(access->width);
	else if (lane == 0)
		write_register(uart, access->offset / 4, (uint32_t)access->value);
	update_irq(uart);
	return MMIO_OK;
}

/* --- life ------------------------------------------------------------------------------------- */

static void reset_state(struct vpl011_state *s)
{
	*s = (struct vpl011_state){ .cr = CR_TXE | CR_RXE, .ifls = IFLS_RESET };
}

void vpl011_init(struct vpl011 *uart, const struct vpl011_ops *ops, void *ctx)
{
	*uart = (struct vpl011){ .ops = ops, .ctx = ctx };
	reset_state(&uart->state);
}

void vpl011_reset(struct vpl011 *uart)
{
	reset_state(&uart->state);
	update_irq(uart);
}

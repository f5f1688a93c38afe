/* Arm PrimeCell UART. [DDI0183 3.2] */
#include "arch/arm64/mmio.h"
#include "lib/bits.h"
#include "platform/uart/uart.h"

#define UARTDR	  0x00
#define UARTFR	  0x18
#define UARTLCR_H 0x2c
#define UARTCR	  0x30
#define UARTIFLS  0x34
#define UARTIMSC  0x38
#define UARTICR	  0x44

#define FR_BUSY BIT(3)
#define FR_RXFE BIT(4)
#define FR_TXFF BIT(5)

#define LCR_H_FEN    BIT(4)
#define LCR_H_WLEN_8 (BIT(5) | BIT(6))

#define CR_UARTEN BIT(0)
#define CR_TXE	  BIT(8)
#define CR_RXE	  BIT(9)

/* Of IMSC and ICR alike. */
#define INT_RX	BIT(4)
#define INT_RT	BIT(6) /* receive timeout: fewer bytes than the FIFO's trigger level, and no more came */
#define INT_ALL 0x7ffU

#define BUSY_POLLS_MAX 1000000U

static void pl011_init(const struct hw_uart *uart)
{
	uint32_t cr = mmio_read32(uart->base, UARTCR);

	/* LCR_H may only change while nothing is being sent: the loader's last line may still be on its way. */
	for (unsigned int polls = 0; (mmio_read32(uart->base, UARTFR) & FR_BUSY) != 0 && polls < BUSY_POLLS_MAX;
	     polls++) {
	}
	mmio_write32(uart->base, UARTCR, cr & (uint32_t)~CR_UARTEN);
	mmio_write32(uart->base, UARTIMSC, 0);
	mmio_write32(uart->base, UARTICR, INT_ALL);
	/* Writing LCR_H latches IBRD and FBRD again; they hold the firmware's baud rate. */
	mmio_write32(uart->base, UARTLCR_H, LCR_H_WLEN_8 | LCR_H_FEN);
	/* Interrupt when the RX FIFO is up to 1/8: few bytes are at stake when we are late. */
	mmio_write32(uart->base, UARTIFLS, 0);
	mmio_write32(uart->base, UARTCR, cr | CR_UARTEN | CR_TXE | CR_RXE);
}

static size_t pl011_tx(const struct hw_uart *uart, const uint8_t *bytes, size_t length)
{
	size_t n = 0;

	while (n < length && (mmio_read32(uart->base, UARTFR) & FR_TXFF) == 0)
		mmio_write32(uart->base, UARTDR, bytes[n++]);
	return n;
}

/* The error bits above the byte are dropped: a console has nobody to tell. */
static int pl011_rx(const struct hw_uart *uart)
{
	if ((mmio_read32(uart->base, UARTFR) & FR_RXFE) != 0)
		return -1;
	return (uint8_t)mmio_read32(uart->base, UARTDR);
}

static void pl011_irq_enable(const struct hw_uart *uart, bool rx)
{
	mmio_write32(uart->base, UARTIMSC, (uint32_t)(rx ? INT_RX | INT_RT : 0));
}

/* Before the FIFOs are emptied and filled, never after: an interrupt for what comes in between must stay. */
static void pl011_irq_ack(const struct hw_uart *uart)
{
	mmio_write32(uart->base, UARTICR, INT_ALL);
}

const struct uart_driver pl011_driver = {
	.name = "pl011",
	.init = pl011_init,
	.tx = pl011_tx,
	.rx = pl011_rx,
	.irq_enable = pl011_irq_enable,
	.irq_ack = pl011_irq_ack,
};

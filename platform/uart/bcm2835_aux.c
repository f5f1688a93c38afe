/*
 * The mini UART of the Raspberry Pi's AUX block: 8250-like, 8 bytes of FIFO. [BCM2711 ARM Peripherals 2.2] Where that
 * paper and the chip differ, the paper's published errata and Linux's 8250 driver, which runs on it, are followed.
 */
#include "arch/arm64/mmio.h"
#include "lib/bits.h"
#include "platform/uart/uart.h"

/* The block's own registers stand below the UART's; the same page, so boot has mapped them. */
#define AUX_BELOW_MU  0x40
#define AUX_ENABLES   0x04
#define AUX_ENABLE_MU BIT(0)

#define AUX_MU_IO   0x00
#define AUX_MU_IER  0x04
#define AUX_MU_LCR  0x0c
#define AUX_MU_LSR  0x14
#define AUX_MU_CNTL 0x20

/*
 * The paper has bit 0 for transmit and bit 1 for receive, and says nothing of the next two; the chip has an 8250's: bit
 * 0 receive, and without bit 2 (line status) no interrupt comes for it.
 */
#define IER_RX	  BIT(0)
#define IER_LINES BIT(2)

#define LCR_8_BITS 3 /* bit 1 is documented as reserved, and 8 bits do not work without it */

#define LSR_DATA_READY BIT(0)
#define LSR_TX_ROOM    BIT(5)

#define CNTL_RX_TX_ENABLE 3

/*
 * The baud rate follows the core clock, which the firmware has pinned (enable_uart=1): not touched. The FIFOs are
 * always on, and are not cleared: the loader's last line may still be on its way.
 */
static void bcm2835_aux_init(const struct hw_uart *uart)
{
	const pa_t aux = pa(uart->base.raw - AUX_BELOW_MU);

	/* Until this bit is set the UART's registers are not there. SPI1 and SPI2 have the bits beside it. */
	mmio_write32(aux, AUX_ENABLES, mmio_read32(aux, AUX_ENABLES) | (uint32_t)AUX_ENABLE_MU);
	mmio_write32(uart->base, AUX_MU_IER, 0);
	mmio_write32(uart->base, AUX_MU_LCR, LCR_8_BITS);
	mmio_write32(uart->base, AUX_MU_CNTL, CNTL_RX_TX_ENABLE);
}

static size_t bcm2835_aux_tx(const struct hw_uart *uart, const uint8_t *bytes, size_t length)
{
	size_t n = 0;

	while (n < length && (mmio_read32(uart->base, AUX_MU_LSR) & LSR_TX_ROOM) != 0)
		mmio_write32(uart->base, AUX_MU_IO, bytes[n++]);
	return n;
}

static int bcm2835_aux_rx(const struct hw_uart *uart)
{
	if ((mmio_read32(uart->base, AUX_MU_LSR) & LSR_DATA_READY) == 0)
		return -1;
	return (uint8_t)mmio_read32(uart->base, AUX_MU_IO);
}

static void bcm2835_aux_irq_enable(const struct hw_uart *uart, bool rx)
{
	mmio_write32(uart->base, AUX_MU_IER, (uint32_t)(rx ? IER_RX | IER_LINES : 0));
}

/* A level: reading the bytes ends it. SPI1 and SPI2 share the line, but nobody enables their interrupts. */
static void bcm2835_aux_irq_ack(const struct hw_uart *uart)
{
	(void)uart;
}

const struct uart_driver bcm2835_aux_driver = {
	.name = "bcm2835-aux",
	.init = bcm2835_aux_init,
	.tx = bcm2835_aux_tx,
	.rx = bcm2835_aux_rx,
	.irq_enable = bcm2835_aux_irq_enable,
	.irq_ack = bcm2835_aux_irq_ack,
};

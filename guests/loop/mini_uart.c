/*
 * Keys come by interrupt and wait in a ring until main() asks; what is sent is polled, since only main() sends and it
 * has the time. [BCM2711 ARM Peripherals 2.2, with its published errata]
 */
#include "guests/loop/mini_uart.h"
#include "guests/common/cpu.h"
#include "guests/common/uart.h"

/* The block and its UART share a page. The host has them here, and so has the guest. */
#define AUX	       0xfe215000UL
#define AUX_ENABLES    (AUX + 0x04)
#define ENABLE_UART    (1U << 0) /* without it the UART's registers are not there */
#define MU_IO	       (AUX + 0x40)
#define MU_IER	       (AUX + 0x44)
#define IER_RECEIVE    (1U << 0) /* errata: the paper has bits 0 and 1 the wrong way round */
#define IER_LINE       (1U << 2) /* errata: needed for a receive interrupt */
#define MU_LCR	       (AUX + 0x4c)
#define LCR_8_BITS     3U
#define MU_LSR	       (AUX + 0x54)
#define LSR_DATA_READY (1U << 0)
#define LSR_ROOM       (1U << 5)
#define MU_CNTL	       (AUX + 0x60)
#define CNTL_BOTH_WAYS 3U

#define RING_BYTES 16U /* a power of two: the indices only ever grow */

static volatile uint8_t ring[RING_BYTES];
static volatile unsigned int nr_put, nr_taken; /* each has one writer: the handler, main() */

static void put(char c)
{
	while (!(device_read(MU_LSR) & LSR_ROOM))
		;
	device_write(MU_IO, (uint8_t)c);
}

static int take_key(void)
{
	int key;

	if (nr_taken == nr_put)
		return -1;
	key = ring[nr_taken % RING_BYTES];
	nr_taken++;
	return key;
}

/* The interrupt is a level: reading all there is ends it. A key too many is lost. */
void mini_uart_on_interrupt(void)
{
	while (device_read(MU_LSR) & LSR_DATA_READY) {
		uint8_t key = (uint8_t)device_read(MU_IO);

		if (nr_put - nr_taken < RING_BYTES) {
			ring[nr_put % RING_BYTES] = key;
			nr_put++;
		}
	}
}

/* The baud rate is as the firmware has set it. */
void mini_uart_init(void)
{
	static const struct uart_line line = { put, take_key };

	device_write(AUX_ENABLES, device_read(AUX_ENABLES) | ENABLE_UART);
	device_write(MU_LCR, LCR_8_BITS);
	device_write(MU_CNTL, CNTL_BOTH_WAYS);
	device_write(MU_IER, IER_RECEIVE | IER_LINE);
	uart_use(&line);
}

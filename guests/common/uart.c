#include "guests/common/uart.h"
#include "guests/common/cpu.h"

/* [DDI0183 3.2: summary of registers] */
#define UART	0x09000000UL
#define DR	(UART + 0x00)
#define FR	(UART + 0x18)
#define FR_RXFE (1U << 4) /* nothing was received */
#define FR_TXFF (1U << 5) /* no room to send */
#define LCR_H	(UART + 0x2c)
#define CR	(UART + 0x30)

void uart_init(void)
{
	device_write(LCR_H, 3U << 5 | 1U << 4);	       /* 8 bits, FIFOs on */
	device_write(CR, 1U << 9 | 1U << 8 | 1U << 0); /* receive, transmit, enable */
}

static void pl011_put(char c)
{
	while (device_read(FR) & FR_TXFF)
		;
	device_write(DR, (uint8_t)c);
}

static int pl011_poll(void)
{
	return device_read(FR) & FR_RXFE ? -1 : (int)(device_read(DR) & 0xff);
}

static const struct uart_line pl011 = { pl011_put, pl011_poll };
static const struct uart_line *line = &pl011;

void uart_use(const struct uart_line *other)
{
	line = other;
}

void uart_put(char c)
{
	if (c == '\n')
		line->put('\r');
	line->put(c);
}

void uart_text(const char *text)
{
	while (*text)
		uart_put(*text++);
}

void uart_unsigned(uint64_t value, unsigned int width)
{
	char digits[20];
	unsigned int n = 0;

	do {
		digits[n++] = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	for (; width > n; width--)
		uart_put(' ');
	while (n > 0)
		uart_put(digits[--n]);
}

void uart_hex(uint64_t value)
{
	int shift = 60;

	while (shift > 0 && value >> shift == 0)
		shift -= 4;
	uart_text("0x");
	for (; shift >= 0; shift -= 4)
		uart_put("0123456789abcdef"[value >> shift & 15]);
}

int uart_poll(void)
{
	return line->poll();
}

/* The console: a PL011 at 0x09000000, polled, so it works before anything else does; or another line of the guest's. */
#ifndef GUESTS_UART_H
#define GUESTS_UART_H

#include <stdint.h>

/* A serial line: sends one character; gives the next one that was typed, -1 when there is none. */
struct uart_line {
	void (*put)(char c);
	int (*poll)(void);
};

void uart_init(void);
/* Another line than the PL011, from now on. */
void uart_use(const struct uart_line *line);
/* Writes '\n' as carriage return and line feed. */
void uart_put(char c);
void uart_text(const char *text);
/* In decimal, with blanks in front where it has fewer than `width` digits. */
void uart_unsigned(uint64_t value, unsigned int width);
void uart_hex(uint64_t value);
/* The next character that was typed; -1 when there is none. */
int uart_poll(void);

#endif

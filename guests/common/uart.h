/* The console: a PL011 at 0x09000000. It is polled, so it works before anything else does. */
#ifndef GUESTS_UART_H
#define GUESTS_UART_H

#include <stdint.h>

void uart_init(void);
/* Writes '\n' as carriage return and line feed. */
void uart_put(char c);
void uart_text(const char *text);
/* In decimal, with blanks in front where it has fewer than `width` digits. */
void uart_unsigned(uint64_t value, unsigned int width);
void uart_hex(uint64_t value);
/* The next character that was typed; -1 when there is none. */
int uart_poll(void);

#endif

/* The console of a test guest: a PL011 that is polled, and a small printf. */
#ifndef GUESTS_PRINT_H
#define GUESTS_PRINT_H

#include <stdarg.h>

#define UART_BASE    0x09000000UL
#define UART_DR	     0x000
#define UART_FR	     0x018
#define UART_FR_TXFF 0x20
#define UART_FR_BUSY 0x08

/* %c %s %d %u %x %lu %lx, with 0 and a width. A whole call goes out as one piece, whatever other CPUs print. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void vprint(const char *format, va_list args);
/* Returns when the last character has left the FIFO. */
void print_flush(void);

#endif

/*
 * What a board is: UART drivers and its own way off, found at run time by the device tree's data. The UART driver is
 * polled (panic, early) or driven by interrupt (kernel/console.c). Context: the console's lock is held, or panic.
 */
#ifndef PLATFORM_PLATFORM_H
#define PLATFORM_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/hw_info.h"

struct uart_driver {
	const char *name;
	void (*init)(const struct hw_uart *uart); /* keeps the firmware's baud rate; FIFOs on, interrupts masked */
	/* Sends as many as there is room for now; returns how many. */
	size_t (*tx)(const struct hw_uart *uart, const uint8_t *bytes, size_t length);
	int (*rx)(const struct hw_uart *uart);			 /* a byte, or -1 */
	void (*irq_enable)(const struct hw_uart *uart, bool rx); /* interrupts for what was received */
	void (*irq_ack)(const struct hw_uart *uart);
};

/* The driver for a kind, NULL for HW_UART_NONE. */
const struct uart_driver *plat_uart_driver(enum hw_uart_kind kind);

/* Powers off or resets where PSCI cannot (a board's own way); returns when the board has none. */
void plat_power_off(const struct hw_info *hw);
void plat_reset(const struct hw_info *hw);

#endif

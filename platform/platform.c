#include "platform/platform.h"

#include <stddef.h>

#include "platform/uart/uart.h"

const struct uart_driver *plat_uart_driver(enum hw_uart_kind kind)
{
	switch (kind) {
	case HW_UART_PL011: return &pl011_driver;
	case HW_UART_BCM2835_AUX: return &bcm2835_aux_driver;
	case HW_UART_NONE: return NULL;
	}
	return NULL;
}

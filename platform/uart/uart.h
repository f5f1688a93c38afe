/* The drivers that plat_uart_driver() chooses from. */
#ifndef PLATFORM_UART_UART_H
#define PLATFORM_UART_UART_H

#include "platform/platform.h"

extern const struct uart_driver pl011_driver, bcm2835_aux_driver;

#endif

/* The mini UART of a Raspberry Pi 4, where the VM was given it: a serial line of the loop's own. */
#ifndef LOOP_MINI_UART_H
#define LOOP_MINI_UART_H

#include <stdint.h>

#define MINI_UART_COMPATIBLE "brcm,bcm2835-aux-uart"
#define MINI_UART_INTID	     125 /* shared interrupt 93 */

/* From here on what uart.h writes and reads is on that line. Its interrupt is the caller's to let in. */
void mini_uart_init(void);
/* Takes what was typed: for the interrupt handler. */
void mini_uart_on_interrupt(void);

#endif

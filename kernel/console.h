/*
 * The host console: one UART, output by a ring that a job drains, input by interrupt, shared by the log, the guests and
 * the monitor. Nobody waits for it: a log line that does not fit is dropped and counted, a guest's byte that does not
 * fit is refused (its UART shows TXFF).
 *
 * focus: the focused VM's bytes go out raw; others' are kept in a ring each and come when it gets the focus. prefix:
 * whole lines, each led by `[name] `. In both, what is typed goes to the focused VM, or to the monitor, and Ctrl-] is
 * the prefix of Corbel's own keys.
 *
 * Races, thought through:
 * - Typed bytes keep their order: one pCPU at a time pumps them; another one that comes by makes it look again.
 * - A VM without room holds the rest back in the UART, whose interrupt is masked then. A VM that reads nothing for
 * seconds would so take the keys from the operator: what is typed for it is dropped from then on.
 * - Locks: LOCK_CONSOLE inside. Guests' device locks come before it, so bytes are handed on with no lock held.
 */
#ifndef KERNEL_CONSOLE_H
#define KERNEL_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/options.h"
#include "platform/hw_info.h"

struct vm;

/* --- the host's UART (console.c) --- */

/* Boot CPU, before anything is printed; uart NULL: there is none. */
void console_init(const struct hw_uart *uart, const struct corbel_options *options);
/* The UART's interrupt, which is for input alone, and the console's jobs are this pCPU's from here on: stop polling. */
void console_start_irq(unsigned int cpu);
/* Is it the UART's interrupt? */
bool console_owns_irq(uint32_t intid);
/* The host's UART that the console has; NULL: none. */
const struct hw_uart *console_uart(void);
/* The UART's interrupt. */
void console_irq(void);
/* Sends all that waits, log lines too, by polling: before power-off, and behind a panic's report. */
void console_flush(void);
/* From now on writes poll and take no lock: panic. */
void console_panic_mode(void);

/* --- Corbel's own voice (console.c) --- */

/* For the monitor: text with \n, sent as \r\n; what does not fit is dropped whole. */
void console_write(const char *text, size_t length);
/* The log's sink: a line of its own, with the monitor's prompt behind it where that is open. With interrupts on, a job
 * of the boot CPU takes it out of the log's ring: who logs does not wait for the UART. LOCK_SCHED, or a lock behind it,
 * must not be held. */
void console_log(const char *text, size_t length);
/* The monitor's line as it stands. Two empty strings: none. */
void console_set_prompt(const char *prompt, const char *line);
/* Is there room for so many bytes of text now? */
bool console_has_room(size_t bytes);

/* --- what guests print (console_guest.c) --- */

/* A byte from a VM's UART: false when there is no room now. Called under the device's lock. */
bool console_guest_tx(struct vm *vm, uint8_t byte);
/* A VM's UART has more to send: vdev_uart_tx_room() is called soon. Called under the device's lock. */
void console_guest_waits(void);
/* The VM has stopped: what it left of a line goes out (prefix mode). No lock held. */
void console_end_guest_line(const struct vm *vm);

/* --- what is typed (console_keys.c) --- */

/* The VM that gets what is typed; NULL: the monitor. No lock held. Bytes that were held back for the old one raise no
 * new interrupt: console_rx_pump() must follow, by whoever is not called by it. */
void console_set_focus(struct vm *vm);
/* The same, told on the console: the operator wanted it. */
void console_show(struct vm *vm);
bool console_is_focused(const struct vm *vm);
/* The VM is off for good, and its state says so: the focus moves on to one that lives. No lock held. */
void console_leave(const struct vm *gone);
/* Typed bytes of this VM wait in the UART (hold), or may come again; then console_rx_pump() must follow. Called under
 * the device's lock, so that holding and letting go come in the order in which they were meant. */
void console_rx_hold(const struct vm *vm, bool hold);
/* Hands on what was typed. Any pCPU, no lock held. */
void console_rx_pump(void);

#endif

/*
 * The host console: one UART, output by ring and interrupt, shared by the log and the guests. Nobody waits for it: a
 * log line that does not fit is dropped and counted, a guest's byte that does not fit is refused (its UART shows TXFF).
 *
 * focus: the focused VM's bytes go out raw; others' are kept in a ring. prefix: whole lines, each led by `[name] `.
 * Locks: LOCK_CONSOLE inside. Guests' device locks come before it.
 */
#ifndef KERNEL_CONSOLE_H
#define KERNEL_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/options.h"
#include "platform/hw_info.h"

struct vm;

/* Before anything is printed; hw->console may say there is none. */
void console_init(const struct hw_info *hw, const struct corbel_options *options);
/* The UART's interrupt works now: stop polling. */
void console_start_irq(void);
/* For the log and the monitor: text with \n, sent as \r\n; what does not fit is dropped whole. */
void console_write(const char *text, size_t length);
/* The log's sink: the same, on a line of its own. */
void console_log(const char *text, size_t length);
/* A byte from a VM's UART: false when there is no room now. Called under the device's lock. */
bool console_guest_tx(struct vm *vm, uint8_t byte);
/* The VM has stopped: what it left of a line goes out (prefix mode). No lock held. */
void console_end_line(const struct vm *vm);
/* The VM is off for good, and its state says so: the focus moves on to one that lives. No lock held. */
void console_leave(const struct vm *gone);
/* Typed bytes of this VM wait in the UART (hold), or may come again; then console_rx_pump() must follow. Called under
 * the device's lock, so that holding and letting go come in the order in which they were meant. */
void console_rx_hold(const struct vm *vm, bool hold);
/* Hands on what was typed. Any pCPU, no lock held. */
void console_rx_pump(void);
/* Is it the UART's interrupt? */
bool console_owns_irq(uint32_t intid);
/* The UART's interrupt. */
void console_irq(void);
/* The VM that gets what is typed; NULL: the monitor. */
void console_set_focus(struct vm *vm);
/* Sends all that is in the ring by polling: before power-off. */
void console_flush(void);
/* From now on writes poll and take no lock: panic. */
void console_panic_mode(void);

#endif

/*
 * The host console: one UART, output by a ring that a job drains, input by interrupt, shared by the log, the guests and
 * the monitor. Nobody waits for it: a log line that does not fit is dropped and counted, a guest's byte that does not
 * fit is refused (its UART shows TXFF).
 *
 * focus: the focused VM's bytes go out raw; others' are kept in a ring each and come when it gets the focus, behind the
 * line that it had not finished when it lost it: a shell's prompt shows again. prefix: whole lines, each led by
 * `[name] `. In both, what is typed goes to the focused VM, or to the monitor, and Ctrl-] is the prefix of Corbel's own
 * keys.
 *
 * Races, thought through:
 * - Typed bytes keep their order: one pCPU at a time pumps them; another one that comes by makes it look again.
 * - Editing takes thousands of instructions a key, and an emulator hands in a pasted text at once: bytes for the
 * monitor stay in the UART, its interrupt masked, and the monitor's job takes a few in each step.
 * - A VM without room holds the rest back in the UART, whose interrupt is masked then. A VM that reads nothing for
 * seconds would so take the keys from the operator: what is typed for it is dropped from then on.
 * - The monitor's line and what others print: the line with its cursor is stored under the same lock under which its
 * echo goes out, so whoever prints next draws the newest one again. An echo that finds no room is made up for: the
 * whole line is drawn when there is some.
 * - Ctrl-] ? would be wiped by a VM that redraws its screen: while it is shown, nobody has the focus. The next key
 * gives it back; a VM that goes off meanwhile, or the monitor that opens, ends that too.
 * - An answer for scripts comes in one piece: lines of the log and of VMs wait meanwhile (console_hold_lines()), the
 * former in the log's ring, the latter in the VM. No longer than the answer's rows take; power-off and panic don't
 * wait.
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
/* The monitor's line as it stands: prompt, text and what puts the cursor into its place, less than
 * CONSOLE_PROMPT_BYTES; "": none. echo is what makes the screen show it where it was drawn before; else it is drawn
 * whole. Not while a VM has the focus. No lock held. */
#define CONSOLE_PROMPT_BYTES 104
void console_set_prompt(const char *prompt, const char *echo, size_t length);
/* Is it drawn? */
bool console_has_prompt(void);
/* A line of Corbel's own that is not the log's, with \n: on a row of its own, the prompt behind it where that is open.
 */
void console_tell(const char *line);
/* While true, nothing but console_write() writes lines. No lock held. */
void console_hold_lines(bool hold);
/* Is there room for so many bytes of text now? */
bool console_has_room(size_t bytes);

/* --- what guests print (console_guest.c) --- */

/* A byte from a VM's UART: false when there is no room now. Called under the device's lock. */
bool console_guest_tx(struct vm *vm, uint8_t byte);
/* A VM's UART has more to send: vdev_uart_tx_room() is called soon. Called under the device's lock. */
void console_guest_waits(void);
/* The VM has stopped: what it left of a line goes out (prefix mode). No lock held. */
void console_end_guest_line(const struct vm *vm);

/* --- whose the keys are (console_focus.c) --- */

/* The VM that gets what is typed; NULL: the monitor. No lock held. Bytes that were held back for the old one raise no
 * new interrupt: console_rx_pump() must follow, by whoever is not called by it. */
void console_set_focus(struct vm *vm);
/* The same, told on the console: the operator wanted it. */
void console_show(struct vm *vm);
bool console_is_focused(const struct vm *vm);
/* The VM that has the keys, or had them before the monitor; NULL: none yet. */
struct vm *console_last_focus(void);
/* The focused VM's screen is Corbel's until the next key, which is for nobody. The monitor's stays its own. */
void console_cover(void);
/* The VM whose screen is covered; NULL: none. */
struct vm *console_covered(void);
/* The VM is off for good, and its state says so: the focus moves on to one that lives. No lock held. */
void console_leave(const struct vm *gone);

/* --- what is typed (console_keys.c) --- */

/* Typed bytes of this VM wait in the UART (hold), or may come again; then console_rx_pump() must follow. Called under
 * the device's lock, so that holding and letting go come in the order in which they were meant. */
void console_rx_hold(const struct vm *vm, bool hold);
/* Hands on what was typed for a VM, and has the monitor's job take what is for the monitor. Any pCPU, no lock held. */
void console_rx_pump(void);
/* The same by the monitor's job, the monitor's bytes too, but so many at most. Returns true when there may be more, and
 * somebody must pump again. */
bool console_rx_pump_monitor(unsigned int most_bytes);

#endif

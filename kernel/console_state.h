/*
 * The console's own business, shared by its four files and nobody else: console.c drives the host's UART and speaks
 * for Corbel, console_guest.c takes what guests print, console_keys.c hands on what is typed, console_focus.c says to
 * whom.
 */
#ifndef KERNEL_CONSOLE_STATE_H
#define KERNEL_CONSOLE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/config.h"
#include "kernel/console.h"
#include "kernel/console_line.h"
#include "kernel/job.h"
#include "kernel/options.h"
#include "kernel/paced_job.h"
#include "kernel/soft_timer.h"
#include "lib/log.h"
#include "lib/ring.h"
#include "lib/spinlock.h"
#include "platform/platform.h"

struct vm;

#define TX_RING_BYTES 16384
/* Room that guests leave: a log line always fits behind a guest that floods. */
#define TX_LOG_RESERVE_BYTES 1024

struct console_state {
	/* Constant after console_init(). */
	const struct hw_uart *uart; /* NULL: no console */
	const struct uart_driver *driver;
	enum guest_console mode;

	struct spinlock lock; /* LOCK_CONSOLE: everything below */
	bool irq_driven, panicking;

	/* Out. */
	struct ring tx;
	uint8_t tx_bytes[TX_RING_BYTES];
	bool mid_line;			   /* the last byte sent did not end a line */
	bool tx_waiters;		   /* a guest's byte was refused: tell them when there is room */
	unsigned int tx_turn;		   /* the out job's: who is told next; 0: no round is under way */
	bool tells_next;		   /* the out job's: its next step tells one, if any waits */
	bool holds_lines;		   /* an answer for scripts is under way */
	char prompt[CONSOLE_PROMPT_BYTES]; /* the monitor's line as it stands, drawn again behind a log line */
	bool prompt_is_due;		   /* what should have been drawn of it found no room */
	/* prefix mode: what waits for its newline; focus mode: what the screen has of an unfinished line. */
	struct guest_line lines[MAX_VMS];
	struct ring unfocused[MAX_VMS]; /* focus mode: the newest that each VM printed while nobody looked */
	uint8_t unfocused_bytes[MAX_VMS][VM_CONSOLE_RING_BYTES];

	/* In. */
	struct vm *focus;      /* whose the keys are; NULL: the monitor's, or the next key uncovers `covered` */
	struct vm *last_focus; /* the last one that was not NULL */
	struct vm *covered;    /* its screen shows the keys' list */
	bool told_off;	       /* the focused VM is off, and the operator has been told */
	bool escape;	       /* Ctrl-] was typed: the next key is for Corbel */
	bool rx_held;	       /* the focused VM has no room: bytes stay in the UART */
	bool rx_left;	       /* the monitor's job will take what is in the UART */
	bool rx_deaf;	       /* it read nothing for long: what is typed for it is dropped */
	uint64_t held_since;   /* ticks */
	bool rx_pumping;       /* a pCPU is at it: one at a time, or bytes would overtake each other */
	bool rx_again;	       /* another one came by meanwhile */

	/* Brings log lines to the TX ring, and the ring to the UART. */
	struct paced_job out_job;
	struct log_cursor log_cursor;

	/* Watches rx_held. */
	struct job hold_job;
	struct soft_timer hold_timer;
};

extern struct console_state console;

/* All: the lock is held. */

/* One byte into the TX ring; lost when it is full. */
void console_put(uint8_t byte);
/* Text of Corbel's own: \n becomes \r\n. All of it, or nothing and false. */
bool console_put_text(const char *text, size_t length);
/* Before and behind a whole line of somebody's: on a line of its own, the monitor's prompt behind it where that is
 * open, or else what the focused VM had not finished. */
void console_begin_line(void);
void console_end_line(void);
/* Moves what the UART takes, a burst at a time. console_more_out() must follow, with the lock dropped. */
void console_pump_tx(void);
/* The receive interrupt, a level on some UARTs, is on while somebody takes the bytes: else it would never end. */
void console_update_irq(void);
bool console_rx_is_wanted(void);
/* Focus mode: what the focused VM said while nobody looked goes into the TX ring, as far as there is room. */
void console_feed_kept(unsigned int most_bytes);
/* Focus mode: the VM's screen is shown again, as far as it is known: its unfinished line. */
void console_show_unfinished(const struct vm *vm);
/* Does any of that wait still? */
bool console_has_kept(void);

/* The lock is not held. */

/* What did not fit into the UART is brought by the job. */
void console_more_out(void);
/* One of those who were refused may try again, in turn. Returns false when there was none, or no room. The out job. */
bool console_wake_tx_waiter(void);
void console_keys_start(unsigned int cpu);
/* The VM after this one that lives, in a ring; NULL where none does. States are read as they are: who goes off later
 * looks again. */
struct vm *console_next_alive(const struct vm *after);
/* A key was typed for a VM that is off: is it the first since it got the focus? */
bool console_first_for_off(void);

#endif

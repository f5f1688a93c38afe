/* The host's UART, and Corbel's own voice on it: see console.h. */
#include "kernel/console.h"

#include <string.h>

#include "arch/arm64/gic/gic.h"
#include "kernel/console_state.h"
#include "lib/log.h"

/*
 * Bytes that go to the UART in one go, as many as a PL011's FIFO holds, and the pause before the next ones. By time and
 * not by the UART's interrupt: one that is always ready, as an emulator's, would interrupt for ever, and keep every
 * guest of that pCPU from its first instruction.
 */
#define TX_BURST_BYTES 32
#define OUT_PAUSE_US   100
/* Room for a line, the one that says that lines are lost, and what surrounds them, as console_put_text() wants it. */
#define LOG_STEP_BYTES (3 * LOG_LINE_MAX)

struct console_state console;

void console_update_irq(void)
{
	if (console.irq_driven)
		console.driver->irq_enable(console.uart, console_rx_is_wanted());
}

void console_put(uint8_t byte)
{
	if (ring_put(&console.tx, byte))
		console.mid_line = byte != '\n';
}

static void send_burst(void)
{
	const uint8_t *bytes;
	uint32_t length = ring_peek(&console.tx, &bytes);

	if (length > TX_BURST_BYTES)
		length = TX_BURST_BYTES;
	ring_drop(&console.tx, (uint32_t)console.driver->tx(console.uart, bytes, length));
}

/* Without the interrupt the caller waits: at boot, before power-off, on a UART that has none. */
static void send_all(void)
{
	while (ring_used(&console.tx) != 0)
		send_burst();
}

void console_pump_tx(void)
{
	console_feed_kept(2 * TX_BURST_BYTES);
	if (console.irq_driven)
		send_burst();
	else
		send_all();
	console_update_irq();
}

bool console_put_text(const char *text, size_t length)
{
	if (ring_room(&console.tx) < 2 * length + 2)
		return false;
	while (length != 0) {
		const char *newline = memchr(text, '\n', length);
		size_t span = newline != NULL ? (size_t)(newline - text) : length;

		(void)ring_put_all(&console.tx, (const uint8_t *)text, (uint32_t)span);
		if (newline != NULL)
			(void)ring_put_all(&console.tx, (const uint8_t *)"\r\n", 2);
		console.mid_line = newline == NULL;
		span += newline != NULL;
		text += span;
		length -= span;
	}
	return true;
}

static void send_polled(uint8_t byte)
{
	while (console.driver->tx(console.uart, &byte, 1) == 0) {
	}
}

static void write_polled(const char *text, size_t length)
{
	for (size_t n = 0; n < length; n++) {
		if (text[n] == '\n')
			send_polled('\r');
		send_polled((uint8_t)text[n]);
	}
}

void console_write(const char *text, size_t length)
{
	if (console.uart == NULL)
		return;
	if (console.panicking) {
		write_polled(text, length);
		return;
	}
	spin_lock(&console.lock);
	(void)console_put_text(text, length);
	console_pump_tx();
	spin_unlock(&console.lock);
	console_more_out();
}

/* The prompt is wiped, and drawn again behind the line: it stays at the bottom of the screen. A guest's unfinished line
 * stays where it is, and is drawn again too. */
#define WIPE_LINE "\r\033[K"

void console_begin_line(void)
{
	if (console.prompt[0] != '\0')
		(void)console_put_text(WIPE_LINE, sizeof(WIPE_LINE) - 1);
	else if (console.mid_line)
		(void)console_put_text("\n", 1);
}

void console_end_line(void)
{
	if (console.prompt[0] != '\0')
		console.prompt_is_due = !console_put_text(console.prompt, strlen(console.prompt));
	else if (console.focus != NULL)
		console_show_unfinished(console.focus);
}

/* The lock is held. */
static void draw_due_prompt(void)
{
	if (console.prompt_is_due && ring_room(&console.tx) > TX_LOG_RESERVE_BYTES / 2) {
		console_begin_line();
		console_end_line();
	}
}

/* The lock is held. */
static void write_line(const char *text, size_t length)
{
	console_begin_line();
	(void)console_put_text(text, length);
	console_end_line();
}

/* Returns false when there was none. The lock is held, so that lines keep their order; or panic. */
static bool write_next_log_line(void)
{
	static const char lost[] = "log: lines are lost here: more was printed than the console could take\n";
	char line[LOG_LINE_MAX];
	size_t length = log_next_line(&console.log_cursor, line);

	if (console.log_cursor.lost && !console.panicking) {
		console.log_cursor.lost = false;
		write_line(lost, sizeof(lost) - 1);
	}
	if (length != 0 && console.panicking)
		write_polled(line, length);
	else if (length != 0)
		write_line(line, length);
	return length != 0;
}

/*
 * A log line where there is room for it, or a VM told that there is room for it, or a burst: one of them, since
 * interrupts wait meanwhile.
 */
static bool out_step(void)
{
	bool line, more;

	if (console.tells_next && console_wake_tx_waiter()) {
		console.tells_next = false;
		return true;
	}
	console.tells_next = true;
	spin_lock(&console.lock);
	line = !console.holds_lines && ring_room(&console.tx) >= LOG_STEP_BYTES && write_next_log_line();
	draw_due_prompt();
	if (!line)
		console_pump_tx();
	more = line || ring_used(&console.tx) != 0 || console_has_kept();
	spin_unlock(&console.lock);
	return more || console.tx_waiters || console.tx_turn != 0;
}

void console_more_out(void)
{
	if (console.irq_driven && (ring_used(&console.tx) != 0 || console_has_kept() || console.tx_waiters))
		paced_job_wake(&console.out_job);
}

void console_log(const char *text, size_t length)
{
	if (console.uart == NULL)
		return;
	if (console.panicking)
		write_polled(text, length);
	else if (console.irq_driven)
		paced_job_wake(&console.out_job); /* the log's ring has it */
	else {
		spin_lock(&console.lock);
		write_line(text, length);
		console_pump_tx();
		spin_unlock(&console.lock);
	}
}

void console_set_prompt(const char *prompt, const char *echo, size_t length)
{
	bool opens;

	if (console.uart == NULL)
		return;
	spin_lock(&console.lock);
	opens = console.prompt[0] == '\0' && prompt[0] != '\0';
	if (opens)
		console_begin_line(); /* behind what ended without a newline */
	memcpy(console.prompt, prompt, strlen(prompt) + 1);
	if (opens)
		console_end_line();
	else if (!console_put_text(echo, length))
		console.prompt_is_due = true;
	if (prompt[0] == '\0')
		console.prompt_is_due = false;
	console_pump_tx();
	spin_unlock(&console.lock);
	console_more_out();
}

bool console_has_prompt(void)
{
	return __atomic_load_n(&console.prompt[0], __ATOMIC_RELAXED) != '\0';
}

void console_tell(const char *line)
{
	if (console.uart == NULL)
		return;
	spin_lock(&console.lock);
	write_line(line, strlen(line));
	console_pump_tx();
	spin_unlock(&console.lock);
	console_more_out();
}

void console_hold_lines(bool hold)
{
	if (console.uart == NULL)
		return;
	spin_lock(&console.lock);
	console.holds_lines = hold;
	spin_unlock(&console.lock);
	if (!hold && console.irq_driven)
		paced_job_wake(&console.out_job);
}

bool console_has_room(size_t bytes)
{
	bool room;

	if (console.uart == NULL)
		return true;
	spin_lock(&console.lock);
	room = ring_room(&console.tx) >= 2 * bytes + 2;
	spin_unlock(&console.lock);
	return room;
}

void console_irq(void)
{
	spin_lock(&console.lock);
	console.driver->irq_ack(console.uart);
	spin_unlock(&console.lock);
	console_rx_pump();
}

const struct hw_uart *console_uart(void)
{
	return console.uart;
}

bool console_owns_irq(uint32_t intid)
{
	return console.uart != NULL && console.uart->irq.intid == intid;
}

void console_init(const struct hw_uart *uart, const struct corbel_options *options)
{
	console.lock = SPINLOCK_INIT(LOCK_CONSOLE);
	console.tx = (struct ring){ .data = console.tx_bytes, .size = TX_RING_BYTES };
	for (unsigned int n = 0; n < MAX_VMS; n++)
		console.unfocused[n] =
			(struct ring){ .data = console.unfocused_bytes[n], .size = VM_CONSOLE_RING_BYTES };
	console.mode = options->guest_console;
	if (uart == NULL)
		return;
	console.driver = plat_uart_driver(uart->kind);
	if (console.driver == NULL)
		return;
	console.driver->init(uart);
	console.uart = uart;
}

/* The UART's SPI comes to a pCPU that is online. */
static void route_irq(const struct hw_irq *irq, unsigned int cpu)
{
	gic->set_edge(irq->intid, irq->edge);
	gic->set_target(irq->intid, cpu);
	gic->enable(irq->intid);
}

void console_start_irq(unsigned int cpu)
{
	if (console.uart == NULL || console.uart->irq.intid == 0)
		return;
	paced_job_init(&console.out_job, out_step, cpu, OUT_PAUSE_US);
	console_keys_start(cpu);
	route_irq(&console.uart->irq, cpu);
	spin_lock(&console.lock);
	console.irq_driven = true;
	log_cursor_follow(&console.log_cursor);
	console_update_irq();
	spin_unlock(&console.lock);
}

void console_flush(void)
{
	if (console.uart == NULL)
		return;
	if (console.panicking) {
		while (write_next_log_line()) {
		}
		return;
	}
	spin_lock(&console.lock);
	console.irq_driven = false;
	while (write_next_log_line())
		console_pump_tx();
	console_pump_tx();
	spin_unlock(&console.lock);
}

void console_panic_mode(void)
{
	console.panicking = true;
}

/* The host console: see console.h. */
#include "kernel/console.h"

#include <string.h>

#include "kernel/irq.h"
#include "kernel/monitor.h"
#include "kernel/vdev.h"
#include "kernel/vm.h"
#include "lib/log.h"
#include "lib/ring.h"
#include "lib/spinlock.h"
#include "platform/platform.h"

#define TX_RING_BYTES 16384
/* Room that guests leave: a log line always fits behind a guest that floods. */
#define TX_LOG_RESERVE_BYTES 1024
/* A guest's line longer than this is broken: prefix mode. */
#define GUEST_LINE_BYTES 240

static struct {
	struct spinlock lock;
	const struct hw_uart *uart; /* NULL: no console */
	const struct uart_driver *driver;
	enum guest_console mode;
	bool irq_driven, panicking;
	bool rx_held;	 /* the focused VM has no room: bytes stay in the UART */
	bool rx_pumping; /* a pCPU is at it: one at a time, or bytes would overtake each other */
	bool rx_again;	 /* another one came by meanwhile */
	bool mid_line;	 /* the last byte sent did not end a line */
	bool tx_waiters; /* a guest's byte was refused: tell them when there is room */
	struct ring tx;
	uint8_t tx_bytes[TX_RING_BYTES];
	struct vm *focus;
	struct {
		uint8_t bytes[GUEST_LINE_BYTES];
		uint32_t length;
	} lines[MAX_VMS];
	struct ring unfocused[MAX_VMS];
	uint8_t unfocused_bytes[MAX_VMS][VM_CONSOLE_RING_BYTES];
} console;

static void update_irq(void)
{
	if (console.irq_driven)
		console.driver->irq_enable(console.uart, !console.rx_held, ring_used(&console.tx) != 0);
}

static void put(uint8_t byte)
{
	if (ring_put(&console.tx, byte))
		console.mid_line = byte != '\n';
}

/* What the focused VM said while nobody looked goes first, as far as there is room. Lock held. */
static void feed_kept(void)
{
	struct ring *kept;

	if (console.focus == NULL || console.mode != GUEST_CONSOLE_FOCUS)
		return;
	kept = &console.unfocused[console.focus->id];
	while (ring_used(kept) != 0 && ring_room(&console.tx) > TX_LOG_RESERVE_BYTES)
		put((uint8_t)ring_get(kept));
}

/* Moves what the UART takes. Lock held. */
static void pump_tx(void)
{
	feed_kept();
	while (ring_used(&console.tx) != 0 && console.driver->tx_ready(console.uart))
		console.driver->tx(console.uart, (uint8_t)ring_get(&console.tx));
	if (!console.irq_driven) {
		/* Without the interrupt the caller waits: at boot, before power-off, on a UART that has none. */
		while (ring_used(&console.tx) != 0) {
			if (console.driver->tx_ready(console.uart))
				console.driver->tx(console.uart, (uint8_t)ring_get(&console.tx));
		}
	}
	update_irq();
}

/* Text of Corbel's own: \n becomes \r\n. All of it or nothing. */
static void put_text(const char *text, size_t length)
{
	if (ring_room(&console.tx) < 2 * length + 2)
		return;
	for (size_t n = 0; n < length; n++) {
		if (text[n] == '\n')
			put('\r');
		put((uint8_t)text[n]);
	}
}

static void write_polled(const char *text, size_t length)
{
	for (size_t n = 0; n < length; n++) {
		if (text[n] == '\n') {
			while (!console.driver->tx_ready(console.uart)) {
			}
			console.driver->tx(console.uart, '\r');
		}
		while (!console.driver->tx_ready(console.uart)) {
		}
		console.driver->tx(console.uart, (uint8_t)text[n]);
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
	put_text(text, length);
	pump_tx();
	spin_unlock(&console.lock);
}

void console_log(const char *text, size_t length)
{
	if (console.uart == NULL)
		return;
	if (!console.panicking) {
		spin_lock(&console.lock);
		if (console.mid_line)
			put_text("\n", 1);
		spin_unlock(&console.lock);
	}
	console_write(text, length);
}

/* The line of this VM goes out whole, led by its name. False: no room now. */
static bool flush_line(const struct vm *vm)
{
	const char *name = vm->config->name;
	uint32_t length = console.lines[vm->id].length;

	if (ring_room(&console.tx) < length + VM_NAME_MAX + 8 + TX_LOG_RESERVE_BYTES)
		return false;
	put('[');
	while (*name != '\0')
		put((uint8_t)*name++);
	put(']');
	put(' ');
	for (uint32_t n = 0; n < length; n++)
		put(console.lines[vm->id].bytes[n]);
	put('\r');
	put('\n');
	console.lines[vm->id].length = 0;
	return true;
}

static bool tx_prefixed(const struct vm *vm, uint8_t byte)
{
	if (byte == '\r')
		return true; /* flush_line() ends lines itself */
	if (byte == '\n' || console.lines[vm->id].length == GUEST_LINE_BYTES) {
		if (!flush_line(vm))
			return false;
		if (byte == '\n')
			return true;
	}
	console.lines[vm->id].bytes[console.lines[vm->id].length++] = byte;
	return true;
}

static bool tx_focused(const struct vm *vm, uint8_t byte)
{
	struct ring *ring = &console.unfocused[vm->id];

	if (vm == console.focus) {
		if (ring_used(ring) != 0 || ring_room(&console.tx) <= TX_LOG_RESERVE_BYTES)
			return false;
		put(byte);
		return true;
	}
	/* Kept for when somebody looks: the newest bytes. */
	if (ring_room(ring) == 0)
		(void)ring_get(ring);
	(void)ring_put(ring, byte);
	return true;
}

bool console_guest_tx(struct vm *vm, uint8_t byte)
{
	bool taken;

	if (console.uart == NULL)
		return true;
	spin_lock(&console.lock);
	taken = console.mode == GUEST_CONSOLE_PREFIX ? tx_prefixed(vm, byte) : tx_focused(vm, byte);
	if (!taken)
		console.tx_waiters = true;
	pump_tx();
	spin_unlock(&console.lock);
	return taken;
}

void console_end_line(const struct vm *vm)
{
	if (console.uart == NULL)
		return;
	spin_lock(&console.lock);
	if (console.lines[vm->id].length != 0)
		(void)flush_line(vm);
	/* With no room for it, it is lost: it is not the head of the next life's first line. */
	console.lines[vm->id].length = 0;
	pump_tx();
	spin_unlock(&console.lock);
}

/* The first VM that lives. States are read as they are: who goes off later looks again. */
static struct vm *next_focus(void)
{
	for (unsigned int n = 0; n < nr_vms; n++) {
		if (vm_is_alive(vms[n]))
			return vms[n];
	}
	return NULL;
}

void console_leave(const struct vm *gone)
{
	struct vm *next = NULL;

	if (console.uart == NULL)
		return;
	spin_lock(&console.lock);
	if (console.focus == gone)
		next = next_focus();
	if (next != NULL) {
		console.focus = next;
		console.rx_held = false;
		pump_tx();
	}
	spin_unlock(&console.lock);
	if (next == NULL)
		return;
	log_info("console", "the keys are %s's now", next->config->name);
	console_rx_pump();
}

/* Half empty again: who was refused may try. The lock is not held: device locks come before it. */
static void wake_tx_waiters(void)
{
	bool wake = false;

	spin_lock(&console.lock);
	if (console.tx_waiters && ring_room(&console.tx) > TX_RING_BYTES / 2) {
		console.tx_waiters = false;
		wake = true;
	}
	spin_unlock(&console.lock);
	for (unsigned int n = 0; wake && n < nr_vms; n++)
		vdev_uart_tx_room(vms[n]);
}

/* The next typed byte and whose it is; -1 when there is none, or its VM has no room (then it stays in the UART). */
static int take_rx(struct vm **focus)
{
	int byte = -1;

	spin_lock(&console.lock);
	*focus = console.focus;
	if (!console.rx_held)
		byte = console.driver->rx(console.uart);
	spin_unlock(&console.lock);
	return byte;
}

static bool begin_pump_rx(void)
{
	bool begin;

	spin_lock(&console.lock);
	begin = !console.rx_pumping;
	console.rx_pumping = true;
	console.rx_again = !begin;
	spin_unlock(&console.lock);
	return begin;
}

/* Returns true when somebody came by since the pump found nothing: look once more. */
static bool end_pump_rx(void)
{
	bool again;

	spin_lock(&console.lock);
	again = console.rx_again;
	console.rx_again = false;
	console.rx_pumping = again;
	spin_unlock(&console.lock);
	return again;
}

void console_rx_pump(void)
{
	struct vm *focus;
	int byte;

	if (console.uart == NULL || !begin_pump_rx())
		return;
	do {
		while ((byte = take_rx(&focus)) >= 0) {
			if (focus == NULL)
				monitor_rx((uint8_t)byte);
			else
				vdev_uart_rx(focus, (uint8_t)byte);
		}
	} while (end_pump_rx());
}

void console_rx_hold(const struct vm *vm, bool hold)
{
	spin_lock(&console.lock);
	if (vm == console.focus) {
		console.rx_held = hold;
		update_irq();
	}
	spin_unlock(&console.lock);
}

void console_irq(void)
{
	spin_lock(&console.lock);
	console.driver->irq_ack(console.uart);
	pump_tx();
	spin_unlock(&console.lock);
	console_rx_pump();
	wake_tx_waiters();
}

void console_set_focus(struct vm *vm)
{
	if (console.uart == NULL)
		return;
	spin_lock(&console.lock);
	console.focus = vm;
	console.rx_held = false;
	pump_tx();
	spin_unlock(&console.lock);
	/* Bytes that were held back for the old one raise no new interrupt. */
	console_rx_pump();
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* The UART that the option names, by its path or the end of it; else, or where none fits, the device tree's choice. */
static const struct hw_uart *choose_uart(const struct hw_info *hw, const char *wanted)
{
	for (unsigned int n = 0; wanted[0] != '\0' && n < hw->nr_uarts; n++) {
		if (ends_with(hw->uarts[n].path, wanted))
			return &hw->uarts[n];
	}
	if (wanted[0] != '\0')
		log_warn("console", "console=%s: no UART that Corbel drives has this path: ignored", wanted);
	return hw->console < hw->nr_uarts ? &hw->uarts[hw->console] : NULL;
}

bool console_owns_irq(uint32_t intid)
{
	return console.uart != NULL && console.uart->irq.intid == intid;
}

void console_init(const struct hw_info *hw, const struct corbel_options *options)
{
	const struct hw_uart *uart;

	console.lock = SPINLOCK_INIT(LOCK_CONSOLE);
	console.tx = (struct ring){ .data = console.tx_bytes, .size = TX_RING_BYTES };
	for (unsigned int n = 0; n < MAX_VMS; n++)
		console.unfocused[n] =
			(struct ring){ .data = console.unfocused_bytes[n], .size = VM_CONSOLE_RING_BYTES };
	console.mode = options->guest_console;
	uart = choose_uart(hw, options->console);
	if (uart == NULL)
		return;
	console.driver = plat_uart_driver(uart->kind);
	if (console.driver == NULL)
		return;
	console.driver->init(uart);
	console.uart = uart;
}

void console_start_irq(void)
{
	if (console.uart == NULL || console.uart->irq.intid == 0)
		return;
	irq_enable_console(&console.uart->irq);
	spin_lock(&console.lock);
	console.irq_driven = true;
	update_irq();
	spin_unlock(&console.lock);
}

void console_flush(void)
{
	if (console.uart == NULL)
		return;
	spin_lock(&console.lock);
	console.irq_driven = false;
	pump_tx();
	spin_unlock(&console.lock);
}

void console_panic_mode(void)
{
	console.panicking = true;
}

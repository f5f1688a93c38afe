/* What guests print: see console.h. */
#include "arch/arm64/guest.h"
#include "kernel/console.h"
#include "kernel/console_state.h"
#include "kernel/vdev.h"
#include "kernel/vm.h"

bool console_has_kept(void)
{
	return console.mode == GUEST_CONSOLE_FOCUS && console.focus != NULL &&
	       ring_used(&console.unfocused[console.focus->id]) != 0;
}

/* Out it goes, and into the line that is shown again. */
static void put_raw(const struct vm *vm, uint8_t byte)
{
	console_put(byte);
	guest_line_put(&console.lines[vm->id], byte);
}

/* CSI n D. No snprintf(): a guest that prints, or who logs, waits for it. */
static void put_cursor_back(uint32_t columns)
{
	uint8_t text[] = { 0x1b,
			   '[',
			   (uint8_t)('0' + columns / 100),
			   (uint8_t)('0' + columns / 10 % 10),
			   (uint8_t)('0' + columns % 10),
			   'D' };

	if (columns != 0)
		(void)ring_put_all(&console.tx, text, sizeof(text));
}

void console_show_unfinished(const struct vm *vm)
{
	struct guest_line *line = &console.lines[vm->id];

	if (console.mode != GUEST_CONSOLE_FOCUS || line->length == 0 ||
	    !ring_put_all(&console.tx, (const uint8_t *)line->bytes, line->length))
		return;
	console.mid_line = true;
	put_cursor_back(guest_line_columns_back(line));
}

void console_feed_kept(unsigned int most_bytes)
{
	for (unsigned int n = 0; n < most_bytes && console_has_kept(); n++) {
		if (ring_room(&console.tx) <= TX_LOG_RESERVE_BYTES)
			return;
		put_raw(console.focus, (uint8_t)ring_get(&console.unfocused[console.focus->id]));
	}
}

/* There is room. By arch_copy(), which bears any alignment: a memcpy() byte by byte would keep a neighbour's timer
 * waiting for hundreds of instructions. */
static void put_line(const struct guest_line *line)
{
	struct ring *tx = &console.tx;
	uint32_t at = tx->head & (tx->size - 1);

	if (tx->size - at < line->length) {
		(void)ring_put_all(tx, (const uint8_t *)line->bytes, line->length);
		return;
	}
	arch_copy(tx->data + at, line->bytes, line->length);
	tx->head += line->length;
}

/* The line of this VM, its name in front, goes out whole. False: not now. */
static bool flush_line(const struct vm *vm)
{
	struct guest_line *line = &console.lines[vm->id];

	if (console.holds_lines ||
	    ring_room(&console.tx) < GUEST_LINE_BYTES + 2 * CONSOLE_PROMPT_BYTES + 16 + TX_LOG_RESERVE_BYTES)
		return false;
	console_begin_line();
	line->bytes[line->length++] = '\r';
	line->bytes[line->length++] = '\n';
	put_line(line);
	console.mid_line = false;
	console_end_line();
	line->length = 0;
	return true;
}

static void begin_guest_line(const struct vm *vm)
{
	struct guest_line *line = &console.lines[vm->id];

	line->bytes[line->length++] = '[';
	for (const char *name = vm->config->name; *name != '\0'; name++)
		line->bytes[line->length++] = *name;
	line->bytes[line->length++] = ']';
	line->bytes[line->length++] = ' ';
}

static bool tx_prefixed(const struct vm *vm, uint8_t byte)
{
	struct guest_line *line = &console.lines[vm->id];
	uint8_t final;

	/* Control sequences are dropped: one VM's would wipe, or move, what others have written. [ECMA-48 5.4] */
	if (guest_line_is_control(line, byte, &final))
		return true;
	if (line->length == 0)
		begin_guest_line(vm);
	if (byte == '\n')
		return flush_line(vm);
	if (line->length == GUEST_LINE_BYTES) {
		if (!flush_line(vm))
			return false;
		begin_guest_line(vm);
	}
	line->bytes[line->length++] = (char)byte;
	return true;
}

static bool tx_focused(const struct vm *vm, uint8_t byte)
{
	struct ring *ring = &console.unfocused[vm->id];

	if (vm == console.focus) {
		if (ring_used(ring) != 0 || ring_room(&console.tx) <= TX_LOG_RESERVE_BYTES)
			return false;
		put_raw(vm, byte);
		return true;
	}
	/* Kept for when somebody looks: the newest bytes. They follow the line that was unfinished, unless some of them
	 * are lost. */
	if (ring_room(ring) == 0) {
		(void)ring_get(ring);
		console.lines[vm->id].length = console.lines[vm->id].cursor = 0;
	}
	(void)ring_put(ring, byte);
	return true;
}

bool console_guest_tx(struct vm *vm, uint8_t byte)
{
	bool taken, begins;

	if (console.uart == NULL)
		return true;
	spin_lock(&console.lock);
	/* Else the job is awake, and brings this byte too. */
	begins = ring_used(&console.tx) == 0 || !console.irq_driven;
	taken = console.mode == GUEST_CONSOLE_PREFIX ? tx_prefixed(vm, byte) : tx_focused(vm, byte);
	if (!taken)
		console.tx_waiters = true;
	if (begins)
		console_pump_tx();
	spin_unlock(&console.lock);
	if (begins)
		console_more_out();
	return taken;
}

void console_end_guest_line(const struct vm *vm)
{
	if (console.uart == NULL)
		return;
	spin_lock(&console.lock);
	if (console.mode == GUEST_CONSOLE_PREFIX && console.lines[vm->id].length != 0)
		(void)flush_line(vm);
	/* With no room for it, it is lost: it is not the head of the next life's first line. */
	console.lines[vm->id].length = console.lines[vm->id].cursor = 0;
	console_pump_tx();
	spin_unlock(&console.lock);
	console_more_out();
}

static void expect_waiters(void)
{
	spin_lock(&console.lock);
	console.tx_waiters = true;
	spin_unlock(&console.lock);
}

void console_guest_waits(void)
{
	if (console.uart == NULL)
		return;
	expect_waiters();
	console_more_out();
}

/* Is a round under way, or begun now? Who is refused meanwhile begins another one. */
static bool tells_waiters(void)
{
	bool begins;

	spin_lock(&console.lock);
	begins = console.tx_turn == 0 && console.tx_waiters && ring_room(&console.tx) > TX_RING_BYTES / 2 &&
		 !console_has_kept();
	if (begins)
		console.tx_waiters = false;
	spin_unlock(&console.lock);
	return begins || console.tx_turn != 0;
}

bool console_wake_tx_waiter(void)
{
	unsigned int n = console.tx_turn;

	if (!tells_waiters())
		return false;
	console.tx_turn = n + 1 < nr_vms ? n + 1 : 0;
	if (vdev_uart_tx_room(vms[n]))
		expect_waiters();
	return true;
}

/* What guests print: see console.h. */
#include "kernel/console.h"
#include "kernel/console_state.h"
#include "kernel/vdev.h"
#include "kernel/vm.h"

bool console_has_kept(void)
{
	return console.mode == GUEST_CONSOLE_FOCUS && console.focus != NULL &&
	       ring_used(&console.unfocused[console.focus->id]) != 0;
}

void console_feed_kept(unsigned int most_bytes)
{
	for (unsigned int n = 0; n < most_bytes && console_has_kept(); n++) {
		if (ring_room(&console.tx) <= TX_LOG_RESERVE_BYTES)
			return;
		console_put((uint8_t)ring_get(&console.unfocused[console.focus->id]));
	}
}

/* The line of this VM goes out whole, led by its name. False: no room now. */
static bool flush_line(const struct vm *vm)
{
	const char *name = vm->config->name;
	uint32_t length = console.lines[vm->id].length;

	if (ring_room(&console.tx) < length + VM_NAME_MAX + 8 + TX_LOG_RESERVE_BYTES)
		return false;
	console_put('[');
	while (*name != '\0')
		console_put((uint8_t)*name++);
	console_put(']');
	console_put(' ');
	for (uint32_t n = 0; n < length; n++)
		console_put(console.lines[vm->id].bytes[n]);
	console_put('\r');
	console_put('\n');
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
		console_put(byte);
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
	console_pump_tx();
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
	console_pump_tx();
	spin_unlock(&console.lock);
}

void console_wake_tx_waiters(void)
{
	bool wake = false;

	spin_lock(&console.lock);
	if (console.tx_waiters && ring_room(&console.tx) > TX_RING_BYTES / 2 && !console_has_kept()) {
		console.tx_waiters = false;
		wake = true;
	}
	spin_unlock(&console.lock);
	for (unsigned int n = 0; wake && n < nr_vms; n++)
		vdev_uart_tx_room(vms[n]);
}

/* What is typed, and whose it is: see console.h. */
#include <stdio.h>
#include <string.h>

#include "arch/arm64/timer.h"
#include "kernel/console.h"
#include "kernel/console_state.h"
#include "kernel/monitor.h"
#include "kernel/sched.h"
#include "kernel/vdev.h"
#include "kernel/vm.h"
#include "lib/bits.h"
#include "lib/log.h"

#define KEY_PREFIX 0x1d /* Ctrl-] */

/* A VM that reads nothing of what is typed for so long is deaf: the keys must not stay blocked. */
#define DEAF_AFTER_US 3000000

/* --- a VM that has no room --- */

void console_rx_hold(const struct vm *vm, bool hold)
{
	bool watch = false;

	spin_lock(&console.lock);
	if (vm == console.focus) {
		watch = hold && !console.rx_held;
		console.rx_held = hold;
		console.rx_deaf = false;
		console.held_since = timer_now_ticks();
		console_update_irq();
	}
	spin_unlock(&console.lock);
	if (watch)
		sched_wake_job(&console.hold_job);
}

/* The job only brings the timer to its own pCPU: any pCPU may hold. */
static bool watch_hold(struct job *job)
{
	(void)job;
	soft_timer_arm(&cpu_self()->timers, &console.hold_timer, timer_now_ticks() + timer_us_to_ticks(DEAF_AFTER_US));
	return false;
}

static void hold_timer_fired(struct soft_timer *timer)
{
	const char *deaf = NULL;
	bool again = false;

	(void)timer;
	spin_lock(&console.lock);
	if (console.rx_held && console.focus != NULL) {
		again = timer_now_ticks() - console.held_since < timer_us_to_ticks(DEAF_AFTER_US);
		if (!again) {
			console.rx_held = false;
			console.rx_deaf = true;
			deaf = console.focus->config->name;
			console_update_irq();
		}
	}
	spin_unlock(&console.lock);
	if (again)
		(void)watch_hold(NULL);
	if (deaf == NULL)
		return;
	log_warn("console", "%s reads nothing: what is typed for it is dropped until it does", deaf);
	console_rx_pump();
}

void console_keys_start(unsigned int cpu)
{
	job_init(&console.hold_job, watch_hold, cpu, PACED_JOB_PRIORITY);
	console.hold_job.run.patience_ticks = timer_us_to_ticks(JOB_PATIENCE_US);
	soft_timer_init(&console.hold_timer, hold_timer_fired);
}

/* --- the focus --- */

/* The lock is held. */
static void change_focus(struct vm *vm)
{
	console.focus = vm;
	console.rx_held = false;
	console.rx_deaf = false;
	if (vm != NULL)
		console.prompt[0] = '\0';
	console_update_irq(); /* the old one may have held the keys */
}

void console_set_focus(struct vm *vm)
{
	if (console.uart == NULL)
		return;
	spin_lock(&console.lock);
	change_focus(vm);
	spin_unlock(&console.lock);
	console_more_out();
}

void console_show(struct vm *vm)
{
	char head[80];

	if (console.uart == NULL)
		return;
	(void)snprintf(head, sizeof(head), "--- %s%s (Ctrl-] ? tells the keys) ---\n", vm->config->name,
		       vm_is_alive(vm) ? "" : ", which is off");
	spin_lock(&console.lock);
	if (console.mid_line)
		console_put_text("\n", 1);
	console_put_text(head, strlen(head));
	change_focus(vm);
	spin_unlock(&console.lock);
	console_more_out();
}

/* The VM after this one that lives, in a ring; NULL where none does. States are read as they are: who goes off later
 * looks again. */
static struct vm *next_alive(const struct vm *after)
{
	unsigned int first = after == NULL ? 0 : after->id + 1;

	for (unsigned int n = 0; n < nr_vms; n++) {
		struct vm *vm = vms[(first + n) % nr_vms];

		if (vm_is_alive(vm))
			return vm;
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
		next = next_alive(NULL);
	if (next != NULL)
		change_focus(next);
	spin_unlock(&console.lock);
	console_more_out();
	if (next == NULL)
		return;
	log_words(LOG_INFO, "console", "the keys are ", next->config->name, "'s now", NULL);
	console_rx_pump();
}

bool console_is_focused(const struct vm *vm)
{
	return __atomic_load_n(&console.focus, __ATOMIC_RELAXED) == vm;
}

/* --- keys --- */

/* The key behind Ctrl-]. No lock held. */
static void take_command_key(struct vm *focus, uint8_t key)
{
	struct vm *vm = NULL;

	if (key == 'm') {
		monitor_open();
	} else if (key == 'n') {
		vm = next_alive(focus);
	} else if (key >= '1' && key <= '9') {
		vm = key - '1' < (int)nr_vms ? vms[key - '1'] : NULL;
	} else if (key == KEY_PREFIX && focus != NULL) {
		vdev_uart_rx(focus, key);
	} else {
		monitor_show_keys();
	}
	if (vm != NULL)
		console_show(vm);
}

static bool take_escape(uint8_t byte, bool *was)
{
	bool begins;

	spin_lock(&console.lock);
	*was = console.escape;
	begins = !*was && byte == KEY_PREFIX;
	console.escape = begins;
	spin_unlock(&console.lock);
	return begins;
}

static void take_key(struct vm *focus, bool deaf, uint8_t byte)
{
	bool command;

	if (take_escape(byte, &command))
		return;
	if (command)
		take_command_key(focus, byte);
	else if (focus == NULL)
		monitor_rx(byte);
	else if (!deaf)
		vdev_uart_rx(focus, byte);
}

bool console_rx_is_wanted(void)
{
	return !console.rx_held && !(console.focus == NULL && monitor_is_busy());
}

/*
 * The next typed byte and whose it is; -1 when there is none, or its reader has no room (then it stays in the UART, and
 * the interrupt is masked until whoever makes room pumps again).
 */
static int take_rx(struct vm **focus, bool *deaf)
{
	int byte = -1;

	spin_lock(&console.lock);
	*focus = console.focus;
	*deaf = console.rx_deaf;
	if (console_rx_is_wanted())
		byte = console.driver->rx(console.uart);
	if (byte < 0)
		console_update_irq();
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
	bool deaf;
	int byte;

	if (console.uart == NULL || !begin_pump_rx())
		return;
	do {
		while ((byte = take_rx(&focus, &deaf)) >= 0)
			take_key(focus, deaf, (uint8_t)byte);
	} while (end_pump_rx());
}

/* What is typed, and whose it is: see console.h. */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

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

/* --- keys --- */

static void __attribute__((format(printf, 1, 2))) tell(const char *format, ...)
{
	char line[160];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	console_tell(line);
}

static void show_numbered(unsigned int number)
{
	if (number <= nr_vms)
		console_show(vms[number - 1]);
	else
		tell("--- there is no VM %u: there %s %u (Ctrl-] ? tells the keys) ---\n", number,
		     nr_vms == 1 ? "is" : "are", nr_vms);
}

static void show_next(void)
{
	struct vm *vm = console_next_alive(console_last_focus());

	if (vm != NULL)
		console_show(vm);
	else
		tell("--- no VM runs: \"start\" in the monitor, Ctrl-] m, starts one ---\n");
}

/* The key behind Ctrl-]. No lock held. */
static void take_command_key(struct vm *focus, uint8_t key)
{
	if (key == 'm')
		monitor_open();
	else if (key == 'n')
		show_next();
	else if (key >= '1' && key < '1' + NR_CONSOLE_KEYS)
		show_numbered(key - '0');
	else if (key == KEY_PREFIX && focus != NULL)
		vdev_uart_rx(focus, key);
	else
		monitor_show_keys();
}

/* What is typed for a VM that is off is for nobody; that is told once. */
static void type_for(struct vm *vm, uint8_t byte)
{
	if (vm_is_alive(vm))
		vdev_uart_rx(vm, byte);
	else if (console_first_for_off())
		tell("--- %s is off and hears nothing: Ctrl-] m, then \"start %s\" ---\n", vm->config->name,
		     vm->config->name);
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
	struct vm *covered = console_covered();
	bool command;

	if (take_escape(byte, &command))
		return;
	if (command)
		take_command_key(focus, byte);
	else if (covered != NULL)
		console_show(covered);
	else if (focus == NULL)
		monitor_rx(byte);
	else if (!deaf)
		type_for(focus, byte);
}

bool console_rx_is_wanted(void)
{
	return !console.rx_held && !console.rx_left && !(console.focus == NULL && monitor_is_busy());
}

/*
 * The next typed byte and whose it is; -1 when there is none, or its reader has no room (then it stays in the UART, and
 * the interrupt is masked until whoever makes room pumps again). Nobody but the monitor's job takes the monitor's.
 */
static int take_rx(struct vm **focus, bool *deaf, bool by_monitor)
{
	bool left;
	int byte = -1;

	spin_lock(&console.lock);
	*focus = console.focus;
	*deaf = console.rx_deaf;
	left = console.focus == NULL && !by_monitor;
	console.rx_left = left;
	if (console_rx_is_wanted())
		byte = console.driver->rx(console.uart);
	if (byte < 0)
		console_update_irq();
	spin_unlock(&console.lock);
	if (left)
		monitor_wake();
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

/* At most so many; returns true when it left off there. */
static bool pump_rx(unsigned int most, bool by_monitor)
{
	struct vm *focus;
	bool deaf;
	int byte;

	if (console.uart == NULL || !begin_pump_rx())
		return false;
	do {
		monitor_show_prompt();
		while (most != 0 && (byte = take_rx(&focus, &deaf, by_monitor)) >= 0) {
			take_key(focus, deaf, (uint8_t)byte);
			monitor_show_prompt();
			most--;
		}
	} while (end_pump_rx());
	return most == 0;
}

void console_rx_pump(void)
{
	(void)pump_rx(UINT_MAX, false);
}

bool console_rx_pump_monitor(unsigned int most_bytes)
{
	return pump_rx(most_bytes, true);
}

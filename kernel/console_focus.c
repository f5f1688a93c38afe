/* Whose the keys are: see console.h. */
#include <string.h>

#include "kernel/console.h"
#include "kernel/console_state.h"
#include "kernel/vm.h"

/* The lock is held. */
static void change_focus(struct vm *vm)
{
	console.focus = vm;
	console.covered = NULL;
	console.rx_held = false;
	console.rx_deaf = false;
	console.rx_left = false;
	console.told_off = false;
	if (vm != NULL) {
		console.last_focus = vm;
		console.prompt[0] = '\0';
		console.prompt_is_due = false;
		console_show_unfinished(vm);
	}
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

/* Words, a NULL behind the last, on a row of their own, and then what the VM has to show. Nothing is formatted: other
 * VMs' interrupts wait meanwhile. The lock is held. */
static void change_focus_told(struct vm *vm, const char *const words[])
{
	if (console.mid_line)
		(void)console_put_text("\n", 1);
	for (; *words != NULL; words++)
		(void)console_put_text(*words, strlen(*words));
	change_focus(vm);
}

void console_show(struct vm *vm)
{
	const char *name = vm->config->name;
	const char *const alive[] = { "--- ", name, " (Ctrl-] ? tells the keys) ---\n", NULL };
	const char *const off[] = { "--- ", name, ", which is off: Ctrl-] m, then \"start ", name, "\" ---\n", NULL };

	if (console.uart == NULL)
		return;
	spin_lock(&console.lock);
	change_focus_told(vm, vm_is_alive(vm) ? alive : off);
	spin_unlock(&console.lock);
	console_more_out();
}

struct vm *console_next_alive(const struct vm *after)
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
	struct vm *next = console_next_alive(NULL);
	bool leaves;

	if (console.uart == NULL || next == NULL)
		return;
	spin_lock(&console.lock);
	leaves = console.focus == gone || console.covered == gone;
	if (leaves) {
		const char *const words[] = { "--- ",
					      gone->config->name,
					      " is off, the keys are ",
					      next->config->name,
					      "'s now (Ctrl-] ? tells them) ---\n",
					      NULL };

		change_focus_told(next, words);
	}
	spin_unlock(&console.lock);
	if (!leaves)
		return;
	console_more_out();
	console_rx_pump();
}

bool console_is_focused(const struct vm *vm)
{
	return __atomic_load_n(&console.focus, __ATOMIC_RELAXED) == vm;
}

struct vm *console_last_focus(void)
{
	return __atomic_load_n(&console.last_focus, __ATOMIC_RELAXED);
}

void console_cover(void)
{
	if (console.uart == NULL)
		return;
	spin_lock(&console.lock);
	if (console.focus != NULL) {
		struct vm *vm = console.focus;

		change_focus(NULL);
		console.covered = vm;
	}
	spin_unlock(&console.lock);
}

struct vm *console_covered(void)
{
	return __atomic_load_n(&console.covered, __ATOMIC_RELAXED);
}

bool console_first_for_off(void)
{
	bool first;

	spin_lock(&console.lock);
	first = !console.told_off;
	console.told_off = true;
	spin_unlock(&console.lock);
	return first;
}

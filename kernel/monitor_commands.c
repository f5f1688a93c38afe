/* The monitor's commands: one table. */
#include "kernel/monitor_commands.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/console.h"
#include "kernel/palloc.h"
#include "kernel/system.h"
#include "kernel/vm.h"
#include "lib/bits.h"
#include "lib/log.h"

static void __attribute__((format(printf, 1, 2))) say(const char *format, ...)
{
	char text[160];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	console_write(text, strlen(text));
}

/* By its name, or its number in the list. NULL: said so. */
static struct vm *find_vm(const char *argument)
{
	char *end;
	unsigned long id = strtoul(argument, &end, 10);

	for (unsigned int n = 0; n < nr_vms; n++) {
		if (strcmp(argument, vms[n]->config->name) == 0)
			return vms[n];
	}
	if (*argument != '\0' && *end == '\0' && id >= 1 && id <= nr_vms)
		return vms[id - 1];
	if (*argument == '\0')
		say("which VM? \"list\" shows them\n");
	else
		say("there is no VM \"%s\"; \"list\" shows them\n", argument);
	return NULL;
}

static bool row_list(unsigned int row, const char *argument)
{
	(void)argument;
	if (row == 0) {
		say("Id  Name             State     vCPUs  Memory   Priority  Console\n");
	} else if (row <= nr_vms) {
		const struct vm *vm = vms[row - 1];

		say("%-3u %-16s %-9s %5u  %4lu MiB  %8u  %s\n", row, vm->config->name, vm_state_name(vm->state),
		    vm->nr_vcpus, (unsigned long)(vm->config->memory_bytes >> 20), (unsigned int)vm->config->priority,
		    console_is_focused(vm) ? "keys" : "");
	}
	return row < nr_vms;
}

static bool row_console(unsigned int row, const char *argument)
{
	struct vm *vm = find_vm(argument);

	(void)row;
	if (vm != NULL)
		console_show(vm);
	return false;
}

static bool row_start(unsigned int row, const char *argument)
{
	struct vm *vm = find_vm(argument);

	(void)row;
	if (vm != NULL && vm_start(vm) != HV_OK)
		say("%s is %s: it cannot be started now\n", vm->config->name, vm_state_name(vm->state));
	return false;
}

static bool stop(const char *argument, enum vm_stop_reason reason)
{
	struct vm *vm = find_vm(argument);
	enum hv_err err = vm == NULL ? HV_OK : vm_stop(vm, reason);

	if (err == HV_EBUSY)
		say("%s is stopping already\n", vm->config->name);
	else if (err != HV_OK)
		say("%s is off; \"start %s\" starts it\n", vm->config->name, vm->config->name);
	return false;
}

static bool row_reset(unsigned int row, const char *argument)
{
	(void)row;
	return stop(argument, VM_STOP_RESTART);
}

static bool row_destroy(unsigned int row, const char *argument)
{
	(void)row;
	return stop(argument, VM_STOP_DESTROY);
}

/* vm_suspend() or vm_resume(). */
static bool change(const char *argument, enum hv_err (*order)(struct vm *vm), const char *what)
{
	struct vm *vm = find_vm(argument);

	if (vm != NULL && order(vm) != HV_OK)
		say("%s is %s: it cannot be %s now\n", vm->config->name, vm_state_name(vm->state), what);
	return false;
}

static bool row_suspend(unsigned int row, const char *argument)
{
	(void)row;
	return change(argument, vm_suspend, "suspended");
}

static bool row_resume(unsigned int row, const char *argument)
{
	(void)row;
	return change(argument, vm_resume, "resumed");
}

static bool press_power_key(const char *argument, bool comes_back)
{
	struct vm *vm = find_vm(argument);
	enum hv_err err = vm == NULL ? HV_OK : vm_shutdown(vm, comes_back);

	if (err == HV_EUNSUP)
		say("%s has no power key (corbel,power-key); \"reset %s\" and \"destroy %s\" do not ask\n",
		    vm->config->name, vm->config->name, vm->config->name);
	else if (err != HV_OK)
		say("%s is %s: it cannot be asked now\n", vm->config->name, vm_state_name(vm->state));
	return false;
}

static bool row_shutdown(unsigned int row, const char *argument)
{
	(void)row;
	return press_power_key(argument, false);
}

static bool row_mem(unsigned int row, const char *argument)
{
	struct palloc_stats stats = palloc_stats();

	(void)row;
	(void)argument;
	say("%lu MiB of RAM, %lu MiB free (%lu of %lu pages of 4 KiB)\n", (unsigned long)(stats.total_pages >> 8),
	    (unsigned long)(stats.free_pages >> 8), (unsigned long)stats.free_pages, (unsigned long)stats.total_pages);
	return false;
}

static bool row_log(unsigned int row, const char *argument)
{
	static struct log_cursor cursor;
	char line[LOG_LINE_MAX];
	size_t length;

	(void)argument;
	if (row == 0)
		log_cursor_init(&cursor);
	length = log_next_line(&cursor, line);
	console_write(line, length);
	return length != 0;
}

static bool row_poweroff(unsigned int row, const char *argument)
{
	(void)row;
	(void)argument;
	system_power_off();
	return false;
}

static bool row_reboot(unsigned int row, const char *argument)
{
	(void)row;
	if (*argument != '\0')
		return press_power_key(argument, true);
	system_reboot();
	return false;
}

static bool row_keys(unsigned int row, const char *argument)
{
	static const char *const rows[] = {
		"  Ctrl-] 1..9     the VM of that number gets the keys; what it printed meanwhile comes first\n",
		"  Ctrl-] n        the next VM that runs\n",
		"  Ctrl-] m        Corbel's monitor\n",
		"  Ctrl-] ?        this list\n",
		"  Ctrl-] Ctrl-]   sends Ctrl-] to the guest\n",
	};

	(void)argument;
	if (row < ARRAY_SIZE(rows))
		say("%s", rows[row]);
	else if (row - ARRAY_SIZE(rows) < nr_vms)
		say("  %u %s, %s%s\n", row - (unsigned int)ARRAY_SIZE(rows) + 1,
		    vms[row - ARRAY_SIZE(rows)]->config->name, vm_state_name(vms[row - ARRAY_SIZE(rows)]->state),
		    console_is_focused(vms[row - ARRAY_SIZE(rows)]) ? ": has the keys" : "");
	return row + 1 < ARRAY_SIZE(rows) + nr_vms;
}

static bool row_help(unsigned int row, const char *argument);

static const struct monitor_command commands[] = {
	{ "console", "VM", "gives the keys to a VM, as Ctrl-] and its number do", row_console },
	{ "destroy", "VM", "cuts a VM's power: nothing is saved; see on-idle= for the last one", row_destroy },
	{ "help", "", "this list; a VM is told by its name or number", row_help },
	{ "keys", "", "the keys behind Ctrl-]", row_keys },
	{ "list", "", "the VMs and their states", row_list },
	{ "log", "", "what the log still holds", row_log },
	{ "mem", "", "physical memory", row_mem },
	{ "poweroff", "", "powers the machine off, with all its VMs", row_poweroff },
	{ "reboot", "VM", "presses a VM's power key, and starts it again when it is off; without VM: the machine",
	  row_reboot },
	{ "reset", "VM", "presses a VM's reset button: it starts again from the bundle's bytes", row_reset },
	{ "resume", "VM", "a VM that is suspended goes on", row_resume },
	{ "shutdown", "VM", "presses a VM's power key: asks the guest to power off", row_shutdown },
	{ "start", "VM", "starts a VM that is off", row_start },
	{ "suspend", "VM", "stops a VM's CPUs and its time where they are, until resume", row_suspend },
};

static bool row_help(unsigned int row, const char *argument)
{
	(void)argument;
	say("  %-8s %-3s %s\n", commands[row].name, commands[row].argument, commands[row].help);
	return row + 1 < ARRAY_SIZE(commands);
}

const struct monitor_command *monitor_command_find(const char *name)
{
	for (unsigned int n = 0; n < ARRAY_SIZE(commands); n++) {
		if (strcmp(name, commands[n].name) == 0)
			return &commands[n];
	}
	return NULL;
}

/* The monitor's commands: one table. */
#include "kernel/monitor_commands.h"

#include <string.h>

#include "kernel/console.h"
#include "kernel/monitor_host.h"
#include "kernel/monitor_info.h"
#include "kernel/monitor_stats.h"
#include "kernel/monitor_text.h"
#include "kernel/monitor_why.h"
#include "kernel/system.h"
#include "kernel/vm.h"
#include "lib/bits.h"
#include "lib/log.h"

#define say monitor_say

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
	struct vm *vm = monitor_find_vm(argument);

	(void)row;
	if (vm != NULL)
		console_show(vm);
	return false;
}

static bool row_start(unsigned int row, const char *argument)
{
	struct vm *vm = monitor_find_vm(argument);

	(void)row;
	if (vm != NULL && vm_start(vm) != HV_OK)
		say("%s is %s: it cannot be started now\n", vm->config->name, vm_state_name(vm->state));
	return false;
}

static bool stop(const char *argument, enum vm_stop_reason reason)
{
	struct vm *vm = monitor_find_vm(argument);
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
	(void)argument;
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
	{ "dominfo", "VM", "what a VM is: size, policies, state", monitor_dominfo_row },
	{ "help", "", "this list; a VM is told by its name or number", row_help },
	{ "irq", "", "interrupts of the host, and whose they are", monitor_irq_row },
	{ "keys", "", "the keys behind Ctrl-]", row_keys },
	{ "list", "", "the VMs and their states", row_list },
	{ "log", "", "what the log still holds", row_log },
	{ "mem", "", "physical memory, and who has it", monitor_mem_row },
	{ "poweroff", "", "powers the machine off, with all its VMs", row_poweroff },
	{ "reboot", "", "resets the machine, with all its VMs", row_reboot },
	{ "reset", "VM", "presses a VM's reset button: it starts again from the bundle's bytes", row_reset },
	{ "start", "VM", "starts a VM that is off", row_start },
	{ "stats", "VM", "exits by reason, of a VM or of all; \"stats on\" times them, until \"stats off\"",
	  monitor_stats_row },
	{ "vcpuinfo", "VM", "what a VM's vCPUs are: CPU, state, affinity", monitor_vcpuinfo_row },
	{ "why", "VM", "why a VM may be silent: what each of its vCPUs does, and a hint", monitor_why_row },
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

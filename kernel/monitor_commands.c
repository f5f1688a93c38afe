/* The monitor's commands: one table. */
#include "kernel/monitor_commands.h"

#include <string.h>

#include "kernel/console.h"
#include "kernel/monitor_host.h"
#include "kernel/monitor_info.h"
#include "kernel/monitor_parse.h"
#include "kernel/monitor_stats.h"
#include "kernel/monitor_why.h"
#include "kernel/system.h"
#include "kernel/vm.h"
#include "lib/bits.h"
#include "lib/json.h"
#include "lib/log.h"

struct vm *monitor_vm(const char *argument)
{
	int n = monitor_find_vm(monitor_words(), argument);

	return n < 0 ? NULL : vms[n];
}

/* What leads to this VM, and whether it is the one that had the keys before the monitor. */
static void say_console(const struct vm *vm)
{
	if (vm->id < 9)
		monitor_say("  Ctrl-] %u", vm->id + 1);
	else
		monitor_say("  console");
	monitor_say("%s\n", vm == console_last_focus() ? ", last" : "");
}

static void list_json(const struct vm *vm, struct json *json)
{
	json_open_object(json, NULL);
	json_number(json, "id", vm->id + 1);
	json_string(json, "name", vm->config->name);
	json_string(json, "state", vm_state_name(vm->state));
	json_number(json, "vcpus", vm->nr_vcpus);
	json_number(json, "memory_mib", vm->config->memory_bytes >> 20);
	json_number(json, "priority", vm->config->priority);
	json_bool(json, "had_keys_last", vm == console_last_focus());
	json_close(json);
}

static bool row_list(unsigned int row, const char *argument)
{
	const struct vm *vm = row == 0 ? NULL : vms[row - 1];
	struct json *json = monitor_json();

	(void)argument;
	if (json != NULL && row == 0) {
		json_open_array(json, NULL);
	} else if (json != NULL) {
		list_json(vm, json);
	} else if (row == 0) {
		monitor_say("Id  Name             State     vCPUs  Memory   Priority  Console\n");
	} else {
		monitor_say("%-3u %-16s %-9s %5u  %4lu MiB  %8u", row, vm->config->name, vm_state_name(vm->state),
			    vm->nr_vcpus, (unsigned long)(vm->config->memory_bytes >> 20),
			    (unsigned int)vm->config->priority);
		say_console(vm);
	}
	return row < nr_vms;
}

static bool row_console(unsigned int row, const char *argument)
{
	(void)row;
	console_show(monitor_vm(argument));
	return false;
}

static bool row_exit(unsigned int row, const char *argument)
{
	struct vm *vm = console_last_focus();

	(void)row;
	(void)argument;
	if (vm != NULL)
		console_show(vm);
	else
		monitor_say("no VM has had the keys yet; \"poweroff\" powers the machine off\n");
	return false;
}

static bool row_start(unsigned int row, const char *argument)
{
	struct vm *vm = monitor_vm(argument);

	(void)row;
	if (vm_start(vm) != HV_OK)
		monitor_say("%s is %s: it cannot be started now\n", vm->config->name, vm_state_name(vm->state));
	return false;
}

static enum hv_err stop(struct vm *vm, enum vm_stop_reason reason)
{
	const char *name = vm->config->name;
	enum hv_err err = vm_stop(vm, reason);

	if (err == HV_EBUSY)
		monitor_say("%s is stopping already\n", name);
	else if (err != HV_OK)
		monitor_say("%s is off; \"start %s\" starts it\n", name, name);
	return err;
}

static bool row_reset(unsigned int row, const char *argument)
{
	(void)row;
	(void)stop(monitor_vm(argument), VM_STOP_RESTART);
	return false;
}

/* No question is asked, for scripts; what is lost is told. */
static bool row_destroy(unsigned int row, const char *argument)
{
	struct vm *vm = monitor_vm(argument);
	unsigned int nr_others = 0;

	(void)row;
	if (stop(vm, VM_STOP_DESTROY) != HV_OK)
		return false;
	monitor_say("warning: this cuts the power of %s: what it has not yet written out is lost\n", vm->config->name);
	for (unsigned int n = 0; n < nr_vms; n++)
		nr_others += vms[n] != vm && vm_is_alive(vms[n]);
	if (nr_others == 0 && system_options.on_idle == ON_IDLE_POWEROFF)
		monitor_say("it is the last VM that runs: the machine powers off behind it (on-idle=poweroff)\n");
	return false;
}

/* vm_suspend() or vm_resume(). */
static bool change(const char *argument, enum hv_err (*order)(struct vm *vm), const char *what)
{
	struct vm *vm = monitor_vm(argument);

	if (order(vm) != HV_OK)
		monitor_say("%s is %s: it cannot be %s now\n", vm->config->name, vm_state_name(vm->state), what);
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
	struct vm *vm = monitor_vm(argument);
	enum hv_err err = vm_shutdown(vm, comes_back);

	if (err == HV_EUNSUP)
		monitor_say("%s has no power key (corbel,power-key); \"reset %s\" and \"destroy %s\" do not ask\n",
			    vm->config->name, vm->config->name, vm->config->name);
	else if (err != HV_OK)
		monitor_say("%s is %s: it cannot be asked now\n", vm->config->name, vm_state_name(vm->state));
	return false;
}

static bool row_shutdown(unsigned int row, const char *argument)
{
	(void)row;
	return press_power_key(argument, false);
}

static bool row_log(unsigned int row, const char *argument)
{
	static struct log_cursor cursor;
	struct json *json = monitor_json();
	char line[LOG_LINE_MAX];
	size_t length;

	(void)argument;
	if (row == 0)
		log_cursor_init(&cursor);
	if (row == 0 && json != NULL)
		json_open_array(json, NULL);
	length = log_next_line(&cursor, line);
	if (json == NULL)
		console_write(line, length);
	else if (length != 0)
		json_bytes(json, NULL, line, length - 1);
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
	return press_power_key(argument, true);
}

static bool row_host_reboot(unsigned int row, const char *argument)
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
	const struct vm *covered = console_covered(), *vm;

	(void)argument;
	if (row < ARRAY_SIZE(rows)) {
		monitor_say("%s", rows[row]);
	} else if (row - ARRAY_SIZE(rows) < nr_vms) {
		vm = vms[row - ARRAY_SIZE(rows)];
		monitor_say("  %u %s, %s%s\n", vm->id + 1, vm->config->name, vm_state_name(vm->state),
			    vm == covered		 ? ": has the keys"
			    : vm == console_last_focus() ? ": had the keys last"
							 : "");
	} else if (covered != NULL) {
		monitor_say("  any key goes back to %s\n", covered->config->name);
	}
	return row < ARRAY_SIZE(rows) + nr_vms;
}

static bool row_help(unsigned int row, const char *argument);

static const struct monitor_command commands[] = {
	{ "console", "VM", "gives the keys to a VM, as Ctrl-] and its number do", row_console },
	{ "destroy", "VM", "cuts a VM's power: what it has not yet written out is lost", row_destroy },
	{ "dominfo", "VM", "what a VM is: size, policies, state", monitor_dominfo_row },
	{ "exit", "", "gives the keys back to the VM that had them last, as Ctrl-D does", row_exit },
	{ "help", "[COMMAND]", "this list, or a command's usage; a VM is told by its name or number", row_help },
	{ "host-reboot", "", "resets the machine, with all its VMs", row_host_reboot },
	{ "irq", "", "interrupts of the host, and whose they are", monitor_irq_row },
	{ "keys", "", "the keys behind Ctrl-]", row_keys },
	{ "list", "[--json]", "the VMs and their states", row_list },
	{ "log", "[--json]", "what the log still holds", row_log },
	{ "mem", "[--json]", "physical memory, and who has it", monitor_mem_row },
	{ "poweroff", "", "powers the machine off, with all its VMs", row_poweroff },
	{ "reboot", "VM", "presses a VM's power key, and starts it again when it is off", row_reboot },
	{ "reset", "VM", "presses a VM's reset button: it starts again from the bundle's bytes", row_reset },
	{ "resume", "VM", "a VM that is suspended goes on", row_resume },
	{ "shutdown", "VM", "presses a VM's power key: asks the guest to power off", row_shutdown },
	{ "start", "VM", "starts a VM that is off", row_start },
	{ "stats", "[VM|on|off]", "exits by reason, of a VM or of all; \"stats on\" times them, until \"stats off\"",
	  monitor_stats_row },
	{ "suspend", "VM", "stops a VM's CPUs and its time where they are, until resume", row_suspend },
	{ "vcpuinfo", "VM", "what a VM's vCPUs are: CPU, state, affinity, moves", monitor_vcpuinfo_row },
	{ "why", "VM", "why a VM may be silent: what each of its vCPUs does, and a hint", monitor_why_row },
};

static const struct monitor_alias aliases[] = {
	{ "?", "help" },  { "create", "start" }, { "dmesg", "log" },	{ "host-poweroff", "poweroff" },
	{ "ls", "list" }, { "quit", "exit" },	 { "vm-list", "list" },
};

static const char *vm_name(unsigned int n)
{
	return n < nr_vms ? vms[n]->config->name : NULL;
}

const struct monitor_words *monitor_words(void)
{
	static const struct monitor_words words = { commands, ARRAY_SIZE(commands), aliases, ARRAY_SIZE(aliases),
						    vm_name };

	return &words;
}

static void say_aliases(const struct monitor_command *command)
{
	for (unsigned int n = 0; n < ARRAY_SIZE(aliases); n++) {
		if (strcmp(aliases[n].name, command->name) == 0)
			monitor_say("  %s is the same\n", aliases[n].alias);
	}
}

static bool row_help(unsigned int row, const char *argument)
{
	const struct monitor_command *only = monitor_find_command(monitor_words(), argument);
	const struct monitor_command *command = only != NULL ? only : &commands[row];

	if (argument[0] != '\0' && only == NULL) {
		monitor_say("there is no command \"%s\"; \"help\" lists them\n", argument);
		return false;
	}
	monitor_say("  %-11s %-10s %s\n", command->name, command->argument, command->help);
	if (only != NULL)
		say_aliases(only);
	return only == NULL && row + 1 < ARRAY_SIZE(commands);
}

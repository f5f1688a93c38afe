/* What a VM and its vCPUs are: see monitor_info.h. */
#include "kernel/monitor_info.h"

#include "arch/arm64/timer.h"
#include "arch/arm64/timer_math.h"
#include "kernel/console.h"
#include "kernel/cpu.h"
#include "kernel/monitor_commands.h"
#include "kernel/sched.h"
#include "kernel/vm.h"
#include "lib/bits.h"
#include "lib/json.h"

typedef unsigned long ulong;

/* --- a fact: a line of words, or with --json a member of the object that is open --- */

static void field_text(const char *label, const char *key, const char *value)
{
	struct json *json = monitor_json();

	if (json != NULL)
		json_string(json, key, value);
	else
		monitor_say("%-15s %s\n", label, value);
}

static void field_number(const char *label, const char *key, uint64_t value, const char *unit)
{
	struct json *json = monitor_json();

	if (json != NULL)
		json_number(json, key, value);
	else
		monitor_say("%-15s %lu%s\n", label, (ulong)value, unit);
}

static void field_bool(const char *label, const char *key, bool value)
{
	struct json *json = monitor_json();

	if (json != NULL)
		json_bool(json, key, value);
	else
		monitor_say("%-15s %s\n", label, value ? "yes" : "no");
}

/* As virsh says it, in seconds. */
static void field_time(const char *label, const char *key, uint64_t ticks)
{
	struct json *json = monitor_json();
	uint64_t time_ns = timer_ticks_to_ns(ticks);

	if (json != NULL)
		json_number(json, key, time_ns);
	else
		monitor_say("%-15s %lu.%06lu s\n", label, (ulong)(time_ns / NS_PER_S),
			    (ulong)(time_ns % NS_PER_S / 1000));
}

/* --- dominfo --- */

static const char *policy_name(enum vm_policy policy)
{
	return policy == VM_POLICY_RESTART ? "restart" : "stop";
}

static uint64_t ran_ticks(const struct vm *vm)
{
	uint64_t ticks = 0;

	for (unsigned int n = 0; n < vm->nr_vcpus; n++)
		ticks += sched_times_of(vm->vcpus[n]).ran_ticks;
	return ticks;
}

static void say_budget(const struct vm_config *config)
{
	struct json *json = monitor_json();

	if (json != NULL && config->budget_us == 0) {
		json_null(json, "budget_us");
		json_null(json, "period_us");
	} else if (json != NULL) {
		json_number(json, "budget_us", config->budget_us);
		json_number(json, "period_us", config->period_us);
	} else if (config->budget_us == 0) {
		monitor_say("Budget:         none\n");
	} else {
		monitor_say("Budget:         %u us in %u us\n", (unsigned int)config->budget_us,
			    (unsigned int)config->period_us);
	}
}

static void say_of_vm(const struct vm *vm, unsigned int row)
{
	const struct vm_config *config = vm->config;

	switch (row) {
	case 0: field_number("Id:", "id", vm->id + 1, ""); break;
	case 1: field_text("Name:", "name", config->name); break;
	case 2: field_text("State:", "state", vm_state_name(vm->state)); break;
	case 3: field_number("CPU(s):", "vcpus", vm->nr_vcpus, ""); break;
	case 4: field_time("CPU time:", "cpu_time_ns", ran_ticks(vm)); break;
	case 5: field_number("Max memory:", "max_memory_kib", config->memory_bytes >> 10, " KiB"); break;
	case 6: field_number("Used memory:", "used_memory_kib", vm->ram_bytes >> 10, " KiB"); break;
	case 7: field_bool("Autostart:", "autostart", config->autostart); break;
	case 8: field_text("On crash:", "on_crash", policy_name(config->on_crash)); break;
	case 9: field_text("On reset:", "on_reset", policy_name(config->on_reset)); break;
	case 10: field_number("Priority:", "priority", config->priority, ""); break;
	case 11: field_number("Weight:", "weight", config->weight, ""); break;
	case 12: say_budget(config); break;
	case 13: field_number("GIC version:", "gic_version", config->gic_version, ""); break;
	case 14: field_number("Host devices:", "host_devices", vm->passthrough.nr_devices, ""); break;
	default: field_bool("Has the keys:", "has_keys", console_is_focused(vm)); break;
	}
}

#define NR_DOMINFO_ROWS 16

bool monitor_dominfo_row(unsigned int row, const char *argument)
{
	const struct vm *vm = monitor_vm(argument);

	if (row == 0 && monitor_json() != NULL)
		json_open_object(monitor_json(), NULL);
	say_of_vm(vm, row);
	return row + 1 < NR_DOMINFO_ROWS;
}

/* --- vcpuinfo --- */

static const char *state_name(const struct vcpu *vcpu)
{
	if (vcpu->power == VCPU_POWER_OFF)
		return "off";
	/* It may be another a moment later anyway. */
	switch (__atomic_load_n(&vcpu->run.state, __ATOMIC_RELAXED)) {
	case RUN_OFFLINE: return "off";
	case RUN_RUNNABLE: return "runnable";
	case RUN_RUNNING: return "running";
	case RUN_BLOCKED: return "blocked";
	case RUN_PENDING: return "pending";
	case RUN_SPENT: return vcpu->run.is_held ? "suspended" : "out of budget";
	}
	return "unknown";
}

/* As virsh shows it: a letter a pCPU; for scripts the numbers of those that it may run on. */
static void say_affinity(const struct vcpu *vcpu)
{
	struct json *json = monitor_json();
	char text[MAX_CPUS + 1];
	unsigned int nr = 0;

	if (json != NULL)
		json_open_array(json, "affinity");
	for (unsigned int cpu = 0; cpu < MAX_CPUS; cpu++) {
		bool may = (vcpu->affinity & BIT(cpu)) != 0;

		if (!cpus[cpu].online)
			continue;
		text[nr++] = may ? 'y' : '-';
		if (json != NULL && may)
			json_number(json, NULL, cpu);
	}
	text[nr] = '\0';
	if (json != NULL)
		json_close(json);
	else
		monitor_say("CPU Affinity:   %s\n", text);
}

static void say_stolen(struct vcpu *vcpu)
{
	struct sched_times times = sched_times_of(vcpu);

	if (times.counts_waits)
		field_time("Stolen time:", "stolen_time_ns", times.waited_ticks);
	else if (monitor_json() != NULL)
		json_null(monitor_json(), "stolen_time_ns");
	else
		monitor_say("Stolen time:    not counted: its guest has not asked for it\n");
}

static void say_exits(const struct vcpu *vcpu)
{
	uint64_t exits = vcpu_own_exits(vcpu), interrupts = vcpu->nr_exits[EXIT_EXTERNAL_INTERRUPT];
	struct json *json = monitor_json();

	if (json != NULL) {
		json_number(json, "exits", exits);
		json_number(json, "interrupts", interrupts);
	} else {
		monitor_say("Exits:          %lu, and %lu interrupts\n", (ulong)exits, (ulong)interrupts);
	}
}

static void say_mpidr(const struct vcpu *vcpu)
{
	if (monitor_json() != NULL)
		json_hex(monitor_json(), "mpidr", vcpu->mpidr);
	else
		monitor_say("MPIDR:          %lx\n", (ulong)vcpu->mpidr);
}

static void say_of_vcpu(struct vcpu *vcpu, unsigned int row)
{
	switch (row) {
	case 0: field_number("VCPU:", "vcpu", vcpu->index, ""); break;
	case 1: field_number("CPU:", "cpu", vcpu->run.home_cpu, ""); break;
	case 2: field_text("State:", "state", state_name(vcpu)); break;
	case 3: field_time("CPU time:", "cpu_time_ns", sched_times_of(vcpu).ran_ticks); break;
	case 4: say_stolen(vcpu); break;
	case 5: say_affinity(vcpu); break;
	case 6: say_mpidr(vcpu); break;
	default: say_exits(vcpu); break;
	}
}

#define NR_VCPUINFO_ROWS 8

/* A vCPU begins; behind each but the last the object ends, or stands a blank line. */
static void open_vcpu(struct json *json, unsigned int row)
{
	if (row == 0)
		json_open_array(json, NULL);
	json_open_object(json, NULL);
}

static void close_vcpu(struct json *json)
{
	if (json != NULL)
		json_close(json);
	else
		monitor_say("\n");
}

bool monitor_vcpuinfo_row(unsigned int row, const char *argument)
{
	const struct vm *vm = monitor_vm(argument);
	unsigned int index = row / (NR_VCPUINFO_ROWS + 1), part = row % (NR_VCPUINFO_ROWS + 1);

	if (part == 0 && monitor_json() != NULL)
		open_vcpu(monitor_json(), row);
	if (part == NR_VCPUINFO_ROWS)
		close_vcpu(monitor_json());
	else
		say_of_vcpu(vm->vcpus[index], part);
	return index + 1 < vm->nr_vcpus || part + 1 < NR_VCPUINFO_ROWS;
}

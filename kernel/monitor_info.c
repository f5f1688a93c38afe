/* What a VM and its vCPUs are: see monitor_info.h. */
#include "kernel/monitor_info.h"

#include "kernel/console.h"
#include "kernel/cpu.h"
#include "kernel/monitor_commands.h"
#include "kernel/vm.h"
#include "lib/bits.h"

typedef unsigned long ulong;

/* --- dominfo --- */

static const char *yes_or_no(bool yes)
{
	return yes ? "yes" : "no";
}

static const char *policy_name(enum vm_policy policy)
{
	return policy == VM_POLICY_RESTART ? "restart" : "stop";
}

static void say_budget(const struct vm_config *config)
{
	if (config->budget_us == 0)
		monitor_say("Budget:         none\n");
	else
		monitor_say("Budget:         %u us in %u us\n", (unsigned int)config->budget_us,
			    (unsigned int)config->period_us);
}

static void say_of_vm(const struct vm *vm, unsigned int row)
{
	const struct vm_config *config = vm->config;

	switch (row) {
	case 0: monitor_say("Id:             %u\n", vm->id + 1); break;
	case 1: monitor_say("Name:           %s\n", config->name); break;
	case 2: monitor_say("State:          %s\n", vm_state_name(vm->state)); break;
	case 3: monitor_say("CPU(s):         %u\n", vm->nr_vcpus); break;
	case 4: monitor_say("Max memory:     %lu KiB\n", (ulong)(config->memory_bytes >> 10)); break;
	case 5: monitor_say("Used memory:    %lu KiB\n", (ulong)(vm->ram_bytes >> 10)); break;
	case 6: monitor_say("Autostart:      %s\n", yes_or_no(config->autostart)); break;
	case 7: monitor_say("On crash:       %s\n", policy_name(config->on_crash)); break;
	case 8: monitor_say("On reset:       %s\n", policy_name(config->on_reset)); break;
	case 9: monitor_say("Priority:       %u\n", (unsigned int)config->priority); break;
	case 10: monitor_say("Weight:         %u\n", (unsigned int)config->weight); break;
	case 11: say_budget(config); break;
	case 12: monitor_say("GIC version:    %u\n", (unsigned int)config->gic_version); break;
	case 13: monitor_say("Host devices:   %u\n", vm->passthrough.nr_devices); break;
	default: monitor_say("Has the keys:   %s\n", yes_or_no(console_is_focused(vm))); break;
	}
}

#define NR_DOMINFO_ROWS 15

bool monitor_dominfo_row(unsigned int row, const char *argument)
{
	const struct vm *vm = monitor_vm(argument);

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
	case RUN_OFFLINE: return "offline";
	case RUN_RUNNABLE:
	case RUN_MOVING: return "runnable";
	case RUN_RUNNING: return "running";
	case RUN_BLOCKED: return "blocked";
	case RUN_PENDING: return "pending";
	case RUN_SPENT: return vcpu->run.is_held ? "suspended" : "out of budget";
	}
	return "unknown";
}

/* As virsh shows it: a letter a pCPU. */
static void say_affinity(const struct vcpu *vcpu)
{
	char text[MAX_CPUS + 1];
	unsigned int nr = 0;

	for (unsigned int cpu = 0; cpu < MAX_CPUS; cpu++) {
		if (cpus[cpu].online)
			text[nr++] = (vcpu->affinity & BIT(cpu)) != 0 ? 'y' : '-';
	}
	text[nr] = '\0';
	monitor_say("CPU Affinity:   %s\n", text);
}

static void say_of_vcpu(const struct vcpu *vcpu, unsigned int row)
{
	switch (row) {
	case 0: monitor_say("VCPU:           %u\n", (unsigned int)vcpu->index); break;
	case 1: monitor_say("CPU:            %u\n", (unsigned int)vcpu->run.on_cpu); break;
	case 2: monitor_say("State:          %s\n", state_name(vcpu)); break;
	case 3: say_affinity(vcpu); break;
	case 4: monitor_say("Moves:          %lu\n", (ulong)vcpu->run.nr_moves); break;
	case 5: monitor_say("MPIDR:          %lx\n", (ulong)vcpu->mpidr); break;
	default:
		monitor_say("Exits:          %lu, and %lu interrupts\n", (ulong)vcpu_own_exits(vcpu),
			    (ulong)vcpu->nr_exits[EXIT_EXTERNAL_INTERRUPT]);
		break;
	}
}

#define NR_VCPUINFO_ROWS 7

/* A line behind each but the last. */
bool monitor_vcpuinfo_row(unsigned int row, const char *argument)
{
	const struct vm *vm = monitor_vm(argument);
	unsigned int index = row / (NR_VCPUINFO_ROWS + 1), part = row % (NR_VCPUINFO_ROWS + 1);

	if (part == NR_VCPUINFO_ROWS)
		monitor_say("\n");
	else
		say_of_vcpu(vm->vcpus[index], part);
	return index + 1 < vm->nr_vcpus || part + 1 < NR_VCPUINFO_ROWS;
}

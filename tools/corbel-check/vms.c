#include "tools/corbel-check/vms.h"

#include <string.h>

#include "dev/vgic.h"
#include "kernel/palloc.h"
#include "lib/bits.h"
#include "vcpu/vcpu.h"

static void report_bundle(void *ctx, bool is_error, const char *vm, const char *property, const char *text)
{
	report_say(ctx, is_error, "%s%s%s%s%s%s", vm[0] != '\0' ? "vm \"" : "", vm, vm[0] != '\0' ? "\": " : "",
		   property, property[0] != '\0' ? ": " : "", text);
}

/* Any board: what a bundle may ask of the largest. */
static struct bundle_host any_host(void)
{
	return (struct bundle_host){
		.gic_version = 0,
		.nr_cpus = MAX_CPUS,
		.free_bytes = UINT64_MAX,
		.ram_base = guest_map_virt.ram_base,
		.max_ram_bytes = BOARD_IPA_BYTES - guest_map_virt.ram_base.raw,
		.has_firmware = true,
	};
}

struct planner {
	struct plan *plan;
	struct planned_vm *vm;
	struct report *report;
};

static bool refuse(struct planner *p, const char *property, const char *text)
{
	report_bundle(p->report, true, p->vm->config.name, property, text);
	return false;
}

static bool plan_direct_map(struct planner *p)
{
	struct planned_vm *vm = p->vm;
	pa_t base;

	if (!vm->config.direct_map || p->plan->board == NULL)
		return true;
	if (palloc_alloc_from(palloc_order_for(vm->config.memory_bytes), guest_map_end_of_devices(&vm->map), &base) !=
	    HV_OK)
		return refuse(p, "corbel,direct-map", VM_PLAN_NO_BLOCK);
	vm_plan_move_ram(&vm->config, &vm->map, base);
	return true;
}

static bool plan_devices(struct planner *p)
{
	const struct passthrough *others[MAX_VMS];
	struct passthrough_host host = {
		.ipa_bytes = BOARD_IPA_BYTES,
		.others = others,
		.nr_others = p->plan->nr_vms,
		.nr_intids = VGIC_NR_INTIDS,
	};
	char message[PASSTHROUGH_MESSAGE_MAX];

	if (p->vm->config.passthrough_bytes == 0 || p->plan->board == NULL)
		return true;
	for (unsigned int n = 0; n < p->plan->nr_vms; n++)
		others[n] = &p->plan->vms[n].passthrough;
	passthrough_take_host(&host, &p->plan->board->hw, p->plan->board->console);
	if (passthrough_plan(&host, &p->vm->config, &p->vm->map, &p->vm->passthrough, message) != HV_OK)
		return refuse(p, "corbel,passthrough", message);
	if (!p->vm->config.direct_map)
		report_say(p->report, false, "%s %s", p->vm->config.name, PASSTHROUGH_NO_DIRECT_MAP);
	return true;
}

static bool plan_layout(struct planner *p)
{
	char message[VM_LAYOUT_MESSAGE_MAX];
	const char *property;

	return vm_layout_plan(&p->vm->config, p->vm->map.ram_base, &p->vm->layout, &property, message) == HV_OK ||
	       refuse(p, property, message);
}

static bool plan_vcpus(struct planner *p)
{
	struct vm_plan_cpus *cpus = &p->plan->cpus;

	for (unsigned int n = 0; p->plan->board != NULL && n < p->vm->config.nr_vcpus; n++) {
		p->vm->homes[n] = vm_plan_choose_home(cpus, p->vm->config.affinity[n], n == 0);
		if (p->vm->homes[n] == MAX_CPUS)
			return refuse(p, "corbel,affinity", "no CPU of it is online");
		cpus->nr_assigned[p->vm->homes[n]]++;
		cpus->nr_first[p->vm->homes[n]] += n == 0;
	}
	return true;
}

static bool plan_fdt(struct planner *p)
{
	static _Alignas(8) uint8_t scratch[GUEST_FDT_MAX_BYTES];
	struct planned_vm *vm = p->vm;
	struct guest_fdt_facts facts = {
		.initrd_base = vm->layout.initrd,
		.initrd_bytes = vm->layout.initrd_bytes,
		.host_fdt = p->plan->board != NULL ? p->plan->board->hw.fdt : NULL,
		.devices = p->plan->board != NULL ? &vm->passthrough : NULL,
	};
	uint64_t mpidrs[MAX_VCPUS_PER_VM];
	char message[160];
	struct vcpu vcpu;

	for (unsigned int n = 0; n < vm->config.nr_vcpus; n++) {
		vcpu_init(&vcpu, (uint8_t)n);
		mpidrs[n] = vcpu.mpidr;
	}
	facts.mpidrs = mpidrs;
	return guest_fdt_build(&vm->config, &vm->map, &facts, vm->fdt, scratch, GUEST_FDT_MAX_BYTES, message) ==
		       HV_OK ||
	       refuse(p, "fdt", message);
}

/* A VM that was not to be: what it took is the others'. */
static void give_back(struct planner *p, const struct vm_plan_cpus *before)
{
	const struct planned_vm *vm = p->vm;

	p->plan->cpus = *before;
	if (vm->map.ram_base.raw != guest_map_virt.ram_base.raw)
		palloc_free(pa(vm->map.ram_base.raw), palloc_order_for(vm->config.memory_bytes));
}

static void plan_vm(struct plan *plan, const struct vm_config *config, struct report *report)
{
	struct planned_vm *vm = &plan->vms[plan->nr_vms];
	struct vm_plan_cpus before = plan->cpus;
	struct planner p = { .plan = plan, .vm = vm, .report = report };

	memset(vm, 0, sizeof(*vm));
	vm->config = *config;
	vm->map = guest_map_virt;
	if (!plan_direct_map(&p) || !plan_devices(&p) || !plan_layout(&p) || !plan_vcpus(&p) || !plan_fdt(&p)) {
		give_back(&p, &before);
		return;
	}
	plan->nr_vms++;
	plan->nr_vcpus += config->nr_vcpus;
	plan->ram_bytes += config->memory_bytes;
}

void vms_plan(struct plan *plan, const struct board *board, const struct file *bundle, struct report *report)
{
	static struct vm_config configs[MAX_VMS];
	unsigned int nr_configs;

	memset(plan, 0, sizeof(*plan));
	plan->board = board;
	plan->host = board == NULL ? any_host()
				   : vm_plan_host(&board->hw, &guest_map_virt, board->free_bytes, BOARD_IPA_BYTES,
						  board->hw.psci == HW_PSCI_SMC);
	if (board != NULL)
		plan->cpus = board->cpus;
	(void)bundle_parse(bundle->data, bundle->size_bytes, &plan->host, configs, &nr_configs, report_bundle, report);
	for (unsigned int n = 0; n < nr_configs; n++)
		plan_vm(plan, &configs[n], report);
}

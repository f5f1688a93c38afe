/* Building a VM from its configuration: memory, stage 2, devices, vCPUs, home pCPUs. See vm.h. */
#include <stdio.h>
#include <string.h>

#include "arch/arm64/el1_state.h"
#include "arch/arm64/id_space.h"
#include "arch/arm64/timer.h"
#include "kernel/entropy.h"
#include "kernel/guest_fdt.h"
#include "kernel/host_devices.h"
#include "kernel/host_ids.h"
#include "kernel/migrate.h"
#include "kernel/palloc.h"
#include "kernel/pv_time.h"
#include "kernel/sched.h"
#include "kernel/stage2_host.h"
#include "kernel/system.h"
#include "kernel/vm.h"
#include "kernel/vm_plan.h"
#include "lib/bits.h"
#include "lib/log.h"

/* Zeroed memory of Corbel's own for a struct; NULL when there is none. */
static void *alloc_struct(size_t bytes)
{
	pa_t base;
	void *virt;

	if (palloc_alloc(palloc_order_for(bytes), &base) != HV_OK)
		return NULL;
	virt = phys_to_virt(base);
	memset(virt, 0, bytes);
	return virt;
}

static void free_struct(void *virt, size_t bytes)
{
	if (virt != NULL)
		palloc_free(virt_to_phys(virt), palloc_order_for(bytes));
}

/*
 * A GICv2 guest's CPU interface is the hardware's virtual one: no exits. But for its second page, GICC_DIR: an SPI may
 * stand in another vCPU's list register, where the hardware does not look (kernel/vdev.c).
 */
static enum hv_err create_gicc(struct vm *vm)
{
	const struct hw_range *gicv = &system_hw->gic.gicv;

	if (vm->config->gic_version != 2)
		return HV_OK;
	return stage2_map(&vm->stage2, vm->map->gicc.base, gicv->base, PAGE_SIZE, STAGE2_R | STAGE2_W, STAGE2_DEVICE);
}

static void wake_parked(struct soft_timer *timer)
{
	struct vcpu *vcpu = container_of(timer, struct vcpu, wake_timer);

	migrate_untie(vcpu);
	sched_wake(vcpu);
}

/* The pause before a restart is over: the job looks. */
static void wake_job(struct soft_timer *timer)
{
	sched_wake_job(&container_of(timer, struct vm, restart_timer)->job);
}

/* kernel/migrate.h tells why those stay. */
static uint64_t movable_to(const struct vm *vm, unsigned int index, unsigned int home)
{
	if ((index == 0 && vm->config->budget_us != 0) || vm->passthrough.nr_devices != 0)
		return 0;
	return migrate_movable_to(home, vm->config->affinity[index]);
}

static enum hv_err create_vcpu(struct vm *vm, unsigned int index)
{
	unsigned int home = sched_choose_home(vm->config->affinity[index]);
	struct vcpu *vcpu;

	if (home == MAX_CPUS)
		return HV_ENOENT;
	vcpu = alloc_struct(sizeof(*vcpu));
	if (vcpu == NULL)
		return HV_ENOMEM;
	vcpu_init(vcpu, (uint8_t)index);
	vcpu->vm = vm;
	(void)snprintf(vcpu->name, sizeof(vcpu->name), "%s.%u", vm->config->name, index);
	vcpu->vpidr = el1_host_midr();
	vcpu->affinity = vm->config->affinity[index];
	vcpu->run.priority = vm->config->priority;
	vcpu->run.slice_ticks = timer_us_to_ticks((uint64_t)TIME_SLICE_US * vm->config->weight / WEIGHT_DEFAULT);
	vcpu->run.budget_ticks = timer_us_to_ticks(vm->config->budget_us);
	vcpu->run.period_ticks = timer_us_to_ticks(vm->config->period_us);
	vcpu->run.payer = &vcpu->run;
	vcpu->run.home_cpu = vcpu->run.on_cpu = home;
	vcpu->run.movable_to = movable_to(vm, index, home);
	soft_timer_init(&vcpu->wake_timer, wake_parked);
	cpus[home].nr_assigned++;
	vm->vcpus[index] = vcpu;
	vm->nr_vcpus = index + 1;
	return HV_OK;
}

/*
 * IPA = PA for a guest whose devices read and write memory themselves: RAM is taken for good, since a device that the
 * guest has left at work may write there even when the guest is gone. It lies outside the guest platform's windows.
 */
static enum hv_err create_direct_map(struct vm *vm)
{
	unsigned int order = palloc_order_for(vm->config->memory_bytes);
	pa_t base;

	if (!vm->config->direct_map)
		return HV_OK;
	if (palloc_alloc_from(order, guest_map_end_of_devices(vm->map), &base) != HV_OK)
		return HV_ENOMEM;
	vm->own_config = *vm->config;
	vm->own_map = *vm->map;
	vm_plan_move_ram(&vm->own_config, &vm->own_map, base);
	vm->config = &vm->own_config;
	vm->map = &vm->own_map;
	return HV_OK;
}

static enum hv_err create_layout(struct vm *vm)
{
	char message[VM_LAYOUT_MESSAGE_MAX];
	const char *property;

	/* The parser has asked the same and told what is wrong. */
	return vm_layout_plan(vm->config, vm->map->ram_base, &vm->layout, &property, message);
}

static enum hv_err create_vcpus(struct vm *vm)
{
	enum hv_err err = HV_OK;

	for (unsigned int index = 0; err == HV_OK && index < vm->config->nr_vcpus; index++)
		err = create_vcpu(vm, index);
	if (err != HV_OK)
		return err;
	job_init(&vm->job, vm_job_step, vm->vcpus[0]->run.home_cpu, vm->config->priority);
	/* A step now and then, beside a neighbour that never rests: so a VM can be started and stopped there. */
	vm->job.run.patience_ticks = timer_us_to_ticks(JOB_PATIENCE_US);
	vm->job.run.slice_ticks = vm->vcpus[0]->run.slice_ticks;
	vm->job.run.payer = &vm->vcpus[0]->run;
	soft_timer_init(&vm->restart_timer, wake_job);
	vm->psci = (struct psci_vm){
		.vcpus = vm->vcpus,
		.nr_vcpus = (uint8_t)vm->nr_vcpus,
		.ram_base = vm->map->ram_base.raw,
		.ram_size = vm->config->memory_bytes,
	};
	return HV_OK;
}

/* The guest's tree is built once: a start renews its seeds and copies it. */
static enum hv_err build_fdt(struct vm *vm, void *scratch)
{
	struct guest_fdt_facts facts = {
		.initrd_base = vm->layout.initrd,
		.initrd_bytes = vm->layout.initrd_bytes,
		.host_fdt = system_hw->fdt,
		.devices = &vm->passthrough,
	};
	uint64_t mpidrs[MAX_VCPUS_PER_VM];
	char message[160];
	enum hv_err err;

	for (unsigned int n = 0; n < vm->nr_vcpus; n++)
		mpidrs[n] = vm->vcpus[n]->mpidr;
	facts.mpidrs = mpidrs;
	entropy_get(facts.rng_seed, sizeof(facts.rng_seed));
	entropy_get(&facts.kaslr_seed, sizeof(facts.kaslr_seed));
	err = guest_fdt_build(vm->config, vm->map, &facts, vm->fdt, scratch, GUEST_FDT_MAX_BYTES, message);
	if (err == HV_OK)
		guest_fdt_find_seeds(vm->fdt, &facts, &vm->fdt_seeds);
	else
		log_error("vm", "vm \"%s\" was not created: fdt: %s", vm->config->name, message);
	return err == HV_OK ? HV_OK : HV_EINVAL;
}

static enum hv_err create_fdt(struct vm *vm)
{
	void *scratch = alloc_struct(GUEST_FDT_MAX_BYTES);
	enum hv_err err = HV_ENOMEM;

	vm->fdt = alloc_struct(GUEST_FDT_MAX_BYTES);
	if (vm->fdt != NULL && scratch != NULL)
		err = build_fdt(vm, scratch);
	free_struct(scratch, GUEST_FDT_MAX_BYTES);
	return err;
}

/* In this order; what each needs is there by then. HV_EINVAL: the step has told what is wrong itself. */
static const struct step {
	enum hv_err (*run)(struct vm *vm);
	const char *what;
} steps[] = {
	{ create_direct_map, "corbel,direct-map: " VM_PLAN_NO_BLOCK },
	{ host_devices_plan, "its host devices" },
	{ create_layout, "its images do not fit its memory" },
	{ create_vcpus, "no CPU of its affinity is online, or no memory for its vCPUs" },
	{ create_fdt, "no memory for its device tree" },
	{ stage2_host_create, "no memory for its stage 2 tables" },
	{ pv_time_create, "no memory for its stolen time" },
	{ create_gicc, "its CPU interface cannot be mapped" },
	{ host_devices_map, "its host devices cannot be mapped" },
	{ vdev_create, "its devices overlap" },
};

/* A VM that was not to be: what it took is the others'. */
static void destroy(struct vm *vm)
{
	host_devices_forget(vm);
	free_struct(vm->fdt, GUEST_FDT_MAX_BYTES);
	if (vm->config == &vm->own_config)
		palloc_free(pa(vm->map->ram_base.raw), palloc_order_for(vm->config->memory_bytes));
	if (vm->stage2.root != NULL)
		stage2_host_destroy(vm);
	pv_time_destroy(vm);
	for (unsigned int n = 0; n < vm->nr_vcpus; n++) {
		cpus[vm->vcpus[n]->run.home_cpu].nr_assigned--;
		free_struct(vm->vcpus[n], sizeof(*vm->vcpus[n]));
	}
	free_struct(vm, sizeof(*vm));
}

static enum hv_err run_steps(struct vm *vm)
{
	for (unsigned int n = 0; n < ARRAY_SIZE(steps); n++) {
		enum hv_err err = steps[n].run(vm);

		if (err == HV_OK)
			continue;
		if (err != HV_EINVAL)
			log_error("vm", "vm \"%s\" was not created: %s", vm->config->name, steps[n].what);
		return err;
	}
	return HV_OK;
}

/* Only now: a VM that was not to be leaves no priority behind. */
static void settle(const struct vcpu *vcpu)
{
	struct cpu *home = &cpus[vcpu->run.home_cpu];

	home->top_priority = (uint32_t)max_u64(home->top_priority, vcpu->run.priority);
	log_debug("vm", "%s: lives on CPU %u", vcpu->name, home->id);
}

enum hv_err vm_create(const struct vm_config *config, const struct guest_map *map)
{
	struct vm *vm = alloc_struct(sizeof(*vm));
	enum hv_err err;

	if (vm == NULL) {
		log_error("vm", "vm \"%s\" was not created: no memory is left", config->name);
		return HV_ENOMEM;
	}
	vm->id = nr_vms;
	vm->config = config;
	vm->map = map;
	vm->lock = SPINLOCK_INIT(LOCK_VM);
	vm->vgic.lock = SPINLOCK_INIT(LOCK_VGIC);
	vm->state = VM_NEW;
	(void)snprintf(vm->size_text, sizeof(vm->size_text), "%u vCPU%s, %lu MiB", (unsigned int)config->nr_vcpus,
		       config->nr_vcpus == 1 ? "" : "s", (unsigned long)(config->memory_bytes >> 20));
	vm->smccc = (struct smccc_vm){
		.allowed = config->smc_allow,
		.nr_allowed = config->nr_smc_allow,
		.has_trng = entropy_is_good(),
	};
	smccc_find_workarounds(&vm->smccc, el1_host_midr(), host_id_regs());
	idregs_sanitise(&vm->id_regs, host_id_regs(), config->gic_version == 3);
	vm->id_regs.revidr = id_revidr_read();
	vm->id_regs.aidr = id_aidr_read();
	err = run_steps(vm);
	if (err != HV_OK) {
		destroy(vm);
		return err;
	}
	for (unsigned int n = 0; n < vm->nr_vcpus; n++)
		settle(vm->vcpus[n]);
	vms[nr_vms++] = vm;
	return HV_OK;
}

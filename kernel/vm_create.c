/* Building a VM from its configuration: memory, stage 2, devices, vCPUs, home pCPUs. See vm.h. */
#include <stdio.h>
#include <string.h>

#include "arch/arm64/el1_state.h"
#include "kernel/host_ids.h"
#include "kernel/palloc.h"
#include "kernel/sched.h"
#include "kernel/stage2_host.h"
#include "kernel/system.h"
#include "kernel/vm.h"
#include "lib/bits.h"
#include "lib/log.h"

static unsigned int order_for(uint64_t bytes)
{
	unsigned int order = 0;

	while ((PAGE_SIZE << order) < bytes)
		order++;
	return order;
}

/* Zeroed memory of Corbel's own for a struct; NULL when there is none. */
static void *alloc_struct(size_t bytes)
{
	pa_t base;
	void *virt;

	if (palloc_alloc(order_for(bytes), &base) != HV_OK)
		return NULL;
	virt = phys_to_virt(base);
	memset(virt, 0, bytes);
	return virt;
}

/* The largest chunk that is still to be had, at most `order`, at least 1 MiB unless less is wanted. */
static enum hv_err alloc_chunk(struct vm *vm, uint64_t offset, unsigned int order)
{
	struct vm_chunk *chunk = &vm->chunks[vm->nr_chunks];
	pa_t base;

	if (vm->nr_chunks == VM_MAX_CHUNKS)
		return HV_ENOMEM;
	while (palloc_alloc(order, &base) != HV_OK) {
		if (order == 0)
			return HV_ENOMEM;
		order--;
	}
	chunk->ipa = ipa(vm->map->ram_base.raw + offset);
	chunk->pa = base;
	chunk->size_bytes = PAGE_SIZE << order;
	vm->nr_chunks++;
	return HV_OK;
}

/*
 * RAM in falling orders, so that each chunk's IPA is aligned to its size as its PA is: RAM base is 1 GiB-aligned. A
 * chunk that came out smaller than wanted keeps the rule, since no later one is larger.
 */
static enum hv_err create_ram(struct vm *vm)
{
	uint64_t offset = 0;
	unsigned int order = PALLOC_MAX_ORDER;
	enum hv_err err;

	while (offset < vm->config->memory_bytes) {
		uint64_t left = vm->config->memory_bytes - offset;
		struct vm_chunk *chunk = &vm->chunks[vm->nr_chunks];

		while ((PAGE_SIZE << order) > left)
			order--;
		err = alloc_chunk(vm, offset, order);
		if (err != HV_OK)
			return err;
		while ((PAGE_SIZE << order) > chunk->size_bytes)
			order--;
		err = stage2_map(&vm->stage2, chunk->ipa, chunk->pa, chunk->size_bytes, STAGE2_R | STAGE2_W | STAGE2_X,
				 STAGE2_NORMAL);
		if (err != HV_OK)
			return err;
		offset += chunk->size_bytes;
	}
	return HV_OK;
}

/* A GICv2 guest's CPU interface is the hardware's virtual one: no exits. */
static enum hv_err create_gicc(struct vm *vm)
{
	const struct hw_range *gicv = &system_hw->gic.gicv;

	if (vm->config->gic_version != 2)
		return HV_OK;
	return stage2_map(&vm->stage2, vm->map->gicc.base, gicv->base,
			  min_u64(gicv->size_bytes, vm->map->gicc.size_bytes), STAGE2_R | STAGE2_W, STAGE2_DEVICE);
}

static void wake_parked(struct soft_timer *timer)
{
	sched_wake(container_of(timer, struct vcpu, wake_timer));
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
	vcpu->priority = vm->config->priority;
	vcpu->home_cpu = home;
	soft_timer_init(&vcpu->wake_timer, wake_parked);
	cpus[home].nr_assigned++;
	vm->vcpus[index] = vcpu;
	vm->nr_vcpus = index + 1;
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
	vm->home_cpu = vm->vcpus[0]->home_cpu;
	vm->psci = (struct psci_vm){
		.vcpus = vm->vcpus,
		.nr_vcpus = (uint8_t)vm->nr_vcpus,
		.ram_base = vm->map->ram_base.raw,
		.ram_size = vm->config->memory_bytes,
	};
	return HV_OK;
}

/* The tree that a start builds is kept room for, so that a reset never fails for want of memory. */
static enum hv_err create_fdt_buffer(struct vm *vm)
{
	pa_t pages;
	enum hv_err err = palloc_alloc(VM_FDT_ORDER, &pages);

	if (err == HV_OK)
		vm->fdt_buffer = phys_to_virt(pages);
	return err;
}

/* In this order; what each needs is there by then. */
static const struct step {
	enum hv_err (*run)(struct vm *vm);
	const char *what;
} steps[] = {
	{ create_layout, "its images do not fit its memory" },
	{ create_vcpus, "no CPU of its affinity is online, or no memory for its vCPUs" },
	{ stage2_host_create, "no memory for its stage 2 tables" },
	{ create_fdt_buffer, "no memory for its device tree" },
	{ create_ram, "not enough memory is left, its tables included" },
	{ create_gicc, "its CPU interface cannot be mapped" },
	{ vdev_create, "its devices overlap" },
};

static void free_struct(void *virt, size_t bytes)
{
	palloc_free(virt_to_phys(virt), order_for(bytes));
}

/* A VM that was not to be: what it took is the others'. */
static void destroy(struct vm *vm)
{
	for (unsigned int n = 0; n < vm->nr_chunks; n++)
		palloc_free(vm->chunks[n].pa, order_for(vm->chunks[n].size_bytes));
	if (vm->fdt_buffer != NULL)
		palloc_free(virt_to_phys(vm->fdt_buffer), VM_FDT_ORDER);
	if (vm->stage2.root != NULL)
		stage2_host_destroy(vm);
	for (unsigned int n = 0; n < vm->nr_vcpus; n++) {
		cpus[vm->vcpus[n]->home_cpu].nr_assigned--;
		free_struct(vm->vcpus[n], sizeof(*vm->vcpus[n]));
	}
	free_struct(vm, sizeof(*vm));
}

enum hv_err vm_create(const struct vm_config *config, const struct guest_map *map)
{
	struct vm *vm = alloc_struct(sizeof(*vm));

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
	list_init(&vm->job_node);
	memset(vm->last_vcpu, 0xff, sizeof(vm->last_vcpu));
	idregs_sanitise(&vm->id_regs, host_id_regs(), config->gic_version == 3);
	for (unsigned int n = 0; n < ARRAY_SIZE(steps); n++) {
		enum hv_err err = steps[n].run(vm);

		if (err != HV_OK) {
			log_error("vm", "vm \"%s\" was not created: %s", config->name, steps[n].what);
			destroy(vm);
			return err;
		}
	}
	for (unsigned int n = 0; n < vm->nr_vcpus; n++)
		log_debug("vm", "%s: lives on CPU %u", vm->vcpus[n]->name, vm->vcpus[n]->home_cpu);
	vms[nr_vms++] = vm;
	return HV_OK;
}

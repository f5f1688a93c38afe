/* The life of a VM: see vm.h for the races. */
#include "kernel/vm.h"

#include "arch/arm64/gic/gic.h"
#include "arch/arm64/timer.h"
#include "kernel/console.h"
#include "kernel/sched.h"
#include "kernel/system.h"
#include "kernel/vm_load.h"
#include "lib/log.h"

struct vm *vms[MAX_VMS];
unsigned int nr_vms;

const char *vm_state_name(enum vm_state state)
{
	static const char *const names[] = {
		[VM_NEW] = "new",	    [VM_LOADING] = "loading", [VM_RUNNING] = "running",
		[VM_STOPPING] = "stopping", [VM_OFF] = "off",
	};

	return names[state];
}

enum hv_err vm_start(struct vm *vm)
{
	bool may;

	spin_lock(&vm->lock);
	may = vm->state == VM_NEW || vm->state == VM_OFF;
	if (may) {
		vm_load_begin(vm);
		vm->state = VM_LOADING;
	}
	spin_unlock(&vm->lock);
	if (!may)
		return HV_EBUSY;
	sched_post_job(vm);
	return HV_OK;
}

void vm_stop(struct vm *vm, enum vm_stop_reason reason)
{
	bool first;

	spin_lock(&vm->lock);
	first = vm->state == VM_RUNNING;
	if (first) {
		vm->state = VM_STOPPING;
		vm->stop_reason = reason;
	}
	spin_unlock(&vm->lock);
	/* To all, also those that are off: they ignore it, and a start clears it. */
	for (unsigned int n = 0; first && n < vm->nr_vcpus; n++)
		vcpu_post(vm->vcpus[n], VCPU_REQ_STOP);
}

void vm_vcpu_came_up(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;

	if (vcpu->power != VCPU_POWER_ON_PENDING)
		return;
	spin_lock(&vm->lock);
	vcpu->power = VCPU_POWER_ON;
	spin_unlock(&vm->lock);
}

void vm_vcpu_gone(struct vm *vm)
{
	bool last;

	spin_lock(&vm->lock);
	vm->nr_live--;
	last = vm->nr_live == 0 && vm->state == VM_STOPPING;
	/* Every vCPU turned itself off: nobody is left who could turn one on, so the VM is off. */
	if (vm->nr_live == 0 && vm->state == VM_RUNNING) {
		vm->state = VM_STOPPING;
		vm->stop_reason = VM_STOP_OFF;
		last = true;
	}
	spin_unlock(&vm->lock);
	if (last)
		sched_post_job(vm);
}

psci_ret_t vm_cpu_on(struct vm *vm, uint64_t target_mpidr, uint64_t entry, uint64_t context_id)
{
	struct vcpu *target = NULL;
	psci_ret_t result = PSCI_INTERNAL_FAILURE;

	spin_lock(&vm->lock);
	if (vm->state == VM_RUNNING)
		result = vpsci_cpu_on(&vm->psci, target_mpidr, entry, context_id, &target);
	if (target != NULL)
		vm->nr_live++;
	spin_unlock(&vm->lock);
	if (target != NULL) {
		/* ON_PENDING makes this caller the owner of the target's registers until it is started. */
		vcpu_reset_regs(target, target->on_entry, target->on_context_id);
		gic->reset_regs(&target->gic);
		sched_start(target);
	}
	return result;
}

psci_ret_t vm_affinity_info(struct vm *vm, uint64_t target_mpidr, uint64_t level)
{
	psci_ret_t result;

	spin_lock(&vm->lock);
	result = vpsci_affinity_info(&vm->psci, target_mpidr, level);
	spin_unlock(&vm->lock);
	return result;
}

/* Everything that a reset puts back, with no vCPU in the machine; then vCPU 0 enters the kernel. Home pCPU. */
static void run_from_reset(struct vm *vm)
{
	uint64_t mpidrs[MAX_VCPUS_PER_VM];
	struct vcpu *boot = vm->vcpus[0];

	for (unsigned int n = 0; n < vm->nr_vcpus; n++) {
		mpidrs[n] = vm->vcpus[n]->mpidr;
		vm->vcpus[n]->power = VCPU_POWER_OFF;
		__atomic_store_n(&vm->vcpus[n]->requests, 0, __ATOMIC_SEQ_CST);
	}
	spin_lock(&vm->vgic.lock);
	vgic_init(&vm->vgic, vm->config->gic_version, vm->nr_vcpus, mpidrs);
	vm->vgic.software_ends = !gic->linked_end_works();
	for (unsigned int n = 0; n < vm->nr_vcpus; n++) {
		vgic_link_private(&vm->vgic, n, vm->map->timer_intids[GUEST_TIMER_VIRT], system_hw->timer_virt.intid);
		vgic_link_private(&vm->vgic, n, vm->map->timer_intids[GUEST_TIMER_PHYS_NS],
				  system_hw->timer_phys_ns.intid);
	}
	spin_unlock(&vm->vgic.lock);
	vm->cntvoff = timer_now_ticks();
	vcpu_reset_regs(boot, vm->config->kernel_entry.raw, vm->layout.dtb.raw);
	gic->reset_regs(&boot->gic);
	boot->power = VCPU_POWER_ON_PENDING;
	spin_lock(&vm->lock);
	vm->nr_live = 1;
	vm->state = VM_RUNNING;
	spin_unlock(&vm->lock);
	log_debug("vm", "%s: kernel at %lx, entry %lx, device tree at %lx, ramdisk at %lx", vm->config->name,
		  (unsigned long)vm->config->kernel_load.raw, (unsigned long)vm->config->kernel_entry.raw,
		  (unsigned long)vm->layout.dtb.raw, (unsigned long)vm->layout.initrd.raw);
	log_info("vm", "%s: running, %u vCPU%s, %lu MiB", vm->config->name, vm->nr_vcpus, vm->nr_vcpus == 1 ? "" : "s",
		 (unsigned long)(vm->config->memory_bytes >> 20));
	sched_start(boot);
}

/* Off, until somebody starts it again. No lock held. */
static void set_off(struct vm *vm)
{
	spin_lock(&vm->lock);
	vm->state = VM_OFF;
	spin_unlock(&vm->lock);
	/* Both look at the states of all: after this one's is known. */
	console_leave(vm);
	system_check_idle();
}

static enum vm_policy policy_for(const struct vm *vm)
{
	switch (vm->stop_reason) {
	case VM_STOP_RESET: return vm->config->on_reset;
	case VM_STOP_CRASH: return vm->config->on_crash;
	case VM_STOP_OFF: break;
	}
	return VM_POLICY_STOP;
}

/* All vCPUs are offline: off it is, or from the bundle's bytes again. */
static bool finish_stop(struct vm *vm)
{
	static const char *const why[] = {
		[VM_STOP_OFF] = "powered off",
		[VM_STOP_RESET] = "reset",
		[VM_STOP_CRASH] = "stopped after a crash",
	};
	bool again = policy_for(vm) == VM_POLICY_RESTART;

	console_end_line(vm);
	log_info("vm", "%s: %s%s", vm->config->name, why[vm->stop_reason], again ? ", starting again" : "");
	/* Before anything else may be typed for, or loaded into, the next life. */
	vdev_reset(vm);
	if (!again) {
		set_off(vm);
		return false;
	}
	vm_load_begin(vm);
	spin_lock(&vm->lock);
	vm->state = VM_LOADING;
	spin_unlock(&vm->lock);
	return true;
}

bool vm_job_step(struct vm *vm)
{
	vdev_rtc_update(vm);
	switch (vm->state) {
	case VM_LOADING:
		switch (vm_load_slice(vm)) {
		case VM_LOAD_MORE: return true;
		case VM_LOAD_DONE: run_from_reset(vm); return false;
		case VM_LOAD_FAILED: set_off(vm); return false;
		}
		return false;
	case VM_STOPPING: return vm->nr_live == 0 && finish_stop(vm);
	case VM_NEW:
	case VM_RUNNING:
	case VM_OFF: break;
	}
	return false;
}

bool vm_is_alive(const struct vm *vm)
{
	return vm->state == VM_LOADING || vm->state == VM_RUNNING || vm->state == VM_STOPPING;
}

bool vm_any_alive(void)
{
	for (unsigned int n = 0; n < nr_vms; n++) {
		if (vm_is_alive(vms[n]))
			return true;
	}
	return false;
}

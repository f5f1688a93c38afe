/* The life of a VM: see vm.h for the races. */
#include "kernel/vm.h"

#include "arch/arm64/gic/gic.h"
#include "arch/arm64/timer.h"
#include "arch/arm64/timer_math.h"
#include "kernel/sched.h"
#include "kernel/virq.h"
#include "kernel/vm_load.h"

struct vm *vms[MAX_VMS];
unsigned int nr_vms;

const char *vm_state_name(enum vm_state state)
{
	static const char *const names[] = {
		[VM_PAUSED] = "paused",	  [VM_NEW] = "off",	      [VM_LOADING] = "loading",
		[VM_RUNNING] = "running", [VM_STOPPING] = "stopping", [VM_WAITING] = "waiting",
		[VM_OFF] = "off",
	};

	return names[state];
}

void vm_begin_load(struct vm *vm)
{
	vm_load_begin(vm);
	vm->comes_back = false;
	vm->state = VM_LOADING;
}

enum hv_err vm_start(struct vm *vm)
{
	bool may;

	spin_lock(&vm->lock);
	may = vm->state == VM_NEW || vm->state == VM_WAITING || vm->state == VM_OFF;
	if (may) {
		restart_policy_forget(&vm->restart_policy);
		vm_begin_load(vm);
	}
	spin_unlock(&vm->lock);
	if (!may)
		return HV_EBUSY;
	sched_wake_job(&vm->job);
	return HV_OK;
}

bool vm_starts_again(const struct vm *vm)
{
	switch (vm->stop_reason) {
	case VM_STOP_RESET: return vm->config->on_reset == VM_POLICY_RESTART;
	case VM_STOP_CRASH: return vm->config->on_crash == VM_POLICY_RESTART && !vm->gives_up;
	case VM_STOP_RESTART: return true;
	case VM_STOP_OFF: return vm->comes_back;
	case VM_STOP_DESTROY: break;
	}
	return false;
}

/* Is this stop the one that counts? The lock is held. */
static enum hv_err stop_locked(struct vm *vm, enum vm_stop_reason reason)
{
	switch (vm->state) {
	case VM_LOADING:
	case VM_RUNNING:
	case VM_PAUSED:
	case VM_WAITING: break;
	case VM_STOPPING:
		/* What is going off needs no other reason; what would come back may be kept from it. */
		if (reason != VM_STOP_DESTROY || (vm->told && !vm_starts_again(vm)))
			return HV_EBUSY;
		break;
	case VM_NEW:
	case VM_OFF: return HV_ENOENT;
	}
	vm->state = VM_STOPPING;
	vm->stop_reason = reason;
	vm->told = vm->devices_are_reset = vm->gives_up = false;
	return HV_OK;
}

enum hv_err vm_stop(struct vm *vm, enum vm_stop_reason reason)
{
	enum hv_err err;
	bool alone;

	spin_lock(&vm->lock);
	err = stop_locked(vm, reason);
	alone = vm->nr_live == 0;
	spin_unlock(&vm->lock);
	if (err != HV_OK)
		return err;
	if (alone)
		sched_wake_job(&vm->job);
	/* To all, also those that are off: they ignore it, and a start clears it. */
	for (unsigned int n = 0; !alone && n < vm->nr_vcpus; n++)
		vcpu_post(vm->vcpus[n], VCPU_REQ_STOP);
	return HV_OK;
}

enum hv_err vm_shutdown(struct vm *vm, bool comes_back)
{
	enum hv_err err = HV_OK;

	spin_lock(&vm->lock);
	if (!vm->config->power_key)
		err = HV_EUNSUP;
	else if (vm->state != VM_RUNNING)
		err = vm_is_alive(vm) ? HV_EBUSY : HV_ENOENT;
	if (err == HV_OK) {
		vm->comes_back = comes_back;
		vm->reboot_ends_ticks =
			timer_now_ticks() - vm->cntvoff + timer_us_to_ticks(REBOOT_PATIENCE_S * US_PER_S);
		/* Under the lock: a VM that stops meanwhile must not find the key pressed in its next life. */
		vdev_power_key_press(vm);
	}
	spin_unlock(&vm->lock);
	return err;
}

void vm_crash(const struct vcpu *vcpu, const char *why)
{
	struct vm *vm = vcpu->vm;

	/* Nobody reads these before the last vCPU, which this one may be, is offline. */
	if (vm_stop(vm, VM_STOP_CRASH) == HV_OK) {
		vm->crashed = vcpu;
		vm->crash_why = why;
		vm->report_row = 0;
	}
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

/* May its vCPUs do what they like? Also on their way out of the machine. The lock is held. */
static bool is_running(const struct vm *vm)
{
	return vm->state == VM_RUNNING || vm->state == VM_PAUSED;
}

void vm_vcpu_gone(struct vm *vm)
{
	bool last;

	spin_lock(&vm->lock);
	vm->nr_live--;
	last = vm->nr_live == 0 && vm->state == VM_STOPPING;
	/* Every vCPU turned itself off: nobody is left who could turn one on, so the VM is off. */
	if (vm->nr_live == 0 && is_running(vm))
		last = stop_locked(vm, VM_STOP_OFF) == HV_OK;
	spin_unlock(&vm->lock);
	if (last)
		sched_wake_job(&vm->job);
}

psci_ret_t vm_cpu_on(struct vm *vm, uint64_t target_mpidr, uint64_t entry, uint64_t context_id)
{
	struct vcpu *target = NULL;
	psci_ret_t result = PSCI_INTERNAL_FAILURE;

	spin_lock(&vm->lock);
	if (is_running(vm))
		result = vpsci_cpu_on(&vm->psci, target_mpidr, entry, context_id, &target);
	if (target != NULL) {
		vm->nr_live++;
		/* Posted by a stop of an earlier life: one of this life would have changed the state first. */
		__atomic_fetch_and(&target->requests, ~(uint32_t)VCPU_REQ_STOP, __ATOMIC_SEQ_CST);
	}
	spin_unlock(&vm->lock);
	if (target != NULL) {
		/* ON_PENDING makes this caller the owner of the target's registers until it is started. */
		vcpu_reset_regs(target, target->on_entry, target->on_context_id);
		gic->reset_regs(&target->gic);
		virq_on(target);
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

psci_ret_t vm_system_suspend(struct vcpu *vcpu, uint64_t entry, uint64_t context_id)
{
	struct vm *vm = vcpu->vm;
	psci_ret_t result;

	spin_lock(&vm->lock);
	result = vpsci_system_suspend(&vm->psci, vcpu, entry, context_id);
	spin_unlock(&vm->lock);
	return result;
}

bool vm_is_alive(const struct vm *vm)
{
	return vm->state != VM_NEW && vm->state != VM_OFF;
}

bool vm_any_alive(void)
{
	for (unsigned int n = 0; n < nr_vms; n++) {
		if (vm_is_alive(vms[n]))
			return true;
	}
	return false;
}

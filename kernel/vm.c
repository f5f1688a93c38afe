/* The life of a VM: see vm.h for the races. */
#include "kernel/vm.h"

#include "arch/arm64/gic/gic.h"
#include "arch/arm64/timer.h"
#include "kernel/console.h"
#include "kernel/host_devices.h"
#include "kernel/pv_time.h"
#include "kernel/ram_clean.h"
#include "kernel/report.h"
#include "kernel/sched.h"
#include "kernel/system.h"
#include "kernel/virq.h"
#include "kernel/vm_load.h"
#include "kernel/vm_ram.h"
#include "lib/bits.h"
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
	sched_wake_job(&vm->job);
	return HV_OK;
}

/* Stopped: does it come back by itself? */
static bool starts_again(const struct vm *vm)
{
	switch (vm->stop_reason) {
	case VM_STOP_RESET: return vm->config->on_reset == VM_POLICY_RESTART;
	case VM_STOP_CRASH: return vm->config->on_crash == VM_POLICY_RESTART;
	case VM_STOP_RESTART: return true;
	case VM_STOP_OFF:
	case VM_STOP_DESTROY: break;
	}
	return false;
}

/* Is this stop the one that counts? The lock is held. */
static enum hv_err stop_locked(struct vm *vm, enum vm_stop_reason reason)
{
	switch (vm->state) {
	case VM_LOADING:
	case VM_RUNNING: break;
	case VM_STOPPING:
		/* What is going off needs no other reason; what would come back may be kept from it. */
		if (reason != VM_STOP_DESTROY || (vm->told && !starts_again(vm)))
			return HV_EBUSY;
		break;
	case VM_NEW:
	case VM_OFF: return HV_ENOENT;
	}
	vm->state = VM_STOPPING;
	vm->stop_reason = reason;
	vm->told = vm->devices_are_reset = false;
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

void vm_vcpu_gone(struct vm *vm)
{
	bool last;

	spin_lock(&vm->lock);
	vm->nr_live--;
	last = vm->nr_live == 0 && vm->state == VM_STOPPING;
	/* Every vCPU turned itself off: nobody is left who could turn one on, so the VM is off. */
	if (vm->nr_live == 0 && vm->state == VM_RUNNING)
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
	if (vm->state == VM_RUNNING)
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

/* vCPU 0 enters the kernel, unless somebody has stopped the VM meanwhile. */
static void enter_kernel(struct vm *vm)
{
	struct vcpu *boot = vm->vcpus[0];
	bool go;

	for (unsigned int n = 0; n < vm->nr_vcpus; n++) {
		vm->vcpus[n]->power = VCPU_POWER_OFF;
		vcpu_forget_exits(vm->vcpus[n]);
		__atomic_fetch_and(&vm->vcpus[n]->requests, (uint32_t)VCPU_REQ_TIMED, __ATOMIC_SEQ_CST);
	}
	vm->cntvoff = timer_now_ticks();
	pv_time_reset(vm);
	vcpu_reset_regs(boot, vm->config->kernel_entry.raw, vm->layout.dtb.raw);
	gic->reset_regs(&boot->gic);
	boot->power = VCPU_POWER_ON_PENDING;
	spin_lock(&vm->lock);
	go = vm->state == VM_LOADING;
	if (go) {
		vm->nr_live = 1;
		vm->state = VM_RUNNING;
	}
	spin_unlock(&vm->lock);
	if (!go)
		return;
	virq_on(boot);
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

/* All vCPUs are offline: from here on the reason stands. */
static void tell_stopped(struct vm *vm)
{
	static const char *const why[] = {
		[VM_STOP_OFF] = "powered off",
		[VM_STOP_RESET] = "reset",
		[VM_STOP_CRASH] = "stopped after a crash",
		[VM_STOP_DESTROY] = "destroyed",
		[VM_STOP_RESTART] = "reset by the operator",
	};

	spin_lock(&vm->lock);
	vm->told = true;
	spin_unlock(&vm->lock);
	console_end_guest_line(vm);
	log_words(LOG_INFO, "vm", vm->config->name, ": ", why[vm->stop_reason],
		  starts_again(vm) ? ", starting again" : "", NULL);
}

static void load_again(struct vm *vm)
{
	vm_load_begin(vm);
	spin_lock(&vm->lock);
	/* Unless the operator has destroyed it meanwhile. */
	if (starts_again(vm))
		vm->state = VM_LOADING;
	spin_unlock(&vm->lock);
}

/* Returns true when there is more to do. */
static bool stop_step(struct vm *vm)
{
	if (vm->nr_live != 0)
		return false; /* the last vCPU wakes the job */
	if (vm->crashed != NULL) {
		if (!report_crash_row(vm, vm->report_row++))
			vm->crashed = NULL;
		return true;
	}
	if (!vm->told) {
		tell_stopped(vm);
		return true;
	}
	/* Before anything else may be typed for, or loaded into, the next life. */
	if (!vm->devices_are_reset) {
		host_devices_stop(vm);
		vdev_reset(vm);
		vm->devices_are_reset = true;
		return true;
	}
	if (starts_again(vm)) {
		load_again(vm);
		return true;
	}
	if (vm_ram_release_step(vm))
		return true;
	set_off(vm);
	return false;
}

/* What a load that failed has taken goes back, and the VM is off. */
static void give_up_load(struct vm *vm)
{
	spin_lock(&vm->lock);
	vm->state = VM_STOPPING;
	vm->stop_reason = VM_STOP_OFF;
	vm->told = true;
	spin_unlock(&vm->lock);
}

static bool load_step(struct vm *vm)
{
	switch (vm_load_step(vm)) {
	case VM_LOAD_MORE: return true;
	case VM_LOAD_FAILED: give_up_load(vm); return true;
	case VM_LOAD_DONE: break;
	}
	enter_kernel(vm);
	/* Stopped while it was loading: the job has to act on that. */
	return vm->state == VM_STOPPING;
}

bool vm_job_step(struct job *job)
{
	struct vm *vm = container_of(job, struct vm, job);

	switch (vm->state) {
	case VM_LOADING: return load_step(vm);
	case VM_STOPPING: return stop_step(vm);
	case VM_NEW:
	case VM_OFF: vdev_rtc_update(vm); break;
	case VM_RUNNING: vdev_rtc_update(vm); return ram_clean_step(vm);
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

/* What a VM's job does, by the VM's state: load, enter, stop, wait, scrub. See vm.h for the races. */
#include "arch/arm64/gic/gic.h"
#include "arch/arm64/timer.h"
#include "kernel/console.h"
#include "kernel/cpu.h"
#include "kernel/host_devices.h"
#include "kernel/pv_time.h"
#include "kernel/ram_clean.h"
#include "kernel/report.h"
#include "kernel/sched.h"
#include "kernel/system.h"
#include "kernel/virq.h"
#include "kernel/vm.h"
#include "kernel/vm_load.h"
#include "kernel/vm_ram.h"
#include "lib/bits.h"
#include "lib/log.h"

/* vCPU 0 enters the kernel, unless somebody has stopped the VM meanwhile. */
static void enter_kernel(struct vm *vm)
{
	struct vcpu *boot = vm->vcpus[0];
	bool go;

	for (unsigned int n = 0; n < vm->nr_vcpus; n++) {
		vm->vcpus[n]->power = VCPU_POWER_OFF;
		vcpu_forget_exits(vm->vcpus[n]);
		vm->vcpus[n]->run.ran_ticks = 0;
		__atomic_fetch_and(&vm->vcpus[n]->requests, (uint32_t)VCPU_REQ_TIMED, __ATOMIC_SEQ_CST);
		sched_release(vm->vcpus[n]); /* it may have been stopped while it was suspended */
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

/*
 * All vCPUs are offline: from here on the reason stands. Returns the pause before a restart that follows a crash, 0
 * where there is none. The lock is held.
 */
static uint64_t settle_reason(struct vm *vm)
{
	uint64_t now_ticks = timer_now_ticks(), pause_us = 0;

	vm->told = true;
	if (vm->stop_reason == VM_STOP_RESTART)
		restart_policy_forget(&vm->restart_policy);
	if (vm->stop_reason != VM_STOP_CRASH || vm->config->on_crash != VM_POLICY_RESTART)
		return 0;
	vm->gives_up =
		!restart_policy_crashed(&vm->restart_policy, timer_ticks_to_us(now_ticks - vm->cntvoff), &pause_us);
	vm->restart_due_ticks = now_ticks + timer_us_to_ticks(pause_us);
	return pause_us;
}

static void tell_stopped(struct vm *vm)
{
	static const char *const why[] = {
		[VM_STOP_OFF] = "powered off",
		[VM_STOP_RESET] = "reset",
		[VM_STOP_CRASH] = "stopped after a crash",
		[VM_STOP_DESTROY] = "destroyed",
		[VM_STOP_RESTART] = "reset by the operator",
	};
	uint64_t pause_us;

	spin_lock(&vm->lock);
	pause_us = settle_reason(vm);
	spin_unlock(&vm->lock);
	console_end_guest_line(vm);
	if (pause_us != 0)
		log_info("vm", "%s: stopped after a crash, starting again in %lu ms (restart %u of %u)",
			 vm->config->name, (unsigned long)(pause_us / 1000),
			 (unsigned int)vm->restart_policy.nr_restarts, RESTART_LIMIT);
	else if (vm->gives_up)
		log_info("vm", "%s: stopped after a crash, and stays off: it was restarted %u times in a row",
			 vm->config->name, RESTART_LIMIT);
	else
		log_words(LOG_INFO, "vm", vm->config->name, ": ", why[vm->stop_reason],
			  vm_starts_again(vm) ? ", starting again" : "", NULL);
}

/* Unless the operator has destroyed it meanwhile. After a crash there is a pause first. */
static void come_back(struct vm *vm)
{
	spin_lock(&vm->lock);
	if (vm_starts_again(vm)) {
		if (vm->stop_reason == VM_STOP_CRASH)
			vm->state = VM_WAITING;
		else
			vm_begin_load(vm);
	}
	spin_unlock(&vm->lock);
}

/* Returns true when the pause is over. */
static bool wait_step(struct vm *vm)
{
	if (timer_now_ticks() < vm->restart_due_ticks) {
		soft_timer_arm(&cpu_self()->timers, &vm->restart_timer, vm->restart_due_ticks);
		return false;
	}
	spin_lock(&vm->lock);
	if (vm->state == VM_WAITING)
		vm_begin_load(vm);
	spin_unlock(&vm->lock);
	return true;
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
	if (vm_starts_again(vm)) {
		come_back(vm);
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

/* A guest that was asked to reboot, and has not powered off for so long, did not listen. */
static void watch_reboot(struct vm *vm)
{
	bool lapses = false;

	spin_lock(&vm->lock);
	if (vm->state == VM_RUNNING && vm->comes_back) {
		lapses = timer_now_ticks() - vm->cntvoff >= vm->reboot_ends_ticks;
		if (lapses)
			vm->comes_back = false;
		else
			soft_timer_arm(&cpu_self()->timers, &vm->restart_timer, vm->reboot_ends_ticks + vm->cntvoff);
	}
	spin_unlock(&vm->lock);
	if (lapses)
		log_info("vm",
			 "%s: did not power off within %u s of \"reboot\", which lapses; \"reset %s\" does not ask",
			 vm->config->name, REBOOT_PATIENCE_S, vm->config->name);
}

bool vm_job_step(struct job *job)
{
	struct vm *vm = container_of(job, struct vm, job);

	switch (vm->state) {
	case VM_LOADING: return load_step(vm);
	case VM_STOPPING: return stop_step(vm);
	case VM_PAUSED: return vm_pause_step(vm);
	case VM_WAITING: return wait_step(vm);
	case VM_NEW:
	case VM_OFF: vdev_rtc_update(vm); break;
	case VM_RUNNING:
		vdev_rtc_update(vm);
		vdev_power_key_update(vm);
		watch_reboot(vm);
		return ram_clean_step(vm);
	}
	return false;
}

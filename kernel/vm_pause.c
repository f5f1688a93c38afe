/* Suspend and resume of a VM: see vm.h for the races. */
#include "arch/arm64/timer.h"
#include "kernel/sched.h"
#include "kernel/vm.h"
#include "lib/log.h"

static void pause_locked(struct vm *vm)
{
	vm->state = VM_PAUSED;
	vm->stands_since_ticks = 0;
	vm->resumes = false;
	for (unsigned int n = 0; n < vm->nr_vcpus; n++)
		sched_hold(vm->vcpus[n]);
}

/* Each returns false when the VM's state does not allow it. The lock is held. */
static bool want_pause(struct vm *vm)
{
	if (vm->state == VM_RUNNING)
		pause_locked(vm);
	else if (vm->state == VM_PAUSED && vm->resumes)
		vm->resumes = false;
	else
		return false;
	return true;
}

static bool want_resume(struct vm *vm)
{
	if (vm->state != VM_PAUSED)
		return false;
	vm->resumes = true;
	return true;
}

/* The job does the rest. */
static enum hv_err order(struct vm *vm, bool (*want)(struct vm *vm))
{
	enum hv_err err = HV_OK;

	spin_lock(&vm->lock);
	if (!want(vm))
		err = vm_is_alive(vm) ? HV_EBUSY : HV_ENOENT;
	spin_unlock(&vm->lock);
	if (err == HV_OK)
		sched_wake_job(&vm->job);
	return err;
}

enum hv_err vm_suspend(struct vm *vm)
{
	return order(vm, want_pause);
}

enum hv_err vm_resume(struct vm *vm)
{
	return order(vm, want_resume);
}

static bool all_are_out(const struct vm *vm)
{
	for (unsigned int n = 0; n < vm->nr_vcpus; n++) {
		if (!sched_is_out(vm->vcpus[n]))
			return false;
	}
	return true;
}

/* Time goes on where it stood. The lock is held. */
static void go_on(struct vm *vm)
{
	vm->cntvoff += timer_now_ticks() - vm->stands_since_ticks;
	vm->state = VM_RUNNING;
	for (unsigned int n = 0; n < vm->nr_vcpus; n++)
		sched_release(vm->vcpus[n]);
}

bool vm_pause_step(struct vm *vm)
{
	const char *told = NULL;
	bool stands;

	spin_lock(&vm->lock);
	stands = vm->stands_since_ticks != 0;
	if (vm->state == VM_PAUSED && !stands && all_are_out(vm)) {
		vm->stands_since_ticks = timer_now_ticks();
		told = ": suspended";
	} else if (vm->state == VM_PAUSED && stands && vm->resumes) {
		go_on(vm);
		told = ": resumed";
	}
	spin_unlock(&vm->lock);
	if (told != NULL)
		log_words(LOG_INFO, "vm", vm->config->name, told, NULL);
	/* Until all are out, which takes no longer than a kick, it looks again and again. */
	return told != NULL || !stands;
}

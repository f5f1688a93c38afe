/* Exits: see exit_dispatch.h. */
#include "kernel/exit_dispatch.h"

#include "arch/arm64/el1_state.h"
#include "arch/arm64/gic/gic.h"
#include "arch/arm64/inject.h"
#include "arch/arm64/regs/spsr.h"
#include "kernel/cpu.h"
#include "kernel/guest_walk.h"
#include "kernel/hypercall.h"
#include "kernel/irq.h"
#include "kernel/mmio.h"
#include "kernel/sched.h"
#include "kernel/vcpu_switch.h"
#include "kernel/virq.h"
#include "kernel/vm.h"
#include "psci/psci.h"
#include "vcpu/aarch32.h"
#include "vcpu/decode.h"
#include "vcpu/el1_exception.h"
#include "vcpu/mmio_value.h"
#include "vcpu/stuck.h"
#include "vcpu/sysreg_trap.h"

static enum exit_action do_sysreg(struct vcpu *vcpu)
{
	uint32_t intid;

	if (vcpu->vm->config->gic_version == 3 && vgic_is_dir(&vcpu->exit, &intid)) {
		virq_deactivate(vcpu, intid);
		return ACTION_ADVANCE;
	}
	return sysreg_emulate(vcpu, &vcpu->vm->id_regs);
}

static enum exit_action do_cpu_up(struct vcpu *vcpu)
{
	psci_ret_t result =
		vm_cpu_on(vcpu->vm, vcpu->exit.cpu_up.target_mpidr, vcpu->exit.cpu_up.entry, vcpu->exit.cpu_up.arg);

	psci_set_result(vcpu, vcpu->frame.x[0], result);
	return ACTION_ADVANCE;
}

static enum exit_action do_system_down(struct vcpu *vcpu)
{
	/* Stopping already is as good: its call must not return either way. */
	(void)vm_stop(vcpu->vm, vcpu->exit.system_down.kind == SYSTEM_DOWN_RESET ? VM_STOP_RESET : VM_STOP_OFF);
	return ACTION_VM_OFF;
}

static enum exit_action do_fail_entry(struct vcpu *vcpu)
{
	switch (vcpu->exit.fail_entry.why) {
	case FAIL_UNDEFINED: return ACTION_INJECT_UNDEF;
	case FAIL_POINTER_AUTH: return sysreg_begin_pauth(vcpu, &vcpu->vm->id_regs);
	case FAIL_EXTERNAL_ABORT:
	case FAIL_ILLEGAL_STATE:
	case FAIL_FORWARD: return ACTION_INJECT_ABORT;
	case FAIL_SERROR:
	case FAIL_UNEXPECTED: break;
	}
	vm_crash(vcpu, vcpu->exit.fail_entry.why == FAIL_SERROR ? "an SError" : "an exit that cannot be answered");
	return ACTION_VM_OFF;
}

/*
 * All RAM is mapped from the start, so this is an access to nowhere; or one that met an entry while it was changed
 * (break-before-make leaves it invalid for a moment): under the lock it is whole again, and the guest tries once more.
 */
static enum exit_action do_page_fault(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	unsigned int access;
	uint64_t bytes;
	enum hv_err err;
	pa_t page;

	if (vcpu->exit.nested_page_fault.permission)
		return ACTION_INJECT_ABORT;
	spin_lock(&vm->lock);
	err = stage2_walk(&vm->stage2, vcpu->exit.nested_page_fault.addr, &page, &bytes, &access);
	spin_unlock(&vm->lock);
	return err == HV_OK ? ACTION_RETRY : ACTION_INJECT_ABORT;
}

/* An interrupt is the only look that Corbel gets at a guest whose exceptions come from its own vectors for ever. */
static enum exit_action do_interrupt(struct vcpu *vcpu)
{
	irq_handle();
	if (el1_elr_read() == vcpu->frame.elr && vcpu_vector_loops(vcpu, vcpu->frame.elr, el1_vbar_read())) {
		vm_crash(vcpu, "its exception vector raises the exception that enters it");
		return ACTION_VM_OFF;
	}
	return ACTION_RETRY;
}

static enum exit_action do_send_ipi(struct vcpu *vcpu)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	vgic_mask_t mask;

	spin_lock(&vgic->lock);
	mask = vgic_send_ipi(vgic, vcpu->index, &vcpu->exit);
	spin_unlock(&vgic->lock);
	virq_post(vcpu->vm, mask);
	return ACTION_ADVANCE;
}

enum exit_action exit_dispatch(struct vcpu *vcpu)
{
	switch (vcpu->exit.reason) {
	case EXIT_HYPERCALL: return hypercall_serve(vcpu);
	case EXIT_MMIO_READ:
	case EXIT_MMIO_WRITE:
		/* One call for both: so the compiler puts it here. */
		return mmio_emulate(vcpu, vcpu->exit.reason == EXIT_MMIO_WRITE);
	case EXIT_SYSREG_READ:
	case EXIT_SYSREG_WRITE: return do_sysreg(vcpu);
	case EXIT_IO_READ:
	case EXIT_IO_WRITE:
		/* No port I/O on arm64: the decoder never makes these. */
		return ACTION_INJECT_UNDEF;
	case EXIT_EXTERNAL_INTERRUPT: return do_interrupt(vcpu);
	case EXIT_NESTED_PAGE_FAULT: return do_page_fault(vcpu);
	case EXIT_HALT:
		/* WFE and the forms with a deadline may give up at once [DDI0487 WFE, WFIT]: after a turn of others. */
		return vcpu->exit.halt.wfe || vcpu->exit.halt.has_deadline ? ACTION_YIELD : ACTION_BLOCK;
	case EXIT_CPU_UP: return do_cpu_up(vcpu);
	case EXIT_CPU_DOWN: return ACTION_VCPU_OFF;
	case EXIT_SYSTEM_DOWN: return do_system_down(vcpu);
	case EXIT_NOTHING:
		/* Nothing to step over: an answered HVC, or an instruction that is to run again. */
		return vcpu->exit.insn_len != 0 ? ACTION_ADVANCE : ACTION_RETRY;
	case EXIT_FAIL_ENTRY: return do_fail_entry(vcpu);
	case EXIT_SEND_IPI: return do_send_ipi(vcpu);
	case EXIT_NR_REASONS: break;
	}
	return ACTION_INJECT_UNDEF;
}

/* The trapped instruction counts as executed: PC, single step and BTYPE move as the PE would have moved them. */
static void advance(struct vcpu *vcpu)
{
	struct trap_frame *frame = &vcpu->frame;

	if (vcpu->exit.insn_len == 0)
		return;
	frame->elr += vcpu->exit.insn_len;
	if (frame->spsr & SPSR_M_AARCH32)
		frame->spsr = aarch32_advance_itstate(frame->spsr);
	else
		frame->spsr &= ~SPSR_BTYPE;
	frame->spsr &= ~SPSR_SS;
}

/* Returns true when it must not come: the vCPU would take it for ever. */
static bool stop_if_stuck(struct vcpu *vcpu)
{
	if (!vcpu_abort_is_stuck(vcpu, el1_elr_read()))
		return false;
	vm_crash(vcpu, "the same abort again and again");
	vcpu_post(vcpu, VCPU_REQ_STOP);
	return true;
}

static void inject(struct vcpu *vcpu, struct el1_exception exception)
{
	inject_sync(&vcpu->frame, exception.esr, exception.has_far, exception.far);
}

/* One that came on a walk of the guest's tables tells the level, which only a look at the tables gives. */
static void inject_abort_of(struct vcpu *vcpu)
{
	struct vcpu_exit *exit = &vcpu->exit;

	if (exit->reason == EXIT_NESTED_PAGE_FAULT && exit->nested_page_fault.s1ptw)
		exit->nested_page_fault.walk_level = guest_walk_level(vcpu, exit->nested_page_fault.far);
	else if (exit->reason == EXIT_FAIL_ENTRY && exit->fail_entry.s1ptw)
		exit->fail_entry.walk_level = guest_walk_level(vcpu, exit->fail_entry.far);
	inject(vcpu, el1_exception_of_exit(vcpu));
}

/* CPU_OFF. The state leaves the machine before the power state moves: from then on a CPU_ON may write the registers. */
static void turn_off(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;

	virq_reset(vcpu);
	vcpu_unload(cpu_self());
	sched_offline(vcpu);
	spin_lock(&vm->lock);
	vpsci_cpu_off(vcpu);
	spin_unlock(&vm->lock);
	vm_vcpu_gone(vm);
}

/*
 * SYSTEM_SUSPEND. The vCPU takes its new registers now and enters with them once an interrupt has come. Its timers
 * count on, since they are what most often wakes a guest, and the distributor and its private interrupts stay as they
 * are.
 */
static void suspend(struct vcpu *vcpu)
{
	struct cpu *cpu = cpu_self();
	struct timer_state timer;

	vcpu_unload(cpu);
	timer = vcpu->timer;
	vcpu_reset_regs(vcpu, vcpu->on_entry, vcpu->on_context_id);
	vcpu->timer = timer;
	gic->reset_regs(&vcpu->gic);
	vcpu_load(cpu, vcpu);
	__atomic_fetch_or(&vcpu->requests, VCPU_REQ_SUSPEND, __ATOMIC_SEQ_CST);
}

void exit_apply(struct vcpu *vcpu, enum exit_action action)
{
	switch (action) {
	case ACTION_ADVANCE: advance(vcpu); break;
	case ACTION_RETRY: break;
	case ACTION_INJECT_UNDEF: inject(vcpu, el1_exception_undef()); break;
	case ACTION_INJECT_ABORT:
		if (!stop_if_stuck(vcpu))
			inject_abort_of(vcpu);
		break;
	case ACTION_BLOCK:
		/* Others may be more urgent by now than the look at its list registers: then its WFI runs again. */
		if (irq_take_pending() && __atomic_load_n(&cpu_self()->resched, __ATOMIC_ACQUIRE))
			break;
		advance(vcpu);
		if (!virq_is_deliverable(vcpu))
			sched_block(vcpu, RUN_BLOCKED);
		break;
	case ACTION_YIELD:
		advance(vcpu);
		sched_yield(vcpu);
		break;
	case ACTION_PENDING: sched_block(vcpu, RUN_PENDING); break;
	case ACTION_VCPU_OFF: turn_off(vcpu); break;
	case ACTION_VCPU_SUSPEND: suspend(vcpu); break;
	case ACTION_VM_OFF:
		/* Whoever stops the VM may not have come to this vCPU yet, and its call must not return. */
		vcpu_post(vcpu, VCPU_REQ_STOP);
		break;
	}
}

void vcpu_complete(struct vcpu *vcpu, uint64_t value)
{
	if (vcpu->exit.reason == EXIT_MMIO_READ)
		trap_frame_write(&vcpu->frame, vcpu->exit.mmio.reg, mmio_read_value(&vcpu->exit.mmio, value));
	advance(vcpu);
	sched_complete(vcpu);
}

/* A vCPU's state into the machine and out of it: see vcpu_switch.h. */
#include "kernel/vcpu_switch.h"

#include "arch/arm64/debug.h"
#include "arch/arm64/el1_state.h"
#include "arch/arm64/guest.h"
#include "arch/arm64/guest_mmu.h"
#include "arch/arm64/pauth.h"
#include "arch/arm64/traps.h"
#include "kernel/sched.h"
#include "kernel/stage2_host.h"
#include "kernel/virq.h"
#include "kernel/vm.h"
#include "lib/bits.h"
#include "vcpu/set_way.h"

/*
 * Parked without the hardware timer: a soft one looks when the next of the vCPU's timers is due. Not one that has
 * arrived in the model: that wakes the vCPU, or waits there until it can be signalled. The load cancels it.
 */
static void watch_timers(struct cpu *cpu, struct vcpu *vcpu, uint32_t arrived)
{
	struct timer_state timer = vcpu->timer;
	uint64_t due;

	if (arrived & BIT(GUEST_TIMER_VIRT))
		timer.cntv_ctl = 0;
	if (arrived & BIT(GUEST_TIMER_PHYS_NS))
		timer.cntp_ctl = 0;
	if (timer_state_next(&timer, vcpu->vm->cntvoff, &due))
		soft_timer_arm(&cpu->timers, &vcpu->wake_timer, due);
}

void vcpu_timer_due(struct soft_timer *timer)
{
	struct vcpu *vcpu = container_of(timer, struct vcpu, wake_timer);

	/* It looks at its timers when it is loaded. While it is held, its VM's time may stand. */
	if (vcpu->run.is_held || virq_timer_is_signalled(vcpu))
		sched_wake(vcpu);
	else
		watch_timers(cpu_self(), vcpu, virq_due_timers(vcpu));
}

void vcpu_unload(struct cpu *cpu)
{
	struct vcpu *vcpu = cpu->loaded;
	uint32_t arrived;

	if (vcpu == NULL)
		return;
	/* Timers first: their lines are low before the active bits of their PPIs are given away. */
	el1_timer_save(&vcpu->timer);
	arrived = virq_unload(vcpu);
	el1_state_save(&vcpu->el1);
	if (vcpu->hcr & HCR_EL2_APK)
		pauth_save(&vcpu->pauth);
	fp_save(&vcpu->fp);
	__atomic_store_n(&cpu->loaded, NULL, __ATOMIC_RELAXED);
	if (vcpu->run.state == RUN_BLOCKED)
		watch_timers(cpu, vcpu, arrived);
}

/* VTTBR_EL2 of the VM. Two vCPUs of one VM share its VMID and may both use an ASID, so the last one's leftovers go. */
static void load_stage2(struct cpu *cpu, struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;

	stage2_host_load(vm, cpu->id);
	if (vmid_switch_vcpu(&vm->vmid, cpu->id, vcpu->index))
		guest_mmu_flush_local();
}

void vcpu_load_traps(struct cpu *cpu, const struct vcpu *vcpu)
{
	traps_load(&cpu->features, vcpu->hcr, cpu->trap_waits);
	cpu->waits_trapped = cpu->trap_waits;
}

void vcpu_load_pauth(struct cpu *cpu, struct vcpu *vcpu)
{
	vcpu->hcr |= HCR_GUEST_PAUTH;
	pauth_restore(&vcpu->pauth);
	vcpu_load_traps(cpu, vcpu);
}

uint32_t vcpu_write_vm_control(struct cpu *cpu, struct vcpu *vcpu)
{
	bool turned;

	el1_state_save(&vcpu->el1);
	turned = set_way_take_vm_control(vcpu);
	el1_state_restore(&vcpu->el1, &cpu->features);
	return turned ? VCPU_REQ_CLEAN : 0;
}

void vcpu_load(struct cpu *cpu, struct vcpu *vcpu)
{
	soft_timer_cancel(&cpu->timers, &vcpu->wake_timer);
	load_stage2(cpu, vcpu);
	el1_ids_write(vcpu->vmpidr, vcpu->vpidr);
	vcpu_load_traps(cpu, vcpu);
	el1_state_restore(&vcpu->el1, &cpu->features);
	debug_restore(&vcpu->debug, &cpu->features);
	if (vcpu->hcr & HCR_EL2_APK)
		pauth_restore(&vcpu->pauth);
	fp_restore(&vcpu->fp);
	__atomic_store_n(&cpu->loaded, vcpu, __ATOMIC_RELAXED);
	virq_load(vcpu);
	/* Last: a due timer fires from here on, and its PPI's active bit is the vCPU's own by now. */
	el1_timer_restore(&vcpu->timer, vcpu->vm->cntvoff);
	vm_vcpu_came_up(vcpu);
}

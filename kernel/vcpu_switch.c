/* A vCPU's state into the machine and out of it: see vcpu_switch.h. */
#include "kernel/vcpu_switch.h"

#include "arch/arm64/debug.h"
#include "arch/arm64/el1_state.h"
#include "arch/arm64/guest.h"
#include "arch/arm64/guest_mmu.h"
#include "arch/arm64/pauth.h"
#include "arch/arm64/traps.h"
#include "kernel/migrate.h"
#include "kernel/stage2_host.h"
#include "kernel/virq.h"
#include "kernel/vm.h"
#include "vcpu/set_way.h"

void vcpu_unload(struct cpu *cpu)
{
	struct vcpu *vcpu = cpu->loaded;
	uint64_t due;

	if (vcpu == NULL)
		return;
	/* Timers first: their lines are low before the active bits of their PPIs are given away. */
	el1_timer_save(&vcpu->timer);
	virq_unload(vcpu);
	el1_state_save(&vcpu->el1);
	if (vcpu->hcr & HCR_EL2_APK)
		pauth_save(&vcpu->pauth);
	fp_save(&vcpu->fp);
	__atomic_store_n(&cpu->loaded, NULL, __ATOMIC_RELAXED);
	/* Parked without the hardware timer: a soft one wakes it. The load cancels it. */
	if (vcpu->run.state == RUN_BLOCKED && timer_state_next(&vcpu->timer, vcpu->vm->cntvoff, &due))
		soft_timer_arm(&cpu->timers, &vcpu->wake_timer, due);
	else
		migrate_untie(vcpu);
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
	traps_load(&cpu->features, vcpu->hcr, cpu->trap_wfi);
	cpu->wfi_traps = cpu->trap_wfi;
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
	migrate_tie(vcpu);
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

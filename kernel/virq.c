/* Virtual interrupts: see virq.h. */
#include "kernel/virq.h"

#include "arch/arm64/el1_state.h"
#include "arch/arm64/gic/gic.h"
#include "arch/arm64/timer.h"
#include "kernel/cpu.h"
#include "kernel/sched.h"
#include "kernel/system.h"
#include "kernel/vm.h"
#include "lib/bits.h"

#define IDLE_PRIORITY 0x100U /* above every priority */

/* Of each pCPU: what its list registers hold since the last flush. Owned by it. */
static struct gic_lr_file lr_files[MAX_CPUS];

static uint32_t enabled_groups(void *ctx)
{
	struct gic_vcpu_regs regs;
	struct gic_vmcr vmcr;

	(void)ctx;
	gic->save(&regs);
	gic->decode_vmcr(&regs, &vmcr);
	return (uint32_t)(vmcr.group0_enable ? BIT(0) : 0) | (uint32_t)(vmcr.group1_enable ? BIT(1) : 0);
}

void virq_init_cpu(void)
{
	struct gic_lr_file *file = &lr_files[this_cpu()];

	file->nr_lrs = (uint8_t)gic->nr_lrs();
	file->enabled_groups = enabled_groups;
	gic->virtual_off();
}

void virq_post(struct vm *vm, vgic_mask_t mask)
{
	for (unsigned int index = 0; mask != 0; index++, mask >>= 1) {
		if (mask & 1)
			vcpu_post(vm->vcpus[index], VCPU_REQ_VGIC);
	}
}

void virq_set_line(struct vm *vm, uint32_t intid, bool level)
{
	vgic_mask_t mask;

	spin_lock(&vm->vgic.lock);
	mask = vgic_set_line(&vm->vgic, 0, intid, level);
	spin_unlock(&vm->vgic.lock);
	virq_post(vm, mask);
}

/*
 * What drives a linked interrupt: the output of a timer (only the loaded vCPU's are in the machine), or a host device,
 * whose line the distributor shows as pending while the interrupt is active. [IHI0069 GICD_ISPENDR<n>]
 */
static bool is_line_low(void *ctx, uint32_t pintid)
{
	(void)ctx;
	if (pintid == system_hw->timer_virt.intid)
		return !el1_timer_virt_fires();
	if (pintid == system_hw->timer_phys_ns.intid)
		return !el1_timer_phys_fires();
	return !gic->is_pending(pintid);
}

/* They waited for a sync to make a register access again. */
static void complete(struct vm *vm, vgic_mask_t answered)
{
	for (unsigned int index = 0; answered != 0; index++, answered >>= 1)
		if (answered & 1)
			sched_complete(vm->vcpus[index]);
}

/* LRs -> model. The VM's vGIC lock is held. line_low: NULL when the timers are out of the machine already. */
static vgic_mask_t sync_locked(struct vcpu *vcpu, bool (*line_low)(void *ctx, uint32_t pintid))
{
	struct gic_lr_file *file = &lr_files[this_cpu()];
	struct vgic_sync_io io = { .file = file, .hw_line_low = line_low };
	vgic_mask_t mask;

	gic->read_lrs(file);
	mask = vgic_sync(&vcpu->vm->vgic, vcpu->index, &io);
	for (unsigned int n = 0; n < io.nr_deactivate; n++)
		gic->clear_active(io.deactivate[n]);
	if (io.answered != 0)
		complete(vcpu->vm, io.answered);
	return mask;
}

/* Model -> LRs. */
static void flush_locked(struct vcpu *vcpu)
{
	struct gic_lr_file *file = &lr_files[this_cpu()];

	vgic_flush(&vcpu->vm->vgic, vcpu->index, file);
	gic->write_lrs(file);
}

/* Of one that waits: parked, it is woken with the interrupt in a list register, and need not look when it comes. */
static __attribute__((noinline)) void timer_fired_parked(struct vcpu *vcpu, uint32_t vintid)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	vgic_mask_t mask, self = (vgic_mask_t)BIT(vcpu->index);
	bool wakes;

	spin_lock(&vgic->lock);
	mask = vgic_inject_hw(vgic, vcpu->index, vintid);
	/* One that has to refresh anyway may have been withdrawn: its list registers stay empty until then. */
	wakes = vcpu->run.state == RUN_BLOCKED && (mask & self) != 0 &&
		(__atomic_load_n(&vcpu->requests, __ATOMIC_RELAXED) & VCPU_REQ_VGIC) == 0;
	if (wakes) {
		mask |= sync_locked(vcpu, is_line_low);
		flush_locked(vcpu);
		mask &= ~self;
	}
	spin_unlock(&vgic->lock);
	virq_post(vcpu->vm, mask);
	if (wakes)
		sched_wake(vcpu);
}

/* One that runs enters again at once, with the interrupt. */
void virq_timer_fired(struct vcpu *vcpu, uint32_t vintid)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	vgic_mask_t mask;

	if (cpu_self()->queue.current != &vcpu->run) {
		timer_fired_parked(vcpu, vintid);
		return;
	}
	spin_lock(&vgic->lock);
	mask = vgic_inject_hw(vgic, vcpu->index, vintid);
	mask |= sync_locked(vcpu, is_line_low);
	flush_locked(vcpu);
	spin_unlock(&vgic->lock);
	virq_post(vcpu->vm, mask & ~(vgic_mask_t)BIT(vcpu->index));
}

bool virq_host_irq(struct vm *vm, uint32_t vintid)
{
	vgic_mask_t mask = 0;
	bool takes;

	spin_lock(&vm->vgic.lock);
	takes = vm->takes_host_irqs;
	if (takes)
		mask = vgic_inject_spi(&vm->vgic, vintid);
	spin_unlock(&vm->vgic.lock);
	virq_post(vm, mask);
	return takes;
}

void virq_refresh(struct vcpu *vcpu)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	vgic_mask_t mask;

	spin_lock(&vgic->lock);
	mask = sync_locked(vcpu, is_line_low);
	flush_locked(vcpu);
	spin_unlock(&vgic->lock);
	virq_post(vcpu->vm, mask & ~(vgic_mask_t)BIT(vcpu->index));
}

void virq_sync(struct vcpu *vcpu)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	vgic_mask_t mask;

	spin_lock(&vgic->lock);
	mask = sync_locked(vcpu, is_line_low);
	spin_unlock(&vgic->lock);
	virq_post(vcpu->vm, mask | (vgic_mask_t)BIT(vcpu->index));
}

void virq_withdraw(struct vcpu *vcpu)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	vgic_mask_t mask;

	spin_lock(&vgic->lock);
	mask = sync_locked(vcpu, is_line_low);
	spin_unlock(&vgic->lock);
	/* Else a maintenance interrupt would fill them again. */
	gic->virtual_off();
	/* Nothing new has come: it need not wake for it. */
	__atomic_fetch_or(&vcpu->requests, (uint32_t)VCPU_REQ_VGIC, __ATOMIC_SEQ_CST);
	virq_post(vcpu->vm, mask & ~(vgic_mask_t)BIT(vcpu->index));
}

/* Has the model something for it that its CPU interface lets through? Refreshes. */
static bool has_deliverable(struct vcpu *vcpu, const struct vgic_cpu_interface *interface)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	vgic_mask_t mask;
	bool deliverable;

	spin_lock(&vgic->lock);
	mask = sync_locked(vcpu, is_line_low);
	deliverable = vgic_has_deliverable(vgic, vcpu->index, interface);
	flush_locked(vcpu);
	spin_unlock(&vgic->lock);
	virq_post(vcpu->vm, mask & ~(vgic_mask_t)BIT(vcpu->index));
	return deliverable;
}

void virq_decode_interface(const struct gic_vcpu_regs *regs, struct vgic_cpu_interface *interface)
{
	struct gic_vmcr vmcr;

	gic->decode_vmcr(regs, &vmcr);
	*interface = (struct vgic_cpu_interface){
		.priority_mask = vmcr.pmr,
		.running_priority = gic->active_priority(regs),
		.preempts = { vmcr.preempts[0], vmcr.preempts[1] },
		.group_on = { vmcr.group0_enable, vmcr.group1_enable },
	};
}

bool virq_is_deliverable(struct vcpu *vcpu)
{
	struct vgic_cpu_interface interface;
	struct gic_vcpu_regs regs;

	gic->save(&regs);
	virq_decode_interface(&regs, &interface);
	return has_deliverable(vcpu, &interface);
}

/* The CPU interface is powered down, and an OS may have closed it before: the distributor is what wakes. */
bool virq_ends_suspend(struct vcpu *vcpu)
{
	static const struct vgic_cpu_interface open = { .priority_mask = IDLE_PRIORITY,
							.running_priority = IDLE_PRIORITY,
							.group_on = { true, true } };

	return has_deliverable(vcpu, &open);
}

bool virq_eoi_is_split(void)
{
	struct gic_vcpu_regs regs;
	struct gic_vmcr vmcr;

	gic->save(&regs);
	gic->decode_vmcr(&regs, &vmcr);
	return vmcr.eoi_split;
}

void virq_deactivate(struct vcpu *vcpu, uint32_t intid)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	vgic_mask_t mask;

	/* With EOImode = 0 a write is UNPREDICTABLE [IHI0069 ICC_DIR_EL1]: ignored. */
	if (!virq_eoi_is_split())
		return;
	spin_lock(&vgic->lock);
	mask = sync_locked(vcpu, is_line_low);
	mask |= vgic_deactivate(vgic, vcpu->index, intid);
	spin_unlock(&vgic->lock);
	virq_post(vcpu->vm, mask | (vgic_mask_t)BIT(vcpu->index));
}

void virq_on(struct vcpu *vcpu)
{
	struct vgic *vgic = &vcpu->vm->vgic;

	spin_lock(&vgic->lock);
	vgic_cpu_on(vgic, vcpu->index);
	spin_unlock(&vgic->lock);
}

void virq_follow_routes(struct vm *vm)
{
	unsigned int vcpu;
	uint32_t pintid;

	while (vgic_take_moved(&vm->vgic, &pintid, &vcpu))
		gic->set_target(pintid, vm->vcpus[vcpu]->run.home_cpu);
}

/* Of which timers does the model have the interrupt? The VM's vGIC lock is held. */
static uint32_t arrived_timers(const struct vcpu *vcpu)
{
	const struct vgic *vgic = &vcpu->vm->vgic;
	const uint32_t *intids = vcpu->vm->map->timer_intids;
	uint32_t arrived = 0;

	if (vgic_link_is_active(vgic, vcpu->index, intids[GUEST_TIMER_VIRT]))
		arrived |= (uint32_t)BIT(GUEST_TIMER_VIRT);
	if (vgic_link_is_active(vgic, vcpu->index, intids[GUEST_TIMER_PHYS_NS]))
		arrived |= (uint32_t)BIT(GUEST_TIMER_PHYS_NS);
	return arrived;
}

/*
 * The physical active bit of a linked PPI is vCPU state: set exactly while the guest owes a deactivation. Clear while
 * no vCPU is loaded.
 */
static void load_active_bits(const struct vcpu *vcpu)
{
	uint32_t arrived = arrived_timers(vcpu), active = 0;

	if (arrived & BIT(GUEST_TIMER_VIRT))
		active |= (uint32_t)BIT(system_hw->timer_virt.intid);
	if (arrived & BIT(GUEST_TIMER_PHYS_NS))
		active |= (uint32_t)BIT(system_hw->timer_phys_ns.intid);
	if (active != 0)
		gic->write_private_active(active, true);
}

static vgic_mask_t arrive(struct vcpu *vcpu, enum guest_timer timer, bool fires)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	uint32_t vintid = vcpu->vm->map->timer_intids[timer];

	if (!fires || vgic_link_is_active(vgic, vcpu->index, vintid))
		return 0;
	return vgic_inject_hw(vgic, vcpu->index, vintid);
}

/*
 * A timer that became due while the vCPU was away, most often what it is loaded for, arrives with the load: as if its
 * physical interrupt had been taken, whose active bit is set next. Else it would take the vCPU out again at once.
 * Returns the vCPU, or nobody where it cannot be signalled now. The VM's vGIC lock is held.
 */
static vgic_mask_t take_due_timers(struct vcpu *vcpu)
{
	uint64_t now = timer_now_ticks();

	return arrive(vcpu, GUEST_TIMER_VIRT, timer_state_virt_fires(&vcpu->timer, vcpu->vm->cntvoff, now)) |
	       arrive(vcpu, GUEST_TIMER_PHYS_NS, timer_state_phys_fires(&vcpu->timer, now));
}

/*
 * Without the lock, on the way of somebody's deadline: should an enable change just now, the vCPU wakes once too often,
 * or takes the long way, which has the lock.
 */
bool virq_timer_is_signalled(const struct vcpu *vcpu)
{
	const struct vgic *vgic = &vcpu->vm->vgic;
	const uint32_t *intids = vcpu->vm->map->timer_intids;
	uint64_t now = timer_now_ticks();

	if (timer_state_virt_fires(&vcpu->timer, vcpu->vm->cntvoff, now) &&
	    vgic_irq_is_on(vgic, vcpu->index, intids[GUEST_TIMER_VIRT]))
		return true;
	return timer_state_phys_fires(&vcpu->timer, now) &&
	       vgic_irq_is_on(vgic, vcpu->index, intids[GUEST_TIMER_PHYS_NS]);
}

uint32_t virq_due_timers(struct vcpu *vcpu)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	vgic_mask_t mask;
	uint32_t arrived;

	spin_lock(&vgic->lock);
	mask = take_due_timers(vcpu);
	arrived = arrived_timers(vcpu);
	spin_unlock(&vgic->lock);
	virq_post(vcpu->vm, mask);
	return arrived;
}

void virq_load(struct vcpu *vcpu)
{
	struct vgic *vgic = &vcpu->vm->vgic;

	gic->restore(&vcpu->gic);
	/* Whatever was posted for the vGIC until now, the flush below sees. */
	__atomic_fetch_and(&vcpu->requests, ~(uint32_t)VCPU_REQ_VGIC, __ATOMIC_SEQ_CST);
	spin_lock(&vgic->lock);
	/* Its own vCPU, about to be flushed: there is nobody to tell. */
	(void)take_due_timers(vcpu);
	load_active_bits(vcpu);
	/* The active bits were just made right: nothing that ended while it was away is left to deactivate. */
	vgic->cpu[vcpu->index].hw_ended = 0;
	flush_locked(vcpu);
	spin_unlock(&vgic->lock);
}

uint32_t virq_unload(struct vcpu *vcpu)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	vgic_mask_t mask;
	uint32_t arrived = 0;

	spin_lock(&vgic->lock);
	mask = sync_locked(vcpu, NULL);
	if (vcpu->run.state == RUN_BLOCKED)
		arrived = arrived_timers(vcpu);
	spin_unlock(&vgic->lock);
	gic->save(&vcpu->gic);
	gic->virtual_off();
	gic->write_private_active((uint32_t)(BIT(system_hw->timer_virt.intid) | BIT(system_hw->timer_phys_ns.intid)),
				  false);
	virq_post(vcpu->vm, mask & ~(vgic_mask_t)BIT(vcpu->index));
	return arrived;
}

void virq_reset(struct vcpu *vcpu)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	vgic_mask_t mask;

	spin_lock(&vgic->lock);
	mask = sync_locked(vcpu, is_line_low);
	mask |= vgic_cpu_reset(vgic, vcpu->index);
	spin_unlock(&vgic->lock);
	virq_post(vcpu->vm, mask & ~(vgic_mask_t)BIT(vcpu->index));
}

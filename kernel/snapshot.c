/* Snapshots of vCPUs: see snapshot.h. */
#include "kernel/snapshot.h"

#include "arch/arm64/el1_state.h"
#include "arch/arm64/gic/gic.h"
#include "arch/arm64/timer.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/migrate.h"
#include "kernel/virq.h"
#include "kernel/vm.h"
#include "lib/bits.h"

enum request_state { REQUEST_IDLE, REQUEST_POSTED, REQUEST_TAKEN, REQUEST_DONE };

static struct {
	unsigned int state; /* atomic: enum request_state */
	/* Written while IDLE, by the one who asks. */
	struct vcpu *vcpu;
	struct vcpu_snapshot *to;
} request;

static bool move(unsigned int from, unsigned int to)
{
	return __atomic_compare_exchange_n(&request.state, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static void ask_cpu_of(const struct vcpu *vcpu)
{
	gic->send_sgi(__atomic_load_n(&vcpu->run.on_cpu, __ATOMIC_ACQUIRE), IRQ_SGI_SNAPSHOT);
}

void snapshot_ask(struct vcpu *vcpu, struct vcpu_snapshot *to)
{
	request.vcpu = vcpu;
	request.to = to;
	__atomic_store_n(&request.state, REQUEST_POSTED, __ATOMIC_RELEASE);
	ask_cpu_of(vcpu);
}

bool snapshot_has_come(void)
{
	return move(REQUEST_DONE, REQUEST_IDLE);
}

bool snapshot_withdraw(void)
{
	return move(REQUEST_POSTED, REQUEST_IDLE);
}

/* --- the pCPU that is asked --- */

static const char *name_of(const struct run_entity *entity)
{
	return entity == NULL || entity->is_job ? NULL : container_of(entity, struct vcpu, run)->name;
}

static void take_schedule(struct cpu *cpu, const struct vcpu *vcpu, struct vcpu_snapshot *out)
{
	const struct run_entity *run = &vcpu->run;

	spin_lock(&cpu->lock);
	out->state = run->state;
	out->is_held = run->is_held;
	out->runs_instead = cpu->queue.current != run ? name_of(cpu->queue.current) : NULL;
	out->budget_ticks = run->budget_ticks;
	out->period_ends_ticks = run->period_ends_ticks;
	spin_unlock(&cpu->lock);
}

static void take_registers(const struct vcpu *vcpu, bool loaded, struct vcpu_snapshot *out)
{
	struct gic_vcpu_regs regs = vcpu->gic;

	out->frame = vcpu->frame;
	out->el1 = vcpu->el1;
	out->timer = vcpu->timer;
	if (loaded) {
		el1_state_save(&out->el1);
		el1_timer_read(&out->timer);
		gic->save(&regs);
	}
	virq_decode_interface(&regs, &out->interface);
	out->cntvoff = vcpu->vm->cntvoff;
}

/* One that waits to make an access to the vGIC again has synced, and must not be flushed before it does. */
static bool may_refresh(const struct vcpu *vcpu, const struct vcpu_snapshot *out)
{
	return out->state != RUN_PENDING && (out->requests & VCPU_REQ_ACCESS) == 0 && vcpu->power != VCPU_POWER_OFF;
}

static void take_interrupts(struct vcpu *vcpu, bool loaded, struct vcpu_snapshot *out)
{
	static const enum guest_timer timers[] = { GUEST_TIMER_VIRT, GUEST_TIMER_PHYS_NS };
	struct vgic *vgic = &vcpu->vm->vgic;

	/* What only its list registers know. */
	if (loaded && may_refresh(vcpu, out))
		virq_refresh(vcpu);
	out->gic_version = vgic->version;
	out->irqs = (struct vgic_shown){ .nr = 0 };
	spin_lock(&vgic->lock);
	for (unsigned int word = 0; word < VGIC_NR_WORDS; word++)
		vgic_show(vgic, vcpu->index, word, vgic->cpu[vcpu->index].candidates[word], &out->irqs);
	out->waits_for = vgic->cpu[vcpu->index].waits_for;
	for (unsigned int n = 0; n < ARRAY_SIZE(timers); n++) {
		uint32_t intid = vcpu->vm->map->timer_intids[timers[n]];

		out->timer_intids[timers[n]] = intid;
		out->timer_irq_on[timers[n]] = vgic_irq_is_on(vgic, vcpu->index, intid);
	}
	spin_unlock(&vgic->lock);
}

static void take(struct cpu *cpu, struct vcpu *vcpu, struct vcpu_snapshot *out)
{
	bool loaded = cpu->loaded == vcpu;

	out->now_ticks = timer_now_ticks();
	out->home_cpu = cpu->id;
	out->power = vcpu->power;
	out->was_on = vcpu->trace_next != 0;
	out->requests = __atomic_load_n(&vcpu->requests, __ATOMIC_ACQUIRE);
	take_schedule(cpu, vcpu, out);
	take_registers(vcpu, loaded, out);
	take_interrupts(vcpu, loaded, out);
	out->own_exits = vcpu_own_exits(vcpu);
	for (unsigned int n = 0; n < VCPU_NR_TRACED_EXITS; n++)
		out->history.trace[n] = vcpu->trace[n];
	out->history.trace_next = vcpu->trace_next;
}

void snapshot_serve(void)
{
	struct vcpu *vcpu;
	bool was_tied;

	/* Withdrawn meanwhile: whoever asked tires of waiting. */
	if (!move(REQUEST_POSTED, REQUEST_TAKEN))
		return;
	vcpu = request.vcpu;
	if (!migrate_pin(cpu_self(), vcpu, &was_tied)) {
		/* It has moved, or another one is asked for by now. */
		__atomic_store_n(&request.state, REQUEST_POSTED, __ATOMIC_RELEASE);
		ask_cpu_of(vcpu);
		return;
	}
	take(cpu_self(), vcpu, request.to);
	migrate_unpin(vcpu, was_tied);
	__atomic_store_n(&request.state, REQUEST_DONE, __ATOMIC_RELEASE);
}

/*
 * Between the model and the list registers. Flush moves state into LRs, sync takes back what the guest has left of it:
 * an interrupt's pending state is never in both places, so nothing is delivered twice, and never in none, so nothing is
 * lost.
 */
#include "dev/vgic.h"

#include <stddef.h>

#include "dev/vgic_irq.h"

/*
 * The guest's deactivation did not reach the hardware, or there will be none: a linked interrupt is deactivated
 * physically, unless it is pending (then its guest will end it).
 */
static void end_physically(struct vgic *vgic, unsigned int vcpu, uint32_t intid, struct vgic_irq *irq)
{
	if (irq->hw && !irq->active && !irq->line)
		vgic_irq_owe_end(vgic, vcpu, intid, irq);
}

/* Priority first, then INTID, in one number: the lower the more urgent. */
static uint32_t urgency(const struct vgic_irq *irq, uint32_t intid)
{
	return (uint32_t)irq->priority << 16 | intid;
}

static uint32_t urgency_intid(uint32_t key)
{
	return key & 0xffff;
}

#define URGENCY_NONE UINT32_MAX

/* The most urgent interrupt that was active and in no LR at the last flush, and whose end was not counted yet. */
static uint32_t most_urgent_outside(const struct vgic *vgic, unsigned int vcpu)
{
	uint32_t best = URGENCY_NONE;

	for (unsigned int word = 0; word < VGIC_NR_WORDS; word++) {
		for (uint64_t bits = vgic->cpu[vcpu].outside[word]; bits != 0; bits &= bits - 1) {
			uint32_t intid = word * 64 + (uint32_t)__builtin_ctzll(bits);

			best = (uint32_t)min_u64(best, urgency(vgic_irq_look(vgic, vcpu, intid), intid));
		}
	}
	return best;
}

/* Which those are. */
static void note_outside(struct vgic *vgic, unsigned int vcpu)
{
	struct vgic_cpu *cpu = &vgic->cpu[vcpu];

	for (unsigned int word = 0; word < VGIC_NR_WORDS; word++) {
		cpu->outside[word] = 0;
		for (uint64_t bits = cpu->candidates[word]; bits != 0; bits &= bits - 1) {
			uint32_t bit = (uint32_t)__builtin_ctzll(bits);
			const struct vgic_irq *irq = vgic_irq_look(vgic, vcpu, word * 64 + bit);

			if (irq->active && irq->acked && irq->lr_owner == VGIC_NOWHERE)
				cpu->outside[word] |= BIT(bit);
		}
	}
}

/*
 * EOIcount: so many EOIs found no LR [IHI0069 ICH_HCR_EL2.EOIcount]. A guest ends its interrupts in the reverse order
 * of their acknowledge, and each preempted a less urgent one, so these EOIs were for the most urgent of those outside.
 * One that ICACTIVER has ended meanwhile counts all the same.
 */
static vgic_mask_t end_counted(struct vgic *vgic, unsigned int vcpu, unsigned int eoi_count)
{
	vgic_mask_t mask = 0;

	for (; eoi_count > 0; eoi_count--) {
		uint32_t best = most_urgent_outside(vgic, vcpu), intid = urgency_intid(best);
		struct vgic_irq *irq;

		if (best == URGENCY_NONE)
			break;
		vgic->cpu[vcpu].outside[intid / 64] &= ~BIT(intid % 64);
		irq = vgic_irq_get(vgic, vcpu, intid);
		if (!irq->active || irq->home != vcpu || irq->lr_owner != VGIC_NOWHERE)
			continue;
		irq->active = false;
		end_physically(vgic, vcpu, intid, irq);
		mask |= vgic_irq_update(vgic, vcpu, intid);
	}
	return mask;
}

/* Pending state that the guest did not acknowledge goes back to where flush took it. */
static void take_back_pending(struct vgic_irq *irq)
{
	switch ((enum vgic_lr_took)irq->lr_took) {
	case VGIC_LR_TOOK_NONE: break; /* a level's line never left; or ICPENDR has cleared it meanwhile */
	case VGIC_LR_TOOK_LATCH: irq->latch = true; break;
	case VGIC_LR_TOOK_ARRIVAL: irq->line = true; break;
	case VGIC_LR_TOOK_SGI: irq->sgi_pending |= (uint8_t)BIT(irq->sgi_source); break;
	}
}

static vgic_mask_t take_back(struct vgic *vgic, unsigned int vcpu, uint32_t intid, const struct gic_lr *lr)
{
	struct vgic_irq *irq = vgic_irq_get(vgic, vcpu, intid);
	bool lr_hw = irq->lr_hw;

	if (lr->pending)
		take_back_pending(irq);
	if (!irq->active_written) {
		irq->acked = lr->active && (irq->acked || !irq->active);
		irq->active = lr->active;
	}
	if (irq->active)
		irq->active_on = (uint8_t)vcpu;
	vgic_irq_leave_lr(irq);
	/*
	 * An LR with HW = 1 that is empty now was ended by the guest, physically too. Else it was withdrawn before its
	 * end (ICACTIVER, ICPENDR), or ended in an LR without HW = 1.
	 */
	if (lr->active || lr->pending || !lr_hw)
		end_physically(vgic, vcpu, intid, irq);
	else
		irq->owed = irq->line; /* ended; and it may have fired again since */
	return vgic_irq_update(vgic, vcpu, intid);
}

static void withdraw(struct vgic *vgic, unsigned int vcpu, uint32_t intid, struct vgic_irq *irq)
{
	irq->line = false;
	end_physically(vgic, vcpu, intid, irq);
	(void)vgic_irq_update(vgic, vcpu, intid);
}

/*
 * Of SPIs, those for this vCPU that are levels on both sides: a guest need not have written GICD_ICFGR, and of an edge
 * on the host's side nothing is to be seen once it is active.
 */
static void drop_low_spis(struct vgic *vgic, unsigned int vcpu, const struct vgic_sync_io *io)
{
	for (uint32_t word = 0; word < VGIC_NR_WORDS; word++) {
		uint64_t bits = vgic->cpu[vcpu].candidates[word] & vgic->spi_links[word];

		for (; bits != 0; bits &= bits - 1) {
			uint32_t intid = word * 64 + (uint32_t)__builtin_ctzll(bits);
			struct vgic_irq *irq = vgic_irq_get(vgic, vcpu, intid);

			if (irq->line && !irq->edge && !irq->hw_edge && io->hw_line_low(io->ctx, irq->pintid))
				withdraw(vgic, vcpu, intid, irq);
		}
	}
}

/*
 * A linked interrupt that is pending, but whose timer has been set anew or masked, or whose device is content again:
 * withdrawn, so that it can fire again.
 */
static void drop_low_lines(struct vgic *vgic, unsigned int vcpu, const struct vgic_sync_io *io)
{
	struct vgic_cpu *cpu = &vgic->cpu[vcpu];

	if (io->hw_line_low == NULL)
		return;
	for (uint32_t bits = cpu->links; bits != 0; bits &= bits - 1) {
		uint32_t intid = (uint32_t)__builtin_ctz(bits);
		struct vgic_irq *irq = &cpu->irq[intid];

		if (irq->line && io->hw_line_low(io->ctx, irq->pintid))
			withdraw(vgic, vcpu, intid, irq);
	}
	if (vgic->has_spi_links)
		drop_low_spis(vgic, vcpu, io);
}

static void tell_ended_spis(struct vgic *vgic, struct vgic_sync_io *io)
{
	for (uint32_t word = 0; word < VGIC_NR_WORDS; word++) {
		uint64_t *ended = &vgic->spi_ended[word];

		for (; *ended != 0 && io->nr_deactivate < ARRAY_SIZE(io->deactivate); *ended &= *ended - 1) {
			uint32_t intid = word * 64 + (uint32_t)__builtin_ctzll(*ended);

			io->deactivate[io->nr_deactivate++] = vgic_irq_look(vgic, 0, intid)->pintid;
		}
	}
}

static void tell_ended(struct vgic *vgic, struct vgic_cpu *cpu, struct vgic_sync_io *io)
{
	for (; cpu->hw_ended != 0 && io->nr_deactivate < ARRAY_SIZE(io->deactivate); cpu->hw_ended &= cpu->hw_ended - 1)
		io->deactivate[io->nr_deactivate++] = cpu->irq[__builtin_ctz(cpu->hw_ended)].pintid;
	if (vgic->has_spi_links)
		tell_ended_spis(vgic, io);
}

/* This vCPU has synced: whoever waited for nobody else makes its access again. */
static vgic_mask_t answer(struct vgic *vgic, unsigned int vcpu)
{
	vgic_mask_t answered = 0;

	for (uint32_t bits = vgic->waiting; bits != 0; bits &= bits - 1) {
		unsigned int n = (unsigned int)__builtin_ctz(bits);
		struct vgic_cpu *waiter = &vgic->cpu[n];

		waiter->waits_for &= ~(uint32_t)BIT(vcpu);
		if (waiter->waits_for != 0)
			continue;
		waiter->waited = true;
		answered |= (vgic_mask_t)BIT(n);
	}
	vgic->waiting &= ~answered;
	return answered;
}

vgic_mask_t vgic_sync(struct vgic *vgic, unsigned int vcpu, struct vgic_sync_io *io)
{
	struct vgic_cpu *cpu = &vgic->cpu[vcpu];
	/* First those outside, while it is still known which they are. */
	vgic_mask_t mask = cpu->has_outside ? end_counted(vgic, vcpu, io->file->eoi_count) : 0;

	cpu->flushed = cpu->has_outside = false;
	io->nr_deactivate = 0;
	for (uint32_t used = cpu->lr_used; used != 0; used &= used - 1) {
		unsigned int n = (unsigned int)__builtin_ctz(used);

		mask |= take_back(vgic, vcpu, cpu->lr_intid[n], &io->file->lr[n]);
	}
	cpu->lr_used = 0;
	drop_low_lines(vgic, vcpu, io);
	tell_ended(vgic, cpu, io);
	io->answered = vgic->waiting != 0 ? answer(vgic, vcpu) : 0;
	return mask & ~(vgic_mask_t)BIT(vcpu);
}

/* The most urgent of a kind, in order, and how many there were of it. */
struct choice {
	uint32_t key[GIC_MAX_LRS];
	unsigned int nr, nr_seen;
};

static void choose(struct choice *choice, unsigned int max, uint32_t key)
{
	unsigned int n = choice->nr;

	choice->nr_seen++;
	if (n < max)
		choice->nr++;
	else if (key > choice->key[n - 1])
		return;
	else
		n--;
	for (; n > 0 && choice->key[n - 1] > key; n--)
		choice->key[n] = choice->key[n - 1];
	choice->key[n] = key;
}

/* Takes the pending state out of the model: what the LR carries of it is noted in lr_took. */
static void move_pending(const struct vgic *vgic, struct vgic_irq *irq, uint32_t intid)
{
	if (vgic_irq_is_v2_sgi(vgic, intid)) {
		/* One source at a time, the lowest first; the LR's EOI bit fetches the next. */
		irq->sgi_source = (uint8_t)__builtin_ctz(irq->sgi_pending);
		irq->sgi_pending &= (uint8_t)(irq->sgi_pending - 1);
		irq->lr_took = VGIC_LR_TOOK_SGI;
	} else if (irq->latch && !(irq->line && irq->owed && intid >= VGIC_NR_PRIVATE)) {
		irq->latch = false;
		irq->lr_took = VGIC_LR_TOOK_LATCH;
	} else if (irq->hw) {
		/* A linked SPI's before its latch: the end of this LR is the physical one's. */
		irq->line = false;
		irq->lr_took = VGIC_LR_TOOK_ARRIVAL;
	}
}

/* Would the pending state of an active interrupt be for this vCPU, once it has ended? */
static bool may_follow_here(const struct vgic *vgic, const struct vgic_irq *irq, unsigned int vcpu, uint32_t intid)
{
	return vgic_irq_may_signal(vgic, irq) && (intid < VGIC_NR_PRIVATE || irq->target == vcpu);
}

/*
 * The end of an interrupt without HW = 1 needs us: its line may still be high, other sources or another vCPU wait for
 * it, or the hardware's end is due.
 */
static bool wants_eoi(const struct vgic *vgic, const struct vgic_irq *irq)
{
	if (irq->hw || (irq->line && !irq->edge) || irq->sgi_pending != 0)
		return true;
	return irq->active && irq->latch && vgic_irq_may_signal(vgic, irq);
}

/*
 * HW = 1 must not be pending and active at once [IHI0069 ICH_LR<n>_EL2.HW]. Where software made a linked interrupt
 * pending again while it is active, it goes without HW and its end comes back through sync. The same for one that is
 * active by software and has arrived since: the physical end is due to the arrival.
 */
static void fill_lr(struct vgic *vgic, unsigned int vcpu, uint32_t intid, struct gic_lr *lr)
{
	struct vgic_irq *irq = vgic_irq_get(vgic, vcpu, intid);
	bool again = irq->active && irq->latch && may_follow_here(vgic, irq, vcpu, intid);
	bool arrived_again = irq->active && irq->line;

	irq->lr_hw =
		irq->hw && !again && !vgic->software_ends && (intid < VGIC_NR_PRIVATE || (irq->owed && !arrived_again));
	if (!irq->active || again)
		move_pending(vgic, irq, intid);
	irq->lr_owner = (uint8_t)vcpu;
	*lr = (struct gic_lr){
		.vintid = intid,
		.pintid = irq->lr_hw ? irq->pintid : 0,
		.priority = irq->priority,
		.group = irq->group,
		.source = vgic_irq_is_v2_sgi(vgic, intid) ? irq->sgi_source : 0,
		.pending = !irq->active || again,
		.active = irq->active,
		.hw = irq->lr_hw,
		.eoi = !irq->lr_hw && wants_eoi(vgic, irq),
	};
	if (irq->lr_hw && intid < VGIC_NR_PRIVATE)
		/* The caller makes it physically active: an older end must not undo that. */
		vgic->cpu[vcpu].hw_ended &= ~(uint32_t)BIT(intid);
}

static void fill_lrs(struct vgic *vgic, unsigned int vcpu, const struct choice *choice, unsigned int nr,
		     struct gic_lr_file *file)
{
	struct vgic_cpu *cpu = &vgic->cpu[vcpu];

	for (unsigned int i = 0; i < nr; i++) {
		/* LRs are filled from 0 up. */
		unsigned int n = (unsigned int)__builtin_ctz(~(uint32_t)cpu->lr_used);

		cpu->lr_intid[n] = urgency_intid(choice->key[i]);
		cpu->lr_used |= (uint16_t)BIT(n);
		fill_lr(vgic, vcpu, cpu->lr_intid[n], &file->lr[n]);
	}
}

/*
 * What is active, and what is pending in one of these groups (bit n: group n). In the flush itself: it runs at every
 * interrupt. Nor are the arrays cleared.
 */
static inline __attribute__((always_inline)) void collect_here(const struct vgic *vgic, unsigned int vcpu,
							       unsigned int max, uint32_t groups, struct choice *active,
							       struct choice *pending)
{
	active->nr = active->nr_seen = pending->nr = pending->nr_seen = 0;
	for (unsigned int word = 0; word < VGIC_NR_WORDS; word++) {
		for (uint64_t bits = vgic->cpu[vcpu].candidates[word]; bits != 0; bits &= bits - 1) {
			uint32_t intid = word * 64 + (uint32_t)__builtin_ctzll(bits);
			const struct vgic_irq *irq = vgic_irq_look(vgic, vcpu, intid);

			if (irq->active)
				choose(active, max, urgency(irq, intid));
			else if ((groups & BIT(irq->group)) != 0)
				choose(pending, max, urgency(irq, intid));
		}
	}
}

/* The same for the rare case, out of the way. */
static __attribute__((noinline)) void collect(const struct vgic *vgic, unsigned int vcpu, unsigned int max,
					      uint32_t groups, struct choice *active, struct choice *pending)
{
	collect_here(vgic, vcpu, max, groups, active, pending);
}

/*
 * Not all find room: those of a group that the CPU interface does not take would keep out those that it does. They wait
 * in the model, and a maintenance interrupt tells when the guest turns a group on or off.
 */
static __attribute__((noinline)) void leave_out_groups(const struct vgic *vgic, unsigned int vcpu,
						       struct gic_lr_file *file, struct choice *active,
						       struct choice *pending)
{
	uint32_t enabled, waiting = 0;

	for (uint32_t group = 0; group < 2; group++) {
		collect(vgic, vcpu, file->nr_lrs, vgic->ctlr & (uint32_t)BIT(group), active, pending);
		if (pending->nr != 0)
			waiting |= (uint32_t)BIT(group);
	}
	if (waiting != 3) {
		collect(vgic, vcpu, file->nr_lrs, vgic->ctlr, active, pending);
		return;
	}
	enabled = file->enabled_groups(file->ctx);
	for (uint32_t group = 0; group < 2; group++)
		file->group_irqs |= (uint8_t)((enabled & BIT(group)) != 0 ? GIC_VGrpDIE(group) : GIC_VGrpEIE(group));
	collect(vgic, vcpu, file->nr_lrs, vgic->ctlr & enabled, active, pending);
}

void vgic_flush(struct vgic *vgic, unsigned int vcpu, struct gic_lr_file *file)
{
	struct choice active, pending;
	unsigned int nr_lrs = file->nr_lrs, nr_active, nr_pending;

	collect_here(vgic, vcpu, nr_lrs, vgic->ctlr, &active, &pending);
	file->group_irqs = 0;
	if (pending.nr != 0 && active.nr_seen + pending.nr_seen > nr_lrs) {
		/* Copies: in registers the others are cheaper. */
		struct choice some_active, some_pending;

		leave_out_groups(vgic, vcpu, file, &some_active, &some_pending);
		active = some_active;
		pending = some_pending;
	}
	/* One LR is always for the most urgent pending one: it may be more urgent than all that are active. */
	nr_active = (unsigned int)min_u64(active.nr, pending.nr != 0 ? nr_lrs - 1 : nr_lrs);
	nr_pending = (unsigned int)min_u64(pending.nr, nr_lrs - nr_active);
	vgic->cpu[vcpu].lr_used = 0;
	vgic->cpu[vcpu].flushed = true;
	fill_lrs(vgic, vcpu, &active, nr_active, file);
	fill_lrs(vgic, vcpu, &pending, nr_pending, file);

	file->used = vgic->cpu[vcpu].lr_used;
	file->eoi_count = 0;
	/*
	 * Those that wait are less urgent than all pending ones in LRs, so NPIE is soon enough, and since one LR is
	 * pending it is not true at once. UIE ("one or none left") would be with a single LR, and keep the guest from
	 * running at all.
	 */
	file->underflow_irq = false;
	file->no_pending_irq = pending.nr_seen > nr_pending;
	file->eoi_not_present_irq = active.nr_seen > nr_active;
	vgic->cpu[vcpu].has_outside = file->eoi_not_present_irq;
	if (file->eoi_not_present_irq)
		note_outside(vgic, vcpu);
}

/* Only the most urgent of those whose group is on is looked at, as the hardware does. [IHI0069 4.8.3] */
bool vgic_has_deliverable(const struct vgic *vgic, unsigned int vcpu, const struct vgic_cpu_interface *interface)
{
	const struct vgic_irq *best = NULL;

	for (unsigned int word = 0; word < VGIC_NR_WORDS; word++) {
		for (uint64_t bits = vgic->cpu[vcpu].candidates[word]; bits != 0; bits &= bits - 1) {
			uint32_t intid = word * 64 + (uint32_t)__builtin_ctzll(bits);
			const struct vgic_irq *irq = vgic_irq_look(vgic, vcpu, intid);

			if (!irq->active && interface->group_on[irq->group] && vgic_irq_group_is_on(vgic, irq) &&
			    (best == NULL || irq->priority < best->priority))
				best = irq;
		}
	}
	return best != NULL && best->priority < interface->priority_mask &&
	       (best->priority & (unsigned int)interface->preempts[best->group]) < interface->running_priority;
}

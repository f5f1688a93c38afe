/*
 * The model: INTIDs, their homes, and what devices and other vCPUs do to them. LRs: vgic_lr.c. Registers: vgic_regs.c.
 */
#include "dev/vgic.h"

#include <string.h>

#include "dev/vgic_irq.h"

_Static_assert(sizeof(struct vgic_irq) == 32, "an INTID is found by a shift");

/*
 * In whose LRs an interrupt may stand. What an LR holds stays there until that vCPU's sync, what is active stays with
 * the vCPU that acknowledged it (its end comes from there), and only the rest follows its enable and its target. The
 * distributor's group enables do not count here: flush looks at them, so that GICD_CTLR moves nobody.
 */
static uint8_t irq_home(const struct vgic_irq *irq, unsigned int vcpu, uint32_t intid)
{
	bool private = intid < VGIC_NR_PRIVATE;

	if (irq->lr_owner != VGIC_NOWHERE)
		return irq->lr_owner;
	if (irq->active)
		return private ? (uint8_t)vcpu : irq->active_on;
	if (!vgic_irq_is_pending(irq) || !irq->enabled)
		return VGIC_NOWHERE;
	return private ? (uint8_t)vcpu : irq->target;
}

vgic_mask_t vgic_irq_update(struct vgic *vgic, unsigned int vcpu, uint32_t intid)
{
	struct vgic_irq *irq = vgic_irq_get(vgic, vcpu, intid);
	uint8_t home = irq_home(irq, vcpu, intid);
	unsigned int word = intid / 64;
	uint64_t bit = BIT(intid % 64);

	if (home != irq->home) {
		if (irq->home != VGIC_NOWHERE)
			vgic->cpu[irq->home].candidates[word] &= ~bit;
		if (home != VGIC_NOWHERE)
			vgic->cpu[home].candidates[word] |= bit;
		irq->home = home;
	}
	/* Who had it before need not be told: were it in an LR there, it would still be its home. */
	return home == VGIC_NOWHERE ? 0 : (vgic_mask_t)BIT(home);
}

static uint8_t route_v2(const struct vgic *vgic, const struct vgic_irq *irq)
{
	/* With one vCPU GICD_ITARGETSR is RAZ/WI and everything is for it [IHI0048 4.3.12]. */
	if (vgic->nr_vcpus == 1)
		return 0;
	return irq->targets == 0 ? VGIC_NOWHERE : (uint8_t)__builtin_ctz(irq->targets);
}

static uint8_t route_v3(const struct vgic *vgic, const struct vgic_irq *irq)
{
	for (uint8_t n = 0; n < vgic->nr_vcpus; n++)
		if (vgic->cpu[n].mpidr == irq->irouter)
			return n;
	return VGIC_NOWHERE;
}

uint8_t vgic_irq_route(const struct vgic *vgic, const struct vgic_irq *irq)
{
	return vgic->version == 2 ? route_v2(vgic, irq) : route_v3(vgic, irq);
}

vgic_mask_t vgic_irq_reroute(struct vgic *vgic, unsigned int vcpu, uint32_t intid)
{
	struct vgic_irq *irq = vgic_irq_get(vgic, vcpu, intid);
	uint8_t target = vgic_irq_route(vgic, irq);

	if (irq->hw && target != irq->target && target != VGIC_NOWHERE) {
		vgic->spi_moved[intid / 64] |= BIT(intid % 64);
		vgic->has_moved = true;
	}
	irq->target = target;
	return vgic_irq_update(vgic, vcpu, intid);
}

bool vgic_take_moved(struct vgic *vgic, uint32_t *pintid, unsigned int *vcpu)
{
	if (!vgic->has_moved)
		return false;
	for (uint32_t word = 0; word < VGIC_NR_WORDS; word++) {
		uint64_t *moved = &vgic->spi_moved[word];
		const struct vgic_irq *irq;

		if (*moved == 0)
			continue;
		irq = vgic_irq_look(vgic, 0, word * 64 + (uint32_t)__builtin_ctzll(*moved));
		*moved &= *moved - 1;
		*pintid = irq->pintid;
		*vcpu = irq->target;
		return true;
	}
	vgic->has_moved = false;
	return false;
}

/* Reset state; a device's line is an input and outlasts it, as does a link. */
static void irq_reset(const struct vgic *vgic, struct vgic_irq *irq, uint32_t intid)
{
	bool sgi = intid < VGIC_NR_SGIS;

	*irq = (struct vgic_irq){
		.home = VGIC_NOWHERE,
		.lr_owner = VGIC_NOWHERE,
		.edge = sgi,
		/* GICv2's SGIs are always enabled, which [IHI0048 4.3.5] leaves to the implementation. */
		.enabled = sgi && vgic->version == 2,
		.line = irq->line && !irq->hw,
		.hw = irq->hw,
		.owed = irq->owed,
		.pintid = irq->pintid,
	};
	irq->target = vgic_irq_route(vgic, irq);
}

/* All of one vCPU but its interrupts and its MPIDR. */
static void init_cpu(struct vgic_cpu *cpu)
{
	memset(cpu->candidates, 0, sizeof(cpu->candidates));
	cpu->asleep = true;
	cpu->off = true;
	cpu->links = cpu->hw_ended = 0;
	cpu->flushed = cpu->has_outside = cpu->waited = false;
	cpu->waits_for = 0;
	cpu->lr_used = 0;
}

bool vgic_init_step(struct vgic *vgic, unsigned int step, const struct vgic_shape *shape)
{
	const unsigned int nr_private_steps = shape->nr_vcpus * VGIC_NR_PRIVATE / VGIC_INIT_STEP_INTIDS;
	unsigned int vcpu = step * VGIC_INIT_STEP_INTIDS / VGIC_NR_PRIVATE;
	uint32_t first = step * VGIC_INIT_STEP_INTIDS % VGIC_NR_PRIVATE;

	if (step == 0) {
		vgic->version = (uint8_t)shape->version;
		vgic->nr_vcpus = (uint8_t)shape->nr_vcpus;
		vgic->software_ends = false;
		vgic->ctlr = vgic->waiting = 0;
		vgic->has_spi_links = vgic->has_moved = false;
		memset(vgic->spi_moved, 0, sizeof(vgic->spi_moved));
		memset(vgic->spi_links, 0, sizeof(vgic->spi_links));
		memset(vgic->spi_ended, 0, sizeof(vgic->spi_ended));
		/* Routes ask for all of them. */
		for (unsigned int n = 0; n < shape->nr_vcpus; n++)
			vgic->cpu[n].mpidr = shape->mpidrs[n];
	}
	if (step >= nr_private_steps)
		first = VGIC_NR_PRIVATE + (step - nr_private_steps) * VGIC_INIT_STEP_INTIDS;
	else if (first == 0)
		init_cpu(&vgic->cpu[vcpu]);
	for (uint32_t intid = first; intid < first + VGIC_INIT_STEP_INTIDS; intid++) {
		struct vgic_irq *irq = vgic_irq_get(vgic, vcpu, intid);

		irq->hw = irq->owed = irq->line = false;
		irq_reset(vgic, irq, intid);
	}
	return first + VGIC_INIT_STEP_INTIDS < VGIC_NR_INTIDS || step < nr_private_steps;
}

static void reset_private(struct vgic *vgic, unsigned int vcpu)
{
	struct vgic_cpu *cpu = &vgic->cpu[vcpu];

	for (uint32_t intid = 0; intid < VGIC_NR_PRIVATE; intid++) {
		struct vgic_irq *irq = &cpu->irq[intid];

		/* The guest owed its end: nobody else will end it now. */
		if (vgic_link_is_active(vgic, vcpu, intid))
			cpu->hw_ended |= (uint32_t)BIT(intid);
		irq_reset(vgic, irq, intid);
	}
	cpu->candidates[0] &= ~GENMASK(VGIC_NR_PRIVATE - 1, 0);
}

vgic_mask_t vgic_cpu_reset(struct vgic *vgic, unsigned int vcpu)
{
	struct vgic_cpu *cpu = &vgic->cpu[vcpu];
	vgic_mask_t mask = 0;

	reset_private(vgic, vcpu);
	for (uint32_t intid = VGIC_NR_PRIVATE; intid < VGIC_NR_INTIDS; intid++) {
		struct vgic_irq *irq = vgic_irq_get(vgic, 0, intid);

		if (irq->home != vcpu)
			continue;
		/* An edge that the guest has not seen is not lost with the vCPU: another may be its target by now. */
		irq->latch = irq->latch || irq->lr_took == VGIC_LR_TOOK_LATCH;
		irq->line = irq->line || irq->lr_took == VGIC_LR_TOOK_ARRIVAL;
		irq->active = false;
		vgic_irq_leave_lr(irq);
		if (!irq->line)
			vgic_irq_owe_end(vgic, 0, intid, irq);
		mask |= vgic_irq_update(vgic, 0, intid);
	}
	cpu->lr_used = 0;
	cpu->flushed = cpu->has_outside = false;
	cpu->asleep = cpu->off = true;
	/* A private level input may still be high, but reset has disabled it: no private candidate is left. */
	return mask;
}

void vgic_cpu_on(struct vgic *vgic, unsigned int vcpu)
{
	vgic->cpu[vcpu].off = false;
}

void vgic_link_private(struct vgic *vgic, unsigned int vcpu, uint32_t vintid, uint32_t pintid)
{
	struct vgic_irq *irq;

	if (vcpu >= vgic->nr_vcpus || vintid >= VGIC_NR_PRIVATE)
		return;
	irq = &vgic->cpu[vcpu].irq[vintid];
	irq->hw = true;
	irq->pintid = pintid;
	vgic->cpu[vcpu].links |= (uint32_t)BIT(vintid);
}

void vgic_link_spi(struct vgic *vgic, uint32_t vintid, uint32_t pintid, bool edge)
{
	struct vgic_irq *irq;

	if (vintid < VGIC_NR_PRIVATE || vintid >= VGIC_NR_INTIDS)
		return;
	irq = vgic_irq_get(vgic, 0, vintid);
	irq->hw = true;
	irq->hw_edge = edge;
	irq->pintid = pintid;
	vgic->spi_links[vintid / 64] |= BIT(vintid % 64);
	vgic->has_spi_links = true;
}

bool vgic_link_is_active(const struct vgic *vgic, unsigned int vcpu, uint32_t vintid)
{
	const struct vgic_irq *irq = &vgic->cpu[vcpu].irq[vintid];

	return irq->hw && (irq->active || irq->line || irq->lr_owner != VGIC_NOWHERE);
}

vgic_mask_t vgic_set_line(struct vgic *vgic, unsigned int vcpu, uint32_t intid, bool level)
{
	struct vgic_irq *irq;

	/* SGIs have no line. */
	if (intid < VGIC_NR_SGIS || intid >= VGIC_NR_INTIDS || (intid < VGIC_NR_PRIVATE && vcpu >= vgic->nr_vcpus))
		return 0;
	irq = vgic_irq_get(vgic, vcpu, intid);
	if (irq->line == level)
		return 0;
	irq->line = level;
	if (irq->edge && !irq->hw) {
		if (!level)
			return 0;
		irq->latch = true;
	}
	return vgic_irq_update(vgic, vcpu, intid);
}

vgic_mask_t vgic_inject_hw(struct vgic *vgic, unsigned int vcpu, uint32_t vintid)
{
	if (vcpu >= vgic->nr_vcpus || vintid >= VGIC_NR_PRIVATE || !vgic->cpu[vcpu].irq[vintid].hw)
		return 0;
	vgic->cpu[vcpu].irq[vintid].line = true;
	return vgic_irq_update(vgic, vcpu, vintid);
}

vgic_mask_t vgic_inject_spi(struct vgic *vgic, uint32_t vintid)
{
	struct vgic_irq *irq;

	if (vintid < VGIC_NR_PRIVATE || vintid >= VGIC_NR_INTIDS)
		return 0;
	irq = vgic_irq_get(vgic, 0, vintid);
	if (!irq->hw)
		return 0;
	irq->line = irq->owed = true;
	return vgic_irq_update(vgic, 0, vintid);
}

static bool is_sgi_target(const struct vgic *vgic, unsigned int source, unsigned int vcpu, const struct vcpu_exit *exit)
{
	uint64_t mpidr = vgic->cpu[vcpu].mpidr;
	uint64_t aff0 = mpidr & 0xff;

	if (exit->send_ipi.to_self)
		return vcpu == source;
	if (exit->send_ipi.to_all)
		return vcpu != source;
	if (vgic->version == 2)
		return (exit->send_ipi.target & BIT(vcpu)) != 0;
	return (mpidr & ~UINT64_C(0xff)) == exit->send_ipi.target && aff0 < 64 && (exit->send_ipi.aux & BIT(aff0)) != 0;
}

vgic_mask_t vgic_send_ipi(struct vgic *vgic, unsigned int source, const struct vcpu_exit *exit)
{
	uint32_t intid = exit->send_ipi.vector;
	vgic_mask_t mask = 0;

	if (intid >= VGIC_NR_SGIS)
		return 0;
	for (unsigned int n = 0; n < vgic->nr_vcpus; n++) {
		struct vgic_irq *irq = &vgic->cpu[n].irq[intid];

		if (vgic->cpu[n].off || !is_sgi_target(vgic, source, n, exit))
			continue;
		if (vgic->version == 2)
			irq->sgi_pending |= (uint8_t)BIT(source);
		else if (exit->send_ipi.group == 0 && irq->group != 0)
			/*
			 * With one security state SGI0R reaches group 0 only, SGI1R either [IHI0069 ICC_SGI0R_EL1,
			 * ICC_SGI1R_EL1].
			 */
			continue;
		else
			irq->latch = true;
		mask |= vgic_irq_update(vgic, n, intid);
	}
	return mask;
}

vgic_mask_t vgic_deactivate(struct vgic *vgic, unsigned int vcpu, uint32_t intid)
{
	struct vgic_irq *irq;

	if (intid >= VGIC_NR_INTIDS)
		return 0;
	irq = vgic_irq_get(vgic, vcpu, intid);
	if (irq->lr_owner != VGIC_NOWHERE)
		irq->active_written = true;
	else if (!irq->active)
		return 0;
	else if (irq->hw)
		vgic_irq_owe_end(vgic, vcpu, intid, irq);
	irq->active = false;
	/* A linked one's vCPU may have no candidate left, but its sync has an end to tell. */
	return vgic_irq_update(vgic, vcpu, intid) | (irq->hw ? (vgic_mask_t)BIT(vcpu) : 0);
}

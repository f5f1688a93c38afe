/* What a person may want to see of the model: read, never changed. */
#include "dev/vgic_irq.h"

bool vgic_irq_is_on(const struct vgic *vgic, unsigned int vcpu, uint32_t intid)
{
	return vgic_irq_may_signal(vgic, vgic_irq_look(vgic, vcpu, intid));
}

/* An SPI concerns the vCPU that holds it, or to which it would go. */
static bool concerns(const struct vgic_irq *irq, unsigned int vcpu, uint32_t intid)
{
	if (intid < VGIC_NR_PRIVATE)
		return true;
	return irq->lr_owner == vcpu || (irq->active ? irq->active_on : irq->target) == vcpu;
}

void vgic_show(const struct vgic *vgic, unsigned int vcpu, unsigned int word, uint64_t intids, struct vgic_shown *shown)
{
	for (; intids != 0; intids &= intids - 1) {
		uint32_t intid = word * 64 + (uint32_t)__builtin_ctzll(intids);
		const struct vgic_irq *irq = vgic_irq_look(vgic, vcpu, intid);

		if ((!vgic_irq_is_pending(irq) && !irq->active) || !concerns(irq, vcpu, intid))
			continue;
		if (shown->nr == VGIC_MAX_SHOWN) {
			shown->nr_more++;
			continue;
		}
		shown->irq[shown->nr++] = (struct vgic_shown_irq){
			.intid = (uint16_t)intid,
			.priority = irq->priority,
			.group = irq->group,
			.enabled = irq->enabled,
			.group_on = vgic_irq_group_is_on(vgic, irq),
			.pending = vgic_irq_is_pending(irq),
			.active = irq->active,
			.in_lr = irq->lr_owner == vcpu,
		};
	}
}

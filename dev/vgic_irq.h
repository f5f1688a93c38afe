/*
 * One INTID of the model: what vgic.c, vgic_lr.c and vgic_regs.c share, and nobody else includes. Every change of an
 * INTID's state ends with vgic_irq_update(), which keeps the candidates right and says who must be told.
 */
#ifndef DEV_VGIC_IRQ_H
#define DEV_VGIC_IRQ_H

#include "dev/vgic.h"
#include "lib/bits.h"

#define VGIC_NR_SGIS 16

/* Five bits of priority, as GICH_LR has [IHI0048 5.3.10]: guests on both versions see the same 32 levels. */
#define VGIC_PRIORITY_MASK 0xf8

/* intid < VGIC_NR_INTIDS; vcpu is ignored for SPIs. */
static inline struct vgic_irq *vgic_irq_get(struct vgic *vgic, unsigned int vcpu, uint32_t intid)
{
	return intid < VGIC_NR_PRIVATE ? &vgic->cpu[vcpu].irq[intid] : &vgic->spi[intid - VGIC_NR_PRIVATE];
}

/* The same for readers. */
static inline const struct vgic_irq *vgic_irq_look(const struct vgic *vgic, unsigned int vcpu, uint32_t intid)
{
	return intid < VGIC_NR_PRIVATE ? &vgic->cpu[vcpu].irq[intid] : &vgic->spi[intid - VGIC_NR_PRIVATE];
}

/* GICv2's SGIs are pending per source [IHI0048 2.2.2]. */
static inline bool vgic_irq_is_v2_sgi(const struct vgic *vgic, uint32_t intid)
{
	return vgic->version == 2 && intid < VGIC_NR_SGIS;
}

/* Pending as the guest reads it; what an LR carries counts until the next sync. */
static inline bool vgic_irq_is_pending(const struct vgic_irq *irq)
{
	/* A linked interrupt's line is an arrival, whatever GICD_ICFGR says of it. */
	return irq->latch || irq->sgi_pending != 0 || (irq->line && (!irq->edge || irq->hw)) ||
	       irq->lr_took != VGIC_LR_TOOK_NONE;
}

/* GICD_CTLR's enable of the interrupt's group: nothing pending is signalled without. */
static inline bool vgic_irq_group_is_on(const struct vgic *vgic, const struct vgic_irq *irq)
{
	return (vgic->ctlr & BIT(irq->group)) != 0;
}

/* Enabled, and its group too: pending, it may be signalled. */
static inline bool vgic_irq_may_signal(const struct vgic *vgic, const struct vgic_irq *irq)
{
	return irq->enabled && vgic_irq_group_is_on(vgic, irq);
}

/* What no LR carries any more. */
static inline void vgic_irq_leave_lr(struct vgic_irq *irq)
{
	irq->lr_owner = VGIC_NOWHERE;
	irq->lr_took = VGIC_LR_TOOK_NONE;
	irq->lr_hw = irq->active_written = false;
}

/* A linked interrupt's end did not reach the hardware, or there will be none: the next sync tells it. */
static inline void vgic_irq_owe_end(struct vgic *vgic, unsigned int vcpu, uint32_t intid, struct vgic_irq *irq)
{
	if (intid < VGIC_NR_PRIVATE)
		vgic->cpu[vcpu].hw_ended |= (uint32_t)BIT(intid);
	else if (irq->owed)
		vgic->spi_ended[intid / 64] |= BIT(intid % 64);
	irq->owed = false;
}

/* GICD_ITARGETSR or GICD_IROUTER has changed: hands it on, and a linked one's physical interrupt follows. */
vgic_mask_t vgic_irq_reroute(struct vgic *vgic, unsigned int vcpu, uint32_t intid);

/* The lowest vCPU that GICD_ITARGETSR or GICD_IROUTER names, or VGIC_NOWHERE. */
uint8_t vgic_irq_route(const struct vgic *vgic, const struct vgic_irq *irq);

/* Moves the INTID to the candidates where it belongs now; returns whose LRs may have to change. */
vgic_mask_t vgic_irq_update(struct vgic *vgic, unsigned int vcpu, uint32_t intid);

#endif

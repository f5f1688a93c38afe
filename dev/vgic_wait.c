/*
 * Register accesses that depend on what stands in the list registers of another vCPU, which runs: vgic.h tells the
 * races. What is written is in the model at once, what is read comes after that vCPU's sync.
 */
#include "dev/vgic_irq.h"
#include "dev/vgic_regs.h"

#define GICD_ISPENDR  0x200
#define GICD_SGIR     0xF00 /* GICv2, with CPENDSGIR and SPENDSGIR behind it; nothing on v3 */
#define GICD_SGIR_END 0xF40
#define PAGE_BYTES    0x1000

/* The frames of a GICv3 have several pages: what is not a state register there is synced for in vain, and rare. */
bool vgic_access_needs_sync(const struct vgic *vgic, unsigned int vcpu, uint64_t offset, bool write)
{
	uint64_t in_page = offset % PAGE_BYTES;

	if (in_page < VGIC_STATE_END)
		return write || in_page >= GICD_ISPENDR;
	return (in_page >= GICD_SGIR && in_page < GICD_SGIR_END) || (write && vgic->cpu[vcpu].has_outside);
}

/* Does this vCPU's flush hold, of 32 INTIDs, one of which it alone knows the state? */
static bool knows_more(const struct vgic *vgic, unsigned int vcpu, uint32_t first, uint32_t intids)
{
	const struct vgic_cpu *cpu = &vgic->cpu[vcpu];

	if (!cpu->flushed)
		return false;
	intids &= (uint32_t)(cpu->candidates[first / 64] >> (first % 64));
	for (; intids != 0; intids &= intids - 1) {
		const struct vgic_irq *irq = vgic_irq_look(vgic, vcpu, first + (uint32_t)__builtin_ctz(intids));

		if (irq->lr_owner != VGIC_NOWHERE || irq->active)
			return true;
	}
	return false;
}

static vgic_mask_t who_knows_more(const struct vgic_access *access, uint32_t first, uint32_t intids)
{
	unsigned int self = access->mmio->vcpu->index;
	vgic_mask_t mask = 0;

	for (unsigned int n = 0; n < access->vgic->nr_vcpus; n++) {
		/* A private INTID is the frame's vCPU's. */
		if (n == self || (first < VGIC_NR_PRIVATE && n != access->vcpu))
			continue;
		if (knows_more(access->vgic, n, first, intids))
			mask |= (vgic_mask_t)BIT(n);
	}
	return mask;
}

/* A group is turned off: whoever has anything in LRs. GICD_CTLR.RWP is 0 as soon as the guest goes on. */
static vgic_mask_t who_is_loaded(const struct vgic *vgic, unsigned int self)
{
	vgic_mask_t mask = 0;

	for (unsigned int n = 0; n < vgic->nr_vcpus; n++)
		if (n != self && vgic->cpu[n].flushed && vgic->cpu[n].lr_used != 0)
			mask |= (vgic_mask_t)BIT(n);
	return mask;
}

/* Which vCPUs have to sync before this access has ended. */
static vgic_mask_t whom_to_wait_for(const struct vgic_access *access)
{
	const struct mmio_access *mmio = access->mmio;
	uint32_t offset = access->offset, first = offset % 0x80 * 8;

	if (mmio->width != ACCESS_DWORD)
		return 0;
	if (offset == VGIC_CTLR && access->end > VGIC_NR_PRIVATE && access->write &&
	    (access->vgic->ctlr & ~mmio->value) != 0)
		return who_is_loaded(access->vgic, mmio->vcpu->index);
	if (offset == VGIC_CTLR || (offset < GICD_ISPENDR && !access->write) || first < access->first ||
	    first >= access->end)
		return 0;
	return who_knows_more(access, first, access->write ? (uint32_t)mmio->value : UINT32_MAX);
}

enum mmio_result vgic_access_wait(const struct vgic_access *access, void (*serve)(const struct vgic_access *access))
{
	struct vgic *vgic = access->vgic;
	unsigned int self = access->mmio->vcpu->index;
	struct vgic_cpu *cpu = &vgic->cpu[self];
	vgic_mask_t others = 0;

	if (!cpu->waited && access->mmio->vcpu->exit.mmio.plan.nr_accesses == 1)
		others = whom_to_wait_for(access);
	/* A write was made before it waited. */
	if (access->write ? !cpu->waited : others == 0)
		serve(access);
	cpu->waited = false;
	if (others == 0)
		return MMIO_OK;
	cpu->waits_for = others;
	vgic->waiting |= (uint32_t)BIT(self);
	*access->mask |= others;
	return MMIO_WAIT;
}

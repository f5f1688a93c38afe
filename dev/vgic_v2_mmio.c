/* The distributor of a GICv2, as a guest sees it: one page. [IHI0048 4.3] */
#include "dev/vgic_irq.h"
#include "dev/vgic_regs.h"

#define GICD_CTLR  0x000
#define GICD_TYPER 0x004
#define GICD_IIDR  0x008
#define GICD_SGIR  0xF00

#define GICD_TYPER_ITLinesNumber GENMASK(4, 0)
#define GICD_TYPER_CPUNumber	 GENMASK(7, 5)

/* The source of an SGI, in bits 12-10, does not matter: one SGI of an INTID is active at a time. [IHI0048 4.4.15] */
#define GICC_DIR_InterruptID GENMASK(9, 0)

#define PAGE_END 0x1000

static uint32_t read_ctlr(const struct vgic *vgic, unsigned int vcpu)
{
	(void)vcpu;
	return vgic->ctlr;
}

/* No Security Extensions, no lockable SPIs [IHI0048 4.3.2]. */
static uint32_t read_typer(const struct vgic *vgic, unsigned int vcpu)
{
	(void)vcpu;
	return (uint32_t)(FIELD_PREP(GICD_TYPER_ITLinesNumber, VGIC_NR_INTIDS / 32 - 1) |
			  FIELD_PREP(GICD_TYPER_CPUNumber, vgic->nr_vcpus - 1U));
}

static const struct vgic_word_reg word_regs[VGIC_NR_WORD_REGS] = {
	[GICD_CTLR / 4] = { .read = read_ctlr, .write = vgic_write_ctlr },
	[GICD_TYPER / 4] = { .read = read_typer },
	[GICD_IIDR / 4] = { .read = vgic_read_iidr },
};

/* A private interrupt's target is the reader itself; with one vCPU the whole is RAZ/WI [IHI0048 4.3.12]. */
static uint32_t get_targets(const struct vgic *vgic, unsigned int vcpu, uint32_t intid)
{
	if (vgic->nr_vcpus == 1)
		return 0;
	return intid < VGIC_NR_PRIVATE ? (uint32_t)BIT(vcpu) : vgic_irq_look(vgic, vcpu, intid)->targets;
}

static vgic_mask_t set_targets(struct vgic *vgic, unsigned int vcpu, uint32_t intid, uint32_t value)
{
	struct vgic_irq *irq = vgic_irq_get(vgic, vcpu, intid);

	if (vgic->nr_vcpus == 1 || intid < VGIC_NR_PRIVATE)
		return 0;
	irq->targets = (uint8_t)(value & GENMASK(vgic->nr_vcpus - 1, 0));
	return vgic_irq_reroute(vgic, vcpu, intid);
}

static uint32_t get_sgi_sources(const struct vgic *vgic, unsigned int vcpu, uint32_t intid)
{
	const struct vgic_irq *irq = vgic_irq_look(vgic, vcpu, intid);

	return irq->sgi_pending | (irq->lr_took == VGIC_LR_TOOK_SGI ? (uint32_t)BIT(irq->sgi_source) : 0);
}

static vgic_mask_t clear_sgi_sources(struct vgic *vgic, unsigned int vcpu, uint32_t intid, uint32_t value)
{
	struct vgic_irq *irq = vgic_irq_get(vgic, vcpu, intid);

	irq->sgi_pending &= (uint8_t)~value;
	if (irq->lr_took == VGIC_LR_TOOK_SGI && (value & BIT(irq->sgi_source)) != 0)
		irq->lr_took = VGIC_LR_TOOK_NONE; /* sync will not take it back */
	return vgic_irq_update(vgic, vcpu, intid);
}

static vgic_mask_t set_sgi_sources(struct vgic *vgic, unsigned int vcpu, uint32_t intid, uint32_t value)
{
	vgic_irq_get(vgic, vcpu, intid)->sgi_pending |= (uint8_t)(value & GENMASK(vgic->nr_vcpus - 1, 0));
	return vgic_irq_update(vgic, vcpu, intid);
}

static const struct vgic_field_reg itargetsr = { 0x800, 8, .bytes = true, .get = get_targets, .set = set_targets };

/* 0xF00-0xF3F by 16 bytes: GICD_SGIR, CPENDSGIR, SPENDSGIR [IHI0048 4.3.15-17]. */
static const struct vgic_field_reg sgi_regs[4] = {
	[1] = { 0xF10, 8, .bytes = true, .ones = true, .get = get_sgi_sources, .set = clear_sgi_sources },
	[2] = { 0xF20, 8, .bytes = true, .ones = true, .get = get_sgi_sources, .set = set_sgi_sources },
};

/* PIDR4-7, PIDR0-3, CIDR0-3 of a GIC-400: PIDR2.ArchRev = 2 [IHI0048 4.3.18]. */
static const uint8_t id_regs[VGIC_NR_ID_REGS] = { 0x04, 0, 0, 0, 0x90, 0xB4, 0x2B, 0, 0x0D, 0xF0, 0x05, 0xB1 };

/*
 * Write-only. vgic_refine() turns plain stores into SEND_IPI before they come here; what is left are those with a plan.
 */
static void access_sgir(const struct vgic_access *access)
{
	struct vcpu_exit exit;

	if (!access->write) {
		access->mmio->value = 0;
	} else if (access->mmio->width == ACCESS_DWORD) {
		vgic_decode_sgir((uint32_t)access->mmio->value, &exit);
		*access->mask |= vgic_send_ipi(access->vgic, access->vcpu, &exit);
	}
}

static const struct vgic_field_reg *find_field_reg(uint32_t offset)
{
	if (offset >= 0x800 && offset < 0xC00)
		return &itargetsr;
	if (offset >= GICD_SGIR && offset < GICD_SGIR + 16 * ARRAY_SIZE(sgi_regs)) {
		const struct vgic_field_reg *reg = &sgi_regs[(offset - GICD_SGIR) / 16];

		return reg->bits != 0 ? reg : NULL;
	}
	return vgic_field_reg_find(offset);
}

static void access_dist(const struct vgic_access *access)
{
	const struct vgic_field_reg *field_reg = find_field_reg(access->offset);

	if (field_reg != NULL)
		vgic_access_field(access, field_reg);
	else if (access->offset < 4 * VGIC_NR_WORD_REGS)
		vgic_access_word(access, word_regs);
	else if (access->offset == GICD_SGIR)
		access_sgir(access);
	else if (access->offset >= VGIC_ID_REGS && access->offset < PAGE_END)
		vgic_access_id(access, id_regs);
	else if (!access->write)
		access->mmio->value = 0;
}

enum mmio_result vgic_v2_dist_access(struct vgic *vgic, struct mmio_access *mmio, bool write, vgic_mask_t *mask)
{
	struct vgic_access access = { .vgic = vgic,
				      .vcpu = mmio->vcpu->index,
				      .end = VGIC_NR_INTIDS,
				      .mmio = mmio,
				      .write = write,
				      .mask = mask };

	if (vgic_access_is_unaligned(mmio))
		return MMIO_FAULT;
	access.offset = (uint32_t)min_u64(mmio->offset, PAGE_END);
	return vgic_access_serve(&access, access_dist);
}

enum mmio_result vgic_v2_dir_access(struct vgic *vgic, struct mmio_access *mmio, bool write, bool eoi_split,
				    vgic_mask_t *mask)
{
	if (vgic_access_is_unaligned(mmio))
		return MMIO_FAULT;
	if (!write)
		mmio->value = 0;
	else if (mmio->offset == 0 && mmio->width == ACCESS_DWORD && eoi_split)
		*mask |= vgic_deactivate(vgic, mmio->vcpu->index,
					 (uint32_t)mmio->value & (uint32_t)GICC_DIR_InterruptID);
	return MMIO_OK;
}

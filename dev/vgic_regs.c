/*
 * Registers with a field for each INTID, as both versions have them. [IHI0048 4.3] [IHI0069 12.9 GICD_*, 12.11 GICR_*]
 */
#include "dev/vgic_regs.h"

#include "dev/vgic_irq.h"

#define IIDR_VALUE 0x4300043B /* ProductID 'C', Implementer 0x43B */

static uint32_t look_group(const struct vgic_irq *irq)
{
	return irq->group;
}

/* Group and priority move no interrupt elsewhere: who has it as a candidate, if anybody, flushes again. */
static vgic_mask_t tell_home(const struct vgic_irq *irq)
{
	return irq->home == VGIC_NOWHERE ? 0 : (vgic_mask_t)BIT(irq->home);
}

static vgic_mask_t set_group(struct vgic *vgic, unsigned int vcpu, uint32_t intid, uint32_t value)
{
	struct vgic_irq *irq = vgic_irq_get(vgic, vcpu, intid);

	if (irq->group == value)
		return 0;
	irq->group = (uint8_t)value;
	return tell_home(irq);
}

/* The INTIDs of a word lie side by side: all private, or all shared. */
static vgic_mask_t set_groups(struct vgic *vgic, unsigned int vcpu, uint32_t first_intid, uint32_t value)
{
	struct vgic_irq *irq = vgic_irq_get(vgic, vcpu, first_intid);
	vgic_mask_t mask = 0;

	for (unsigned int n = 0; n < 32; n++, irq++, value >>= 1) {
		if (irq->group == (value & 1))
			continue;
		irq->group = (uint8_t)(value & 1);
		mask |= tell_home(irq);
	}
	return mask;
}

static uint32_t look_enable(const struct vgic_irq *irq)
{
	return irq->enabled;
}

static uint32_t look_enables(const struct vgic_irq irqs[32])
{
	uint32_t word = 0;

	for (unsigned int n = 32; n-- > 0;)
		word = word << 1 | irqs[n].enabled;
	return word;
}

static vgic_mask_t write_enable(struct vgic *vgic, unsigned int vcpu, uint32_t intid, bool enable)
{
	struct vgic_irq *irq = vgic_irq_get(vgic, vcpu, intid);

	/* GICv2: SGIs are always on [IHI0048 4.3.5]. */
	if (vgic_irq_is_v2_sgi(vgic, intid) || irq->enabled == enable)
		return 0;
	irq->enabled = enable;
	return vgic_irq_update(vgic, vcpu, intid);
}

static vgic_mask_t set_enable(struct vgic *vgic, unsigned int vcpu, uint32_t intid, uint32_t value)
{
	(void)value;
	return write_enable(vgic, vcpu, intid, true);
}

static vgic_mask_t clear_enable(struct vgic *vgic, unsigned int vcpu, uint32_t intid, uint32_t value)
{
	(void)value;
	return write_enable(vgic, vcpu, intid, false);
}

/*
 * A guest's GIC driver writes ones to a whole array when it starts, and next to none of them changes anything: those
 * are passed over without a call each, since interrupts wait meanwhile. The same for ICACTIVER and ICFGR.
 */
static vgic_mask_t clear_enables(struct vgic *vgic, unsigned int vcpu, uint32_t first_intid, uint32_t value)
{
	const struct vgic_irq *irq = vgic_irq_get(vgic, vcpu, first_intid);
	vgic_mask_t mask = 0;

	for (unsigned int n = 0; n < 32; n++, irq++, value >>= 1)
		if ((value & 1) != 0 && irq->enabled)
			mask |= clear_enable(vgic, vcpu, first_intid + n, 1);
	return mask;
}

static uint32_t look_pending(const struct vgic_irq *irq)
{
	return vgic_irq_is_pending(irq);
}

static vgic_mask_t set_pending(struct vgic *vgic, unsigned int vcpu, uint32_t intid, uint32_t value)
{
	(void)value;
	/* GICv2: SGIs are made pending by GICD_SPENDSGIR, which names the source [IHI0048 4.3.7]. */
	if (vgic_irq_is_v2_sgi(vgic, intid))
		return 0;
	vgic_irq_get(vgic, vcpu, intid)->latch = true;
	return vgic_irq_update(vgic, vcpu, intid);
}

static vgic_mask_t clear_pending(struct vgic *vgic, unsigned int vcpu, uint32_t intid, uint32_t value)
{
	struct vgic_irq *irq = vgic_irq_get(vgic, vcpu, intid);

	(void)value;
	if (vgic_irq_is_v2_sgi(vgic, intid))
		return 0;
	/* A level stays pending by its line, and so does the arrival of a linked one [IHI0048 4.3.8]. */
	if (!irq->latch && irq->lr_took != VGIC_LR_TOOK_LATCH)
		return 0;
	irq->latch = false;
	if (irq->lr_took == VGIC_LR_TOOK_LATCH)
		irq->lr_took = VGIC_LR_TOOK_NONE; /* sync will not take it back */
	return vgic_irq_update(vgic, vcpu, intid);
}

static uint32_t look_active(const struct vgic_irq *irq)
{
	return irq->active;
}

static vgic_mask_t set_active(struct vgic *vgic, unsigned int vcpu, uint32_t intid, uint32_t value)
{
	struct vgic_irq *irq = vgic_irq_get(vgic, vcpu, intid);

	(void)value;
	if (!irq->active)
		irq->acked = false;
	if (irq->lr_owner != VGIC_NOWHERE)
		irq->active_written = true;
	else if (!irq->active)
		/* Its end comes from where it would have been delivered: so there it stands. */
		irq->active_on = irq->target != VGIC_NOWHERE ? irq->target : (uint8_t)vcpu;
	irq->active = true;
	return vgic_irq_update(vgic, vcpu, intid);
}

static vgic_mask_t clear_active(struct vgic *vgic, unsigned int vcpu, uint32_t intid, uint32_t value)
{
	(void)value;
	return vgic_deactivate(vgic, vcpu, intid);
}

static vgic_mask_t clear_actives(struct vgic *vgic, unsigned int vcpu, uint32_t first_intid, uint32_t value)
{
	const struct vgic_irq *irq = vgic_irq_get(vgic, vcpu, first_intid);
	vgic_mask_t mask = 0;

	for (unsigned int n = 0; n < 32; n++, irq++, value >>= 1)
		if ((value & 1) != 0 && (irq->active || irq->lr_owner != VGIC_NOWHERE))
			mask |= clear_active(vgic, vcpu, first_intid + n, 1);
	return mask;
}

static uint32_t look_priority(const struct vgic_irq *irq)
{
	return irq->priority;
}

static vgic_mask_t set_priority(struct vgic *vgic, unsigned int vcpu, uint32_t intid, uint32_t value)
{
	struct vgic_irq *irq = vgic_irq_get(vgic, vcpu, intid);
	uint8_t priority = (uint8_t)(value & VGIC_PRIORITY_MASK);

	if (irq->priority == priority)
		return 0;
	irq->priority = priority;
	return tell_home(irq);
}

/* Int_config: bit 1 is edge, bit 0 reserved [IHI0048 4.3.13]. */
static uint32_t look_config(const struct vgic_irq *irq)
{
	return irq->edge ? 2 : 0;
}

static vgic_mask_t set_config(struct vgic *vgic, unsigned int vcpu, uint32_t intid, uint32_t value)
{
	struct vgic_irq *irq;

	if (intid < VGIC_NR_SGIS)
		return 0;
	irq = vgic_irq_get(vgic, vcpu, intid);
	if (irq->edge == ((value & 2) != 0))
		return 0;
	irq->edge = !irq->edge;
	return vgic_irq_update(vgic, vcpu, intid);
}

static vgic_mask_t set_configs(struct vgic *vgic, unsigned int vcpu, uint32_t first_intid, uint32_t value)
{
	const struct vgic_irq *irq = vgic_irq_get(vgic, vcpu, first_intid);
	vgic_mask_t mask = 0;

	for (unsigned int n = 0; n < 16; n++, irq++, value >>= 2)
		if (irq->edge != ((value & 2) != 0))
			mask |= set_config(vgic, vcpu, first_intid + n, value & 3);
	return mask;
}

/* GICD_NSACR and GICD_IGRPMODR are RAZ/WI with one security state: they have no row. */
static const struct vgic_field_reg field_regs[] = {
	{ .base = 0x080, .bits = 1, .look = look_group, .set = set_group, .set_word = set_groups }, /* IGROUPR */
	{ .base = 0x100,
	  .bits = 1,
	  .ones = true,
	  .look = look_enable,
	  .look_word = look_enables,
	  .set = set_enable }, /* ISENABLER */
	{ .base = 0x180,
	  .bits = 1,
	  .ones = true,
	  .look = look_enable,
	  .look_word = look_enables,
	  .set = clear_enable,
	  .set_word = clear_enables },								/* ICENABLER */
	{ .base = 0x200, .bits = 1, .ones = true, .look = look_pending, .set = set_pending },	/* ISPENDR */
	{ .base = 0x280, .bits = 1, .ones = true, .look = look_pending, .set = clear_pending }, /* ICPENDR */
	{ .base = 0x300, .bits = 1, .ones = true, .look = look_active, .set = set_active },	/* ISACTIVER */
	{ .base = 0x380,
	  .bits = 1,
	  .ones = true,
	  .look = look_active,
	  .set = clear_active,
	  .set_word = clear_actives },								       /* ICACTIVER */
	{ .base = 0x400, .bits = 8, .bytes = true, .look = look_priority, .set = set_priority },       /* IPRIORITYR */
	{ .base = 0xC00, .bits = 2, .look = look_config, .set = set_config, .set_word = set_configs }, /* ICFGR */
};

/* Which row serves each 128 bytes of the page: 1 + index of field_regs, 0 for none. */
static const uint8_t field_reg_by_slot[32] = {
	0, 1, 2, 3, 4, 5, 6, 7, /* 0x000 words, 0x080 IGROUPR ... 0x380 ICACTIVER */
	8, 8, 8, 8, 8, 8, 8, 8, /* 0x400 IPRIORITYR */
	0, 0, 0, 0, 0, 0, 0, 0, /* 0x800 ITARGETSR: GICv2 only */
	9, 9, 0, 0, 0, 0, 0, 0, /* 0xC00 ICFGR; 0xD00 IGRPMODR, 0xE00 NSACR, 0xF00 */
};

const struct vgic_field_reg *vgic_field_reg_find(uint32_t offset)
{
	unsigned int row = offset < 0x1000 ? field_reg_by_slot[offset / 0x80] : 0;

	return row == 0 ? NULL : &field_regs[row - 1];
}

/* The INTIDs of a word lie side by side: all private, or all shared. */
static uint64_t read_fields(const struct vgic_access *access, const struct vgic_field_reg *reg, uint32_t intid,
			    unsigned int nr_fields)
{
	const struct vgic_irq *irq;
	uint64_t read = 0;

	if (intid < access->first || intid >= access->end)
		return 0;
	irq = vgic_irq_look(access->vgic, access->vcpu, intid);
	if (reg->look_word != NULL && nr_fields == 32)
		return reg->look_word(irq);
	for (unsigned int n = 0; n < nr_fields && intid + n < access->end; n++)
		read |= (uint64_t)(reg->look != NULL ? reg->look(&irq[n])
						     : reg->get(access->vgic, access->vcpu, intid + n))
			<< (n * reg->bits);
	return read;
}

static void write_fields(const struct vgic_access *access, const struct vgic_field_reg *reg, uint32_t intid,
			 unsigned int nr_fields)
{
	uint64_t value = access->mmio->value, field_mask = GENMASK(reg->bits - 1, 0);

	for (unsigned int n = 0; n < nr_fields; n++, intid++, value >>= reg->bits) {
		if (intid < access->first || intid >= access->end || (reg->ones && (value & field_mask) == 0))
			continue;
		*access->mask |= reg->set(access->vgic, access->vcpu, intid, (uint32_t)(value & field_mask));
	}
}

void vgic_access_field(const struct vgic_access *access, const struct vgic_field_reg *reg)
{
	struct mmio_access *mmio = access->mmio;
	unsigned int nr_fields = 8 * access_width_bytes(mmio->width) / reg->bits;
	uint32_t intid = (access->offset - reg->base) * 8 / reg->bits;
	/* Words everywhere, bytes where the register has them [IHI0048 4.1.4] [IHI0069 12.1.3]. */
	bool there = mmio->width == ACCESS_DWORD || (mmio->width == ACCESS_BYTE && reg->bytes);

	if (!access->write)
		mmio->value = there ? read_fields(access, reg, intid, nr_fields) : 0;
	else if (reg->set_word != NULL && mmio->width == ACCESS_DWORD && intid >= access->first &&
		 intid + nr_fields <= access->end)
		*access->mask |= reg->set_word(access->vgic, access->vcpu, intid, (uint32_t)mmio->value);
	else if (there)
		write_fields(access, reg, intid, nr_fields);
}

static uint64_t read_word(const struct vgic_access *access, const struct vgic_word_reg *reg)
{
	return reg->read != NULL ? reg->read(access->vgic, access->vcpu) : 0;
}

void vgic_access_word(const struct vgic_access *access, const struct vgic_word_reg regs[VGIC_NR_WORD_REGS])
{
	const struct vgic_word_reg *reg = &regs[access->offset / 4];
	struct mmio_access *mmio = access->mmio;
	bool whole = mmio->width == ACCESS_QWORD && reg->wide;

	if (mmio->width != ACCESS_DWORD && !whole) {
		/* No such access: RAZ/WI. */
		if (!access->write)
			mmio->value = 0;
	} else if (!access->write) {
		mmio->value = read_word(access, reg) | (whole ? read_word(access, reg + 1) << 32 : 0);
	} else if (reg->write != NULL) {
		*access->mask |= reg->write(access->vgic, access->vcpu, (uint32_t)mmio->value);
	}
}

void vgic_access_id(const struct vgic_access *access, const uint8_t regs[VGIC_NR_ID_REGS])
{
	bool whole = access->mmio->width == ACCESS_DWORD;

	if (!access->write)
		access->mmio->value = whole ? regs[(access->offset - VGIC_ID_REGS) / 4] : 0;
}

vgic_mask_t vgic_write_ctlr(struct vgic *vgic, unsigned int vcpu, uint32_t value)
{
	uint32_t enables = value & 3; /* EnableGrp0, EnableGrp1 [IHI0069 GICD_CTLR, DS = 1] */

	(void)vcpu;
	if (vgic->ctlr == enables)
		return 0;
	vgic->ctlr = enables;
	/* Whoever has something that is on or off now finds it at the next flush. */
	return (vgic_mask_t)(BIT(vgic->nr_vcpus) - 1);
}

uint32_t vgic_read_iidr(const struct vgic *vgic, unsigned int vcpu)
{
	(void)vgic, (void)vcpu;
	return IIDR_VALUE;
}

/*
 * The distributor and the redistributors of a GICv3, as a guest sees them: affinity routing always on, one security
 * state, no LPIs, no message-based SPIs. [IHI0069 12.9 GICD_*, 12.11 GICR_*]
 */
#include "dev/vgic_irq.h"
#include "dev/vgic_regs.h"

#define FRAME_BYTES   0x10000
#define PAGE_BYTES    0x1000
#define ID_PAGE	      (FRAME_BYTES - PAGE_BYTES)
#define FRAME_ID_REGS (ID_PAGE + VGIC_ID_REGS)

#define GICD_CTLR	 0x0000
#define GICD_TYPER	 0x0004
#define GICD_IIDR	 0x0008
#define GICD_IROUTER	 0x6000
#define GICD_IROUTER_END (GICD_IROUTER + 8 * VGIC_NR_INTIDS)

#define GICD_CTLR_ARE BIT(4) /* RAO/WI: the legacy view is not there */
#define GICD_CTLR_DS  BIT(6) /* RAO/WI: one security state */

#define GICD_TYPER_ITLinesNumber GENMASK(4, 0)
#define GICD_TYPER_IDbits	 GENMASK(23, 19)
#define GICD_TYPER_No1N		 BIT(25) /* Interrupt_Routing_Mode is RES0: an SPI has one target */

#define GICD_IROUTER_VALID (GENMASK(39, 32) | GENMASK(23, 0)) /* Aff3, Aff2-0 */

#define GICR_CTLR  0x0000
#define GICR_IIDR  0x0004
#define GICR_TYPER 0x0008
#define GICR_WAKER 0x0014

#define GICR_TYPER_Last		    BIT(4)
#define GICR_TYPER_Processor_Number GENMASK(23, 8)

#define GICR_WAKER_ProcessorSleep BIT(1)
#define GICR_WAKER_ChildrenAsleep BIT(2)

#define MPIDR_Aff2_0 GENMASK(23, 0)
#define MPIDR_Aff3   GENMASK(39, 32)

static uint32_t read_ctlr(const struct vgic *vgic, unsigned int vcpu)
{
	(void)vcpu;
	/* RWP = 0: a write has had its effect on the writer when it returns; other vCPUs are kicked. */
	return (uint32_t)(vgic->ctlr | GICD_CTLR_ARE | GICD_CTLR_DS);
}

/* INTIDs have 10 bits; CPUNumber is 0 where affinity routing is always on; no LPIS, MBIS, A3V, RSS, ESPI. */
static uint32_t read_typer(const struct vgic *vgic, unsigned int vcpu)
{
	(void)vgic, (void)vcpu;
	return (uint32_t)(FIELD_PREP(GICD_TYPER_ITLinesNumber, VGIC_NR_INTIDS / 32 - 1) |
			  FIELD_PREP(GICD_TYPER_IDbits, 9) | GICD_TYPER_No1N);
}

static const struct vgic_word_reg dist_regs[VGIC_NR_WORD_REGS] = {
	[GICD_CTLR / 4] = { .read = read_ctlr, .write = vgic_write_ctlr },
	[GICD_TYPER / 4] = { .read = read_typer },
	[GICD_IIDR / 4] = { .read = vgic_read_iidr },
};

static uint32_t read_gicr_typer_low(const struct vgic *vgic, unsigned int vcpu)
{
	uint64_t last = vcpu + 1 == vgic->nr_vcpus ? GICR_TYPER_Last : 0;

	return (uint32_t)(last | FIELD_PREP(GICR_TYPER_Processor_Number, vcpu));
}

/* Affinity_Value: the four levels packed, unlike in MPIDR_EL1. */
static uint32_t read_gicr_typer_high(const struct vgic *vgic, unsigned int vcpu)
{
	uint64_t mpidr = vgic->cpu[vcpu].mpidr;

	return (uint32_t)(FIELD_GET(MPIDR_Aff3, mpidr) << 24 | FIELD_GET(MPIDR_Aff2_0, mpidr));
}

/*
 * The handshake of [IHI0069 11.1], at once. Delivery does not depend on it, as in QEMU: a guest that forgot to wake its
 * redistributor still runs, and one that puts it to sleep has disabled its groups before.
 */
static uint32_t read_waker(const struct vgic *vgic, unsigned int vcpu)
{
	return vgic->cpu[vcpu].asleep ? (uint32_t)(GICR_WAKER_ProcessorSleep | GICR_WAKER_ChildrenAsleep) : 0;
}

static vgic_mask_t write_waker(struct vgic *vgic, unsigned int vcpu, uint32_t value)
{
	vgic->cpu[vcpu].asleep = (value & GICR_WAKER_ProcessorSleep) != 0;
	return 0;
}

/* GICR_CTLR: no LPIs to enable, nothing pending: 0. */
static const struct vgic_word_reg redist_regs[VGIC_NR_WORD_REGS] = {
	[GICR_IIDR / 4] = { .read = vgic_read_iidr },
	[GICR_TYPER / 4] = { .read = read_gicr_typer_low, .wide = true },
	[GICR_TYPER / 4 + 1] = { .read = read_gicr_typer_high },
	[GICR_WAKER / 4] = { .read = read_waker, .write = write_waker },
};

/* PIDR4-7, PIDR0-3, CIDR0-3 of a GIC-500: PIDR2.ArchRev = 3 [IHI0069 GICD_PIDR2]. */
static const uint8_t dist_id_regs[VGIC_NR_ID_REGS] = { 0x44, 0, 0, 0, 0x92, 0xB4, 0x3B, 0, 0x0D, 0xF0, 0x05, 0xB1 };
static const uint8_t redist_id_regs[VGIC_NR_ID_REGS] = { 0x44, 0, 0, 0, 0x93, 0xB4, 0x3B, 0, 0x0D, 0xF0, 0x05, 0xB1 };

/* 64-bit, or either half as a word; byte and halfword accesses do not exist. */
static void access_irouter(const struct vgic_access *access)
{
	uint32_t intid = (access->offset - GICD_IROUTER) / 8;
	unsigned int shift = 8 * (access->offset % 8);
	struct mmio_access *mmio = access->mmio;
	uint64_t field = access_width_mask(mmio->width) << shift;
	struct vgic_irq *irq;

	if (mmio->width < ACCESS_DWORD || intid < VGIC_NR_PRIVATE) {
		if (!access->write)
			mmio->value = 0;
		return;
	}
	irq = vgic_irq_get(access->vgic, access->vcpu, intid);
	if (!access->write) {
		mmio->value = (irq->irouter & field) >> shift;
		return;
	}
	irq->irouter = ((irq->irouter & ~field) | ((mmio->value << shift) & field)) & GICD_IROUTER_VALID;
	*access->mask |= vgic_irq_reroute(access->vgic, access->vcpu, intid);
}

/* The 4 KiB page of registers by INTID, which GICD and SGI_base share. */
static void access_fields(const struct vgic_access *access)
{
	const struct vgic_field_reg *reg = vgic_field_reg_find(access->offset);

	if (reg != NULL)
		vgic_access_field(access, reg);
	else if (!access->write)
		access->mmio->value = 0;
}

static void access_dist(const struct vgic_access *whole)
{
	struct vgic_access access = *whole;

	if (access.offset < 4 * VGIC_NR_WORD_REGS) {
		vgic_access_word(&access, dist_regs);
	} else if (access.offset >= GICD_IROUTER && access.offset < GICD_IROUTER_END) {
		access_irouter(&access);
	} else if (access.offset >= FRAME_ID_REGS && access.offset < FRAME_BYTES) {
		access.offset -= ID_PAGE;
		vgic_access_id(&access, dist_id_regs);
	} else {
		access_fields(&access);
	}
}

enum mmio_result vgic_v3_dist_access(struct vgic *vgic, struct mmio_access *mmio, bool write, vgic_mask_t *mask)
{
	/* Private INTIDs are the redistributors' with affinity routing on: RAZ/WI here [IHI0069 GICD_ISENABLER<n>]. */
	struct vgic_access access = { .vgic = vgic,
				      .vcpu = mmio->vcpu->index,
				      .first = VGIC_NR_PRIVATE,
				      .end = VGIC_NR_INTIDS,
				      .mmio = mmio,
				      .write = write,
				      .mask = mask };

	if (vgic_access_is_unaligned(mmio))
		return MMIO_FAULT;
	access.offset = (uint32_t)min_u64(mmio->offset, FRAME_BYTES);
	return vgic_access_serve(&access, access_dist);
}

static void access_rd_base(struct vgic_access *access)
{
	if (access->offset < 4 * VGIC_NR_WORD_REGS) {
		vgic_access_word(access, redist_regs);
	} else if (access->offset >= FRAME_ID_REGS) {
		access->offset -= ID_PAGE;
		vgic_access_id(access, redist_id_regs);
	} else if (!access->write) {
		access->mmio->value = 0;
	}
}

enum mmio_result vgic_v3_redist_access(struct vgic *vgic, unsigned int target, struct mmio_access *mmio, bool write,
				       vgic_mask_t *mask)
{
	struct vgic_access access = {
		.vgic = vgic, .vcpu = target, .end = VGIC_NR_PRIVATE, .mmio = mmio, .write = write, .mask = mask
	};

	if (vgic_access_is_unaligned(mmio) || target >= vgic->nr_vcpus || mmio->offset >= 2 * FRAME_BYTES)
		return MMIO_FAULT;
	access.offset = (uint32_t)mmio->offset % FRAME_BYTES;
	if (mmio->offset >= FRAME_BYTES)
		return vgic_access_serve(&access, access_fields);
	access_rd_base(&access);
	return MMIO_OK;
}

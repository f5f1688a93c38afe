/* GICv2 (GIC-400): distributor, CPU interface and virtual interface control, all memory-mapped. [IHI0048] */
#include "arch/arm64/barrier.h"
#include "arch/arm64/gic/gic.h"
#include "arch/arm64/gic/gic_dist.h"
#include "arch/arm64/mmio.h"
#include "arch/arm64/percpu.h"

#define GICC_CTLR 0x0000
#define GICC_PMR  0x0004
#define GICC_IAR  0x000c
#define GICC_EOIR 0x0010
#define GICC_APR0 0x00d0
#define GICC_DIR  0x1000

#define GICD_CTLR_ENABLE  BIT(0)
#define GICC_CTLR_ENABLE  BIT(0)
#define GICC_CTLR_BYPASS  GENMASK(8, 5) /* what happens to legacy lines while disabled: the firmware's choice */
#define GICC_CTLR_EOIMODE BIT(9)
#define GICC_IAR_INTID	  GENMASK(9, 0)
#define GICC_NR_APRS	  4
#define GICC_PMR_OPEN	  0xf0

#define GICD_SGIR_TARGETS GENMASK(23, 16)

#define GICH_HCR  0x000
#define GICH_VTR  0x004
#define GICH_VMCR 0x008
#define GICH_APR  0x0f0
#define GICH_LR	  0x100

#define GICH_HCR_EN	  BIT(0)
#define GICH_HCR_UIE	  BIT(1)
#define GICH_HCR_LRENPIE  BIT(2)
#define GICH_HCR_NPIE	  BIT(3)
#define GICH_HCR_EOICOUNT GENMASK(31, 27)

#define GICH_VTR_LISTREGS GENMASK(5, 0)

#define GICH_VMCR_VMGRP0EN  BIT(0)
#define GICH_VMCR_VMGRP1EN  BIT(1)
#define GICH_VMCR_VMCBPR    BIT(4)
#define GICH_VMCR_VEM	    BIT(9)
#define GICH_VMCR_VMABP	    GENMASK(20, 18)
#define GICH_VMCR_VMBP	    GENMASK(23, 21)
#define GICH_VMCR_VMPRIMASK GENMASK(31, 27)

/* Five bits of priority: what is below is always 0. */
#define PRIORITY_SHIFT	 3
#define BINARY_POINT_MIN 2 /* GICV_BPR at reset; the aliased one is one more [IHI0048 5.5.3] */

/* Written by init_dist alone. */
static struct {
	pa_t gicd, gicc, gich;
	uint32_t nr_intids;
	uint8_t nr_lrs;
} hw;

/* Owned by its pCPU, but `target`, which all read. */
static struct gicv2_cpu {
	uint8_t target; /* the bit of its CPU interface in GICD_ITARGETSR and GICD_SGIR; 0: not initialised */
	uint16_t live;	/* LRs that may not be empty */
	uint32_t hcr;	/* GICH_HCR as last written */
	uint32_t sgi_iar[GIC_NR_SGIS]; /* EOIR and DIR want the source that IAR gave along [IHI0048 4.4.5] */
} cpus[GIC_MAX_CPUS];

static enum hv_err gicv2_init_dist(const struct gic_config *config)
{
	if (config->gich.raw == 0 || config->gicv.raw == 0)
		return HV_EUNSUP;
	hw.gicd = config->gicd;
	hw.gicc = config->gicc;
	hw.gich = config->gich;
	hw.nr_lrs = (uint8_t)(FIELD_GET(GICH_VTR_LISTREGS, mmio_read32(hw.gich, GICH_VTR)) + 1);
	if (hw.nr_lrs > GIC_MAX_LRS)
		hw.nr_lrs = GIC_MAX_LRS;

	mmio_write32(hw.gicd, GICD_CTLR, 0);
	/*
	 * Group 0: with the security extensions the write is ignored and our view is group 1's, which firmware chose;
	 * without them everything is in the group that enable bit 0 enables. Either way bit 0 of both CTLRs is ours.
	 */
	hw.nr_intids = gic_dist_nr_intids(hw.gicd);
	gic_frame_reset(hw.gicd, GIC_NR_PRIVATE, hw.nr_intids, 0);
	mmio_write32(hw.gicd, GICD_CTLR, GICD_CTLR_ENABLE);
	return HV_OK;
}

/* The banked ITARGETSR0-7 read as the reader's own bit; all zeros where there is one CPU only. */
static uint8_t own_target(void)
{
	for (uint32_t intid = 0; intid < GIC_NR_PRIVATE; intid += 4) {
		uint32_t word = mmio_read32(hw.gicd, GICD_ITARGETSR + intid);
		uint8_t target = (uint8_t)(word | word >> 8 | word >> 16 | word >> 24);

		if (target != 0)
			return target;
	}
	return 1;
}

static void gicv2_virtual_off(void)
{
	struct gicv2_cpu *cpu = &cpus[this_cpu()];

	mmio_write32(hw.gich, GICH_HCR, 0);
	cpu->hcr = 0;
	for (; cpu->live != 0; cpu->live &= (uint16_t)(cpu->live - 1))
		mmio_write32(hw.gich, GICH_LR + 4 * (uint64_t)__builtin_ctz(cpu->live), 0);
}

static enum hv_err gicv2_init_cpu(unsigned int cpu, uint64_t mpidr)
{
	uint32_t ctlr = mmio_read32(hw.gicc, GICC_CTLR) & (uint32_t)GICC_CTLR_BYPASS;

	(void)mpidr;
	gic_frame_reset(hw.gicd, 0, GIC_NR_PRIVATE, 0);
	mmio_write32(hw.gicd, GICD_ISENABLER, (1U << GIC_NR_SGIS) - 1);
	/* What firmware left active would mask everything at or below its priority. */
	for (uint64_t n = 0; n < GICC_NR_APRS; n++)
		mmio_write32(hw.gicc, GICC_APR0 + 4 * n, 0);
	mmio_write32(hw.gicc, GICC_PMR, GICC_PMR_OPEN);
	mmio_write32(hw.gicc, GICC_CTLR, ctlr | (uint32_t)(GICC_CTLR_EOIMODE | GICC_CTLR_ENABLE));

	cpus[cpu].live = (uint16_t)((1U << hw.nr_lrs) - 1);
	gicv2_virtual_off();
	mmio_write32(hw.gich, GICH_APR, 0);
	mmio_write32(hw.gich, GICH_VMCR, 0);
	__atomic_store_n(&cpus[cpu].target, own_target(), __ATOMIC_RELEASE);
	return HV_OK;
}

static uint32_t gicv2_ack(void)
{
	uint32_t iar = mmio_read32(hw.gicc, GICC_IAR);
	uint32_t intid = iar & (uint32_t)GICC_IAR_INTID;

	if (intid < GIC_NR_SGIS)
		cpus[this_cpu()].sgi_iar[intid] = iar;
	return intid;
}

static uint32_t with_source(uint32_t intid)
{
	return intid < GIC_NR_SGIS ? cpus[this_cpu()].sgi_iar[intid] : intid;
}

static void gicv2_eoi(uint32_t intid)
{
	mmio_write32(hw.gicc, GICC_EOIR, with_source(intid));
}

static void gicv2_deactivate(uint32_t intid)
{
	mmio_write32(hw.gicc, GICC_DIR, with_source(intid));
}

static void gicv2_enable(uint32_t intid)
{
	gic_frame_set_bit(hw.gicd, GICD_ISENABLER, intid);
}

static void gicv2_disable(uint32_t intid)
{
	gic_frame_set_bit(hw.gicd, GICD_ICENABLER, intid);
}

static void gicv2_set_edge(uint32_t intid, bool edge)
{
	gic_frame_set_edge(hw.gicd, intid, edge);
}

static void gicv2_set_target(uint32_t intid, unsigned int cpu)
{
	mmio_write8(hw.gicd, GICD_ITARGETSR + intid, __atomic_load_n(&cpus[cpu].target, __ATOMIC_ACQUIRE));
}

static void gicv2_clear_active(uint32_t intid)
{
	gic_frame_set_bit(hw.gicd, GICD_ICACTIVER, intid);
}

/* The first register is banked by CPU. [IHI0048 4.3.9, 4.3.10] */
static void gicv2_write_private_active(uint32_t bits, bool active)
{
	mmio_write32(hw.gicd, active ? GICD_ISACTIVER : GICD_ICACTIVER, bits);
}

static bool gicv2_is_pending(uint32_t intid)
{
	return gic_frame_get_bit(hw.gicd, GICD_ISPENDR, intid);
}

static void gicv2_send_sgi(unsigned int cpu, uint32_t sgi)
{
	uint32_t target = __atomic_load_n(&cpus[cpu].target, __ATOMIC_ACQUIRE);

	/* What the receiver is to find must be there when the interrupt is. */
	dsb(ishst);
	mmio_write32(hw.gicd, GICD_SGIR, (uint32_t)FIELD_PREP(GICD_SGIR_TARGETS, target) | sgi);
}

/*
 * QEMU's model names Arm in GICD_IIDR, but neither product nor revision; a GIC-400 reads 0x0200143b. A real GIC that
 * reads like QEMU's only pays an exit a timer interrupt. [IHI0048 4.3.3]
 */
static bool gicv2_linked_end_works(void)
{
	return (mmio_read32(hw.gicd, GICD_IIDR) & (uint32_t)~GICD_IIDR_IMPLEMENTER) != 0;
}

static uint32_t gicv2_nr_intids(void)
{
	return hw.nr_intids;
}

static unsigned int gicv2_nr_lrs(void)
{
	return hw.nr_lrs;
}

static void gicv2_read_lrs(struct gic_lr_file *file)
{
	for (uint32_t left = file->used; left != 0; left &= left - 1) {
		unsigned int n = (unsigned int)__builtin_ctz(left);

		lr_decode_v2(mmio_read32(hw.gich, GICH_LR + 4 * n), &file->lr[n]);
	}
	file->eoi_count = 0;
	if (file->eoi_not_present_irq)
		file->eoi_count = (uint8_t)FIELD_GET(GICH_HCR_EOICOUNT, mmio_read32(hw.gich, GICH_HCR));
	if (file->eoi_count != 0 && (mmio_read32(hw.gich, GICH_VMCR) & GICH_VMCR_VEM) != 0)
		file->eoi_count = 0;
}

static void gicv2_write_lrs(const struct gic_lr_file *file)
{
	struct gicv2_cpu *cpu = &cpus[this_cpu()];
	uint32_t hcr = (uint32_t)(GICH_HCR_EN | (file->underflow_irq ? GICH_HCR_UIE : 0) |
				  (file->eoi_not_present_irq ? GICH_HCR_LRENPIE : 0) |
				  (file->no_pending_irq ? GICH_HCR_NPIE : 0)) |
		       (uint32_t)file->group_irqs << GIC_HCR_GROUPS_SHIFT;

	for (uint32_t left = file->used | (uint32_t)cpu->live; left != 0; left &= left - 1) {
		unsigned int n = (unsigned int)__builtin_ctz(left);

		mmio_write32(hw.gich, GICH_LR + 4 * n, (file->used >> n & 1) != 0 ? lr_encode_v2(&file->lr[n]) : 0);
	}
	cpu->live = file->used;
	/* With LRENPIE the register counts: the write puts EOICount back to 0. */
	if (hcr != cpu->hcr || file->eoi_not_present_irq)
		mmio_write32(hw.gich, GICH_HCR, hcr);
	cpu->hcr = hcr;
}

static void gicv2_save(struct gic_vcpu_regs *regs)
{
	regs->vmcr = mmio_read32(hw.gich, GICH_VMCR);
	regs->ap0r[0] = mmio_read32(hw.gich, GICH_APR);
}

static void gicv2_restore(const struct gic_vcpu_regs *regs)
{
	mmio_write32(hw.gich, GICH_VMCR, (uint32_t)regs->vmcr);
	mmio_write32(hw.gich, GICH_APR, regs->ap0r[0]);
}

static void gicv2_reset_regs(struct gic_vcpu_regs *regs)
{
	*regs = (struct gic_vcpu_regs){
		.vmcr = FIELD_PREP(GICH_VMCR_VMBP, BINARY_POINT_MIN) |
			FIELD_PREP(GICH_VMCR_VMABP, BINARY_POINT_MIN + 1),
	};
}

static void gicv2_decode_vmcr(const struct gic_vcpu_regs *regs, struct gic_vmcr *vmcr)
{
	vmcr->pmr = (uint8_t)(FIELD_GET(GICH_VMCR_VMPRIMASK, regs->vmcr) << PRIORITY_SHIFT);
	vmcr->group0_enable = (regs->vmcr & GICH_VMCR_VMGRP0EN) != 0;
	vmcr->group1_enable = (regs->vmcr & GICH_VMCR_VMGRP1EN) != 0;
	vmcr->eoi_split = (regs->vmcr & GICH_VMCR_VEM) != 0;
	gic_decode_binary_points(vmcr, (unsigned int)FIELD_GET(GICH_VMCR_VMBP, regs->vmcr),
				 (unsigned int)FIELD_GET(GICH_VMCR_VMABP, regs->vmcr),
				 (regs->vmcr & GICH_VMCR_VMCBPR) != 0);
}

static unsigned int gicv2_active_priority(const struct gic_vcpu_regs *regs)
{
	return regs->ap0r[0] == 0 ? 0x100 : (unsigned int)__builtin_ctz(regs->ap0r[0]) << PRIORITY_SHIFT;
}

const struct gic_driver gic_v2_driver = {
	.name = "GICv2",
	.init_dist = gicv2_init_dist,
	.init_cpu = gicv2_init_cpu,
	.ack = gicv2_ack,
	.eoi = gicv2_eoi,
	.deactivate = gicv2_deactivate,
	.enable = gicv2_enable,
	.disable = gicv2_disable,
	.set_edge = gicv2_set_edge,
	.set_target = gicv2_set_target,
	.clear_active = gicv2_clear_active,
	.write_private_active = gicv2_write_private_active,
	.is_pending = gicv2_is_pending,
	.send_sgi = gicv2_send_sgi,
	.linked_end_works = gicv2_linked_end_works,
	.nr_intids = gicv2_nr_intids,
	.nr_lrs = gicv2_nr_lrs,
	.read_lrs = gicv2_read_lrs,
	.write_lrs = gicv2_write_lrs,
	.virtual_off = gicv2_virtual_off,
	.save = gicv2_save,
	.restore = gicv2_restore,
	.reset_regs = gicv2_reset_regs,
	.decode_vmcr = gicv2_decode_vmcr,
	.active_priority = gicv2_active_priority,
};

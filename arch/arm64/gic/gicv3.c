/* GICv3: distributor and redistributors in memory, CPU and virtual interface in system registers. [IHI0069] */
#include "arch/arm64/barrier.h"
#include "arch/arm64/gic/gic.h"
#include "arch/arm64/gic/gic_dist.h"
#include "arch/arm64/gic/gicv3_regs.h"
#include "arch/arm64/mmio.h"
#include "arch/arm64/percpu.h"
#include "arch/arm64/sysreg.h"

#define GROUP1_ALL	 UINT32_MAX
#define PMR_OPEN	 0xff
#define IROUTER_AFFINITY UINT64_C(0xff00ffffff) /* MPIDR's places; Interrupt_Routing_Mode = 0: that one CPU */
#define RWP_POLLS_MAX	 1000000U

/* Written by init_dist alone. */
static struct {
	struct gic_config config;
	uint32_t nr_intids;
	uint8_t nr_lrs;
	uint8_t prebits; /* bits of preemption level of the virtual interface: 5, 6 or 7 */
	uint64_t hcr;	 /* ICH_HCR_EL2's bits that are always set while a vCPU is loaded */
} hw;

/* Owned by its pCPU, but `mpidr`, which all read. */
static struct gicv3_cpu {
	pa_t sgi_base;	/* its redistributor's frame for SGIs and PPIs */
	uint64_t mpidr; /* affinity fields */
	uint16_t live;	/* LRs that may not be empty */
	uint64_t hcr;	/* ICH_HCR_EL2 as last written */
} cpus[GIC_MAX_CPUS];

static uint64_t lr_read(unsigned int n)
{
	switch (n) {
#define LR_READ(index, name) \
	case index: return READ_GIC(name);
		ICH_LR_LIST(LR_READ)
#undef LR_READ
	default: return 0;
	}
}

static void lr_write(unsigned int n, uint64_t value)
{
	switch (n) {
#define LR_WRITE(index, name) \
	case index: WRITE_GIC(value, name); break;
		ICH_LR_LIST(LR_WRITE)
#undef LR_WRITE
	default: break;
	}
}

/*
 * Register write pending: a change of enables or CTLR has not reached everybody yet. Bounded: a dead GIC is no reason
 * to hang.
 */
static void wait_for_rwp(pa_t frame, uint64_t ctlr, uint64_t rwp)
{
	for (unsigned int polls = 0; (mmio_read32(frame, ctlr) & rwp) != 0 && polls < RWP_POLLS_MAX; polls++) {
	}
}

static pa_t rd_base(const struct gicv3_cpu *cpu)
{
	return pa(cpu->sgi_base.raw - GICR_SGI_BASE);
}

static enum hv_err gicv3_init_dist(const struct gic_config *config)
{
	pa_t gicd = config->gicd;
	uint64_t vtr = READ_GIC(ICH_VTR_EL2);

	hw.config = *config;
	hw.nr_lrs = (uint8_t)(FIELD_GET(ICH_VTR_LISTREGS, vtr) + 1);
	if (hw.nr_lrs > GIC_MAX_LRS)
		hw.nr_lrs = GIC_MAX_LRS;
	hw.prebits = (uint8_t)(FIELD_GET(ICH_VTR_PREBITS, vtr) + 1);
	/* A guest's ICC_DIR_EL1 may be for an SPI that stands in no LR here. Only EOImode = 1 has to do with it. */
	hw.hcr = ICH_HCR_EN | ((vtr & ICH_VTR_TDS) != 0 ? ICH_HCR_TDIR : 0);
	hw.nr_intids = gic_dist_nr_intids(gicd);

	mmio_write32(gicd, GICD_CTLR, 0);
	wait_for_rwp(gicd, GICD_CTLR, GICD_CTLR_RWP);
	/* Group 1 whether there are two security states (then the bits are not ours and are so already) or one (DS=1).
	 */
	gic_frame_reset(gicd, GIC_NR_PRIVATE, hw.nr_intids, GROUP1_ALL);
	/* ARE first: with it the other bits mean what we mean. */
	mmio_write32(gicd, GICD_CTLR, GICD_CTLR_ARE_NS);
	wait_for_rwp(gicd, GICD_CTLR, GICD_CTLR_RWP);
	mmio_write32(gicd, GICD_CTLR, GICD_CTLR_ARE_NS | GICD_CTLR_ENABLE_GRP1A | GICD_CTLR_ENABLE_GRP1);
	wait_for_rwp(gicd, GICD_CTLR, GICD_CTLR_RWP);
	return HV_OK;
}

static uint64_t frames_bytes(uint64_t typer)
{
	if (hw.config.gicr_stride_bytes != 0)
		return hw.config.gicr_stride_bytes;
	return (typer & GICR_TYPER_VLPIS) != 0 ? GICR_FRAMES_VLPIS_BYTES : GICR_FRAMES_BYTES;
}

/* The redistributor whose TYPER names this CPU, among a region's; base 0 when there is none. */
static pa_t find_in_region(pa_t region, uint64_t size_bytes, uint64_t affinity)
{
	for (uint64_t offset = 0; offset + GICR_FRAMES_BYTES <= size_bytes;) {
		uint64_t typer = mmio_read64(region, offset + GICR_TYPER);

		if (FIELD_GET(GICR_TYPER_AFFINITY, typer) == affinity)
			return pa(region.raw + offset);
		if ((typer & GICR_TYPER_LAST) != 0)
			break;
		offset += frames_bytes(typer);
	}
	return pa(0);
}

static enum hv_err find_redistributor(struct gicv3_cpu *cpu, uint64_t mpidr)
{
	/* TYPER packs Aff3 against Aff2, MPIDR has a hole between them. */
	uint64_t affinity = (mpidr & 0xffffff) | (mpidr >> 32 & 0xff) << 24;

	for (unsigned int i = 0; i < hw.config.nr_gicr; i++) {
		pa_t base = find_in_region(hw.config.gicr[i].base, hw.config.gicr[i].size_bytes, affinity);

		if (base.raw != 0) {
			cpu->sgi_base = pa(base.raw + GICR_SGI_BASE);
			return HV_OK;
		}
	}
	return HV_ENOENT;
}

/* A sleeping redistributor forwards nothing. With two security states WAKER reads 0: firmware woke it. */
static enum hv_err wake_redistributor(pa_t rd)
{
	uint32_t waker = mmio_read32(rd, GICR_WAKER) & ~(uint32_t)GICR_WAKER_PROCESSOR_SLEEP;

	mmio_write32(rd, GICR_WAKER, waker);
	for (unsigned int polls = 0; polls < RWP_POLLS_MAX; polls++)
		if ((mmio_read32(rd, GICR_WAKER) & GICR_WAKER_CHILDREN_ASLEEP) == 0)
			return HV_OK;
	return HV_EIO;
}

static void clear_active_priorities(void)
{
	uint64_t pribits = FIELD_GET(ICC_CTLR_PRIBITS, READ_GIC(ICC_CTLR_EL1)) + 1;

	/* AP1R1 exists from 6 bits of priority, AP1R2 and 3 from 7. [IHI0069 12.2.4] */
	if (pribits >= 7) {
		WRITE_GIC(0, ICC_AP1R3_EL1);
		WRITE_GIC(0, ICC_AP1R2_EL1);
	}
	if (pribits >= 6)
		WRITE_GIC(0, ICC_AP1R1_EL1);
	WRITE_GIC(0, ICC_AP1R0_EL1);
}

static enum hv_err init_cpu_interface(void)
{
	WRITE_GIC(ICC_SRE_ENABLE | ICC_SRE_DIB | ICC_SRE_DFB | ICC_SRE_SRE, ICC_SRE_EL2);
	isb();
	if ((READ_GIC(ICC_SRE_EL2) & ICC_SRE_SRE) == 0)
		return HV_EUNSUP;
	WRITE_GIC(ICC_CTLR_EOIMODE, ICC_CTLR_EL1);
	WRITE_GIC(PMR_OPEN, ICC_PMR_EL1);
	WRITE_GIC(0, ICC_BPR1_EL1);
	clear_active_priorities();
	isb();
	WRITE_GIC(1, ICC_IGRPEN1_EL1);
	isb();
	return HV_OK;
}

static void gicv3_virtual_off(void)
{
	struct gicv3_cpu *cpu = &cpus[this_cpu()];

	WRITE_GIC(0, ICH_HCR_EL2);
	cpu->hcr = 0;
	for (; cpu->live != 0; cpu->live &= (uint16_t)(cpu->live - 1))
		lr_write((unsigned int)__builtin_ctz(cpu->live), 0);
}

static void gicv3_restore(const struct gic_vcpu_regs *regs)
{
	/* EL1 may write it, and where it is not RAO/WI a guest could leave the next one without its CPU interface. */
	WRITE_GIC(ICC_SRE_DIB | ICC_SRE_DFB | ICC_SRE_SRE, ICC_SRE_EL1);
	isb();
	WRITE_GIC(regs->vmcr, ICH_VMCR_EL2);
	switch (hw.prebits) {
	case 7:
		WRITE_GIC(regs->ap0r[3], ICH_AP0R3_EL2);
		WRITE_GIC(regs->ap0r[2], ICH_AP0R2_EL2);
		WRITE_GIC(regs->ap1r[3], ICH_AP1R3_EL2);
		WRITE_GIC(regs->ap1r[2], ICH_AP1R2_EL2);
		/* fall through */
	case 6:
		WRITE_GIC(regs->ap0r[1], ICH_AP0R1_EL2);
		WRITE_GIC(regs->ap1r[1], ICH_AP1R1_EL2);
		/* fall through */
	default: WRITE_GIC(regs->ap0r[0], ICH_AP0R0_EL2); WRITE_GIC(regs->ap1r[0], ICH_AP1R0_EL2);
	}
}

static void gicv3_save(struct gic_vcpu_regs *regs)
{
	regs->vmcr = READ_GIC(ICH_VMCR_EL2);
	switch (hw.prebits) {
	case 7:
		regs->ap0r[3] = (uint32_t)READ_GIC(ICH_AP0R3_EL2);
		regs->ap0r[2] = (uint32_t)READ_GIC(ICH_AP0R2_EL2);
		regs->ap1r[3] = (uint32_t)READ_GIC(ICH_AP1R3_EL2);
		regs->ap1r[2] = (uint32_t)READ_GIC(ICH_AP1R2_EL2);
		/* fall through */
	case 6:
		regs->ap0r[1] = (uint32_t)READ_GIC(ICH_AP0R1_EL2);
		regs->ap1r[1] = (uint32_t)READ_GIC(ICH_AP1R1_EL2);
		/* fall through */
	default: regs->ap0r[0] = (uint32_t)READ_GIC(ICH_AP0R0_EL2); regs->ap1r[0] = (uint32_t)READ_GIC(ICH_AP1R0_EL2);
	}
}

static enum hv_err gicv3_init_cpu(unsigned int index, uint64_t mpidr)
{
	static const struct gic_vcpu_regs nothing;
	struct gicv3_cpu *cpu = &cpus[index];
	enum hv_err err = find_redistributor(cpu, mpidr);

	if (err == HV_OK)
		err = wake_redistributor(rd_base(cpu));
	if (err != HV_OK)
		return err;
	gic_frame_reset(cpu->sgi_base, 0, GIC_NR_PRIVATE, GROUP1_ALL);
	mmio_write32(cpu->sgi_base, GICD_ISENABLER, (1U << GIC_NR_SGIS) - 1);
	wait_for_rwp(rd_base(cpu), GICR_CTLR, GICR_CTLR_RWP);
	err = init_cpu_interface();
	if (err != HV_OK)
		return err;
	cpu->live = (uint16_t)((1U << hw.nr_lrs) - 1);
	gicv3_virtual_off();
	gicv3_restore(&nothing);
	__atomic_store_n(&cpu->mpidr, mpidr, __ATOMIC_RELEASE);
	return HV_OK;
}

static uint32_t gicv3_ack(void)
{
	uint32_t intid = (uint32_t)READ_GIC(ICC_IAR1_EL1);

	/* The acknowledgement is complete before the device is touched. [IHI0069 4.1] */
	dsb(sy);
	return intid;
}

static void gicv3_eoi(uint32_t intid)
{
	WRITE_GIC(intid, ICC_EOIR1_EL1);
	isb();
}

static void gicv3_deactivate(uint32_t intid)
{
	WRITE_GIC(intid, ICC_DIR_EL1);
	isb();
}

/* Where an interrupt's bits are: the calling pCPU's own frame, or the distributor. */
static pa_t frame_of(uint32_t intid)
{
	return intid < GIC_NR_PRIVATE ? cpus[this_cpu()].sgi_base : hw.config.gicd;
}

static void gicv3_enable(uint32_t intid)
{
	gic_frame_set_bit(frame_of(intid), GICD_ISENABLER, intid);
}

static void gicv3_disable(uint32_t intid)
{
	gic_frame_set_bit(frame_of(intid), GICD_ICENABLER, intid);
	/* It may still be signalled until the write has arrived everywhere. */
	if (intid < GIC_NR_PRIVATE)
		wait_for_rwp(rd_base(&cpus[this_cpu()]), GICR_CTLR, GICR_CTLR_RWP);
	else
		wait_for_rwp(hw.config.gicd, GICD_CTLR, GICD_CTLR_RWP);
}

static void gicv3_set_edge(uint32_t intid, bool edge)
{
	gic_frame_set_edge(frame_of(intid), intid, edge);
}

static void gicv3_set_target(uint32_t intid, unsigned int cpu)
{
	uint64_t mpidr = __atomic_load_n(&cpus[cpu].mpidr, __ATOMIC_ACQUIRE);

	mmio_write64(hw.config.gicd, GICD_IROUTER + 8 * (uint64_t)intid, mpidr & IROUTER_AFFINITY);
}

static void gicv3_clear_active(uint32_t intid)
{
	gic_frame_set_bit(frame_of(intid), GICD_ICACTIVER, intid);
}

static void gicv3_write_private_active(uint32_t bits, bool active)
{
	mmio_write32(cpus[this_cpu()].sgi_base, active ? GICD_ISACTIVER : GICD_ICACTIVER, bits);
}

static bool gicv3_is_pending(uint32_t intid)
{
	return gic_frame_get_bit(frame_of(intid), GICD_ISPENDR, intid);
}

static void gicv3_send_sgi(unsigned int cpu, uint32_t sgi)
{
	uint64_t mpidr = __atomic_load_n(&cpus[cpu].mpidr, __ATOMIC_ACQUIRE);
	uint64_t aff0 = mpidr & 0xff;

	/* A system register write is not ordered after stores by itself. [IHI0069 12.2.21] */
	dsb(ishst);
	WRITE_GIC(FIELD_PREP(ICC_SGI1R_INTID, sgi) | FIELD_PREP(ICC_SGI1R_TARGETS, BIT(aff0 % 16)) |
			  FIELD_PREP(ICC_SGI1R_RS, aff0 / 16) | FIELD_PREP(ICC_SGI1R_AFF1, mpidr >> 8 & 0xff) |
			  FIELD_PREP(ICC_SGI1R_AFF2, mpidr >> 16 & 0xff) |
			  FIELD_PREP(ICC_SGI1R_AFF3, mpidr >> 32 & 0xff),
		  ICC_SGI1R_EL1);
	isb();
}

static bool gicv3_linked_end_works(void)
{
	return true;
}

static uint32_t gicv3_nr_intids(void)
{
	return hw.nr_intids;
}

static unsigned int gicv3_nr_lrs(void)
{
	return hw.nr_lrs;
}

static void gicv3_read_lrs(struct gic_lr_file *file)
{
	for (uint32_t left = file->used; left != 0; left &= left - 1) {
		unsigned int n = (unsigned int)__builtin_ctz(left);

		lr_decode_v3(lr_read(n), &file->lr[n]);
	}
	file->eoi_count = 0;
	if (file->eoi_not_present_irq)
		file->eoi_count = (uint8_t)FIELD_GET(ICH_HCR_EOICOUNT, READ_GIC(ICH_HCR_EL2));
	if (file->eoi_count != 0 && (READ_GIC(ICH_VMCR_EL2) & ICH_VMCR_VEOIM) != 0)
		file->eoi_count = 0;
}

/* No ISB: the ERET that follows is one. */
static void gicv3_write_lrs(const struct gic_lr_file *file)
{
	struct gicv3_cpu *cpu = &cpus[this_cpu()];
	uint64_t hcr = hw.hcr | (file->underflow_irq ? ICH_HCR_UIE : 0) |
		       (file->eoi_not_present_irq ? ICH_HCR_LRENPIE : 0) | (file->no_pending_irq ? ICH_HCR_NPIE : 0) |
		       (uint64_t)file->group_irqs << GIC_HCR_GROUPS_SHIFT;

	for (uint32_t left = file->used | (uint32_t)cpu->live; left != 0; left &= left - 1) {
		unsigned int n = (unsigned int)__builtin_ctz(left);

		lr_write(n, (file->used >> n & 1) != 0 ? lr_encode_v3(&file->lr[n]) : 0);
	}
	cpu->live = file->used;
	/* With LRENPIE the register counts: the write puts EOIcount back to 0. */
	if (hcr != cpu->hcr || file->eoi_not_present_irq)
		WRITE_GIC(hcr, ICH_HCR_EL2);
	cpu->hcr = hcr;
}

static void gicv3_reset_regs(struct gic_vcpu_regs *regs)
{
	/*
	 * The smallest binary points that the preemption bits allow; group 1's is one more. [IHI0069 12.2.5
	 * ICC_BPR0_EL1]
	 */
	uint64_t bpr0 = 7U - hw.prebits;

	*regs = (struct gic_vcpu_regs){
		.vmcr = ICH_VMCR_VFIQEN | FIELD_PREP(ICH_VMCR_VBPR0, bpr0) | FIELD_PREP(ICH_VMCR_VBPR1, bpr0 + 1),
	};
}

static void gicv3_decode_vmcr(const struct gic_vcpu_regs *regs, struct gic_vmcr *vmcr)
{
	vmcr->pmr = (uint8_t)FIELD_GET(ICH_VMCR_VPMR, regs->vmcr);
	vmcr->group0_enable = (regs->vmcr & ICH_VMCR_VENG0) != 0;
	vmcr->group1_enable = (regs->vmcr & ICH_VMCR_VENG1) != 0;
	vmcr->eoi_split = (regs->vmcr & ICH_VMCR_VEOIM) != 0;
	gic_decode_binary_points(vmcr, (unsigned int)FIELD_GET(ICH_VMCR_VBPR0, regs->vmcr),
				 (unsigned int)FIELD_GET(ICH_VMCR_VBPR1, regs->vmcr),
				 (regs->vmcr & ICH_VMCR_VCBPR) != 0);
}

/* Bit n of the APRs, all registers in a row, is preemption level n. */
static unsigned int gicv3_active_priority(const struct gic_vcpu_regs *regs)
{
	for (unsigned int n = 0; n < 4; n++) {
		uint32_t active = regs->ap0r[n] | regs->ap1r[n];

		if (active != 0)
			return (32 * n + (unsigned int)__builtin_ctz(active)) << (8 - hw.prebits);
	}
	return 0x100;
}

const struct gic_driver gic_v3_driver = {
	.name = "GICv3",
	.init_dist = gicv3_init_dist,
	.init_cpu = gicv3_init_cpu,
	.ack = gicv3_ack,
	.eoi = gicv3_eoi,
	.deactivate = gicv3_deactivate,
	.enable = gicv3_enable,
	.disable = gicv3_disable,
	.set_edge = gicv3_set_edge,
	.set_target = gicv3_set_target,
	.clear_active = gicv3_clear_active,
	.write_private_active = gicv3_write_private_active,
	.is_pending = gicv3_is_pending,
	.send_sgi = gicv3_send_sgi,
	.linked_end_works = gicv3_linked_end_works,
	.nr_intids = gicv3_nr_intids,
	.nr_lrs = gicv3_nr_lrs,
	.read_lrs = gicv3_read_lrs,
	.write_lrs = gicv3_write_lrs,
	.virtual_off = gicv3_virtual_off,
	.save = gicv3_save,
	.restore = gicv3_restore,
	.reset_regs = gicv3_reset_regs,
	.decode_vmcr = gicv3_decode_vmcr,
	.active_priority = gicv3_active_priority,
};

/*
 * The virtual GIC, v2 or v3: a pure state machine of INTIDs, of which the most urgent stand in list registers while the
 * vCPU is loaded. Registers: vgic_v2_mmio.c, vgic_v3_mmio.c (const tables). One security state (GICD_CTLR.DS = 1 on
 * v3).
 *
 * Locks: the caller holds the VM's LOCK_VGIC around every call. Nothing here touches hardware: kernel/virq.c carries
 * the struct gic_lr_file to and from the list registers of the pCPU on which the vCPU is loaded.
 *
 * Races, thought through:
 * - An interrupt that stands in a vCPU's LR belongs to that vCPU until the next vgic_sync() there: `lr_owner` says so,
 *   and only that vCPU's flush may take it away. Others change enable, priority, target or line in the model and get
 *   that vCPU back in the returned mask; it syncs, sees the change, and hands the interrupt on (its own sync then
 *   returns the new target).
 * - Every function that may make something deliverable, or take it away, returns the mask of vCPUs that must sync and
 *   flush. The caller posts VCPU_REQ_VGIC to them after dropping the lock: a running one is kicked by SGI, a parked one
 *   woken. Since EL2 keeps interrupts masked until ERET, a kick that arrives between flush and ERET takes the guest out
 *   again at once: none is lost.
 * - Pending and active state moves into the LR at flush and back at sync; meanwhile new edges and writes gather in the
 *   model and are merged at sync. So a second edge after the acknowledge is a second interrupt; one before it may be,
 *   where the kick came too late to merge them.
 * - Level-triggered without hardware behind it: the LR asks for a maintenance interrupt at EOI while the line is high;
 *   sync then looks at the line again. Linked to hardware (timers): pending is noted at vgic_inject_hw() and dropped in
 *   sync if the line is low.
 * - A linked SPI (a host device's) is like that, but its active bit is the machine's, not a pCPU's: it stays as it is
 *   when vCPUs come and go, and whichever vCPU syncs next tells its end. `owed` says that the host's interrupt is
 *   active and that its end is due; only then does an LR carry HW = 1. An edge's arrival is never withdrawn: that its
 *   line is low says nothing.
 * - What a vCPU that runs elsewhere has acknowledged or ended since its last flush only its LRs know. So a register
 *   access that asks for pending or active bits, or changes them or takes away an enable, waits for the sync of those
 *   in whose LRs its INTIDs stand: MMIO_WAIT. A write is made at once, in the model, and merged by that sync
 *   (active_written, lr_took); a read is made after it, of what the sync brought. Either way the guest's instruction
 *   ends after the sync, and has its effect at it: no acknowledge or end on the other vCPU is overlooked, or undone by
 *   one that came later. A cycle of vCPUs that wait for each other cannot be: whoever waits has synced itself
 *   before, which answers all that wait for it, and is not flushed again before it goes on. Who stops, goes off or is
 *   taken from its pCPU syncs, too.
 * - The same for a write to DIR (EOImode = 1): kernel/ traps it, since an SPI may stand in another vCPU's LR or in
 *   none. It does not wait: it is active_written, which that vCPU's sync, kicked, finds; and who reads waits.
 * - More active or pending than LRs is normal: the most urgent active ones are in LRs, but one LR always holds the most
 *   urgent pending one, so that it can preempt. NPIE asks for more when the guest has taken all that were pending; EOIs
 *   of active ones in no LR come back as eoi_count and end the most urgent of those that were outside at the flush
 *   (`outside`: what others have changed since must not shift the count), as the guest does. Only with EOImode = 0.
 *   Which groups the CPU interface takes is asked when not all find room: those of one that it does not take stay out,
 *   until a maintenance interrupt tells that the guest has turned it on.
 *
 * Cost: each vCPU has a bitmap of the INTIDs that concern it (active, or pending and enabled); flush, has_deliverable
 * and sync look at those only.
 *
 * [IHI0048] GICv2, [IHI0069] GICv3.
 */
#ifndef DEV_VGIC_H
#define DEV_VGIC_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/arm64/gic/lr_codec.h"
#include "lib/spinlock.h"
#include "vcpu/mmio.h"
#include "vcpu/vcpu.h"

#define VGIC_MAX_VCPUS	8
#define VGIC_NR_PRIVATE 32
#define VGIC_NR_INTIDS	256  /* a multiple of 32: GICD_TYPER.ITLinesNumber = 7 */
#define VGIC_NOWHERE	0xff /* no vCPU */

/* Which pending state the LR carries, to be taken back in sync when the guest did not acknowledge it. */
enum vgic_lr_took {
	VGIC_LR_TOOK_NONE,    /* the line of a level interrupt: it stays in the model */
	VGIC_LR_TOOK_LATCH,   /* `latch` */
	VGIC_LR_TOOK_ARRIVAL, /* `line` of a linked interrupt */
	VGIC_LR_TOOK_SGI,     /* the GICv2 SGI from sgi_source */
};

struct vgic_irq {
	uint8_t priority;
	uint8_t group;	     /* 0 or 1 */
	uint8_t targets;     /* GICv2 SPI: GICD_ITARGETSR byte */
	uint8_t target;	     /* SPI: the vCPU that targets or irouter names, or VGIC_NOWHERE */
	uint8_t home;	     /* in whose candidates it stands, or VGIC_NOWHERE */
	uint8_t lr_owner;    /* the vCPU in whose LR it stands, or VGIC_NOWHERE */
	uint8_t sgi_pending; /* GICv2 SGI: bit n: pending from vCPU n */
	uint8_t sgi_source;  /* GICv2 SGI: whose is active or in the LR */
	uint8_t active_on;   /* SPI: the vCPU that acknowledged it */
	bool enabled, edge;
	bool line;   /* level input as the device drives it; linked: the physical interrupt has arrived */
	bool latch;  /* pending by edge, SGI or ISPENDR */
	bool active; /* while in an LR: as last known */
	bool hw;     /* linked to physical INTID pintid */
	bool owed;   /* linked SPI: the physical interrupt is active until its end is told */
	/* Rarely looked at, and one byte: the struct has 32, so that an INTID is found by a shift. */
	bool hw_edge : 1; /* linked SPI: edge-triggered on the host, whatever the guest's GICD_ICFGR says */
	bool acked : 1;	  /* active because the guest acknowledged it: an EOI will come */
	/* While in an LR. */
	uint8_t lr_took;     /* enum vgic_lr_took */
	bool lr_hw;	     /* the LR has HW = 1 */
	bool active_written; /* ISACTIVER or ICACTIVER since the flush: `active` overrules the LR */
	uint32_t pintid;
	uint64_t irouter; /* GICv3 SPI: GICD_IROUTER */
};

#define VGIC_NR_WORDS (VGIC_NR_INTIDS / 64)

struct vgic_cpu {
	struct vgic_irq irq[VGIC_NR_PRIVATE];
	uint64_t mpidr;
	bool asleep;			    /* GICR_WAKER.ProcessorSleep */
	bool off;			    /* no SGI reaches it */
	bool waited;			    /* whom its register access had to wait for has synced: it is made again */
	uint32_t waits_for;		    /* vCPUs whose sync its register access waits for */
	uint64_t candidates[VGIC_NR_WORDS]; /* INTIDs with home == this vCPU */
	uint32_t links;			    /* private INTIDs with hw */
	uint32_t hw_ended;		    /* linked INTIDs to be deactivated physically: told by the next sync */
	bool flushed;			    /* since the last sync: EOIcount is counted once */
	uint16_t lr_used;		    /* what the last flush put into LRs; lr_intid[n] names it */
	uint32_t lr_intid[GIC_MAX_LRS];
	bool has_outside;		 /* at the last flush more were active than there are LRs: */
	uint64_t outside[VGIC_NR_WORDS]; /* those that stayed outside, which EOIcount is about */
};

/* Pointer-free but for the lock's owner: a snapshot copies it. */
struct vgic {
	struct spinlock lock; /* LOCK_VGIC */
	uint8_t version;      /* 2 or 3 */
	uint8_t nr_vcpus;
	/*
	 * The host's GIC does not look at its inputs again when a guest's EOI deactivates a linked interrupt: LRs go
	 * without HW = 1, and the end comes back through a maintenance interrupt and sync. Set after vgic_init().
	 */
	bool software_ends;
	uint32_t ctlr;	  /* GICD_CTLR's enable bits: bit n enables group n */
	uint32_t waiting; /* vCPUs with waits_for != 0 */
	struct vgic_irq spi[VGIC_NR_INTIDS - VGIC_NR_PRIVATE];
	bool has_spi_links;
	uint64_t spi_links[VGIC_NR_WORDS]; /* SPIs with hw */
	uint64_t spi_ended[VGIC_NR_WORDS]; /* as vgic_cpu.hw_ended: told by any vCPU's next sync */
	bool has_moved;
	uint64_t spi_moved[VGIC_NR_WORDS]; /* linked SPIs with another target, for vgic_take_moved() */
	struct vgic_cpu cpu[VGIC_MAX_VCPUS];
};

/* A set of vCPUs that must sync and flush: bit n = vCPU n. */
typedef uint32_t vgic_mask_t;

/*
 * Reset state of the whole model, links (hw) cleared too, in steps of VGIC_INIT_STEP_INTIDS: steps 0, 1, 2... until it
 * returns false. Nothing else may use the model before that. The struct was zeroed once, when it was allocated.
 */
#define VGIC_INIT_STEP_INTIDS 16
struct vgic_shape {
	unsigned int version;	/* 2 or 3 */
	unsigned int nr_vcpus;	/* 1..8 */
	const uint64_t *mpidrs; /* of each */
};
bool vgic_init_step(struct vgic *vgic, unsigned int step, const struct vgic_shape *shape);
/*
 * CPU_ON, CPU_OFF: private interrupts of one vCPU back to reset; what it had active is ended, an SPI pending in its LRs
 * stays pending. Links stay. The caller empties the hardware's LRs and APRs. A sync must follow where a link was
 * active: it tells what to deactivate.
 */
vgic_mask_t vgic_cpu_reset(struct vgic *vgic, unsigned int vcpu);

/* CPU_ON: SGIs reach it from now on. One that is sent to a vCPU that is off is lost, as on a PE whose power is off. */
void vgic_cpu_on(struct vgic *vgic, unsigned int vcpu);

/* Links a vCPU's private INTID to a physical one (the timers); an SPI (a host device's). Out of range: no effect. */
void vgic_link_private(struct vgic *vgic, unsigned int vcpu, uint32_t vintid, uint32_t pintid);
void vgic_link_spi(struct vgic *vgic, uint32_t vintid, uint32_t pintid, bool edge);

/*
 * A device's output line; vcpu is ignored for SPIs (intid >= 32). Edge: a rising line latches. INTIDs out of range: no
 * effect.
 */
vgic_mask_t vgic_set_line(struct vgic *vgic, unsigned int vcpu, uint32_t intid, bool level);
/* A linked physical interrupt has fired and is active: a private one, on the pCPU on which `vcpu` is loaded; an SPI,
 * wherever it was taken. */
vgic_mask_t vgic_inject_hw(struct vgic *vgic, unsigned int vcpu, uint32_t vintid);
vgic_mask_t vgic_inject_spi(struct vgic *vgic, uint32_t vintid);
/* The exit must be EXIT_SEND_IPI made by vgic_refine(). */
vgic_mask_t vgic_send_ipi(struct vgic *vgic, unsigned int source, const struct vcpu_exit *exit);

/*
 * Takes the LRs of `vcpu` back into the model (file as read from hardware; the model knows which of them count). After
 * it nothing of this vCPU stands in LRs. hw_line_low(ctx, pintid) tells whether a linked interrupt's line is low now:
 * one that is pending is then withdrawn. NULL: not asked. Linked interrupts whose pending state is withdrawn, or which
 * the guest ended without HW = 1 (ICACTIVER, EOIcount, software_ends), come back in `deactivate` (pintids): the caller
 * deactivates them physically, before vgic_flush(). What does not fit comes with the next sync. The mask has the other
 * vCPUs to which an interrupt was handed on. `answered`: vCPUs that waited (MMIO_WAIT) and now make their access again.
 * A second sync without a flush between finds nothing.
 */
struct vgic_sync_io {
	const struct gic_lr_file *file;
	bool (*hw_line_low)(void *ctx, uint32_t pintid);
	void *ctx;
	uint32_t deactivate[GIC_MAX_LRS];
	unsigned int nr_deactivate;
	vgic_mask_t answered;
};
vgic_mask_t vgic_sync(struct vgic *vgic, unsigned int vcpu, struct vgic_sync_io *io);

/*
 * Must the physical interrupt behind this link be active while the vCPU is loaded? So until the guest, or a sync, has
 * ended it: else it would fire again. For loading a vCPU; with software_ends the same holds, though no LR says so.
 */
bool vgic_link_is_active(const struct vgic *vgic, unsigned int vcpu, uint32_t vintid);

/*
 * Chooses what stands in the LRs of `vcpu` now and fills `file` (its nr_lrs, at least 1, and enabled_groups are given).
 * Only after
 * vgic_sync() or when nothing was flushed. A linked interrupt that stands in an LR is physically active already: it has
 * arrived, or the load has made it so. Nothing is handed over here: that happens in sync.
 */
void vgic_flush(struct vgic *vgic, unsigned int vcpu, struct gic_lr_file *file);

/*
 * Would this vCPU be interrupted (wakes WFI)? By what its CPU interface lets through: a priority below (numerically)
 * the mask, whose upper bits are below the running priority, too [IHI0069 4.8.3]. Exact after vgic_sync().
 */
struct vgic_cpu_interface {
	unsigned int priority_mask;    /* PMR; 0x100: none */
	unsigned int running_priority; /* 0x100: idle */
	uint8_t preempts[2];	       /* of each group: the bits of a priority that count against the running one */
	bool group_on[2];
};
bool vgic_has_deliverable(const struct vgic *vgic, unsigned int vcpu, const struct vgic_cpu_interface *interface);

/* Is this vCPU's own INTID, or SPI, enabled, and its group? Below VGIC_NR_INTIDS. */
bool vgic_irq_is_on(const struct vgic *vgic, unsigned int vcpu, uint32_t intid);

/* An interrupt that is pending or active, for a person. Both as of the last sync of the vCPU that has it in a list
 * register. */
#define VGIC_MAX_SHOWN 16
struct vgic_shown {
	unsigned int nr, nr_more; /* further ones that found no room */
	struct vgic_shown_irq {
		uint16_t intid;
		uint8_t priority, group;
		bool enabled, group_on; /* GICD_CTLR's enable of its group */
		bool pending, active, in_lr;
	} irq[VGIC_MAX_SHOWN];
};
/* Adds those of INTIDs 64 * word + n, n the bits of `intids`, that concern this vCPU. */
void vgic_show(const struct vgic *vgic, unsigned int vcpu, unsigned int word, uint64_t intids,
	       struct vgic_shown *shown);

/*
 * DIR with EOImode = 1: this vCPU's own private interrupt, or any SPI, is no longer active, wherever it was
 * acknowledged. Not active, or no INTID: no effect. After vgic_sync() of this vCPU.
 */
vgic_mask_t vgic_deactivate(struct vgic *vgic, unsigned int vcpu, uint32_t intid);

/*
 * A linked SPI that the guest has routed to another vCPU since: its physical interrupt is to follow. False: no more.
 */
bool vgic_take_moved(struct vgic *vgic, uint32_t *pintid, unsigned int *vcpu);

/*
 * Does an access at this offset of GICD, RD_base or SGI_base want a vgic_sync() of the accessing vCPU before? It does
 * where it shows or changes what LRs hold, or may have to wait for others (MMIO_WAIT); and where a priority changes by
 * which EOIs that were counted are to be told apart. A register that guests read and write again and again does not.
 */
bool vgic_access_needs_sync(const struct vgic *vgic, unsigned int vcpu, uint64_t offset, bool write);

/*
 * Register accesses of vCPU access->vcpu->index. access->offset is from the frame's base. Call after vgic_sync() of the
 * accessing vCPU where vgic_access_needs_sync(), so that it reads its own pending and active bits as they are. Where
 * those of others that run matter, MMIO_WAIT: the same access is made again when a sync has named this vCPU in
 * `answered`, and not flushed before; one of several by an instruction (see MMIO_WAIT) reads what they had at their
 * last sync. Reserved offsets, and widths that a register does not have, are RAZ/WI [IHI0069 12.1.3 leaves the latter
 * to us]; an access that is not aligned to its width gives MMIO_FAULT. *mask collects whom to kick. Which registers
 * there are: docs/vgic.md.
 */
enum mmio_result vgic_v2_dist_access(struct vgic *vgic, struct mmio_access *access, bool write, vgic_mask_t *mask);
enum mmio_result vgic_v3_dist_access(struct vgic *vgic, struct mmio_access *access, bool write, vgic_mask_t *mask);
/* `target`: whose redistributor it is; offset within its 128 KiB (RD_base and SGI_base frames). */
enum mmio_result vgic_v3_redist_access(struct vgic *vgic, unsigned int target, struct mmio_access *access, bool write,
				       vgic_mask_t *mask);

/*
 * GICv2's GICC_DIR, in the CPU interface's second page (offset from there): trapped, unlike the first, which is the
 * hardware's. eoi_split: GICC_CTLR.EOImode. The rest of the page is RAZ/WI.
 */
enum mmio_result vgic_v2_dir_access(struct vgic *vgic, struct mmio_access *access, bool write, bool eoi_split,
				    vgic_mask_t *mask);

/* Is this exit a write of ICC_DIR_EL1? Then the INTID is in *intid. */
bool vgic_is_dir(const struct vcpu_exit *exit, uint32_t *intid);

/*
 * Refine step: a SYSREG_WRITE of ICC_SGI0R_EL1, ICC_SGI1R_EL1, ICC_ASGI1R_EL1 (v3) or an MMIO_WRITE of width DWORD to
 * GICD_SGIR (v2; gicd is where the guest sees its distributor) becomes SEND_IPI; insn_len is kept. Anything else is
 * left as it is, also a store to GICD_SGIR with a plan (writeback, pair): the distributor's own row serves that one.
 */
void vgic_refine(struct vcpu *vcpu, unsigned int version, ipa_t gicd);

#endif

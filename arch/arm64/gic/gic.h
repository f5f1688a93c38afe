/*
 * The physical GIC, v2 (GICD, GICC, GICH, GICV) or v3 (GICD, GICR, ICC_*, ICH_*), chosen at run time. EOImode=1:
 * acknowledging and ending (priority drop) are Corbel's, deactivation is the guest's for a linked interrupt and
 * Corbel's for the rest.
 *
 * Context: EL2, interrupts masked. Per-CPU registers belong to the calling pCPU. SPI configuration takes LOCK_GIC
 * inside.
 */
#ifndef ARCH_ARM64_GIC_GIC_H
#define ARCH_ARM64_GIC_GIC_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/arm64/gic/lr_codec.h"
#include "arch/arm64/regs/guest_state.h"
#include "lib/err.h"
#include "lib/types.h"

#define GIC_SPURIOUS	     1023U
#define GIC_MAX_GICR_REGIONS 4
#define GIC_MAX_CPUS	     16 /* pCPUs; a GICv2 has at most 8 */

struct gic_config {
	unsigned int version;	     /* 2 or 3 */
	pa_t gicd, gicc, gich, gicv; /* v2 */
	struct {
		pa_t base;
		uint64_t size_bytes;
	} gicr[GIC_MAX_GICR_REGIONS]; /* v3 */
	unsigned int nr_gicr;
	uint64_t gicr_stride_bytes; /* 0: by GICR_TYPER */
};

/* VMCR, decoded: what decides whether a pending interrupt would be signalled, and what ends one. */
struct gic_vmcr {
	uint8_t pmr; /* only priorities below (numerically) are signalled */
	bool group0_enable, group1_enable;
	uint8_t preempts[2]; /* by group: the bits of a priority that the binary point leaves to preempt by */
	bool eoi_split;	     /* EOImode: EOIR drops the priority, DIR deactivates */
};

/*
 * The bits that a binary point leaves: group 0's register names the highest bit that does not count, group 1's own one
 * the lowest that does; with CBPR group 1 uses group 0's. [IHI0048 3.3.3] [IHI0069 4.8.5]
 */
static inline void gic_decode_binary_points(struct gic_vmcr *vmcr, unsigned int bpr0, unsigned int bpr1, bool common)
{
	vmcr->preempts[0] = (uint8_t)(0xffU << (bpr0 + 1) & 0xff);
	vmcr->preempts[1] = (uint8_t)(0xffU << (common ? bpr0 + 1 : bpr1) & 0xff);
}

struct gic_driver {
	const char *name;
	/* Boot CPU, once: all SPIs off. HV_EUNSUP: it lacks the virtual interface (v2 without GICH). */
	enum hv_err (*init_dist)(const struct gic_config *config);
	/* Each pCPU: SGIs on, PMR open, EOImode=1, LRs cleared, virtual interface off. HV_ENOENT: no redistributor has
	 * its MPIDR; HV_EUNSUP: firmware denies the system registers. */
	enum hv_err (*init_cpu)(unsigned int cpu, uint64_t mpidr);
	/* IAR: the INTID, or one >= 1020: none. v2: an SGI's source is kept for eoi and deactivate. */
	uint32_t (*ack)(void);
	void (*eoi)(uint32_t intid); /* priority drop */
	void (*deactivate)(uint32_t intid);
	void (*enable)(uint32_t intid); /* PPIs: of the calling pCPU */
	void (*disable)(uint32_t intid);
	void (*set_edge)(uint32_t intid, bool edge);
	void (*set_target)(uint32_t intid, unsigned int cpu);	  /* SPI, to a pCPU that has done init_cpu */
	void (*clear_active)(uint32_t intid);			  /* PPIs and SGIs: of the calling pCPU */
	void (*write_private_active)(uint32_t bits, bool active); /* bit n: INTID n < 32, of the calling pCPU */
	bool (*is_pending)(uint32_t intid);
	void (*send_sgi)(unsigned int cpu, uint32_t sgi); /* orders earlier stores before it */
	/*
	 * Does the distributor signal a level again whose linked interrupt a guest's EOI has deactivated? The
	 * architecture says so; QEMU's GICv2 forgets it until something else happens to it.
	 */
	bool (*linked_end_works)(void);
	/* INTIDs that the distributor has, special ones apart. */
	uint32_t (*nr_intids)(void);
	/* The virtual interface of the calling pCPU. */
	unsigned int (*nr_lrs)(void);
	/*
	 * Reads back the LRs in `used`, and EOIcount where eoi_not_present_irq is set and the guest's EOImode is 0
	 * (else an EOI is a priority drop only, and what deactivates traps); entries come back with
	 * pending=active=false where the guest is done.
	 */
	void (*read_lrs)(struct gic_lr_file *file);
	/*
	 * Makes the LRs what the file says (those not in `used` empty) and writes ICH_HCR with En. The hardware is
	 * touched only where it is or was not empty, so a vCPU without interrupts costs next to nothing.
	 */
	void (*write_lrs)(const struct gic_lr_file *file);
	void (*virtual_off)(void); /* En = 0, LRs empty: before idling or loading another vCPU */
	void (*save)(struct gic_vcpu_regs *regs);
	void (*restore)(const struct gic_vcpu_regs *regs);
	void (*reset_regs)(struct gic_vcpu_regs *regs); /* what a vCPU starts with */
	void (*decode_vmcr)(const struct gic_vcpu_regs *regs, struct gic_vmcr *vmcr);
	/* The lowest (numerically) priority that is active in regs, 0x100 when none: the guest's running priority. */
	unsigned int (*active_priority)(const struct gic_vcpu_regs *regs);
};

extern const struct gic_driver gic_v2_driver, gic_v3_driver;
/* The driver in use, set once by the boot CPU through gic_select(). */
extern const struct gic_driver *gic;
/* Picks the driver by config->version: HV_EUNSUP for any other. */
enum hv_err gic_select(const struct gic_config *config);

#endif

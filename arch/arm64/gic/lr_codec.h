/*
 * A list register as a struct, and its two encodings: GICH_LRn (32 bit) and ICH_LRn_EL2 (64 bit). Pure.
 * [IHI0069 12.4 ICH_LR<n>_EL2] [IHI0048 5.3.10 GICH_LRn]
 */
#ifndef ARCH_ARM64_GIC_LR_CODEC_H
#define ARCH_ARM64_GIC_LR_CODEC_H

#include <stdbool.h>
#include <stdint.h>

#define GIC_MAX_LRS 16

struct gic_lr {
	uint32_t vintid;
	uint32_t pintid;  /* hw: the physical INTID that the guest's deactivation deactivates */
	uint8_t priority; /* 8 bits; GICv2 keeps the upper five */
	uint8_t group;	  /* 0 or 1 */
	uint8_t source;	  /* GICv2 SGIs: the sending vCPU */
	bool pending, active;
	bool hw;
	bool eoi; /* not hw: a maintenance interrupt when the guest deactivates */
};

/* struct gic_lr_file.group_irqs, as the four bits stand side by side in GICH_HCR and ICH_HCR_EL2 from bit 4 on. */
#define GIC_VGrpEIE(group)   (1U << (2 * (group)))
#define GIC_VGrpDIE(group)   (2U << (2 * (group)))
#define GIC_HCR_GROUPS_SHIFT 4

/* The list registers of one vCPU and the bits of GICH_HCR / ICH_HCR_EL2 that go with them. */
struct gic_lr_file {
	struct gic_lr lr[GIC_MAX_LRS];
	uint16_t used;		  /* bit n: lr[n] is not empty */
	uint8_t nr_lrs;		  /* as the hardware has them */
	uint8_t group_irqs;	  /* VGrp<n>EIE, DIE: tell when group n is on, is off, in the CPU interface */
	bool underflow_irq;	  /* UIE: tell when none or one is left */
	bool no_pending_irq;	  /* NPIE: tell when none is pending any more */
	bool eoi_not_present_irq; /* LRENPIE: tell of an EOI for an interrupt in none of them */
	uint8_t eoi_count;	  /* EOIcount: how many of those there were; read by sync, zeroed by flush */
	/* VMCR's group enables, bit n: group n. Asked by a flush that has to leave some out. */
	uint32_t (*enabled_groups)(void *ctx);
	void *ctx;
};

uint64_t lr_encode_v3(const struct gic_lr *lr);
void lr_decode_v3(uint64_t raw, struct gic_lr *lr);
uint32_t lr_encode_v2(const struct gic_lr *lr);
void lr_decode_v2(uint32_t raw, struct gic_lr *lr);

#endif

/* What the distributors of GICv2 and GICv3 have in common. Private to the two drivers. [IHI0048 4.3] [IHI0069 12.9] */
#ifndef ARCH_ARM64_GIC_GIC_DIST_H
#define ARCH_ARM64_GIC_GIC_DIST_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/bits.h"
#include "lib/types.h"

/* The same offsets hold in a GICv3 redistributor's SGI_base frame, for INTIDs 0-31. */
#define GICD_CTLR	      0x0000
#define GICD_TYPER	      0x0004
#define GICD_IGROUPR	      0x0080
#define GICD_ISENABLER	      0x0100
#define GICD_ICENABLER	      0x0180
#define GICD_ISPENDR	      0x0200
#define GICD_ICPENDR	      0x0280
#define GICD_ISACTIVER	      0x0300
#define GICD_ICACTIVER	      0x0380
#define GICD_IPRIORITYR	      0x0400
#define GICD_IIDR	      0x0008
#define GICD_IIDR_IMPLEMENTER GENMASK(11, 0)
#define GICD_ITARGETSR	      0x0800
#define GICD_ICFGR	      0x0c00
#define GICD_SGIR	      0x0f00
#define GICD_IROUTER	      0x6000

#define GICD_TYPER_ITLINES GENMASK(4, 0)

#define GIC_NR_PRIVATE	32U /* SGIs and PPIs */
#define GIC_NR_SGIS	16U
#define GIC_PRIORITY_X4 UINT32_C(0xa0a0a0a0) /* all alike: EL2 takes what comes */

/* INTIDs that the distributor has, from 32 up to this one (exclusive). */
uint32_t gic_dist_nr_intids(pa_t gicd);
/*
 * All interrupts [first, end) off, neither pending nor active, level-triggered, one priority, in `group` (0: all bits
 * 0).
 */
void gic_frame_reset(pa_t frame, uint32_t first, uint32_t end, uint32_t group);
/* Writes an interrupt's bit in a register of which writing 0 has no effect (IS*, IC*). */
void gic_frame_set_bit(pa_t frame, uint64_t reg, uint32_t intid);
bool gic_frame_get_bit(pa_t frame, uint64_t reg, uint32_t intid);
/* ICFGR is shared by 16 interrupts: read, modified and written under LOCK_GIC. */
void gic_frame_set_edge(pa_t frame, uint32_t intid, bool edge);

#endif

/*
 * GICH_LRn and ICH_LRn_EL2. The field that names the physical interrupt of a linked one (HW = 1) has another meaning
 * otherwise: there it carries the EOI bit and, in GICv2, the SGI's source.
 */
#include "arch/arm64/gic/lr_codec.h"

#include "lib/bits.h"

/* [IHI0069 12.4 ICH_LR<n>_EL2] */
#define ICH_LR_State_Active  BIT(63)
#define ICH_LR_State_Pending BIT(62)
#define ICH_LR_HW	     BIT(61)
#define ICH_LR_Group	     BIT(60)
#define ICH_LR_Priority	     GENMASK(55, 48)
#define ICH_LR_pINTID	     GENMASK(44, 32)
#define ICH_LR_EOI	     BIT(41) /* HW = 0 */
#define ICH_LR_vINTID	     GENMASK(31, 0)

/* [IHI0048 5.3.10 GICH_LRn] */
#define GICH_LR_HW		   BIT(31)
#define GICH_LR_Grp1		   BIT(30)
#define GICH_LR_State_Active	   BIT(29)
#define GICH_LR_State_Pending	   BIT(28)
#define GICH_LR_Priority	   GENMASK(27, 23)
#define GICH_LR_PhysicalID	   GENMASK(19, 10)
#define GICH_LR_EOI		   BIT(19)	   /* HW = 0 */
#define GICH_LR_CPUID		   GENMASK(12, 10) /* HW = 0 */
#define GICH_LR_VirtualID	   GENMASK(9, 0)
#define GICV2_PRIORITY_UNUSED_BITS 3 /* GICH_LR keeps bits [7:3] of a priority */

uint64_t lr_encode_v3(const struct gic_lr *lr)
{
	uint64_t raw = FIELD_PREP(ICH_LR_vINTID, lr->vintid) | FIELD_PREP(ICH_LR_Priority, lr->priority) |
		       FIELD_PREP(ICH_LR_Group, lr->group) | FIELD_PREP(ICH_LR_State_Pending, lr->pending) |
		       FIELD_PREP(ICH_LR_State_Active, lr->active) | FIELD_PREP(ICH_LR_HW, lr->hw);

	if (lr->hw)
		return raw | FIELD_PREP(ICH_LR_pINTID, lr->pintid);
	return raw | FIELD_PREP(ICH_LR_EOI, lr->eoi);
}

void lr_decode_v3(uint64_t raw, struct gic_lr *lr)
{
	bool hw = FIELD_GET(ICH_LR_HW, raw) != 0;

	*lr = (struct gic_lr){
		.vintid = (uint32_t)FIELD_GET(ICH_LR_vINTID, raw),
		.pintid = hw ? (uint32_t)FIELD_GET(ICH_LR_pINTID, raw) : 0,
		.priority = (uint8_t)FIELD_GET(ICH_LR_Priority, raw),
		.group = (uint8_t)FIELD_GET(ICH_LR_Group, raw),
		.pending = FIELD_GET(ICH_LR_State_Pending, raw) != 0,
		.active = FIELD_GET(ICH_LR_State_Active, raw) != 0,
		.hw = hw,
		.eoi = !hw && FIELD_GET(ICH_LR_EOI, raw) != 0,
	};
}

uint32_t lr_encode_v2(const struct gic_lr *lr)
{
	uint64_t raw = FIELD_PREP(GICH_LR_VirtualID, lr->vintid) |
		       FIELD_PREP(GICH_LR_Priority, lr->priority >> GICV2_PRIORITY_UNUSED_BITS) |
		       FIELD_PREP(GICH_LR_Grp1, lr->group) | FIELD_PREP(GICH_LR_State_Pending, lr->pending) |
		       FIELD_PREP(GICH_LR_State_Active, lr->active) | FIELD_PREP(GICH_LR_HW, lr->hw);

	if (lr->hw)
		raw |= FIELD_PREP(GICH_LR_PhysicalID, lr->pintid);
	else
		raw |= FIELD_PREP(GICH_LR_EOI, lr->eoi) | FIELD_PREP(GICH_LR_CPUID, lr->source);
	return (uint32_t)raw;
}

void lr_decode_v2(uint32_t raw, struct gic_lr *lr)
{
	bool hw = FIELD_GET(GICH_LR_HW, raw) != 0;

	*lr = (struct gic_lr){
		.vintid = (uint32_t)FIELD_GET(GICH_LR_VirtualID, raw),
		.pintid = hw ? (uint32_t)FIELD_GET(GICH_LR_PhysicalID, raw) : 0,
		.priority = (uint8_t)(FIELD_GET(GICH_LR_Priority, raw) << GICV2_PRIORITY_UNUSED_BITS),
		.group = (uint8_t)FIELD_GET(GICH_LR_Grp1, raw),
		.source = hw ? 0 : (uint8_t)FIELD_GET(GICH_LR_CPUID, raw),
		.pending = FIELD_GET(GICH_LR_State_Pending, raw) != 0,
		.active = FIELD_GET(GICH_LR_State_Active, raw) != 0,
		.hw = hw,
		.eoi = !hw && FIELD_GET(GICH_LR_EOI, raw) != 0,
	};
}

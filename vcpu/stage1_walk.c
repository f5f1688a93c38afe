/* Stage 1 walks by software: see stage1_walk.h. */
#include "vcpu/stage1_walk.h"

#include "lib/bits.h"

#define TCR_EL1_T0SZ GENMASK(5, 0)
#define TCR_EL1_TG0  GENMASK(15, 14)
#define TCR_EL1_T1SZ GENMASK(21, 16)
#define TCR_EL1_TG1  GENMASK(31, 30)

#define TTBR_EL1_BADDR GENMASK(47, 1)
#define VA_IS_UPPER    BIT(55) /* translated by TTBR1_EL1 */

#define DESC_VALID     BIT(0)
#define DESC_TABLE     BIT(1)
#define DESC_NEXT      GENMASK(47, 12)
#define DESC_SIZE_LOG2 3
#define LAST_LEVEL     3U

/* What a reserved TG0 or TG1 means is up to the CPU: 4 KiB here. */
static unsigned int granule_log2(uint64_t tcr, bool upper)
{
	static const uint8_t of_tg0[4] = { 12, 16, 14, 12 }, of_tg1[4] = { 12, 14, 12, 16 };

	return upper ? of_tg1[FIELD_GET(TCR_EL1_TG1, tcr)] : of_tg0[FIELD_GET(TCR_EL1_TG0, tcr)];
}

/* At least one descriptor is looked up, and no more than five levels' bits: what lies outside faults in hardware. */
static unsigned int input_bits(uint64_t tcr, bool upper, unsigned int granule)
{
	unsigned int bits = 64 - (unsigned int)(upper ? FIELD_GET(TCR_EL1_T1SZ, tcr) : FIELD_GET(TCR_EL1_T0SZ, tcr));

	if (bits <= granule)
		return granule + 1;
	return bits > 48 && granule != 16 ? 48 : bits > 52 ? 52 : bits;
}

unsigned int stage1_walk_level(const struct stage1_tables *tables, uint64_t va, stage1_read_fn read, void *ctx)
{
	bool upper = (va & VA_IS_UPPER) != 0;
	unsigned int granule = granule_log2(tables->tcr_el1, upper), stride = granule - DESC_SIZE_LOG2;
	unsigned int bits = input_bits(tables->tcr_el1, upper, granule);
	unsigned int level = LAST_LEVEL - (bits - granule - 1) / stride;
	uint64_t table = (upper ? tables->ttbr1_el1 : tables->ttbr0_el1) & TTBR_EL1_BADDR;

	for (; level < LAST_LEVEL; level++) {
		unsigned int shift = granule + stride * (LAST_LEVEL - level);
		/* The first table is only as large as the input address needs; a smaller one is aligned to less. */
		unsigned int index_bits = bits - shift < stride ? bits - shift : stride;
		uint64_t size_log2 = index_bits + DESC_SIZE_LOG2, descriptor;
		uint64_t index = (va >> shift) & (BIT(index_bits) - 1);

		table = (table >> size_log2) << size_log2;
		if (!read(ctx, table + (index << DESC_SIZE_LOG2), &descriptor) || (descriptor & DESC_VALID) == 0 ||
		    (descriptor & DESC_TABLE) == 0)
			break;
		table = (descriptor & DESC_NEXT) >> granule << granule;
	}
	return level;
}

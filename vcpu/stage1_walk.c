/* Stage 1 walks by software: see stage1_walk.h. */
#include "vcpu/stage1_walk.h"

#include "lib/bits.h"

#define TCR_EL1_T0SZ GENMASK(5, 0)
#define TCR_EL1_EPD0 BIT(7)
#define TCR_EL1_TG0  GENMASK(15, 14)
#define TCR_EL1_T1SZ GENMASK(21, 16)
#define TCR_EL1_EPD1 BIT(23)
#define TCR_EL1_TG1  GENMASK(31, 30)

#define TTBR_EL1_BADDR GENMASK(47, 1)
#define VA_IS_UPPER    BIT(55) /* translated by TTBR1_EL1 */

#define DESC_VALID     BIT(0)
#define DESC_TABLE     BIT(1)
#define DESC_AF	       BIT(10)
#define DESC_ADDRESS   GENMASK(47, 12) /* of the next table; of a block or page, whose offset bits are not its own */
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

/* What one half of the address space has for va. */
struct half {
	unsigned int granule, stride, bits; /* log2 of bytes; bits that a level resolves; of the input address */
	uint64_t table;
	bool upper;
};

static struct half half_of(const struct stage1_tables *tables, uint64_t va)
{
	struct half half = { .upper = (va & VA_IS_UPPER) != 0 };

	half.granule = granule_log2(tables->tcr_el1, half.upper);
	half.stride = half.granule - DESC_SIZE_LOG2;
	half.bits = input_bits(tables->tcr_el1, half.upper, half.granule);
	half.table = (half.upper ? tables->ttbr1_el1 : tables->ttbr0_el1) & TTBR_EL1_BADDR;
	return half;
}

/* Blocks: from level 1 on with 4 KiB, at level 2 with the others. [DDI0487 D8.3.1] */
static bool is_mapping(const struct half *half, unsigned int level, uint64_t descriptor)
{
	if (level == LAST_LEVEL)
		return (descriptor & (DESC_VALID | DESC_TABLE)) == (DESC_VALID | DESC_TABLE);
	return (descriptor & (DESC_VALID | DESC_TABLE)) == DESC_VALID && level >= (half->granule == 12 ? 1U : 2U);
}

static void end_at_mapping(struct stage1_walk *walk, uint64_t va, uint64_t descriptor, unsigned int shift)
{
	uint64_t offset_mask = BIT(shift) - 1;

	walk->end = STAGE1_MAPPED;
	walk->ipa = (descriptor & DESC_ADDRESS & ~offset_mask) | (va & offset_mask);
	walk->map_bytes = BIT(shift);
	walk->accessed = (descriptor & DESC_AF) != 0;
}

/* One descriptor: returns true when it leads to a table of the next level, in *table. */
static bool step(struct stage1_walk *walk, const struct half *half, uint64_t va, uint64_t *table, stage1_read_fn read,
		 void *ctx)
{
	unsigned int shift = half->granule + half->stride * (LAST_LEVEL - walk->level);
	/* The first table is only as large as the input address needs; a smaller one is aligned to less. */
	unsigned int index_bits = (unsigned int)min_u64(half->bits - shift, half->stride);
	uint64_t size_log2 = index_bits + DESC_SIZE_LOG2, index = (va >> shift) & (BIT(index_bits) - 1);
	struct stage1_step *at = &walk->step[walk->nr_steps++];

	at->ipa = (*table >> size_log2 << size_log2) + (index << DESC_SIZE_LOG2);
	at->descriptor = 0;
	walk->end = STAGE1_INVALID;
	if (!read(ctx, at->ipa, &at->descriptor)) {
		walk->end = STAGE1_UNREADABLE;
		return false;
	}
	if (is_mapping(half, walk->level, at->descriptor)) {
		end_at_mapping(walk, va, at->descriptor, shift);
		return false;
	}
	*table = (at->descriptor & DESC_ADDRESS) >> half->granule << half->granule;
	return walk->level < LAST_LEVEL && (at->descriptor & DESC_VALID) != 0 && (at->descriptor & DESC_TABLE) != 0;
}

static void walk_half(const struct half *half, uint64_t va, stage1_read_fn read, void *ctx, struct stage1_walk *walk)
{
	uint64_t table = half->table;

	*walk = (struct stage1_walk){ .level = LAST_LEVEL - (half->bits - half->granule - 1) / half->stride };
	walk->first_level = walk->level;
	while (step(walk, half, va, &table, read, ctx))
		walk->level++;
}

void stage1_walk(const struct stage1_tables *tables, uint64_t va, stage1_read_fn read, void *ctx,
		 struct stage1_walk *walk)
{
	struct half half = half_of(tables, va);
	/* All of them as VA_IS_UPPER, below the top byte. */
	uint64_t beyond = GENMASK(55, 0) & ~(BIT(half.bits) - 1);

	if ((va & beyond) != (half.upper ? beyond : 0)) {
		*walk = (struct stage1_walk){ .end = STAGE1_OUT_OF_RANGE };
		return;
	}
	if ((tables->tcr_el1 & (half.upper ? TCR_EL1_EPD1 : TCR_EL1_EPD0)) != 0) {
		*walk = (struct stage1_walk){ .end = STAGE1_WALK_DISABLED };
		return;
	}
	walk_half(&half, va, read, ctx, walk);
}

unsigned int stage1_walk_level(const struct stage1_tables *tables, uint64_t va, stage1_read_fn read, void *ctx)
{
	struct half half = half_of(tables, va);
	struct stage1_walk walk;

	walk_half(&half, va, read, ctx, &walk);
	return walk.level;
}

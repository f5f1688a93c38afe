#include "arch/arm64/el2_mmu.h"

#include "lib/bits.h"

/* Descriptors of the EL2 translation regime, one privilege level. [DDI0487 D8.3] */
#define DESC_VALID     BIT(0)
#define DESC_TABLE     BIT(1) /* levels 0-2: a table; level 3: a page */
#define DESC_ATTR_INDX GENMASK(4, 2)
#define DESC_AP1       BIT(6) /* RES1 in a regime with one privilege level */
#define DESC_AP2       BIT(7) /* read-only */
#define DESC_SH	       GENMASK(9, 8)
#define DESC_AF	       BIT(10)
#define DESC_ADDRESS   GENMASK(47, 12)
#define DESC_XN	       BIT(54)
/* Ours: invalid to the hardware, taken to us. */
#define DESC_GUARD DESC_TABLE

#define SH_INNER    3
#define ATTR_NORMAL 0 /* MAIR_EL2 is set in el2_mmu_on.S */
#define ATTR_DEVICE 1

#define DESC_COMMON (DESC_VALID | DESC_AP1 | DESC_AF)
#define DESC_NORMAL (DESC_COMMON | FIELD_PREP(DESC_ATTR_INDX, ATTR_NORMAL) | FIELD_PREP(DESC_SH, SH_INNER))
#define DESC_DEVICE (DESC_COMMON | FIELD_PREP(DESC_ATTR_INDX, ATTR_DEVICE))

static const uint64_t leaf_bits[] = {
	[EL2_TEXT] = DESC_NORMAL | DESC_AP2,
	[EL2_RODATA] = DESC_NORMAL | DESC_AP2 | DESC_XN,
	[EL2_DATA] = DESC_NORMAL | DESC_XN,
	[EL2_DEVICE] = DESC_DEVICE | DESC_XN,
	[EL2_GUARD] = DESC_GUARD,
};

#define VA_BITS	   48
#define LAST_LEVEL 3

/*
 * The root and whatever else is needed. A range costs at most a level 1, two level 2 and two level 3 tables (its two
 * unaligned ends). The most that hw_info can name: 8 pieces of RAM, 32 holes in it, image, DTB, 16 release addresses, 8
 * GIC frames, 4 UARTs and a power block; those share nearly all of their upper tables on every real board (virt uses 9,
 * a Pi 4 uses 10).
 */
#define NR_TABLES 64

/* Filled with the MMU off at first: boot_main.c sees to the caches. */
uint64_t el2_tables[NR_TABLES][EL2_TABLE_ENTRIES] __attribute__((aligned(4096)));
static unsigned int nr_tables_used = 1;

/* The table behind an entry, made where there is none; NULL when the pool is used up. */
static uint64_t *table_below(uint64_t *entry)
{
	if (*entry == 0) {
		if (nr_tables_used == NR_TABLES)
			return NULL;
		/* Zero since start.S: nothing to clear. A walker must not see the entry before that. */
		*entry = (uint64_t)(uintptr_t)el2_tables[nr_tables_used++] | DESC_TABLE | DESC_VALID;
	}
	return (uint64_t *)(uintptr_t)(*entry & DESC_ADDRESS);
}

/* Maps one page or block at `at`, of at most `left` bytes. Returns how many bytes are done, 0 when out of tables. */
static uint64_t map_one(uint64_t at, uint64_t left, enum el2_memory memory)
{
	uint64_t *table = el2_tables[0];

	for (unsigned int level = 0;; level++) {
		unsigned int shift = PAGE_SHIFT + 9 * (LAST_LEVEL - level);
		uint64_t *entry = &table[(at >> shift) % EL2_TABLE_ENTRIES];
		bool is_table = level < LAST_LEVEL && (*entry & (DESC_TABLE | DESC_VALID)) == (DESC_TABLE | DESC_VALID);

		if (*entry != 0 && !is_table)
			return BIT(shift) - (at & (BIT(shift) - 1)); /* taken: the first mapping wins */
		/* No blocks at level 0. */
		if (level == LAST_LEVEL ||
		    (level > 0 && *entry == 0 && is_aligned(at, BIT(shift)) && left >= BIT(shift))) {
			uint64_t kind = level == LAST_LEVEL ? DESC_TABLE : 0;

			*entry = memory == EL2_GUARD ? DESC_GUARD : at | leaf_bits[memory] | kind;
			return BIT(shift);
		}
		table = table_below(entry);
		if (table == NULL)
			return 0;
	}
}

enum hv_err el2_mmu_map(pa_t base, uint64_t size_bytes, enum el2_memory memory)
{
	uint64_t end = base.raw + size_bytes;

	if (!is_aligned(base.raw | size_bytes, PAGE_SIZE))
		return HV_EINVAL;
	if (size_bytes == 0 || !range_contains(0, BIT(VA_BITS), base.raw, size_bytes))
		return HV_ERANGE;
	for (uint64_t at = base.raw, done; at < end; at += done) {
		done = map_one(at, end - at, memory);
		if (done == 0)
			return HV_ENOMEM;
	}
	return HV_OK;
}

/* Stage 2 translation tables. Every walk is a loop over at most four levels. */
#include "arch/arm64/stage2.h"

#include "lib/bits.h"

/* Stage 2 descriptors, 4 KiB granule, 48-bit OA [DDI0487 D8.3.1, D8.3.2]. */
#define S2_VALID   BIT(0)
#define S2_TYPE	   BIT(1) /* levels 0-2: a table; level 3: a page (0 there is reserved and faults) */
#define S2_MEMATTR GENMASK(5, 2)
#define S2_S2AP_R  BIT(6)
#define S2_S2AP_W  BIT(7)
#define S2_SH	   GENMASK(9, 8)
#define S2_AF	   BIT(10)
#define S2_OA	   GENMASK(47, 12)
/*
 * XN[1:0] is bits 54:53. 0b10 (execute nowhere) is the one value beside 0b00 that means the same with and without
 * FEAT_XNX, where bit 53 is RES0.
 */
#define S2_XN BIT(54)

#define S2_ACCESS (S2_S2AP_R | S2_S2AP_W | S2_XN)

/* MemAttr without FWB [DDI0487 D8.6.5]: the stricter of both stages wins, so WB leaves the choice to the guest. */
#define MEMATTR_NORMAL_WB 0xf
/* nGnRE is what Linux's ioremap() asks for; a guest that wants nGnRnE still gets it. */
#define MEMATTR_DEVICE_NGNRE 0x1
#define SH_INNER	     3

/* [DDI0487 VTCR_EL2] */
#define VTCR_T0SZ  GENMASK(5, 0)
#define VTCR_SL0   GENMASK(7, 6)
#define VTCR_IRGN0 GENMASK(9, 8)
#define VTCR_ORGN0 GENMASK(11, 10)
#define VTCR_SH0   GENMASK(13, 12)
#define VTCR_PS	   GENMASK(18, 16)
#define VTCR_RES1  BIT(31)
#define RGN_WBWA   1

#define IPA_BITS_MIN  32
#define IPA_BITS_MAX  48
#define PA_BITS_MAX   48
#define LAST_LEVEL    3U
#define TABLE_ENTRIES 512U

/* --- descriptors ------------------------------------------------------------------------------ */

/* An entry of level n resolves the IPA bits above this one. */
static unsigned int level_shift(unsigned int level)
{
	return PAGE_SHIFT + 9 * (LAST_LEVEL - level);
}

/* What one entry of this level spans. */
static uint64_t level_bytes(unsigned int level)
{
	return BIT(level_shift(level));
}

static bool is_table(uint64_t descriptor, unsigned int level)
{
	return level < LAST_LEVEL && (descriptor & (S2_VALID | S2_TYPE)) == (S2_VALID | S2_TYPE);
}

/* A block or a page; nobody writes the reserved level 3 encoding. */
static bool is_leaf(uint64_t descriptor, unsigned int level)
{
	return (descriptor & S2_VALID) && !is_table(descriptor, level);
}

static uint64_t leaf_type(unsigned int level)
{
	return level == LAST_LEVEL ? S2_VALID | S2_TYPE : S2_VALID;
}

static uint64_t access_to_descriptor(unsigned int access)
{
	return ((access & STAGE2_R) ? S2_S2AP_R : 0) | ((access & STAGE2_W) ? S2_S2AP_W : 0) |
	       ((access & STAGE2_X) ? 0 : S2_XN);
}

static unsigned int access_from_descriptor(uint64_t descriptor)
{
	return ((descriptor & S2_S2AP_R) ? STAGE2_R : 0) | ((descriptor & S2_S2AP_W) ? STAGE2_W : 0) |
	       ((descriptor & S2_XN) ? 0 : STAGE2_X);
}

/* AF is set from the start: Corbel pages nothing out, so an access flag fault would tell it nothing. */
static uint64_t leaf_attributes(unsigned int access, enum stage2_memory memory)
{
	uint64_t attr = memory == STAGE2_DEVICE ? MEMATTR_DEVICE_NGNRE : MEMATTR_NORMAL_WB;

	return FIELD_PREP(S2_MEMATTR, attr) | FIELD_PREP(S2_SH, SH_INNER) | S2_AF | access_to_descriptor(access);
}

/* Hardware on other pCPUs walks while this writes: one 64-bit store, then made visible. */
static void write_descriptor(struct stage2 *s2, uint64_t *entry, uint64_t descriptor)
{
	__atomic_store_n(entry, descriptor, __ATOMIC_RELEASE);
	s2->ops->publish(s2, entry);
}

/* --- walking ---------------------------------------------------------------------------------- */

/*
 * The entry that decides about an IPA, no deeper than `deepest`: a leaf, an invalid one, or what stands at level
 * `deepest`. Concatenated root tables are one long table [DDI0487 D8.2.2], so only the root's index is not cut to 9
 * bits.
 */
static uint64_t *find_entry(const struct stage2 *s2, uint64_t address, unsigned int deepest, unsigned int *level)
{
	uint64_t *entry = (uint64_t *)s2->root + (address >> level_shift(s2->start_level));

	*level = s2->start_level;
	while (*level < deepest && is_table(*entry, *level)) {
		uint64_t *table = s2->ops->table_va((struct stage2 *)s2, *entry & S2_OA);

		++*level;
		entry = table + (address >> level_shift(*level)) % TABLE_ENTRIES;
	}
	return entry;
}

/* The first IPA after the entry of this level that translates `address`. */
static uint64_t next_entry(uint64_t address, unsigned int level)
{
	return align_down(address, level_bytes(level)) + level_bytes(level);
}

static enum hv_err check_range(const struct stage2 *s2, uint64_t base, uint64_t size_bytes)
{
	if (!is_aligned(base, PAGE_SIZE) || !is_aligned(size_bytes, PAGE_SIZE) || size_bytes == 0)
		return HV_EINVAL;
	return range_contains(0, BIT(s2->ipa_bits), base, size_bytes) ? HV_OK : HV_ERANGE;
}

enum hv_err stage2_walk(const struct stage2 *s2, ipa_t address, pa_t *pa, uint64_t *bytes, unsigned int *access)
{
	uint64_t descriptor, offset;
	unsigned int level;

	if (address.raw >> s2->ipa_bits)
		return HV_ENOENT;
	descriptor = *find_entry(s2, address.raw, LAST_LEVEL, &level);
	if (!is_leaf(descriptor, level))
		return HV_ENOENT;
	offset = address.raw - align_down(address.raw, level_bytes(level));
	if (pa)
		pa->raw = (descriptor & S2_OA) + offset;
	if (bytes)
		*bytes = level_bytes(level) - offset;
	if (access)
		*access = access_from_descriptor(descriptor);
	return HV_OK;
}

/* --- tables ----------------------------------------------------------------------------------- */

/* The caller links the table with write_descriptor(); NULL when pages ran out. */
static uint64_t *new_table(struct stage2 *s2)
{
	uint64_t *table = s2->ops->alloc_table(s2);

	if (table)
		s2->nr_table_pages++;
	return table;
}

static void drop_table(struct stage2 *s2, void *table)
{
	s2->nr_table_pages--;
	s2->ops->free_table(s2, table);
}

/* Eight entries at a time: interrupts wait meanwhile. */
static bool table_is_empty(const uint64_t *table)
{
	for (unsigned int i = 0; i < TABLE_ENTRIES; i += 8) {
		const uint64_t *e = &table[i];

		if ((e[0] | e[1] | e[2] | e[3] | e[4] | e[5] | e[6] | e[7]) != 0)
			return false;
	}
	return true;
}

/*
 * Unlinks the empty tables of one level in [base, end) and chains them through their first entry: a page-aligned
 * pointer is an invalid descriptor (bit 0 clear), so a walker that still holds the table in its walk cache keeps
 * finding nothing.
 */
static void unlink_empty_tables(struct stage2 *s2, uint64_t base, uint64_t end, unsigned int parent, uint64_t **chain)
{
	for (uint64_t at = base; at < end;) {
		unsigned int level;
		uint64_t *entry = find_entry(s2, at, parent, &level);

		if (level == parent && is_table(*entry, level)) {
			uint64_t *table = s2->ops->table_va(s2, *entry & S2_OA);

			if (table_is_empty(table)) {
				write_descriptor(s2, entry, 0);
				write_descriptor(s2, table, (uintptr_t)*chain);
				*chain = table;
			}
		}
		at = next_entry(at, level);
	}
}

/*
 * Flushes the range and only then frees the tables in it that became empty, lowest level first. TLBI IPAS2E1IS drops
 * what any level cached for the IPA [DDI0487 TLBI IPAS2E1IS], and each of these tables translates part of the range, so
 * one flush serves the leaves and the tables.
 */
static void flush_and_prune(struct stage2 *s2, uint64_t base, uint64_t end)
{
	uint64_t *chain = NULL;

	for (unsigned int parent = LAST_LEVEL; parent-- > s2->start_level;)
		unlink_empty_tables(s2, base, end, parent, &chain);
	s2->ops->flush_range(s2, ipa(base), end - base);
	while (chain) {
		uint64_t *table = chain;

		chain = (uint64_t *)(uintptr_t)table[0];
		drop_table(s2, table);
	}
}

/* Replaces a live block by a table of the next level that says the same: break, flush, make [DDI0487 D8.16.1]. */
static enum hv_err split_block(struct stage2 *s2, uint64_t *entry, unsigned int level, uint64_t address)
{
	uint64_t block = *entry, child = (block & ~(S2_VALID | S2_TYPE)) | leaf_type(level + 1);
	uint64_t *table = new_table(s2);

	if (!table)
		return HV_ENOMEM;
	for (unsigned int i = 0; i < TABLE_ENTRIES; i++)
		write_descriptor(s2, &table[i], child + i * level_bytes(level + 1));
	write_descriptor(s2, entry, 0);
	s2->ops->flush_range(s2, ipa(align_down(address, level_bytes(level))), level_bytes(level));
	write_descriptor(s2, entry, s2->ops->table_pa(s2, table) | S2_VALID | S2_TYPE);
	return HV_OK;
}

/* Splits until no block reaches across `boundary`. */
static enum hv_err split_at(struct stage2 *s2, uint64_t boundary)
{
	while (boundary < BIT(s2->ipa_bits)) {
		unsigned int level;
		uint64_t *entry = find_entry(s2, boundary, LAST_LEVEL, &level);
		enum hv_err err;

		if (!is_leaf(*entry, level) || is_aligned(boundary, level_bytes(level)))
			break;
		err = split_block(s2, entry, level, boundary);
		if (err != HV_OK)
			return err;
	}
	return HV_OK;
}

/* Afterwards every leaf lies either inside [base, end) or outside of it. */
static enum hv_err split_edges(struct stage2 *s2, uint64_t base, uint64_t end)
{
	enum hv_err err = split_at(s2, base);

	return err == HV_OK ? split_at(s2, end) : err;
}

/* --- changes ---------------------------------------------------------------------------------- */

static bool range_is_unmapped(const struct stage2 *s2, uint64_t base, uint64_t end)
{
	for (uint64_t at = base; at < end;) {
		unsigned int level;
		const uint64_t *entry = find_entry(s2, at, LAST_LEVEL, &level);

		if (is_leaf(*entry, level))
			return false;
		at = next_entry(at, level);
	}
	return true;
}

/* Invalidates the leaves in [base, end); the caller flushes. */
static void clear_leaves(struct stage2 *s2, uint64_t base, uint64_t end)
{
	for (uint64_t at = base; at < end;) {
		unsigned int level;
		uint64_t *entry = find_entry(s2, at, LAST_LEVEL, &level);

		if (is_leaf(*entry, level))
			write_descriptor(s2, entry, 0);
		at = next_entry(at, level);
	}
}

/* The level of the largest leaf that may start here: level 0 has no blocks with this granule [DDI0487 D8.3.1]. */
static unsigned int leaf_level(uint64_t address, uint64_t output, uint64_t bytes_left)
{
	unsigned int level = 1;

	while (level < LAST_LEVEL &&
	       (!is_aligned(address | output, level_bytes(level)) || bytes_left < level_bytes(level)))
		level++;
	return level;
}

/*
 * Writes one leaf of level `target`, adding tables on the way. The range is unmapped and no table is empty, so there is
 * none where this leaf belongs.
 */
static enum hv_err map_leaf(struct stage2 *s2, uint64_t address, unsigned int target, uint64_t descriptor)
{
	unsigned int level;
	uint64_t *entry = find_entry(s2, address, target, &level);

	while (level < target) {
		uint64_t *table = new_table(s2);

		if (!table)
			return HV_ENOMEM;
		write_descriptor(s2, entry, s2->ops->table_pa(s2, table) | S2_VALID | S2_TYPE);
		entry = find_entry(s2, address, target, &level);
	}
	write_descriptor(s2, entry, descriptor | leaf_type(target));
	return HV_OK;
}

enum hv_err stage2_map(struct stage2 *s2, ipa_t base, pa_t pa, uint64_t size_bytes, unsigned int access,
		       enum stage2_memory memory)
{
	uint64_t attributes = leaf_attributes(access, memory), end = base.raw + size_bytes;
	enum hv_err err = check_range(s2, base.raw, size_bytes);

	if (err != HV_OK)
		return err;
	if (!is_aligned(pa.raw, PAGE_SIZE))
		return HV_EINVAL;
	if (!range_contains(0, BIT(PA_BITS_MAX), pa.raw, size_bytes))
		return HV_ERANGE;
	if (!range_is_unmapped(s2, base.raw, end))
		return HV_EEXIST;
	for (uint64_t at = base.raw; at < end;) {
		uint64_t output = pa.raw + (at - base.raw);
		unsigned int level = leaf_level(at, output, end - at);

		err = map_leaf(s2, at, level, output | attributes);
		if (err != HV_OK) {
			clear_leaves(s2, base.raw, end);
			flush_and_prune(s2, base.raw, end);
			return err;
		}
		at += level_bytes(level);
	}
	return HV_OK;
}

enum hv_err stage2_unmap(struct stage2 *s2, ipa_t base, uint64_t size_bytes)
{
	uint64_t end = base.raw + size_bytes;
	enum hv_err err = check_range(s2, base.raw, size_bytes);

	if (err == HV_OK)
		err = split_edges(s2, base.raw, end);
	if (err != HV_OK)
		return err;
	clear_leaves(s2, base.raw, end);
	flush_and_prune(s2, base.raw, end);
	return HV_OK;
}

/*
 * Protecting breaks all leaves first, so that one flush serves the range. An invalid descriptor's other bits are the
 * software's [DDI0487 D8.3], so a broken leaf keeps them; being nonzero (AF) sets it apart from a hole.
 */
static void suspend_leaves(struct stage2 *s2, uint64_t base, uint64_t end)
{
	for (uint64_t at = base; at < end;) {
		unsigned int level;
		uint64_t *entry = find_entry(s2, at, LAST_LEVEL, &level);

		if (is_leaf(*entry, level))
			write_descriptor(s2, entry, *entry & ~S2_VALID);
		at = next_entry(at, level);
	}
}

static void resume_leaves(struct stage2 *s2, uint64_t base, uint64_t end, uint64_t access)
{
	for (uint64_t at = base; at < end;) {
		unsigned int level;
		uint64_t *entry = find_entry(s2, at, LAST_LEVEL, &level);

		if (*entry)
			write_descriptor(s2, entry, (*entry & ~S2_ACCESS) | access | S2_VALID);
		at = next_entry(at, level);
	}
}

enum hv_err stage2_protect(struct stage2 *s2, ipa_t base, uint64_t size_bytes, unsigned int access)
{
	uint64_t end = base.raw + size_bytes;
	enum hv_err err = check_range(s2, base.raw, size_bytes);

	if (err == HV_OK)
		err = split_edges(s2, base.raw, end);
	if (err != HV_OK)
		return err;
	suspend_leaves(s2, base.raw, end);
	s2->ops->flush_range(s2, base, size_bytes);
	resume_leaves(s2, base.raw, end, access_to_descriptor(access));
	return HV_OK;
}

/* --- the tree --------------------------------------------------------------------------------- */

/*
 * Level 1 resolves bits 38:30 with one table and up to 42:30 with sixteen; beyond that level 0 is needed, which
 * implementations have from 44 bits of PA on. Level 2 (up to 34 bits) is left aside: it has no 1 GiB blocks and takes a
 * larger root.
 */
enum hv_err stage2_geometry(unsigned int ipa_bits, unsigned int *start_level, unsigned int *root_pages)
{
	if (ipa_bits < IPA_BITS_MIN || ipa_bits > IPA_BITS_MAX)
		return HV_ERANGE;
	*start_level = ipa_bits <= 43 ? 1 : 0;
	*root_pages = ipa_bits > 39 && ipa_bits <= 43 ? 1U << (ipa_bits - 39) : 1;
	return HV_OK;
}

enum hv_err stage2_init(struct stage2 *s2, unsigned int ipa_bits, void *root, const struct stage2_ops *ops, void *ctx)
{
	*s2 = (struct stage2){ .ops = ops, .ctx = ctx, .root = root, .ipa_bits = ipa_bits };
	return stage2_geometry(ipa_bits, &s2->start_level, &s2->root_pages);
}

/* No VM runs on the tree any more and its VMID is flushed, so nothing needs to be published or broken. */
void stage2_destroy(struct stage2 *s2)
{
	for (unsigned int parent = LAST_LEVEL; parent-- > s2->start_level;) {
		for (uint64_t at = 0; at < BIT(s2->ipa_bits);) {
			unsigned int level;
			uint64_t *entry = find_entry(s2, at, parent, &level);

			if (level == parent && is_table(*entry, level))
				drop_table(s2, s2->ops->table_va(s2, *entry & S2_OA));
			*entry = 0;
			at = next_entry(at, level);
		}
	}
}

uint64_t stage2_vtcr(const struct stage2 *s2, unsigned int pa_bits)
{
	static const uint8_t ps_bits[] = { 32, 36, 40, 42, 44, 48 };
	uint64_t ps = 0;

	while (ps + 1 < ARRAY_SIZE(ps_bits) && ps_bits[ps + 1] <= pa_bits)
		ps++;
	/* SL0 with 4 KiB: 0b10 starts at level 0, 0b01 at level 1. */
	return VTCR_RES1 | FIELD_PREP(VTCR_T0SZ, 64 - s2->ipa_bits) | FIELD_PREP(VTCR_SL0, 2 - s2->start_level) |
	       FIELD_PREP(VTCR_IRGN0, RGN_WBWA) | FIELD_PREP(VTCR_ORGN0, RGN_WBWA) | FIELD_PREP(VTCR_SH0, SH_INNER) |
	       FIELD_PREP(VTCR_PS, ps);
}

#include "tests/fakes/fake_tlb.h"

#include <stdlib.h>
#include <string.h>

#define PAGE		 4096U
#define FAKE_BASE	 UINT64_C(0x880000000) /* where the tables seem to lie */
#define OA(d)		 ((d)&UINT64_C(0x0000fffffffff000))
#define FIRST_TABLE(tlb) (&(tlb)->tables[0])

static void broke(struct fake_tlb *tlb, const char *rule)
{
	if (!tlb->broken)
		tlb->broken = rule;
}

static struct fake_tlb *of(struct stage2 *s2)
{
	return s2->ctx;
}

static unsigned int t0sz(const struct fake_tlb *tlb)
{
	return tlb->vtcr & 0x3f;
}

/* --- tables ----------------------------------------------------------------------------------- */

static struct fake_table *table_by_pa(struct fake_tlb *tlb, uint64_t pa)
{
	uint64_t index = (pa - FAKE_BASE) / PAGE;

	return pa >= FAKE_BASE && index < tlb->nr_tables ? &tlb->tables[index] : NULL;
}

static struct fake_table *table_by_va(struct fake_tlb *tlb, const uint64_t *descriptor)
{
	for (unsigned int i = 0; i < tlb->nr_tables; i++)
		if (descriptor >= tlb->tables[i].real && descriptor < tlb->tables[i].real + PAGE / 8)
			return &tlb->tables[i];
	return NULL;
}

static void *op_alloc(struct stage2 *s2)
{
	struct fake_tlb *tlb = of(s2);
	struct fake_table *table = NULL;

	if (tlb->allocs_left == 0)
		return NULL;
	tlb->allocs_left--;
	/* Freed pages are used again soon, as an allocator does it: stale walk caches then bite. */
	for (unsigned int i = tlb->s2.root_pages; i < tlb->nr_tables && !table; i++)
		if (!tlb->tables[i].in_use)
			table = &tlb->tables[i];
	if (!table) {
		if (tlb->nr_tables == FAKE_TLB_TABLES)
			abort();
		table = &tlb->tables[tlb->nr_tables];
		table->pa = FAKE_BASE + (uint64_t)tlb->nr_tables * PAGE;
		table->real = aligned_alloc(PAGE, PAGE);
		table->seen = aligned_alloc(PAGE, PAGE);
		tlb->nr_tables++;
	}
	memset(table->real, 0, PAGE);
	memset(table->seen, 0, PAGE);
	table->in_use = true;
	tlb->nr_live++;
	return table->real;
}

static void op_free(struct stage2 *s2, void *va)
{
	struct fake_tlb *tlb = of(s2);
	struct fake_table *table = table_by_va(tlb, va);

	if (!table || !table->in_use || table->real != va) {
		broke(tlb, "freed what is no table");
		return;
	}
	for (unsigned int i = 0; i < tlb->nr_cached; i++)
		if (tlb->cache[i].level < 3 && (tlb->cache[i].descriptor & 2) &&
		    OA(tlb->cache[i].descriptor) == table->pa)
			broke(tlb, "freed a table that the walk cache still points at");
	table->in_use = false;
	tlb->nr_live--;
	/* Whoever still walks it finds poison: a valid leaf to nowhere. */
	memset(table->seen, 0xff, PAGE);
	memset(table->real, 0xff, PAGE);
}

static uint64_t op_table_pa(struct stage2 *s2, const void *va)
{
	struct fake_table *table = table_by_va(of(s2), va);

	return table ? table->pa : 0;
}

static void *op_table_va(struct stage2 *s2, uint64_t pa)
{
	struct fake_table *table = table_by_pa(of(s2), pa);

	if (!table)
		abort();
	return table->real;
}

/* --- walkers ---------------------------------------------------------------------------------- */

/* Caches what a walk saw, and tells when that contradicts what is cached: the conflict that a missing break causes. */
static void remember(struct fake_tlb *tlb, uint64_t base, uint64_t size, unsigned int level, uint64_t descriptor)
{
	for (unsigned int i = 0; i < tlb->nr_cached; i++) {
		struct fake_tlb_entry *entry = &tlb->cache[i];
		bool is_table = entry->level < 3 && (entry->descriptor & 2),
		     new_is_table = level < 3 && (descriptor & 2);

		if (entry->base >= base + size || base >= entry->base + entry->size)
			continue;
		if (entry->level == level && entry->descriptor == descriptor)
			return;
		/* A table above another level's entry is no contradiction; a leaf above or below anything is. */
		if (entry->level != level && (entry->level < level ? is_table : new_is_table))
			continue;
		broke(tlb, "a live entry changed to another live one without a flush between");
	}
	if (tlb->nr_cached == FAKE_TLB_ENTRIES) /* any entry may be evicted at any time */
		tlb->nr_cached = 0;
	tlb->cache[tlb->nr_cached++] = (struct fake_tlb_entry){ base, size, descriptor, level };
}

/* Walks on from `table`, which is of this level. */
static bool walk_from(struct fake_tlb *tlb, struct fake_table *table, unsigned int level, uint64_t address,
		      uint64_t *pa, uint64_t *leaf)
{
	for (;; level++) {
		unsigned int shift = 39 - 9 * level;
		uint64_t descriptor = table->seen[(address >> shift) % 512], base = address >> shift << shift;

		if (!(descriptor & 1) || (level == 3 && !(descriptor & 2))) /* invalid, or reserved */
			return false;
		remember(tlb, base, UINT64_C(1) << shift, level, descriptor);
		if (level == 3 || !(descriptor & 2)) {
			if (level == 0)
				broke(tlb, "a level 0 block");
			if (OA(descriptor) & ((UINT64_C(1) << shift) - 1))
				broke(tlb, "a block whose output is not aligned");
			*pa = OA(descriptor) + (address - base);
			*leaf = descriptor;
			return true;
		}
		table = table_by_pa(tlb, OA(descriptor));
		if (!table || !table->in_use) {
			broke(tlb, "a table descriptor that points at no table");
			return false;
		}
	}
}

bool fake_tlb_access(struct fake_tlb *tlb, uint64_t address, uint64_t *pa, uint64_t *leaf)
{
	unsigned int level = 2 - ((tlb->vtcr >> 6) & 3);

	if (address >> (64 - t0sz(tlb)))
		return false;
	return walk_from(tlb, FIRST_TABLE(tlb) + (address >> (39 - 9 * level)) / 512, level, address, pa, leaf);
}

/* The same from each table that the walk cache knows for this address, linked still or not. */
static void access_from_walk_cache(struct fake_tlb *tlb, uint64_t address)
{
	uint64_t pa, leaf;

	for (unsigned int i = 0; i < tlb->nr_cached; i++) {
		struct fake_tlb_entry entry = tlb->cache[i];

		if (entry.level < 3 && (entry.descriptor & 2) && address >= entry.base &&
		    address - entry.base < entry.size)
			walk_from(tlb, table_by_pa(tlb, OA(entry.descriptor)), entry.level + 1, address, &pa, &leaf);
	}
}

static void op_publish(struct stage2 *s2, const uint64_t *descriptor)
{
	struct fake_tlb *tlb = of(s2);
	struct fake_table *table = table_by_va(tlb, descriptor);
	uint64_t pa, leaf;

	if (!table || !table->in_use) {
		broke(tlb, "published what is in no table");
		return;
	}
	table->seen[descriptor - table->real] = *descriptor;
	for (unsigned int i = 0; i < tlb->nr_probes; i++) {
		access_from_walk_cache(tlb, tlb->probes[i]);
		fake_tlb_access(tlb, tlb->probes[i], &pa, &leaf);
	}
}

static bool all_published(const struct fake_tlb *tlb)
{
	for (unsigned int i = 0; i < tlb->nr_tables; i++)
		if (tlb->tables[i].in_use && memcmp(tlb->tables[i].real, tlb->tables[i].seen, PAGE) != 0)
			return false;
	return true;
}

/* TLBI IPAS2E1IS: whatever any level cached for an IPA in the range. */
static void op_flush(struct stage2 *s2, ipa_t base, uint64_t size)
{
	struct fake_tlb *tlb = of(s2);
	unsigned int kept = 0;

	if (!all_published(tlb))
		broke(tlb, "flushed before the write was published");
	for (unsigned int i = 0; i < tlb->nr_cached; i++) {
		struct fake_tlb_entry *entry = &tlb->cache[i];

		if (entry->base >= base.raw + size || base.raw >= entry->base + entry->size)
			tlb->cache[kept++] = *entry;
	}
	tlb->nr_cached = kept;
	tlb->nr_flushes++;
}

/* --- life ------------------------------------------------------------------------------------- */

static const struct stage2_ops ops = {
	.alloc_table = op_alloc,
	.free_table = op_free,
	.table_pa = op_table_pa,
	.table_va = op_table_va,
	.publish = op_publish,
	.flush_range = op_flush,
};

void fake_tlb_init(struct fake_tlb *tlb, unsigned int ipa_bits)
{
	unsigned int level, pages;
	uint64_t *root;

	memset(tlb, 0, sizeof(*tlb));
	if (stage2_geometry(ipa_bits, &level, &pages) != HV_OK)
		abort();
	tlb->tables = calloc(FAKE_TLB_TABLES, sizeof(*tlb->tables));
	tlb->cache = calloc(FAKE_TLB_ENTRIES, sizeof(*tlb->cache));
	tlb->allocs_left = ~0U;
	root = aligned_alloc(PAGE, (size_t)pages * PAGE);
	memset(root, 0, (size_t)pages * PAGE);
	for (unsigned int i = 0; i < pages; i++)
		tlb->tables[i] = (struct fake_table){ .real = root + i * (PAGE / 8),
						      .seen = calloc(1, PAGE),
						      .pa = FAKE_BASE + (uint64_t)i * PAGE,
						      .in_use = true };
	tlb->nr_tables = pages;
	if (stage2_init(&tlb->s2, ipa_bits, root, &ops, tlb) != HV_OK)
		abort();
	tlb->vtcr = stage2_vtcr(&tlb->s2, 48);
}

void fake_tlb_fini(struct fake_tlb *tlb)
{
	for (unsigned int i = 0; i < tlb->nr_tables; i++) {
		free(tlb->tables[i].seen);
		if (i == 0 || i >= tlb->s2.root_pages)
			free(tlb->tables[i].real);
	}
	free(tlb->tables);
	free(tlb->cache);
}

/* What the published tables hold for this level at this IPA, without caching it. */
static bool still_says(struct fake_tlb *tlb, const struct fake_tlb_entry *entry)
{
	unsigned int level = 2 - ((tlb->vtcr >> 6) & 3), shift = 39 - 9 * level;
	struct fake_table *table = FIRST_TABLE(tlb) + (entry->base >> shift) / 512;

	for (;; level++, shift -= 9) {
		uint64_t descriptor = table->seen[(entry->base >> shift) % 512];

		if (level == entry->level)
			return descriptor == entry->descriptor;
		if ((descriptor & 3) != 3)
			return false;
		table = table_by_pa(tlb, OA(descriptor));
		if (!table || !table->in_use)
			return false;
	}
}

bool fake_tlb_is_clean(struct fake_tlb *tlb)
{
	if (!all_published(tlb))
		broke(tlb, "a write was never published");
	for (unsigned int i = 0; i < tlb->nr_cached; i++)
		if (!still_says(tlb, &tlb->cache[i]))
			broke(tlb, "the TLB keeps what the tables do not say any more");
	return !tlb->broken;
}

/* The physical page allocator: binary buddies. Page frames (pfn) count from PA 0, so a block is aligned to its size. */
#include "kernel/palloc.h"

#include <string.h>

#include "lib/assert.h"
#include "lib/bits.h"
#include "lib/list.h"
#include "lib/spinlock.h"

/* A page's byte: what starts at it. Only the first page of a block says something. */
#define PAGE_NOTHING   0x00
#define PAGE_FREE      0x40 /* a free block of the order in the low bits */
#define PAGE_ALLOCATED 0x80 /* an allocated one */

struct bank {
	uint64_t first_pfn, nr_pages;
	uint8_t *state; /* one byte a page */
};

uintptr_t phys_to_virt_offset;

/* Constant after palloc_init(). */
static struct bank banks[PALLOC_MAX_BANKS];
static unsigned int nr_banks;

/* Guarded by `lock`, the banks' state bytes too. */
static struct list_node free_lists[PALLOC_MAX_ORDER + 1];
static struct palloc_stats stats;

static struct spinlock lock = SPINLOCK_INIT(LOCK_PALLOC);

/* --- blocks ----------------------------------------------------------------------------------- */

/* A free block's list node lies in its first page. */
static struct list_node *pfn_to_node(uint64_t pfn)
{
	return phys_to_virt(pa(pfn << PAGE_SHIFT));
}

static uint64_t node_to_pfn(const struct list_node *node)
{
	return virt_to_phys(node).raw >> PAGE_SHIFT;
}

/* The state byte of a page, or NULL where no bank has it. */
static uint8_t *page_state(uint64_t pfn)
{
	for (unsigned int i = 0; i < nr_banks; i++)
		if (pfn >= banks[i].first_pfn && pfn - banks[i].first_pfn < banks[i].nr_pages)
			return &banks[i].state[pfn - banks[i].first_pfn];
	return NULL;
}

static void push_free(uint64_t pfn, unsigned int order)
{
	list_add_tail(&free_lists[order], pfn_to_node(pfn));
	*page_state(pfn) = (uint8_t)(PAGE_FREE | order);
}

static void take_free(uint64_t pfn)
{
	struct list_node *node = pfn_to_node(pfn);

	list_remove(node);
	/* A guest may get the page: it need not learn where EL2's memory lies. */
	*node = (struct list_node){ NULL, NULL };
	*page_state(pfn) = PAGE_NOTHING;
}

/* Adds a block, joined with its buddy as long as that is free too. */
static void add_block(uint64_t pfn, unsigned int order)
{
	stats.free_pages += BIT(order);
	while (order < PALLOC_MAX_ORDER) {
		uint64_t buddy = pfn ^ BIT(order);
		const uint8_t *state = page_state(buddy);

		if (!state || *state != (PAGE_FREE | order))
			break;
		take_free(buddy);
		pfn &= ~BIT(order);
		order++;
	}
	push_free(pfn, order);
}

unsigned int palloc_order_for(uint64_t bytes)
{
	unsigned int order = 0;

	while ((PAGE_SIZE << order) < bytes)
		order++;
	return order;
}

#define PFN_NONE UINT64_MAX

/*
 * The free block at `block`, of the order `found`, becomes an allocated one at `pfn` within it, and free ones around
 * it: of each half that is cut, the other one is given back. The lock is held.
 */
static void split(uint64_t block, unsigned int found, uint64_t pfn, unsigned int order)
{
	take_free(block);
	while (found > order) {
		uint64_t upper = block + BIT(--found);

		push_free(pfn < upper ? upper : block, found);
		if (pfn >= upper)
			block = upper;
	}
	*page_state(pfn) = (uint8_t)(PAGE_ALLOCATED | order);
	stats.free_pages -= BIT(order);
}

enum hv_err palloc_alloc(unsigned int order, pa_t *out)
{
	unsigned int found = order;
	uint64_t pfn;

	spin_lock(&lock);
	while (found <= PALLOC_MAX_ORDER && list_is_empty(&free_lists[found]))
		found++;
	if (found > PALLOC_MAX_ORDER) {
		spin_unlock(&lock);
		return HV_ENOMEM;
	}
	pfn = node_to_pfn(free_lists[found].next);
	split(pfn, found, pfn, order);
	spin_unlock(&lock);
	*out = pa(pfn << PAGE_SHIFT);
	return HV_OK;
}

/* The lowest pfn of the order's alignment, from `lowest` on, in a free block of this order; PFN_NONE: it has none. */
static uint64_t lowest_in(uint64_t block, unsigned int found, uint64_t lowest, unsigned int order)
{
	uint64_t pfn = align_up(max_u64(block, lowest), BIT(order));

	return pfn + BIT(order) <= block + BIT(found) ? pfn : PFN_NONE;
}

enum hv_err palloc_alloc_from(unsigned int order, pa_t lowest, pa_t *out)
{
	uint64_t first = align_up(lowest.raw, PAGE_SIZE) >> PAGE_SHIFT, best = PFN_NONE, best_block = 0;
	unsigned int best_found = 0;

	spin_lock(&lock);
	for (unsigned int found = order; found <= PALLOC_MAX_ORDER; found++) {
		for (const struct list_node *node = free_lists[found].next; node != &free_lists[found];
		     node = node->next) {
			uint64_t block = node_to_pfn(node);
			uint64_t pfn = lowest_in(block, found, first, order);

			if (pfn >= best)
				continue;
			best = pfn;
			best_block = block;
			best_found = found;
		}
	}
	if (best != PFN_NONE)
		split(best_block, best_found, best, order);
	spin_unlock(&lock);
	*out = pa(best << PAGE_SHIFT);
	return best != PFN_NONE ? HV_OK : HV_ENOMEM;
}

void *palloc_zeroed_page(void)
{
	pa_t page;

	if (palloc_alloc(0, &page) != HV_OK)
		return NULL;
	return memset(phys_to_virt(page), 0, PAGE_SIZE);
}

void palloc_free(pa_t base, unsigned int order)
{
	uint64_t pfn = base.raw >> PAGE_SHIFT;
	uint8_t *state;
	bool ours;

	spin_lock(&lock);
	state = page_state(pfn);
	ours = state && order <= PALLOC_MAX_ORDER && *state == (PAGE_ALLOCATED | order) &&
	       is_aligned(base.raw, PAGE_SIZE);
	if (ours) {
		*state = PAGE_NOTHING;
		add_block(pfn, order);
	}
	spin_unlock(&lock);
	ASSERT(ours);
}

struct palloc_stats palloc_stats(void)
{
	struct palloc_stats copy;

	spin_lock(&lock);
	copy = stats;
	spin_unlock(&lock);
	return copy;
}

/* --- init ------------------------------------------------------------------------------------- */

/* [first, end) in pfns. */
struct pfn_range {
	uint64_t first, end;
};

/* What may not be given out: the caller's list, PA 0 and, once placed, the tables. */
struct reservations {
	const struct palloc_range *ranges;
	unsigned int nr;
	struct palloc_range tables;
};

/* Widened to whole pages. */
static struct pfn_range reserved_pages(const struct palloc_range *range)
{
	return (struct pfn_range){ range->base.raw >> PAGE_SHIFT,
				   (range->base.raw + range->size_bytes + PAGE_SIZE - 1) >> PAGE_SHIFT };
}

/* Takes one reserved range off a gap: pushes its start behind the range, or cuts its end short. */
static void take_off(struct pfn_range *gap, const struct palloc_range *range)
{
	struct pfn_range taken = reserved_pages(range);

	if (range->size_bytes == 0 || taken.end <= gap->first || taken.first >= gap->end)
		return;
	if (taken.first <= gap->first)
		gap->first = min_u64(taken.end, gap->end);
	else
		gap->end = taken.first;
}

/*
 * The first gap between reserved ranges in [from, bank's end); empty where there is none. The ranges come in any order:
 * a start that moved may lie in one that was looked at before, so passes are made until it stays.
 */
static struct pfn_range first_gap(const struct bank *bank, uint64_t from, const struct reservations *reserved)
{
	const struct palloc_range page_zero = { pa(0), PAGE_SIZE };
	struct pfn_range gap = { from, from };
	uint64_t start;

	do {
		start = gap.first;
		gap.end = bank->first_pfn + bank->nr_pages;
		take_off(&gap, &page_zero);
		take_off(&gap, &reserved->tables);
		for (unsigned int i = 0; i < reserved->nr; i++)
			take_off(&gap, &reserved->ranges[i]);
	} while (gap.first != start);
	return gap;
}

/* Whole pages of the machine's RAM, as banks; returns their number of pages. */
static uint64_t add_banks(const struct palloc_range *memory, unsigned int nr_memory)
{
	uint64_t nr_pages = 0;

	nr_banks = 0;
	for (unsigned int i = 0; i < nr_memory && nr_banks < PALLOC_MAX_BANKS; i++) {
		uint64_t first = align_up(memory[i].base.raw, PAGE_SIZE) >> PAGE_SHIFT;
		uint64_t end = (memory[i].base.raw + memory[i].size_bytes) >> PAGE_SHIFT;

		if (end <= first)
			continue;
		banks[nr_banks++] = (struct bank){ .first_pfn = first, .nr_pages = end - first };
		nr_pages += end - first;
	}
	return nr_pages;
}

/* Finds the smallest gap that holds the tables of all banks, so that the large ones stay whole. */
static enum hv_err place_tables(uint64_t nr_bytes, struct reservations *reserved)
{
	uint64_t nr_pages = align_up(nr_bytes, PAGE_SIZE) >> PAGE_SHIFT;
	struct pfn_range best = { 0, 0 };

	for (unsigned int i = 0; i < nr_banks; i++) {
		struct pfn_range gap = first_gap(&banks[i], banks[i].first_pfn, reserved);

		for (; gap.first < gap.end; gap = first_gap(&banks[i], gap.end, reserved)) {
			uint64_t size = gap.end - gap.first;

			if (size >= nr_pages && (best.end == 0 || size < best.end - best.first))
				best = gap;
		}
	}
	if (best.end == 0)
		return HV_ENOMEM;
	/* At its end: a bank begins aligned more often than it ends so. */
	reserved->tables = (struct palloc_range){ pa((best.end - nr_pages) << PAGE_SHIFT), nr_pages << PAGE_SHIFT };
	stats.table_pages = nr_pages;
	return HV_OK;
}

/* Hands a gap over in the largest aligned blocks, so the work is in the number of blocks, not of pages. */
static void add_gap(struct pfn_range gap)
{
	while (gap.first < gap.end) {
		unsigned int order = 0;

		while (order < PALLOC_MAX_ORDER && is_aligned(gap.first, BIT(order + 1)) &&
		       gap.end - gap.first >= BIT(order + 1))
			order++;
		add_block(gap.first, order);
		gap.first += BIT(order);
	}
}

enum hv_err palloc_init(const struct palloc_range *memory, unsigned int nr_memory, const struct palloc_range *reserved,
			unsigned int nr_reserved)
{
	struct reservations reservations = { .ranges = reserved, .nr = nr_reserved };
	uint64_t nr_pages = add_banks(memory, nr_memory);
	enum hv_err err;
	uint8_t *state;

	stats = (struct palloc_stats){ 0 };
	for (unsigned int order = 0; order <= PALLOC_MAX_ORDER; order++)
		list_init(&free_lists[order]);
	err = place_tables(nr_pages, &reservations);
	if (err != HV_OK)
		return err;
	state = memset(phys_to_virt(reservations.tables.base), PAGE_NOTHING, nr_pages);
	for (unsigned int i = 0; i < nr_banks; i++) {
		banks[i].state = state;
		state += banks[i].nr_pages;
	}
	for (unsigned int i = 0; i < nr_banks; i++) {
		struct pfn_range gap = first_gap(&banks[i], banks[i].first_pfn, &reservations);

		for (; gap.first < gap.end; gap = first_gap(&banks[i], gap.end, &reservations))
			add_gap(gap);
	}
	stats.total_pages = stats.free_pages;
	return HV_OK;
}

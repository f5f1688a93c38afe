/* The page allocator over a host arena: banks with holes, and a shadow that owns every page once. */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/palloc.h"
#include "lib/bits.h"
#include "tests/fakes/prng.h"

#define MIB	    (UINT64_C(1) << 20)
#define ARENA_BYTES (64 * MIB)
#define ARENA_BASE  (UINT64_C(3) << 30) /* where the arena seems to lie */
#define NR_PAGES    (ARENA_BYTES / PAGE_SIZE)

static uint8_t *arena;
static bool allowed[NR_PAGES]; /* RAM and not reserved */
static bool given[NR_PAGES];   /* held by the test */

static void map_arena_at(uint64_t base)
{
	phys_to_virt_offset = (uintptr_t)arena - base;
}

static void setup(void)
{
	arena = aligned_alloc(ARENA_BYTES, ARENA_BYTES);
	ck_assert_ptr_nonnull(arena);
	/* Contents are unknown at boot too. */
	memset(arena, 0xa5, ARENA_BYTES);
	map_arena_at(ARENA_BASE);
	memset(allowed, 0, sizeof(allowed));
	memset(given, 0, sizeof(given));
}

static void teardown(void)
{
	free(arena);
}

static struct palloc_range range(uint64_t base, uint64_t size)
{
	return (struct palloc_range){ pa(base), size };
}

static void set_allowed(uint64_t base, uint64_t size, bool value)
{
	for (uint64_t at = base; at < base + size; at += PAGE_SIZE)
		allowed[(at - ARENA_BASE) / PAGE_SIZE] = value;
}

/* Takes a block if there is one, and checks that it is ours to take. */
static bool take(unsigned int order, pa_t *out)
{
	if (palloc_alloc(order, out) != HV_OK)
		return false;
	/* Check's asserts cost a system call each, so only what is wrong gets to one. */
	if (!is_aligned(out->raw, PAGE_SIZE << order) ||
	    !range_contains(ARENA_BASE, ARENA_BYTES, out->raw, PAGE_SIZE << order))
		ck_abort_msg("%lx is no place for order %u", (unsigned long)out->raw, order);
	for (uint64_t i = 0; i < BIT(order); i++) {
		uint64_t page = (out->raw - ARENA_BASE) / PAGE_SIZE + i;

		if (!allowed[page] || given[page])
			ck_abort_msg("page %lu is not free", (unsigned long)page);
		given[page] = true;
		/* Its owner writes over what the allocator kept there. */
		memset(phys_to_virt(pa(out->raw + i * PAGE_SIZE)), 0x5a, 64);
	}
	return true;
}

static void give_back(pa_t base, unsigned int order)
{
	for (uint64_t i = 0; i < BIT(order); i++)
		given[(base.raw - ARENA_BASE) / PAGE_SIZE + i] = false;
	palloc_free(base, order);
}

static void init_plain(void)
{
	struct palloc_range memory = range(ARENA_BASE, ARENA_BYTES);

	set_allowed(ARENA_BASE, ARENA_BYTES, true);
	ck_assert_int_eq(palloc_init(&memory, 1, NULL, 0), HV_OK);
}

START_TEST(all_but_the_tables_is_handed_over)
{
	struct palloc_stats stats;
	uint64_t taken = 0;
	pa_t page;

	init_plain();
	stats = palloc_stats();
	/* One byte a page. */
	ck_assert_uint_eq(stats.table_pages, NR_PAGES / PAGE_SIZE);
	ck_assert_uint_eq(stats.total_pages, NR_PAGES - stats.table_pages);
	ck_assert_uint_eq(stats.free_pages, stats.total_pages);
	while (take(0, &page))
		taken++;
	ck_assert_uint_eq(taken, stats.total_pages);
	ck_assert_uint_eq(palloc_stats().free_pages, 0);
	ck_assert_uint_eq(palloc_stats().total_pages, stats.total_pages);
	ck_assert_ptr_null(palloc_zeroed_page());
}
END_TEST

START_TEST(largest_blocks_are_whole)
{
	pa_t block;

	init_plain();
	/* The tables are at the end: the lower half and all but that of the upper one are there in one piece. */
	ck_assert(take(13, &block));
	ck_assert_uint_eq(block.raw, ARENA_BASE);
	ck_assert(!take(13, &block));
	for (unsigned int order = 12; order > 3; order--)
		ck_assert(take(order, &block));
	ck_assert_int_eq(palloc_alloc(PALLOC_MAX_ORDER + 1, &block), HV_ENOMEM);
	ck_assert_int_eq(palloc_alloc(~0U, &block), HV_ENOMEM);
}
END_TEST

START_TEST(zeroed_page_is_zeroed)
{
	const uint8_t *page;

	init_plain();
	page = palloc_zeroed_page();
	ck_assert_ptr_nonnull(page);
	for (unsigned int i = 0; i < PAGE_SIZE; i++)
		if (page[i] != 0)
			ck_abort_msg("byte %u is %x", i, page[i]);
	palloc_free(virt_to_phys(page), 0);
	ck_assert_uint_eq(palloc_stats().free_pages, palloc_stats().total_pages);
}
END_TEST

/* Three banks, holes between; reserved ranges that overlap, nest, touch, straddle edges, and are not page-aligned. */
static const uint64_t bank_rows[][2] = { { 0, 20 * MIB }, { 24 * MIB + 0x800, 3 * MIB }, { 40 * MIB, 24 * MIB } };
static const uint64_t reserved_rows[][2] = {
	{ 41 * MIB + 0x10, 0x20 },
	{ 5 * MIB, MIB },
	{ 5 * MIB + 0x1000, 0x2000 },
	{ 5 * MIB + MIB / 2, MIB },
	{ 0, 0x3000 },
	{ 19 * MIB, 10 * MIB },
	{ 63 * MIB + 0xfffff, 1 },
	{ 41 * MIB - 0x800, 0x1000 },
	{ 50 * MIB, 0 },
	{ 30 * MIB, 2 * MIB },
	{ 39 * MIB, MIB + 0x1000 },
};

static void init_holes(void)
{
	struct palloc_range memory[ARRAY_SIZE(bank_rows)], reserved[ARRAY_SIZE(reserved_rows)];

	for (unsigned int i = 0; i < ARRAY_SIZE(bank_rows); i++)
		memory[i] = range(ARENA_BASE + bank_rows[i][0], bank_rows[i][1]);
	for (unsigned int i = 0; i < ARRAY_SIZE(reserved_rows); i++)
		reserved[i] = range(ARENA_BASE + reserved_rows[i][0], reserved_rows[i][1]);
	/* By the page, the plain way. */
	for (uint64_t page = 0; page < NR_PAGES; page++) {
		uint64_t at = ARENA_BASE + page * PAGE_SIZE;

		for (unsigned int i = 0; i < ARRAY_SIZE(memory); i++)
			if (range_contains(memory[i].base.raw, memory[i].size_bytes, at, PAGE_SIZE))
				allowed[page] = true;
		for (unsigned int i = 0; i < ARRAY_SIZE(reserved); i++)
			if (reserved[i].size_bytes &&
			    ranges_overlap(reserved[i].base.raw, reserved[i].size_bytes, at, PAGE_SIZE))
				allowed[page] = false;
	}
	ck_assert_int_eq(palloc_init(memory, ARRAY_SIZE(memory), reserved, ARRAY_SIZE(reserved)), HV_OK);
}

START_TEST(holes_and_reservations_are_kept)
{
	uint64_t expected = 0, taken = 0;
	pa_t page;

	init_holes();
	for (uint64_t i = 0; i < NR_PAGES; i++)
		expected += allowed[i];
	ck_assert_uint_eq(palloc_stats().total_pages + palloc_stats().table_pages, expected);
	while (take(0, &page))
		taken++;
	ck_assert_uint_eq(taken, palloc_stats().total_pages);
}
END_TEST

/* What was reserved is not written to: the tables and the list nodes lie in free RAM only. */
START_TEST(reserved_memory_is_untouched)
{
	pa_t page;

	init_holes();
	while (take(0, &page)) {
	}
	for (uint64_t i = 0; i < NR_PAGES; i++)
		if (!allowed[i])
			for (unsigned int byte = 0; byte < PAGE_SIZE; byte++)
				if (arena[i * PAGE_SIZE + byte] != 0xa5)
					ck_abort_msg("page %lu was written to", (unsigned long)i);
}
END_TEST

/* The free blocks by order, as far as they can be taken: equal before and after, all has coalesced. */
static void count_blocks(uint64_t counts[14])
{
	static struct {
		pa_t base;
		unsigned int order;
	} taken[NR_PAGES];
	unsigned int nr = 0;

	for (unsigned int order = 14; order-- > 0;) {
		counts[order] = 0;
		while (take(order, &taken[nr].base)) {
			taken[nr++].order = order;
			counts[order]++;
		}
	}
	ck_assert_uint_eq(palloc_stats().free_pages, 0);
	while (nr-- > 0)
		give_back(taken[nr].base, taken[nr].order);
}

START_TEST(random_use_coalesces_again)
{
	static struct {
		pa_t base;
		unsigned int order;
	} held[512];
	uint64_t seed = 0xa110c + (uint64_t)_i, before[14], after[14], held_pages = 0;
	unsigned int nr = 0;

	init_holes();
	count_blocks(before);
	for (unsigned int step = 0; step < 5000; step++) {
		if (nr < ARRAY_SIZE(held) && prng_below(&seed, 5) < 3) {
			unsigned int order = (unsigned int)prng_below(&seed, prng_below(&seed, 8) ? 4 : 11);

			held[nr].order = order;
			if (take(order, &held[nr].base)) {
				held_pages += BIT(order);
				nr++;
			}
		} else if (nr) {
			unsigned int victim = (unsigned int)prng_below(&seed, nr);

			give_back(held[victim].base, held[victim].order);
			held_pages -= BIT(held[victim].order);
			held[victim] = held[--nr];
		}
		if (palloc_stats().free_pages != palloc_stats().total_pages - held_pages)
			ck_abort_msg("step %u: free pages miscounted", step);
	}
	while (nr-- > 0)
		give_back(held[nr].base, held[nr].order);
	ck_assert_uint_eq(palloc_stats().free_pages, palloc_stats().total_pages);
	count_blocks(after);
	ck_assert_mem_eq(before, after, sizeof(before));
}
END_TEST

/* Is every page of the block the allocator's to give? */
static bool is_free(uint64_t base, unsigned int order)
{
	for (uint64_t at = base; at < base + (PAGE_SIZE << order); at += PAGE_SIZE) {
		uint64_t page = (at - ARENA_BASE) / PAGE_SIZE;

		if (at >= ARENA_BASE + ARENA_BYTES || !allowed[page] || given[page])
			return false;
	}
	return true;
}

/* By looking at each place there is. UINT64_MAX: none. */
static uint64_t expected_from(uint64_t lowest, unsigned int order)
{
	uint64_t bytes = PAGE_SIZE << order;

	for (uint64_t at = align_up(max_u64(lowest, ARENA_BASE), bytes); at < ARENA_BASE + ARENA_BYTES; at += bytes)
		if (is_free(at, order))
			return at;
	return UINT64_MAX;
}

START_TEST(lowest_from_a_place_on)
{
	static struct {
		pa_t base;
		unsigned int order;
	} held[256];
	uint64_t seed = 0x10e57 + (uint64_t)_i;
	unsigned int nr = 0;

	init_holes();
	while (nr < ARRAY_SIZE(held)) {
		held[nr].order = (unsigned int)prng_below(&seed, 6);
		if (!take(held[nr].order, &held[nr].base))
			break;
		nr++;
	}
	for (unsigned int n = 0; n < nr; n += 2)
		give_back(held[n].base, held[n].order);
	for (unsigned int round = 0; round < 200; round++) {
		unsigned int order = (unsigned int)prng_below(&seed, 9);
		uint64_t free_pages = palloc_stats().free_pages;
		uint64_t lowest = ARENA_BASE + prng_below(&seed, ARENA_BYTES), want = expected_from(lowest, order);
		pa_t got;

		if (want == UINT64_MAX) {
			ck_assert_int_eq(palloc_alloc_from(order, pa(lowest), &got), HV_ENOMEM);
			continue;
		}
		ck_assert_int_eq(palloc_alloc_from(order, pa(lowest), &got), HV_OK);
		ck_assert_uint_eq(got.raw, want);
		ck_assert_uint_eq(palloc_stats().free_pages, free_pages - BIT(order));
		palloc_free(got, order);
		ck_assert_uint_eq(palloc_stats().free_pages, free_pages);
	}
	for (unsigned int n = 1; n < nr; n += 2)
		give_back(held[n].base, held[n].order);
	ck_assert_uint_eq(palloc_stats().free_pages, palloc_stats().total_pages);
}
END_TEST

/* Buddies across the edge of two banks, or of a reserved range, are no buddies. */
START_TEST(no_joining_across_reserved)
{
	struct palloc_range memory = range(ARENA_BASE, 8 * PAGE_SIZE);
	struct palloc_range reserved = range(ARENA_BASE + 6 * PAGE_SIZE, PAGE_SIZE);
	pa_t block, pages[8];
	unsigned int nr = 0;

	set_allowed(ARENA_BASE, 8 * PAGE_SIZE, true);
	set_allowed(ARENA_BASE + 6 * PAGE_SIZE, PAGE_SIZE, false);
	ck_assert_int_eq(palloc_init(&memory, 1, &reserved, 1), HV_OK);
	/* The tables take the smaller gap: page 7. */
	ck_assert_uint_eq(palloc_stats().total_pages, 6);
	for (unsigned int round = 0; round < 2; round++) {
		ck_assert(take(2, &block));
		ck_assert_uint_eq(block.raw, ARENA_BASE);
		ck_assert(!take(2, &pages[0]));
		give_back(block, 2);
		for (nr = 0; nr < 6; nr++)
			ck_assert(take(0, &pages[nr]));
		while (nr-- > 0)
			give_back(pages[nr], 0);
	}
}
END_TEST

START_TEST(page_zero_is_kept)
{
	struct palloc_range memory = range(0, 64 * PAGE_SIZE);
	unsigned int nr = 0;
	pa_t page;

	map_arena_at(0);
	ck_assert_int_eq(palloc_init(&memory, 1, NULL, 0), HV_OK);
	while (palloc_alloc(0, &page) == HV_OK) {
		ck_assert_uint_ne(page.raw, 0);
		nr++;
	}
	ck_assert_uint_eq(nr, 62);
}
END_TEST

/* Banks 300 GiB apart: the tables are as large as the RAM, not as its span. */
START_TEST(far_banks)
{
	struct palloc_range memory[2] = { range(ARENA_BASE, 32 * MIB),
					  range(ARENA_BASE + (300 * 1024 * MIB), 16 * MIB) };
	struct palloc_range reserved = memory[1]; /* never touched: the host has nothing there */

	ck_assert_int_eq(palloc_init(memory, 2, &reserved, 1), HV_OK);
	ck_assert_uint_eq(palloc_stats().table_pages, 48 * MIB / PAGE_SIZE / PAGE_SIZE);
}
END_TEST

START_TEST(no_place_for_the_tables)
{
	struct palloc_range memory = range(ARENA_BASE, ARENA_BYTES), tiny = range(ARENA_BASE + 0x800, PAGE_SIZE);

	ck_assert_int_eq(palloc_init(&memory, 1, &memory, 1), HV_ENOMEM);
	ck_assert_int_eq(palloc_init(&memory, 0, NULL, 0), HV_ENOMEM);
	ck_assert_int_eq(palloc_init(&tiny, 1, NULL, 0), HV_ENOMEM);
}
END_TEST

/* Each is a bug of the caller: DEBUG builds, as this one is, stop there. */
START_TEST(wrong_frees_assert)
{
	pa_t block;

	init_plain();
	ck_assert(take(2, &block));
	switch (_i) {
	case 0:
		palloc_free(block, 2);
		palloc_free(block, 2);
		break;
	case 1: palloc_free(block, 1); break;
	case 2: palloc_free(pa(block.raw + PAGE_SIZE), 0); break;
	case 3: palloc_free(pa(block.raw + 1), 2); break;
	case 4: palloc_free(pa(ARENA_BASE + ARENA_BYTES), 0); break;
	default:
		palloc_free(pa(ARENA_BASE + ARENA_BYTES - PAGE_SIZE), 0); /* the tables */
		break;
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("palloc");
	TCase *tc = tcase_create("palloc");
	SRunner *runner;
	int failures;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, all_but_the_tables_is_handed_over);
	tcase_add_test(tc, largest_blocks_are_whole);
	tcase_add_test(tc, zeroed_page_is_zeroed);
	tcase_add_test(tc, holes_and_reservations_are_kept);
	tcase_add_test(tc, reserved_memory_is_untouched);
	tcase_add_loop_test(tc, random_use_coalesces_again, 0, 4);
	tcase_add_loop_test(tc, lowest_from_a_place_on, 0, 4);
	tcase_add_test(tc, no_joining_across_reserved);
	tcase_add_test(tc, page_zero_is_kept);
	tcase_add_test(tc, far_banks);
	tcase_add_test(tc, no_place_for_the_tables);
#ifdef CORBEL_DEBUG
	tcase_add_loop_test_raise_signal(tc, wrong_frees_assert, SIGILL, 0, 6);
#endif
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

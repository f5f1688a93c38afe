/* stage1_walk.c: where a walk ends, for all granules and sizes, in tables that are good, short, torn or random. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fakes/prng.h"
#include "vcpu/stage1_walk.h"

/* Guest memory: descriptors at addresses. What is not listed is invalid (0) within RAM, and none outside. */
#define RAM_END UINT64_C(0x80000000)

struct memory {
	struct {
		uint64_t at, descriptor;
	} words[8];
	unsigned int nr_reads;
	uint64_t last; /* address read last */
	bool random;
};

static uint64_t prng = 7;

static bool read_memory(void *ctx, uint64_t ipa, uint64_t *descriptor)
{
	struct memory *memory = ctx;

	memory->nr_reads++;
	memory->last = ipa;
	ck_assert_uint_eq(ipa % 8, 0);
	if (memory->random) {
		*descriptor = prng_next(&prng);
		return *descriptor % 8 != 0;
	}
	if (ipa >= RAM_END)
		return false;
	*descriptor = 0;
	for (size_t n = 0; n < 8; n++)
		if (memory->words[n].at == ipa && memory->words[n].at != 0)
			*descriptor = memory->words[n].descriptor;
	return true;
}

/* 4 KiB granule, 39 bits in both halves: T0SZ, TG0, T1SZ, TG1. */
#define TCR_4K_39 (25UL | 0UL << 14 | 25UL << 16 | 2UL << 30)
#define OUTSIDE	  0x9000000003UL /* a table descriptor to where no memory is */

START_TEST(test_4k_39)
{
	const struct stage1_tables tables = { TCR_4K_39, 0x40001000, 0x40005000 };
	struct memory memory = { .words = { { 0x40001000 + 8 * 1, 0x40002003 },	      /* 1 GiB: a table */
					    { 0x40002000 + 8 * 2, 0x40003003 },	      /* 2 MiB: a table */
					    { 0x40003000 + 8 * 3, 0x40000403 },	      /* a page */
					    { 0x40002000 + 8 * 4, 0x40000401 },	      /* a block */
					    { 0x40002000 + 8 * 5, OUTSIDE },	      /* a table that is nowhere */
					    { 0x40001000 + 8 * 2, OUTSIDE },	      /* likewise, one level up */
					    { 0x40005000 + 8 * 511, 0x40006003 } } }; /* the upper half */
	uint64_t va = 1UL << 30 | 2UL << 21 | 3UL << 12;

	ck_assert_uint_eq(stage1_walk_level(&tables, va, read_memory, &memory), 3);
	ck_assert_uint_eq(memory.last, 0x40003018);
	ck_assert_uint_eq(stage1_walk_level(&tables, va + 0x1000, read_memory, &memory), 3); /* an invalid page */
	ck_assert_uint_eq(stage1_walk_level(&tables, 1UL << 30 | 4UL << 21, read_memory, &memory), 2);
	ck_assert_uint_eq(stage1_walk_level(&tables, 1UL << 30 | 5UL << 21, read_memory, &memory), 3);
	ck_assert_uint_eq(stage1_walk_level(&tables, 1UL << 30 | 6UL << 21, read_memory, &memory), 2); /* invalid */
	ck_assert_uint_eq(stage1_walk_level(&tables, 2UL << 30, read_memory, &memory), 2);
	ck_assert_uint_eq(stage1_walk_level(&tables, 3UL << 30, read_memory, &memory), 1);
	/* The upper half has its own tables; tags in the top byte mean nothing. */
	ck_assert_uint_eq(stage1_walk_level(&tables, 0xffffffffc0000000, read_memory, &memory), 2);
	ck_assert_uint_eq(memory.last, 0x40006000);
	ck_assert_uint_eq(stage1_walk_level(&tables, 0xffffff8000000000, read_memory, &memory), 1);
	ck_assert_uint_eq(stage1_walk_level(&tables, va | 0x5aUL << 56, read_memory, &memory), 3);
	ck_assert_uint_eq(memory.last, 0x40003018);
}
END_TEST

/* The first level, by granule and size of the input address [DDI0487 D8.2.7 ff.]; tables nowhere end it there. */
START_TEST(test_first_level)
{
	static const struct {
		unsigned int tg0, tg1, bits, level;
	} rows[] = {
		{ 0, 2, 48, 0 }, { 0, 2, 40, 0 }, { 0, 2, 39, 1 }, { 0, 2, 31, 1 }, { 0, 2, 30, 2 },
		{ 0, 2, 25, 2 }, { 2, 1, 48, 0 }, { 2, 1, 47, 1 }, { 2, 1, 37, 1 }, { 2, 1, 36, 2 },
		{ 2, 1, 26, 2 }, { 2, 1, 25, 3 }, { 1, 3, 52, 1 }, { 1, 3, 48, 1 }, { 1, 3, 43, 1 },
		{ 1, 3, 42, 2 }, { 1, 3, 30, 2 }, { 1, 3, 29, 3 }, { 1, 3, 25, 3 }, { 0, 2, 16, 3 },
	};

	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		uint64_t tsz = 64 - rows[n].bits;
		const struct stage1_tables tables = { tsz | tsz << 16 | (uint64_t)rows[n].tg0 << 14 |
							      (uint64_t)rows[n].tg1 << 30,
						      0x900000000000, 0x900000000000 };
		struct memory memory = { 0 };

		ck_assert_msg(stage1_walk_level(&tables, 0, read_memory, &memory) == rows[n].level, "row %zu", n);
		ck_assert_msg(stage1_walk_level(&tables, ~UINT64_C(0), read_memory, &memory) == rows[n].level,
			      "row %zu", n);
	}
}
END_TEST

/* A first table of a few descriptors stands at an address aligned to its own size. */
START_TEST(test_small_first_table)
{
	const struct stage1_tables tables = { 64 - 32, 0x40001020, 0 };
	struct memory memory = { .words = { { 0x40001020 + 8 * 2, OUTSIDE } } };

	ck_assert_uint_eq(stage1_walk_level(&tables, 0x80000000, read_memory, &memory), 2);
	ck_assert_uint_eq(stage1_walk_level(&tables, 0xc0000000, read_memory, &memory), 1);
	ck_assert_uint_eq(memory.last, 0x40001038);
}
END_TEST

START_TEST(test_random)
{
	struct memory memory = { .random = true };
	struct stage1_walk walk;

	for (unsigned int n = 0; n < 200000; n++) {
		const struct stage1_tables tables = { prng_next(&prng), prng_next(&prng), prng_next(&prng) };

		memory.nr_reads = 0;
		ck_assert_uint_le(stage1_walk_level(&tables, prng_next(&prng), read_memory, &memory), 3);
		ck_assert_uint_le(memory.nr_reads, STAGE1_MAX_STEPS);
		stage1_walk(&tables, prng_next(&prng), read_memory, &memory, &walk);
		ck_assert_uint_le(walk.level, 3);
		ck_assert_uint_le(walk.nr_steps, STAGE1_MAX_STEPS);
	}
}
END_TEST

/* Where it leads, and what it looked at. */
START_TEST(test_walk_tells)
{
	struct stage1_tables tables = { TCR_4K_39, 0x40001000, 0 };
	struct memory memory = { .words = { { 0x40001008, 0x40002003 },
					    { 0x40002010, 0x40003003 },
					    { 0x40003018, 0x0060000040045f43 }, /* a page, accessed */
					    { 0x40003020, 0x40046001 },		/* reserved at level 3 */
					    { 0x40002020, 0x0000000080000b41 }, /* a block, not accessed */
					    { 0x40001018, OUTSIDE } } };
	uint64_t va = 1UL << 30 | 2UL << 21 | 3UL << 12 | 0x123;
	struct stage1_walk walk;

	stage1_walk(&tables, va, read_memory, &memory, &walk);
	ck_assert_int_eq(walk.end, STAGE1_MAPPED);
	ck_assert(walk.level == 3 && walk.first_level == 1 && walk.nr_steps == 3 && walk.accessed);
	ck_assert_uint_eq(walk.ipa, 0x40045123);
	ck_assert_uint_eq(walk.map_bytes, 4096);
	ck_assert_uint_eq(walk.step[2].ipa, 0x40003018);
	ck_assert_uint_eq(walk.step[2].descriptor, 0x0060000040045f43);
	stage1_walk(&tables, va + 0x1000, read_memory, &memory, &walk);
	ck_assert(walk.end == STAGE1_INVALID && walk.level == 3);
	stage1_walk(&tables, 1UL << 30 | 4UL << 21 | 0x12345, read_memory, &memory, &walk);
	ck_assert(walk.end == STAGE1_MAPPED && walk.level == 2 && !walk.accessed);
	ck_assert_uint_eq(walk.ipa, 0x80012345);
	ck_assert_uint_eq(walk.map_bytes, 2 << 20);
	stage1_walk(&tables, 3UL << 30, read_memory, &memory, &walk);
	ck_assert(walk.end == STAGE1_UNREADABLE && walk.level == 2 && walk.nr_steps == 2);
	stage1_walk(&tables, 1UL << 40, read_memory, &memory, &walk);
	ck_assert(walk.end == STAGE1_OUT_OF_RANGE && walk.nr_steps == 0);
	stage1_walk(&tables, 1UL << 55, read_memory, &memory, &walk);
	ck_assert_int_eq(walk.end, STAGE1_OUT_OF_RANGE);
	tables.tcr_el1 |= 1UL << 7;
	stage1_walk(&tables, va, read_memory, &memory, &walk);
	ck_assert_int_eq(walk.end, STAGE1_WALK_DISABLED);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("stage1_walk");
	TCase *tcase = tcase_create("stage1_walk");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, test_4k_39);
	tcase_add_test(tcase, test_first_level);
	tcase_add_test(tcase, test_small_first_table);
	tcase_add_test(tcase, test_random);
	tcase_add_test(tcase, test_walk_tells);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

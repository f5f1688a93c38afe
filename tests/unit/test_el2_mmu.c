/* EL2's translation tables: built once with a board's worth of mappings, then walked as the hardware would. */
#include <check.h>
#include <stdlib.h>

#include "arch/arm64/el2_mmu.h"
#include "lib/bits.h"

#define IMAGE UINT64_C(0x40200000)
#define GUARD (IMAGE + 0x5000)
#define UART  UINT64_C(0x09000000)

struct walk {
	uint64_t descriptor;
	uint64_t bytes; /* of the page or block; 0: a guard or nothing */
};

/* [DDI0487 D8.3]: bits 1:0 of a descriptor say what it is. */
static struct walk walk(uint64_t va)
{
	const uint64_t *table = el2_tables[0];

	for (unsigned int level = 0; level < 4; level++) {
		unsigned int shift = 39 - 9 * level;
		uint64_t descriptor = table[(va >> shift) % 512];

		if ((descriptor & 1) == 0)
			return (struct walk){ descriptor, 0 };
		if (level == 3 || (descriptor & 3) == 1)
			return (struct walk){ descriptor, BIT(shift) };
		table = (const uint64_t *)(uintptr_t)(descriptor & GENMASK(47, 12));
	}
	return (struct walk){ 0, 0 };
}

/* Where, as how large a leaf, AP[2] (read-only), XN, AttrIndx. */
static void check_leaf(uint64_t va, uint64_t bytes, bool read_only, bool never_executed, unsigned int attr)
{
	struct walk found = walk(va);

	ck_assert_uint_eq(found.bytes, bytes);
	ck_assert_uint_eq(found.descriptor & GENMASK(47, 12), va & ~(bytes - 1));
	ck_assert_uint_eq(FIELD_GET(BIT(7), found.descriptor), read_only);
	ck_assert_uint_eq(FIELD_GET(BIT(54), found.descriptor), never_executed);
	ck_assert_uint_eq(FIELD_GET(GENMASK(4, 2), found.descriptor), attr);
	ck_assert(found.descriptor & BIT(10)); /* AF: there is nobody to take the fault */
	ck_assert(found.descriptor & BIT(6));  /* AP[1]: RES1 */
}

static void map(uint64_t base, uint64_t size_bytes, enum el2_memory memory)
{
	ck_assert_int_eq(el2_mmu_map(pa(base), size_bytes, memory), HV_OK);
}

/* Check forks for every test: each starts with empty tables. */
static void map_board(void)
{
	map(IMAGE, 0x3000, EL2_TEXT);
	map(IMAGE + 0x3000, 0x1000, EL2_RODATA);
	map(IMAGE + 0x4000, 0x1000, EL2_DATA);
	map(GUARD, 0x1000, EL2_GUARD);
	map(UART, 0x1000, EL2_DEVICE);
	map(UINT64_C(0x40000000), 3 * SZ_1G, EL2_DATA);
}

START_TEST(each_kind_has_its_permissions)
{
	map_board();
	check_leaf(IMAGE + 0x2ff8, PAGE_SIZE, true, false, 0);
	check_leaf(IMAGE + 0x3000, PAGE_SIZE, true, true, 0);
	check_leaf(IMAGE + 0x4000, PAGE_SIZE, false, true, 0);
	check_leaf(UART, PAGE_SIZE, false, true, 1);
}
END_TEST

START_TEST(nothing_is_writable_and_executable)
{
	map_board();
	for (uint64_t va = UINT64_C(0x40000000); va < UINT64_C(0x40400000); va += PAGE_SIZE) {
		struct walk found = walk(va);

		if (found.bytes != 0)
			ck_assert((found.descriptor & (BIT(7) | BIT(54))) != 0);
	}
}
END_TEST

START_TEST(ram_leaves_guards_unmapped)
{
	map_board();
	ck_assert_uint_eq(walk(GUARD).bytes, 0);
	check_leaf(GUARD + PAGE_SIZE, PAGE_SIZE, false, true, 0);
	ck_assert_uint_eq(walk(UART + PAGE_SIZE).bytes, 0);
}
END_TEST

/* A hole of many sizes: whole blocks of it cost no table. */
START_TEST(large_holes_stay_unmapped)
{
	map(UINT64_C(0x5fe00000), UINT64_C(0x60401000), EL2_GUARD);
	map(UINT64_C(0x40000000), 3 * SZ_1G, EL2_DATA);
	check_leaf(UINT64_C(0x5fc00000), SZ_2M, false, true, 0);
	for (uint64_t va = UINT64_C(0x5fe00000); va < UINT64_C(0xc0201000); va += PAGE_SIZE)
		ck_assert_uint_eq(walk(va).bytes, 0);
	check_leaf(UINT64_C(0xc0201000), PAGE_SIZE, false, true, 0);
	check_leaf(UINT64_C(0xc0400000), SZ_2M, false, true, 0);
}
END_TEST

START_TEST(blocks_are_as_large_as_fits)
{
	map_board();
	check_leaf(UINT64_C(0x40000000), SZ_2M, false, true, 0);
	check_leaf(UINT64_C(0x40400000), SZ_2M, false, true, 0);
	check_leaf(UINT64_C(0x80000000), SZ_1G, false, true, 0);
	check_leaf(UINT64_C(0xc0000000), SZ_1G, false, true, 0);
	ck_assert_uint_eq(walk(UINT64_C(0x100000000)).bytes, 0);
}
END_TEST

START_TEST(mapping_inside_a_block_changes_nothing)
{
	map_board();
	map(UINT64_C(0x80001000), 0x1000, EL2_DEVICE);
	check_leaf(UINT64_C(0x80001000), SZ_1G, false, true, 0);
	/* And past its end the rest is mapped. */
	map(UINT64_C(0xfffff000), 0x2000, EL2_DEVICE);
	check_leaf(UINT64_C(0xfffff000), SZ_1G, false, true, 0);
	check_leaf(UINT64_C(0x100000000), PAGE_SIZE, false, true, 1);
}
END_TEST

START_TEST(unaligned_ends_take_pages)
{
	map(UINT64_C(0x3ff000), 0x202000, EL2_DATA);
	check_leaf(UINT64_C(0x3ff000), PAGE_SIZE, false, true, 0);
	check_leaf(UINT64_C(0x400000), SZ_2M, false, true, 0);
	check_leaf(UINT64_C(0x600000), PAGE_SIZE, false, true, 0);
	ck_assert_uint_eq(walk(UINT64_C(0x601000)).bytes, 0);
	ck_assert_uint_eq(walk(UINT64_C(0x3fe000)).bytes, 0);
}
END_TEST

START_TEST(bad_ranges_are_refused)
{
	ck_assert_int_eq(el2_mmu_map(pa(0x1001), 0x1000, EL2_DATA), HV_EINVAL);
	ck_assert_int_eq(el2_mmu_map(pa(0x1000), 0x10, EL2_DATA), HV_EINVAL);
	ck_assert_int_eq(el2_mmu_map(pa(0x1000), 0, EL2_DATA), HV_ERANGE);
	ck_assert_int_eq(el2_mmu_map(pa(BIT(48) - PAGE_SIZE), 2 * PAGE_SIZE, EL2_DATA), HV_ERANGE);
	ck_assert_int_eq(el2_mmu_map(pa(UINT64_MAX - PAGE_SIZE + 1), 2 * PAGE_SIZE, EL2_DATA), HV_ERANGE);
	/* The last page of all: its end is 0. */
	ck_assert_int_eq(el2_mmu_map(pa(UINT64_MAX - PAGE_SIZE + 1), PAGE_SIZE, EL2_DATA), HV_ERANGE);
	map(BIT(48) - PAGE_SIZE, PAGE_SIZE, EL2_DATA);
}
END_TEST

START_TEST(a_used_up_pool_is_told)
{
	enum hv_err err = HV_OK;
	unsigned int nr_mapped = 0;

	/* A page in each of many 512 GiB: three new tables every time. */
	for (uint64_t n = 0; n < 512 && err == HV_OK; n++) {
		err = el2_mmu_map(pa(n << 39), PAGE_SIZE, EL2_DATA);
		nr_mapped += err == HV_OK;
	}
	ck_assert_int_eq(err, HV_ENOMEM);
	ck_assert_uint_ge(nr_mapped, 16);
	/* What was mapped is still there. */
	check_leaf(0, PAGE_SIZE, false, true, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("el2_mmu");
	TCase *tcase = tcase_create("el2_mmu");

	tcase_add_test(tcase, each_kind_has_its_permissions);
	tcase_add_test(tcase, nothing_is_writable_and_executable);
	tcase_add_test(tcase, ram_leaves_guards_unmapped);
	tcase_add_test(tcase, large_holes_stay_unmapped);
	tcase_add_test(tcase, blocks_are_as_large_as_fits);
	tcase_add_test(tcase, mapping_inside_a_block_changes_nothing);
	tcase_add_test(tcase, unaligned_ends_take_pages);
	tcase_add_test(tcase, bad_ranges_are_refused);
	tcase_add_test(tcase, a_used_up_pool_is_told);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);

	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failures = srunner_ntests_failed(runner);

	srunner_free(runner);
	return failures != 0;
}

/* Bit fields, alignment, ranges: the edges of 64 bits. */
#include <check.h>
#include <stddef.h>

#include "lib/bits.h"

#define MAX UINT64_MAX

START_TEST(masks)
{
	ck_assert_uint_eq(BIT(0), 1);
	ck_assert_uint_eq(BIT(63), UINT64_C(0x8000000000000000));
	ck_assert_uint_eq(GENMASK(0, 0), 1);
	ck_assert_uint_eq(GENMASK(63, 63), UINT64_C(0x8000000000000000));
	ck_assert_uint_eq(GENMASK(63, 0), MAX);
	ck_assert_uint_eq(GENMASK(31, 26), 0xfc000000);
	ck_assert_uint_eq(GENMASK(47, 12), UINT64_C(0x0000fffffffff000));
}
END_TEST

START_TEST(fields)
{
	const uint64_t mid = GENMASK(31, 26), top = GENMASK(63, 56), all = GENMASK(63, 0);

	ck_assert_uint_eq(FIELD_GET(mid, 0x96000045), 0x25);
	ck_assert_uint_eq(FIELD_PREP(mid, 0x25), 0x94000000);
	ck_assert_uint_eq(FIELD_PREP(mid, 0x65), 0x94000000); /* cut to the field */
	ck_assert_uint_eq(FIELD_GET(top, MAX), 0xff);
	ck_assert_uint_eq(FIELD_PREP(top, 0x81), UINT64_C(0x8100000000000000));
	ck_assert_uint_eq(FIELD_GET(all, MAX), MAX);
	ck_assert_uint_eq(FIELD_PREP(all, MAX), MAX);
	ck_assert(FIELD_FITS(mid, 0x3f));
	ck_assert(!FIELD_FITS(mid, 0x40));
	ck_assert(FIELD_FITS(all, MAX));
	/* A field that is narrower than its argument's type must not drop bits on the way. */
	ck_assert_uint_eq(FIELD_GET(top, (uint64_t)0xff << 56), 0xff);
	ck_assert_uint_eq(FIELD_PREP(GENMASK(39, 32), (uint8_t)0xff), UINT64_C(0xff00000000));
}
END_TEST

START_TEST(alignment)
{
	ck_assert_uint_eq(align_down(0x1fff, 0x1000), 0x1000);
	ck_assert_uint_eq(align_down(0x1000, 0x1000), 0x1000);
	ck_assert_uint_eq(align_up(0x1001, 0x1000), 0x2000);
	ck_assert_uint_eq(align_up(0x1000, 0x1000), 0x1000);
	ck_assert_uint_eq(align_up(0, 0x1000), 0);
	ck_assert_uint_eq(align_up(MAX, 0x1000), 0); /* as the header says */
	ck_assert_uint_eq(align_down(MAX, UINT64_C(1) << 63), UINT64_C(1) << 63);
	ck_assert(is_aligned(0, 8));
	ck_assert(is_aligned(0x10, 8));
	ck_assert(!is_aligned(0x14, 8));
	ck_assert_uint_eq(min_u64(1, MAX), 1);
	ck_assert_uint_eq(max_u64(1, MAX), MAX);
}
END_TEST

START_TEST(sign)
{
	ck_assert_uint_eq(sign_extend(0x80, 8), MAX - 0x7f);
	ck_assert_uint_eq(sign_extend(0x7f, 8), 0x7f);
	ck_assert_uint_eq(sign_extend(0xff7f, 8), 0x7f); /* what is above does not count */
	ck_assert_uint_eq(sign_extend(0x8000, 16), UINT64_C(0xffffffffffff8000));
	ck_assert_uint_eq(sign_extend(UINT64_C(0x80000000), 32), UINT64_C(0xffffffff80000000));
	ck_assert_uint_eq(sign_extend(1, 1), MAX);
	ck_assert_uint_eq(sign_extend(MAX, 64), MAX);
	ck_assert_uint_eq(sign_extend(MAX >> 1, 64), MAX >> 1);
}
END_TEST

START_TEST(sane_ranges)
{
	ck_assert(range_is_sane(0, 1));
	ck_assert(!range_is_sane(0, 0));
	ck_assert(!range_is_sane(MAX, 0));
	ck_assert(range_is_sane(MAX, 1));
	ck_assert(!range_is_sane(MAX, 2));
	ck_assert(range_is_sane(0, MAX));
	ck_assert(range_is_sane(1, MAX));
	ck_assert(!range_is_sane(2, MAX));
}
END_TEST

START_TEST(containment)
{
	ck_assert(range_contains(0x1000, 0x1000, 0x1000, 0x1000));
	ck_assert(range_contains(0x1000, 0x1000, 0x1fff, 1));
	ck_assert(!range_contains(0x1000, 0x1000, 0x1fff, 2));
	ck_assert(!range_contains(0x1000, 0x1000, 0xfff, 2));
	ck_assert(!range_contains(0x1000, 0x1000, 0x2000, 1));
	ck_assert(range_contains(MAX - 7, 8, MAX - 3, 4));
	ck_assert(!range_contains(MAX - 7, 8, MAX - 3, 5));
	ck_assert(!range_contains(0, 0x1000, MAX, 1));
	ck_assert(!range_contains(0x1000, 0x1000, 0x1800, MAX));
}
END_TEST

START_TEST(overlap)
{
	static const struct {
		uint64_t a, a_size, b, b_size;
		bool overlap;
	} rows[] = {
		{ 0, 1, 1, 1, false },
		{ 0, 2, 1, 1, true },
		{ 0x1000, 0x1000, 0x1fff, 1, true },
		{ 0x1000, 0x1000, 0x2000, 1, false },
		{ 0x1000, 0x1000, 0xfff, 1, false },
		{ 0, MAX, 5, 1, true },
		{ MAX, 1, MAX, 1, true },
		{ MAX - 1, 1, MAX, 1, false },
		{ 0, 1, MAX, 1, false },
		{ 0, 16, 4, 4, true },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		ck_assert_int_eq(ranges_overlap(rows[i].a, rows[i].a_size, rows[i].b, rows[i].b_size), rows[i].overlap);
		ck_assert_int_eq(ranges_overlap(rows[i].b, rows[i].b_size, rows[i].a, rows[i].a_size), rows[i].overlap);
	}
}
END_TEST

START_TEST(container)
{
	struct outer {
		int first;
		char inner;
	} outer;

	ck_assert_ptr_eq(container_of(&outer.inner, struct outer, inner), &outer);
	ck_assert_uint_eq(ARRAY_SIZE(((struct outer[7]){ { 0 } })), 7);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("bits");
	TCase *tc = tcase_create("bits");
	SRunner *runner;
	int failures;

	tcase_add_test(tc, masks);
	tcase_add_test(tc, fields);
	tcase_add_test(tc, alignment);
	tcase_add_test(tc, sign);
	tcase_add_test(tc, sane_ranges);
	tcase_add_test(tc, containment);
	tcase_add_test(tc, overlap);
	tcase_add_test(tc, container);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

/* The MMIO bus: sorted whatever the order of adding, disjoint, bounded. */
#include <check.h>
#include <string.h>

#include "kernel/mmio_bus.h"
#include "lib/bits.h"
#include "tests/fakes/prng.h"

static struct mmio_bus bus;

static void setup(void)
{
	memset(&bus, 0, sizeof(bus));
}

static enum hv_err add(uint64_t base, uint64_t size)
{
	struct mmio_region region = { .base = ipa(base), .size_bytes = size, .name = "test" };

	return mmio_bus_add(&bus, &region);
}

static uint64_t found_base(uint64_t address, unsigned int width)
{
	const struct mmio_region *region = mmio_bus_find(&bus, ipa(address), width);

	return region ? region->base.raw : ~UINT64_C(0);
}
#define NOTHING (~UINT64_C(0))

START_TEST(empty_bus_finds_nothing)
{
	mmio_bus_freeze(&bus);
	ck_assert_ptr_null(mmio_bus_find(&bus, ipa(0), 4));
	ck_assert_ptr_null(mmio_bus_find(&bus, ipa(~UINT64_C(0)), 8));
}
END_TEST

START_TEST(finds_by_first_and_last_byte)
{
	ck_assert_int_eq(add(0x9000000, 0x1000), HV_OK);
	ck_assert_int_eq(add(0x8000000, 0x10000), HV_OK);
	ck_assert_int_eq(add(0x9010000, 0x1000), HV_OK);
	ck_assert_int_eq(add(0x9001000, 0x10), HV_OK);
	mmio_bus_freeze(&bus);
	ck_assert_uint_eq(found_base(0x8000000, 4), 0x8000000);
	ck_assert_uint_eq(found_base(0x800fffc, 4), 0x8000000);
	ck_assert_uint_eq(found_base(0x800ffff, 1), 0x8000000);
	ck_assert_uint_eq(found_base(0x9000ff8, 8), 0x9000000);
	ck_assert_uint_eq(found_base(0x9001000, 1), 0x9001000);
	ck_assert_uint_eq(found_base(0x9010000, 2), 0x9010000);
	ck_assert_uint_eq(found_base(0x7ffffff, 1), NOTHING);
	ck_assert_uint_eq(found_base(0x8010000, 1), NOTHING);
	ck_assert_uint_eq(found_base(0x9001010, 4), NOTHING);
	/* Reaching out of it, or from one into the next, is no access to either. */
	ck_assert_uint_eq(found_base(0x9010ffe, 4), NOTHING);
	ck_assert_uint_eq(found_base(0x9000ffc, 8), NOTHING);
	ck_assert_uint_eq(found_base(0x7fffffe, 4), NOTHING);
}
END_TEST

START_TEST(carries_what_was_added)
{
	static const struct mmio_ops ops;
	int context;
	struct mmio_region region = { .base = ipa(0x1000), .size_bytes = 8, .ops = &ops, .ctx = &context, .name = "x" };

	ck_assert_int_eq(mmio_bus_add(&bus, &region), HV_OK);
	mmio_bus_freeze(&bus);
	ck_assert_ptr_eq(mmio_bus_find(&bus, ipa(0x1000), 4)->ops, &ops);
	ck_assert_ptr_eq(mmio_bus_find(&bus, ipa(0x1004), 4)->ctx, &context);
}
END_TEST

START_TEST(overlaps_are_refused)
{
	ck_assert_int_eq(add(0x2000, 0x1000), HV_OK);
	ck_assert_int_eq(add(0x2000, 0x1000), HV_EEXIST);
	ck_assert_int_eq(add(0x2fff, 1), HV_EEXIST);
	ck_assert_int_eq(add(0x1000, 0x1001), HV_EEXIST);
	ck_assert_int_eq(add(0x1000, 0x10000), HV_EEXIST);
	ck_assert_int_eq(add(0x2800, 0x10000), HV_EEXIST);
	ck_assert_int_eq(add(0x1000, 0x1000), HV_OK);
	ck_assert_int_eq(add(0x3000, 0x1000), HV_OK);
	ck_assert_uint_eq(bus.nr_regions, 3);
}
END_TEST

START_TEST(senseless_ranges_are_refused)
{
	ck_assert_int_eq(add(0x1000, 0), HV_EINVAL);
	ck_assert_int_eq(add(~UINT64_C(0), 2), HV_EINVAL);
	ck_assert_int_eq(add(0x1000, ~UINT64_C(0)), HV_EINVAL);
	ck_assert_int_eq(add(~UINT64_C(0), 1), HV_OK); /* the last byte there is */
	mmio_bus_freeze(&bus);
	ck_assert_uint_eq(found_base(~UINT64_C(0), 1), ~UINT64_C(0));
	ck_assert_ptr_nonnull(mmio_bus_find(&bus, ipa(~UINT64_C(0)), 1));
	ck_assert_ptr_null(mmio_bus_find(&bus, ipa(~UINT64_C(0)), 2));
	ck_assert_int_eq(add(0x5000, 0x1000), HV_EINVAL); /* frozen */
}
END_TEST

START_TEST(full_bus)
{
	for (unsigned int i = 0; i < MMIO_MAX_REGIONS; i++)
		ck_assert_int_eq(add(0x200 * i, 0x200), HV_OK);
	ck_assert_int_eq(add(0x200 * MMIO_MAX_REGIONS, 0x200), HV_ENOMEM);
	mmio_bus_freeze(&bus);
	for (unsigned int i = 0; i < MMIO_MAX_REGIONS; i++)
		ck_assert_uint_eq(found_base(0x200 * i + 0x1fc, 4), 0x200 * i);
}
END_TEST

/*
 * Against one owner a cell of a small address space: of 256 bytes, where all share a hint, or of 64 MiB, where several
 * regions do whose addresses are 32 MiB apart.
 */
START_TEST(random_follows_the_model)
{
	uint64_t seed = 0xb05 + (uint64_t)_i, cell = _i % 2 == 0 ? 1 : 0x40000;
	int owner[256];

	memset(owner, -1, sizeof(owner));
	for (int step = 0; step < 200; step++) {
		uint64_t base = prng_below(&seed, 250), size = 1 + prng_below(&seed, min_u64(6, 256 - base));
		bool clash = false;
		enum hv_err err;

		for (uint64_t i = base; i < base + size; i++)
			clash |= owner[i] >= 0;
		if (!clash && bus.nr_regions == MMIO_MAX_REGIONS)
			break;
		err = add(base * cell, size * cell);
		ck_assert_int_eq(err, clash ? HV_EEXIST : HV_OK);
		for (uint64_t i = base; i < base + size && !clash; i++)
			owner[i] = (int)base;
	}
	mmio_bus_freeze(&bus);
	for (unsigned int i = 0; i < 256; i++)
		ck_assert_uint_eq(found_base(i * cell + cell - 1, 1),
				  owner[i] < 0 ? NOTHING : (uint64_t)owner[i] * cell);
	for (unsigned int i = 1; i < bus.nr_regions; i++)
		ck_assert_uint_lt(bus.regions[i - 1].base.raw, bus.regions[i].base.raw);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mmio_bus");
	TCase *tc = tcase_create("mmio_bus");
	SRunner *runner;
	int failures;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, empty_bus_finds_nothing);
	tcase_add_test(tc, finds_by_first_and_last_byte);
	tcase_add_test(tc, carries_what_was_added);
	tcase_add_test(tc, overlaps_are_refused);
	tcase_add_test(tc, senseless_ranges_are_refused);
	tcase_add_test(tc, full_bus);
	tcase_add_loop_test(tc, random_follows_the_model, 0, 20);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

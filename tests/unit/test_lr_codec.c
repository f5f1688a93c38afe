/*
 * List registers: each field at the place that the architecture gives it, and every field survives the way there and
 * back.
 */
#include <check.h>
#include <string.h>

#include "arch/arm64/gic/gic.h"
#include "arch/arm64/gic/lr_codec.h"
#include "lib/bits.h"
#include "tests/fakes/prng.h"

static void expect_same(const struct gic_lr *a, const struct gic_lr *b)
{
	ck_assert_uint_eq(a->vintid, b->vintid);
	ck_assert_uint_eq(a->pintid, b->pintid);
	ck_assert_uint_eq(a->priority, b->priority);
	ck_assert_uint_eq(a->group, b->group);
	ck_assert_uint_eq(a->source, b->source);
	ck_assert_int_eq(a->pending, b->pending);
	ck_assert_int_eq(a->active, b->active);
	ck_assert_int_eq(a->hw, b->hw);
	ck_assert_int_eq(a->eoi, b->eoi);
}

/* [IHI0069 12.4 ICH_LR<n>_EL2]: one field at a time, against the bits as the specification draws them. */
START_TEST(v3_places)
{
	static const struct {
		struct gic_lr lr;
		uint64_t raw;
	} rows[] = {
		{ { .vintid = 0 }, 0 },
		{ { .vintid = 0xffffffff }, 0x00000000ffffffff },
		{ { .vintid = 1 }, 1 },
		{ { .hw = true }, 0x2000000000000000 },
		{ { .hw = true, .pintid = 1 }, 0x2000000100000000 },
		{ { .hw = true, .pintid = 0x1fff }, 0x20001fff00000000 },
		{ { .priority = 0xff }, 0x00ff000000000000 },
		{ { .priority = 0x08 }, 0x0008000000000000 },
		{ { .group = 1 }, 0x1000000000000000 },
		{ { .pending = true }, 0x4000000000000000 },
		{ { .active = true }, 0x8000000000000000 },
		{ { .eoi = true }, 0x0000020000000000 },
	};

	for (unsigned int n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		struct gic_lr lr;

		ck_assert_uint_eq(lr_encode_v3(&rows[n].lr), rows[n].raw);
		memset(&lr, 0xff, sizeof(lr));
		lr_decode_v3(rows[n].raw, &lr);
		expect_same(&lr, &rows[n].lr);
	}
}
END_TEST

/* [IHI0048 5.3.10 GICH_LRn] */
START_TEST(v2_places)
{
	static const struct {
		struct gic_lr lr;
		uint32_t raw;
	} rows[] = {
		{ { .vintid = 0 }, 0 },
		{ { .vintid = 0x3ff }, 0x000003ff },
		{ { .source = 1 }, 0x00000400 },
		{ { .source = 7 }, 0x00001c00 },
		{ { .hw = true, .pintid = 1 }, 0x80000400 },
		{ { .hw = true, .pintid = 0x3ff }, 0x800ffc00 },
		{ { .eoi = true }, 0x00080000 },
		{ { .priority = 0x08 }, 0x00800000 },
		{ { .priority = 0xf8 }, 0x0f800000 },
		{ { .pending = true }, 0x10000000 },
		{ { .active = true }, 0x20000000 },
		{ { .group = 1 }, 0x40000000 },
	};

	for (unsigned int n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		struct gic_lr lr;

		ck_assert_uint_eq(lr_encode_v2(&rows[n].lr), rows[n].raw);
		memset(&lr, 0xff, sizeof(lr));
		lr_decode_v2(rows[n].raw, &lr);
		expect_same(&lr, &rows[n].lr);
	}
}
END_TEST

/* What one kind of LR does not have must not reach the bits of the other. */
START_TEST(fields_of_the_other_kind)
{
	struct gic_lr lr = { .hw = true, .eoi = true, .source = 7 };

	ck_assert_uint_eq(lr_encode_v3(&lr), 0x2000000000000000);
	ck_assert_uint_eq(lr_encode_v2(&lr), 0x80000000);
	lr = (struct gic_lr){ .pintid = 0x3ff };
	ck_assert_uint_eq(lr_encode_v3(&lr), 0);
	ck_assert_uint_eq(lr_encode_v2(&lr), 0);
	/* GICv2 drops the low three bits of a priority, not its neighbours'. */
	lr = (struct gic_lr){ .priority = 0xff };
	ck_assert_uint_eq(lr_encode_v2(&lr), 0x0f800000);
}
END_TEST

START_TEST(there_and_back)
{
	uint64_t seed = 42;

	for (unsigned int n = 0; n < 20000; n++) {
		bool hw = prng_below(&seed, 2) != 0;
		struct gic_lr back, lr = {
			.vintid = (uint32_t)prng_below(&seed, 1024),
			.pintid = hw ? (uint32_t)prng_below(&seed, 1024) : 0,
			.priority = (uint8_t)(prng_below(&seed, 32) << 3),
			.group = (uint8_t)prng_below(&seed, 2),
			.pending = prng_below(&seed, 2) != 0,
			.active = prng_below(&seed, 2) != 0,
			.hw = hw,
			.eoi = !hw && prng_below(&seed, 2) != 0,
		};

		lr_decode_v3(lr_encode_v3(&lr), &back);
		expect_same(&back, &lr);
		lr.source = hw ? 0 : (uint8_t)prng_below(&seed, 8);
		lr_decode_v2(lr_encode_v2(&lr), &back);
		expect_same(&back, &lr);
	}
}
END_TEST

/* The specification's table: group priority field of each binary point. [IHI0069 4.8.5] [IHI0048 3.3.3] */
START_TEST(binary_points)
{
	static const uint8_t group0[] = { 0xfe, 0xfc, 0xf8, 0xf0, 0xe0, 0xc0, 0x80, 0 };
	static const uint8_t group1[] = { 0xff, 0xfe, 0xfc, 0xf8, 0xf0, 0xe0, 0xc0, 0x80 };
	struct gic_vmcr vmcr;

	for (unsigned int bpr0 = 0; bpr0 < ARRAY_SIZE(group0); bpr0++) {
		for (unsigned int bpr1 = 0; bpr1 < ARRAY_SIZE(group1); bpr1++) {
			gic_decode_binary_points(&vmcr, bpr0, bpr1, false);
			ck_assert_uint_eq(vmcr.preempts[0], group0[bpr0]);
			ck_assert_uint_eq(vmcr.preempts[1], group1[bpr1]);
			gic_decode_binary_points(&vmcr, bpr0, bpr1, true);
			ck_assert_uint_eq(vmcr.preempts[0], group0[bpr0]);
			ck_assert_uint_eq(vmcr.preempts[1], group0[bpr0]);
		}
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lr_codec");
	TCase *tc = tcase_create("lr_codec");
	SRunner *runner;
	int failures;

	tcase_add_test(tc, v3_places);
	tcase_add_test(tc, v2_places);
	tcase_add_test(tc, fields_of_the_other_kind);
	tcase_add_test(tc, there_and_back);
	tcase_add_test(tc, binary_points);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

/* Stage 2 against a simple map of pages, at random; and that the fake TLB sees what it is there to see. */
#include <stdlib.h>

#include "tests/fakes/prng.h"
#include "tests/unit/stage2_rig.h"

/* --- against a map of pages ------------------------------------------------------------------- */

#define MODEL_PAGES 4096U /* 16 MiB across a 1 GiB line */
#define MODEL_BASE  (G1 - 8 * SZ_2M / 2)

struct model_page {
	uint64_t out; /* 0: hole */
	unsigned int access;
};
static struct model_page model[MODEL_PAGES];

/* Lengths and places of all kinds: single pages, whole blocks, edges off by one page. */
static uint64_t pick_page(uint64_t *seed)
{
	uint64_t page = prng_below(seed, MODEL_PAGES);

	return prng_below(seed, 2) ? page : align_down(page, 512);
}

static void model_step(uint64_t *seed)
{
	uint64_t first = pick_page(seed), nr = 1 + prng_below(seed, prng_below(seed, 3) ? 1500 : 3);
	uint64_t out = (1 + prng_below(seed, 64)) * G1 + MODEL_BASE + first * K4 + (prng_below(seed, 4) ? 0 : K4);
	unsigned int access = (unsigned int)prng_below(seed, 8), kind = (unsigned int)prng_below(seed, 4);
	bool occupied = false;

	if (prng_below(seed, 2))
		nr = align_up(nr, 512);
	nr = min_u64(nr, MODEL_PAGES - first);
	for (uint64_t i = first; i < first + nr; i++)
		occupied |= model[i].out != 0;
	if (kind < 2) {
		enum hv_err err =
			stage2_map(&tlb.s2, ipa(MODEL_BASE + first * K4), pa(out), nr * K4, access, STAGE2_NORMAL);

		ck_assert_int_eq(err, occupied ? HV_EEXIST : HV_OK);
		for (uint64_t i = 0; i < nr && !occupied; i++)
			model[first + i] = (struct model_page){ out + i * K4, access };
	} else if (kind == 2) {
		ck_assert_int_eq(stage2_unmap(&tlb.s2, ipa(MODEL_BASE + first * K4), nr * K4), HV_OK);
		for (uint64_t i = first; i < first + nr; i++)
			model[i].out = 0;
	} else {
		ck_assert_int_eq(stage2_protect(&tlb.s2, ipa(MODEL_BASE + first * K4), nr * K4, access), HV_OK);
		for (uint64_t i = first; i < first + nr; i++)
			model[i].access = access;
	}
}

static void check_model_page(uint64_t page)
{
	uint64_t address = MODEL_BASE + page * K4, out = 0, leaf;
	unsigned int access;
	pa_t sw_pa;

	if (!model[page].out) {
		check_hole(address);
		return;
	}
	ck_assert(fake_tlb_access(&tlb, address, &out, &leaf));
	ck_assert_uint_eq(out, model[page].out);
	ck_assert_int_eq(stage2_walk(&tlb.s2, ipa(address), &sw_pa, NULL, &access), HV_OK);
	ck_assert_uint_eq(sw_pa.raw, model[page].out);
	ck_assert_uint_eq(access, model[page].access);
}

START_TEST(random_changes_follow_the_model)
{
	uint64_t seed = 0x5eed0000 + (uint64_t)_i;

	for (uint64_t page = 0; page < MODEL_PAGES; page++)
		model[page].out = 0;
	for (unsigned int step = 0; step < 150; step++) {
		tlb.nr_probes = 0;
		for (unsigned int i = 0; i < 4; i++)
			probe(MODEL_BASE + pick_page(&seed) * K4);
		model_step(&seed);
		check_clean();
		for (unsigned int i = 0; i < 64; i++)
			check_model_page(pick_page(&seed));
	}
	for (uint64_t page = 0; page < MODEL_PAGES; page++)
		check_model_page(page);
	ck_assert_int_eq(stage2_unmap(&tlb.s2, ipa(0), BIT(40)), HV_OK);
	ck_assert_uint_eq(tlb.nr_live, 0);
	check_clean();
}
END_TEST

/* The fake itself: it must see what it is there to see. */
START_TEST(fake_sees_missing_break)
{
	uint64_t *root = tlb.s2.root;

	root[1] = 4 * G1 | 0x7fd;
	probe(G1);
	tlb.s2.ops->publish(&tlb.s2, &root[1]);
	ck_assert_ptr_null(tlb.broken);
	root[1] = 5 * G1 | 0x7fd;
	tlb.s2.ops->publish(&tlb.s2, &root[1]);
	ck_assert_ptr_nonnull(tlb.broken);
}
END_TEST

START_TEST(fake_sees_missing_flush)
{
	uint64_t *root = tlb.s2.root;

	root[1] = 4 * G1 | 0x7fd;
	probe(G1);
	tlb.s2.ops->publish(&tlb.s2, &root[1]);
	root[1] = 0;
	tlb.s2.ops->publish(&tlb.s2, &root[1]);
	ck_assert(!fake_tlb_is_clean(&tlb));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("stage2_model");
	TCase *tc = tcase_create("stage2");
	SRunner *runner;
	int failures;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, random_changes_follow_the_model, 0, 6);
	tcase_add_test(tc, fake_sees_missing_break);
	tcase_add_test(tc, fake_sees_missing_flush);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

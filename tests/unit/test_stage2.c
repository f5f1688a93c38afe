/* Stage 2 against a fake TLB that breaks what breaks the rules. */
#include "tests/unit/stage2_rig.h"

/* --- geometry --------------------------------------------------------------------------------- */

START_TEST(geometry)
{
	static const struct {
		unsigned int bits, level, pages;
	} rows[] = { { 32, 1, 1 }, { 36, 1, 1 },  { 39, 1, 1 }, { 40, 1, 2 }, { 41, 1, 4 },
		     { 42, 1, 8 }, { 43, 1, 16 }, { 44, 0, 1 }, { 48, 0, 1 } };
	unsigned int level, pages;

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		ck_assert_int_eq(stage2_geometry(rows[i].bits, &level, &pages), HV_OK);
		ck_assert_uint_eq(level, rows[i].level);
		ck_assert_uint_eq(pages, rows[i].pages);
	}
	ck_assert_int_eq(stage2_geometry(31, &level, &pages), HV_ERANGE);
	ck_assert_int_eq(stage2_geometry(49, &level, &pages), HV_ERANGE);
}
END_TEST

START_TEST(vtcr_fields)
{
	struct stage2 s2 = { .ipa_bits = 40, .start_level = 1 };

	/* RES1 | PS 40 | SH0 inner | ORGN0, IRGN0 WB | SL0 level 1 | T0SZ 24: the value that KVM has for 40 bits. */
	ck_assert_uint_eq(stage2_vtcr(&s2, 40), 0x80023558);
	s2 = (struct stage2){ .ipa_bits = 48, .start_level = 0 };
	ck_assert_uint_eq(stage2_vtcr(&s2, 48), 0x80053590);
	static const unsigned int bits[] = { 32, 36, 40, 42, 44, 48, 52, 43, 35 }, ps[] = { 0, 1, 2, 3, 4, 5, 5, 3, 0 };
	for (unsigned int i = 0; i < ARRAY_SIZE(bits); i++)
		ck_assert_uint_eq((stage2_vtcr(&s2, bits[i]) >> 16) & 7, ps[i]);
}
END_TEST

/* The last page of every size of tree, and nothing beyond. */
START_TEST(every_geometry_maps_its_ends)
{
	for (unsigned int bits = 32; bits <= 48; bits++) {
		uint64_t end = BIT(bits);

		fake_tlb_fini(&tlb);
		fake_tlb_init(&tlb, bits);
		ck_assert_int_eq(map(0, 0x1000, K4), HV_OK);
		ck_assert_int_eq(map(end - K4, 0x5000, K4), HV_OK);
		ck_assert_int_eq(map(end / 2, G1, G1), HV_OK);
		check_goes(0xabc, 0x1abc, K4 - 0xabc);
		check_goes(end - 8, 0x5ff8, 8);
		check_goes(end / 2 + 5, G1 + 5, G1 - 5);
		check_hole(K4);
		check_hole(end - K4 - 1);
		ck_assert_int_eq(map(end, 0, K4), HV_ERANGE);
		ck_assert_int_eq(map(end - K4, 0, 2 * K4), HV_ERANGE);
		ck_assert_int_eq(stage2_walk(&tlb.s2, ipa(end), NULL, NULL, NULL), HV_ENOENT);
		ck_assert_int_eq(stage2_unmap(&tlb.s2, ipa(0), end), HV_OK);
		ck_assert_uint_eq(tlb.nr_live, 0);
		check_clean();
	}
}
END_TEST

/* --- map -------------------------------------------------------------------------------------- */

START_TEST(map_takes_largest_blocks)
{
	/* 4K up to 2M, 2M up to 1G, two of 1G, and down again; IPA and PA alike modulo 1G. */
	uint64_t base = G1 - M2 - K4, size = 2 * G1 + 2 * (M2 + K4), out = 8 * G1 - M2 - K4;

	ck_assert_int_eq(map(base, out, size), HV_OK);
	check_goes(base, out, K4);
	check_goes(base + K4, out + K4, M2);
	check_goes(G1, 8 * G1, G1);
	check_goes(2 * G1 + 1, 9 * G1 + 1, G1 - 1);
	check_goes(3 * G1, 10 * G1, M2);
	check_goes(3 * G1 + M2, 10 * G1 + M2, K4);
	check_hole(base - 1);
	check_hole(base + size);
	/* L2 and L3 below 1G, L2 and L3 above 3G. */
	ck_assert_uint_eq(tlb.nr_live, 4);
	ck_assert_uint_eq(tlb.s2.nr_table_pages, 4);
	check_clean();
}
END_TEST

START_TEST(output_alignment_limits_blocks)
{
	ck_assert_int_eq(map(G1, 4 * G1 + M2, G1), HV_OK); /* out only 2M-aligned */
	check_goes(G1, 4 * G1 + M2, M2);
	ck_assert_int_eq(map(4 * G1, K4, 2 * M2), HV_OK); /* out only 4K-aligned */
	check_goes(4 * G1 + M2, M2 + K4, K4);
	check_clean();
}
END_TEST

START_TEST(descriptor_bits)
{
	static const struct {
		unsigned int access;
		enum stage2_memory memory;
		uint64_t upper, lower; /* XN; AF | SH | S2AP | MemAttr | type */
	} rows[] = {
		{ RWX, STAGE2_NORMAL, 0, 0x7ff },
		{ STAGE2_R | STAGE2_W, STAGE2_NORMAL, BIT(54), 0x7ff },
		{ STAGE2_R | STAGE2_X, STAGE2_NORMAL, 0, 0x77f },
		{ STAGE2_R, STAGE2_NORMAL, BIT(54), 0x77f },
		{ STAGE2_W, STAGE2_NORMAL, BIT(54), 0x7bf },
		{ 0, STAGE2_NORMAL, BIT(54), 0x73f },
		{ STAGE2_R | STAGE2_W, STAGE2_DEVICE, BIT(54), 0x7c7 },
	};
	uint64_t out, leaf;

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned int access = 99;
		uint64_t at = i * K4;

		ck_assert_int_eq(stage2_map(&tlb.s2, ipa(at), pa(at + G1), K4, rows[i].access, rows[i].memory), HV_OK);
		ck_assert(fake_tlb_access(&tlb, at, &out, &leaf));
		ck_assert_uint_eq(leaf, rows[i].upper | (at + G1) | rows[i].lower);
		ck_assert_int_eq(stage2_walk(&tlb.s2, ipa(at), NULL, NULL, &access), HV_OK);
		ck_assert_uint_eq(access, rows[i].access);
	}
	/* A block differs in its type bits only. */
	ck_assert_int_eq(map(M2, M2, M2), HV_OK);
	ck_assert(fake_tlb_access(&tlb, M2, &out, &leaf));
	ck_assert_uint_eq(leaf, M2 | 0x7fd);
}
END_TEST

START_TEST(bad_arguments)
{
	ck_assert_int_eq(map(0x800, 0, K4), HV_EINVAL);
	ck_assert_int_eq(map(0, 0x800, K4), HV_EINVAL);
	ck_assert_int_eq(map(0, 0, 0x1800), HV_EINVAL);
	ck_assert_int_eq(map(0, 0, 0), HV_EINVAL);
	ck_assert_int_eq(map(0, BIT(48) - K4, 2 * K4), HV_ERANGE);
	ck_assert_int_eq(map(0, BIT(52), K4), HV_ERANGE);
	ck_assert_int_eq(map(K4, 0, ~UINT64_C(0) - K4 + 1), HV_ERANGE);
	ck_assert_int_eq(map(~UINT64_C(0) - K4 + 1, 0, 2 * K4), HV_ERANGE);
	ck_assert_int_eq(stage2_unmap(&tlb.s2, ipa(1), K4), HV_EINVAL);
	ck_assert_int_eq(stage2_unmap(&tlb.s2, ipa(BIT(40)), K4), HV_ERANGE);
	ck_assert_int_eq(stage2_protect(&tlb.s2, ipa(0), 1, STAGE2_R), HV_EINVAL);
	ck_assert_int_eq(stage2_protect(&tlb.s2, ipa(BIT(40) - K4), 2 * K4, STAGE2_R), HV_ERANGE);
	ck_assert_int_eq(map(0, BIT(48) - K4, K4), HV_OK);
	ck_assert_uint_eq(tlb.nr_live, 2);
}
END_TEST

START_TEST(map_over_something_changes_nothing)
{
	ck_assert_int_eq(map(M2, G1, M2), HV_OK);
	ck_assert_int_eq(map(0, 0, G1), HV_EEXIST);
	ck_assert_int_eq(map(M2 + K4, 0, K4), HV_EEXIST);
	ck_assert_int_eq(map(2 * M2 - K4, 0, 2 * K4), HV_EEXIST);
	check_hole(M2 - K4);
	check_hole(2 * M2);
	check_goes(M2, G1, M2);
	ck_assert_uint_eq(tlb.nr_live, 1);
	check_clean();
}
END_TEST

/* Whichever table page is the one that is missing: the same error, nothing mapped, nothing lost. */
START_TEST(map_out_of_memory)
{
	uint64_t base = G1 - M2 - K4, size = 2 * (M2 + K4) + G1;

	ck_assert_int_eq(map(0, 0, K4), HV_OK); /* a neighbour that must stay */
	unsigned int before = tlb.nr_live;
	probe(base);
	probe(base + K4);
	probe(G1);
	probe(0);
	for (unsigned int allowed = 0;; allowed++) {
		enum hv_err err;

		tlb.allocs_left = allowed;
		err = map(base, G1 * 8 + base, size);
		if (err == HV_OK) {
			ck_assert_uint_eq(allowed,
					  3); /* L3 below 1G, L2 and L3 above 2G; the neighbour has the first L2 */
			break;
		}
		ck_assert_int_eq(err, HV_ENOMEM);
		ck_assert_uint_eq(tlb.nr_live, before);
		ck_assert_uint_eq(tlb.s2.nr_table_pages, before);
		for (uint64_t at = base; at < base + size; at += M2 / 2)
			check_hole(at);
		check_goes(0, 0, K4);
		check_clean();
	}
	check_clean();
}
END_TEST

/* --- unmap, protect, split -------------------------------------------------------------------- */

START_TEST(unmap_one_page_of_1g)
{
	uint64_t hole = G1 + 7 * M2 + 3 * K4;

	ck_assert_int_eq(map(G1, 4 * G1, G1), HV_OK);
	probe(hole);
	probe(G1);
	probe(2 * G1 - 1);
	probe(hole + K4);
	probe(G1 + 7 * M2);
	ck_assert_int_eq(stage2_unmap(&tlb.s2, ipa(hole), K4), HV_OK);
	check_hole(hole);
	check_goes(hole - 1, hole - 1 + 3 * G1, 1);
	check_goes(hole + K4, hole + K4 + 3 * G1, K4);
	check_goes(G1 + 8 * M2, 4 * G1 + 8 * M2, M2);
	check_goes(2 * G1 - 1, 5 * G1 - 1, 1);
	ck_assert_uint_eq(tlb.nr_live, 2);
	check_clean();
	ck_assert_int_eq(stage2_unmap(&tlb.s2, ipa(G1), G1), HV_OK);
	check_hole(G1);
	ck_assert_uint_eq(tlb.nr_live, 0);
	check_clean();
}
END_TEST

START_TEST(unmap_of_nothing)
{
	ck_assert_int_eq(stage2_unmap(&tlb.s2, ipa(0), BIT(40)), HV_OK);
	ck_assert_uint_eq(tlb.nr_live, 0);
	check_clean();
}
END_TEST

START_TEST(split_out_of_memory)
{
	ck_assert_int_eq(map(0, 4 * G1, G1), HV_OK);
	for (unsigned int allowed = 0; allowed < 2; allowed++) {
		tlb.allocs_left = allowed;
		ck_assert_int_eq(stage2_unmap(&tlb.s2, ipa(M2 + K4), K4), HV_ENOMEM);
		ck_assert_int_eq(stage2_protect(&tlb.s2, ipa(M2 + K4), K4, 0), HV_ENOMEM);
		for (uint64_t at = 0; at < G1; at += M2 + K4) {
			uint64_t out, leaf;

			ck_assert(fake_tlb_access(&tlb, at, &out, &leaf));
			ck_assert_uint_eq(out, 4 * G1 + at);
			ck_assert_uint_eq(leaf & (BIT(54) | 0xc0), 0xc0);
		}
		check_clean();
	}
}
END_TEST

START_TEST(protect_changes_access_only)
{
	unsigned int access = 0;
	uint64_t out, leaf, before;

	ck_assert_int_eq(map(0, 4 * G1, 2 * M2), HV_OK);
	ck_assert_int_eq(stage2_map(&tlb.s2, ipa(3 * M2), pa(G1), K4, STAGE2_R | STAGE2_W, STAGE2_DEVICE), HV_OK);
	probe(M2);
	probe(M2 + 5 * K4);
	probe(3 * M2);
	probe(0);
	ck_assert(fake_tlb_access(&tlb, 3 * M2, &out, &before));
	ck_assert_int_eq(stage2_protect(&tlb.s2, ipa(M2 + 5 * K4), 3 * M2, STAGE2_R), HV_OK);
	check_clean();
	/* Before the range as it was, but in pages; the rest of the block, the hole and the device behind it. */
	ck_assert_int_eq(stage2_walk(&tlb.s2, ipa(M2 + 4 * K4), NULL, NULL, &access), HV_OK);
	ck_assert_uint_eq(access, RWX);
	check_goes(0, 4 * G1, M2);
	check_goes(M2 + 5 * K4, 4 * G1 + M2 + 5 * K4, K4);
	ck_assert_int_eq(stage2_walk(&tlb.s2, ipa(2 * M2 - 1), NULL, NULL, &access), HV_OK);
	ck_assert_uint_eq(access, STAGE2_R);
	check_hole(2 * M2);
	ck_assert(fake_tlb_access(&tlb, 3 * M2, &out, &leaf));
	ck_assert_uint_eq(leaf, before & ~BIT(7));
	/* And back, a whole block at once. */
	ck_assert_int_eq(stage2_protect(&tlb.s2, ipa(0), G1, RWX), HV_OK);
	ck_assert_int_eq(stage2_walk(&tlb.s2, ipa(3 * M2), NULL, NULL, &access), HV_OK);
	ck_assert_uint_eq(access, RWX);
	check_clean();
}
END_TEST

START_TEST(destroy_frees_all_but_the_root)
{
	ck_assert_int_eq(map(0, 0, K4), HV_OK);
	ck_assert_int_eq(map(5 * G1 + K4, 0, 2 * M2), HV_OK);
	ck_assert_int_eq(map(BIT(40) - G1, G1, G1), HV_OK);
	ck_assert_uint_gt(tlb.nr_live, 3);
	stage2_destroy(&tlb.s2);
	ck_assert_uint_eq(tlb.nr_live, 0);
	ck_assert_uint_eq(tlb.s2.nr_table_pages, 0);
	for (unsigned int i = 0; i < tlb.s2.root_pages * 512; i++)
		ck_assert_uint_eq(((uint64_t *)tlb.s2.root)[i], 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("stage2");
	TCase *tc = tcase_create("stage2");
	SRunner *runner;
	int failures;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, geometry);
	tcase_add_test(tc, vtcr_fields);
	tcase_add_test(tc, every_geometry_maps_its_ends);
	tcase_add_test(tc, map_takes_largest_blocks);
	tcase_add_test(tc, output_alignment_limits_blocks);
	tcase_add_test(tc, descriptor_bits);
	tcase_add_test(tc, bad_arguments);
	tcase_add_test(tc, map_over_something_changes_nothing);
	tcase_add_test(tc, map_out_of_memory);
	tcase_add_test(tc, unmap_one_page_of_1g);
	tcase_add_test(tc, unmap_of_nothing);
	tcase_add_test(tc, split_out_of_memory);
	tcase_add_test(tc, protect_changes_access_only);
	tcase_add_test(tc, destroy_frees_all_but_the_root);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

/* The random bit generator: its block function by RFC 8439's vectors, and the promises that its users rely on. */
#include <check.h>
#include <string.h>

#include "lib/drbg.h"

/* [RFC 8439 2.3.2] */
START_TEST(block_vector)
{
	static const uint32_t key[8] = { 0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c,
					 0x13121110, 0x17161514, 0x1b1a1918, 0x1f1e1d1c };
	static const uint32_t nonce[3] = { 0x09000000, 0x4a000000, 0x00000000 };
	static const uint8_t expected[64] = {
		0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15, 0x50, 0x0f, 0xdd, 0x1f, 0xa3, 0x20, 0x71, 0xc4,
		0xc7, 0xd1, 0xf4, 0xc7, 0x33, 0xc0, 0x68, 0x03, 0x04, 0x22, 0xaa, 0x9a, 0xc3, 0xd4, 0x6c, 0x4e,
		0xd2, 0x82, 0x64, 0x46, 0x07, 0x9f, 0xaa, 0x09, 0x14, 0xc2, 0xd7, 0x05, 0xd9, 0x8b, 0x02, 0xa2,
		0xb5, 0x12, 0x9c, 0xd1, 0xde, 0x16, 0x4e, 0xb9, 0xcb, 0xd0, 0x83, 0xe8, 0xa2, 0x50, 0x3c, 0x4e,
	};
	uint32_t out[16];

	drbg_chacha20_block(key, 1, nonce, out);
	ck_assert_mem_eq(out, expected, sizeof(out));
}
END_TEST

/* [RFC 8439 A.1, test vector 1]: all zero. */
START_TEST(block_vector_zero)
{
	static const uint32_t key[8], nonce[3];
	static const uint8_t expected[16] = { 0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90,
					      0x40, 0x5d, 0x6a, 0xe5, 0x53, 0x86, 0xbd, 0x28 };
	uint32_t out[16];

	drbg_chacha20_block(key, 0, nonce, out);
	ck_assert_mem_eq(out, expected, sizeof(expected));
}
END_TEST

static struct drbg seeded(const char *seed, size_t length)
{
	struct drbg drbg;

	drbg_init(&drbg);
	drbg_mix(&drbg, seed, length);
	return drbg;
}

START_TEST(same_seed_same_stream)
{
	struct drbg a = seeded("seed", 4), b = seeded("seed", 4);
	uint8_t one[200], two[200];

	drbg_get(&a, one, sizeof(one));
	drbg_get(&b, two, sizeof(two));
	ck_assert_mem_eq(one, two, sizeof(one));
	drbg_get(&a, two, sizeof(two));
	ck_assert_mem_ne(one, two, 16);
	ck_assert_mem_ne(one, one + 32, 16); /* blocks of one answer differ, too */
}
END_TEST

/* Every byte of a seed counts, in each chunk, and so does its length. */
START_TEST(every_seed_byte_counts)
{
	char seed[70] = { 0 };
	uint8_t first[32], other[32];
	struct drbg drbg = seeded(seed, sizeof(seed));

	drbg_get(&drbg, first, sizeof(first));
	for (size_t i = 0; i < sizeof(seed); i++) {
		seed[i] = 1;
		drbg = seeded(seed, sizeof(seed));
		drbg_get(&drbg, other, sizeof(other));
		ck_assert_mem_ne(first, other, sizeof(first));
		seed[i] = 0;
	}
	for (size_t length = 0; length < sizeof(seed); length++) {
		drbg = seeded(seed, length);
		drbg_get(&drbg, other, sizeof(other));
		ck_assert_mem_ne(first, other, sizeof(first));
	}
}
END_TEST

/* Mixing adds: what was there before still matters. */
START_TEST(mixing_adds)
{
	struct drbg a = seeded("a", 1), b = seeded("b", 1);
	uint8_t one[32], two[32];

	drbg_mix(&a, "counter", 7);
	drbg_mix(&b, "counter", 7);
	drbg_get(&a, one, sizeof(one));
	drbg_get(&b, two, sizeof(two));
	ck_assert_mem_ne(one, two, sizeof(one));
}
END_TEST

/* After an answer its key is gone: neither key nor answer is in the state. An empty answer moves on as well. */
START_TEST(forward_secure)
{
	struct drbg drbg = seeded("seed", 4), before = drbg;
	uint8_t out[40];

	drbg_get(&drbg, out, sizeof(out));
	for (int i = 0; i < 8; i++)
		ck_assert_uint_ne(drbg.key[i], before.key[i]);
	ck_assert_mem_ne(drbg.key, out, 8);
	before = drbg;
	drbg_get(&drbg, out, 0);
	ck_assert_mem_ne(&drbg, &before, sizeof(drbg));
}
END_TEST

START_TEST(writes_no_byte_too_many)
{
	struct drbg drbg = seeded("seed", 4);
	uint8_t out[130];

	for (size_t length = 0; length < sizeof(out); length++) {
		memset(out, 0x5a, sizeof(out));
		drbg_get(&drbg, out, length);
		for (size_t i = length; i < sizeof(out); i++)
			ck_assert_uint_eq(out[i], 0x5a);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("drbg");
	TCase *tcase = tcase_create("drbg");
	SRunner *runner = srunner_create(suite);
	int failures;

	tcase_add_test(tcase, block_vector);
	tcase_add_test(tcase, block_vector_zero);
	tcase_add_test(tcase, same_seed_same_stream);
	tcase_add_test(tcase, every_seed_byte_counts);
	tcase_add_test(tcase, mixing_adds);
	tcase_add_test(tcase, forward_secure);
	tcase_add_test(tcase, writes_no_byte_too_many);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

/* mmio_value.h: how a loaded value lands in its register, for every width, extension and register size. */
#include <check.h>
#include <stdlib.h>

#include "vcpu/mmio_value.h"

static uint64_t load(enum access_width width, bool sign, enum access_width reg_width, uint64_t value)
{
	struct exit_mmio mmio = { .width = width, .sign_extend = sign, .reg_width = reg_width };

	return mmio_read_value(&mmio, value);
}

/* What LDRB, LDRH, LDR, LDRSB... leave, by hand. The device answers with more than the access is wide. */
START_TEST(test_by_instruction)
{
	const uint64_t raw = 0x8182838485868788, low = 0x1112131415161718;

	ck_assert_uint_eq(load(ACCESS_BYTE, false, ACCESS_DWORD, raw), 0x88);		    /* ldrb w */
	ck_assert_uint_eq(load(ACCESS_BYTE, true, ACCESS_DWORD, raw), 0xffffff88);	    /* ldrsb w */
	ck_assert_uint_eq(load(ACCESS_BYTE, true, ACCESS_QWORD, raw), 0xffffffffffffff88);  /* ldrsb x */
	ck_assert_uint_eq(load(ACCESS_WORD, false, ACCESS_DWORD, raw), 0x8788);		    /* ldrh w */
	ck_assert_uint_eq(load(ACCESS_WORD, true, ACCESS_DWORD, raw), 0xffff8788);	    /* ldrsh w */
	ck_assert_uint_eq(load(ACCESS_WORD, true, ACCESS_QWORD, raw), 0xffffffffffff8788);  /* ldrsh x */
	ck_assert_uint_eq(load(ACCESS_DWORD, false, ACCESS_DWORD, raw), 0x85868788);	    /* ldr w */
	ck_assert_uint_eq(load(ACCESS_DWORD, true, ACCESS_QWORD, raw), 0xffffffff85868788); /* ldrsw */
	ck_assert_uint_eq(load(ACCESS_QWORD, false, ACCESS_QWORD, raw), raw);		    /* ldr x */
	ck_assert_uint_eq(load(ACCESS_BYTE, true, ACCESS_DWORD, low), 0x18);
	ck_assert_uint_eq(load(ACCESS_BYTE, true, ACCESS_QWORD, low), 0x18);
	ck_assert_uint_eq(load(ACCESS_WORD, true, ACCESS_QWORD, low), 0x1718);
	ck_assert_uint_eq(load(ACCESS_DWORD, true, ACCESS_QWORD, low), 0x15161718);
}
END_TEST

/* All sixteen forms against the compiler's own conversions. */
START_TEST(test_against_casts)
{
	static const uint64_t values[] = { 0,
					   1,
					   0x7f,
					   0x80,
					   0x7fff,
					   0x8000,
					   0x7fffffff,
					   0x80000000,
					   0x7fffffffffffffff,
					   0x8000000000000000,
					   0xffffffffffffffff,
					   0x123456789abcdef0 };

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		uint64_t v = values[i];
		const uint64_t zero[] = { (uint8_t)v, (uint16_t)v, (uint32_t)v, v };
		const uint64_t sign[] = { (uint64_t)(int8_t)v, (uint64_t)(int16_t)v, (uint64_t)(int32_t)v, v };

		for (int width = ACCESS_BYTE; width <= ACCESS_QWORD; width++) {
			enum access_width w = (enum access_width)width;

			ck_assert_uint_eq(load(w, false, ACCESS_QWORD, v), zero[width]);
			ck_assert_uint_eq(load(w, true, ACCESS_QWORD, v), sign[width]);
			ck_assert_uint_eq(load(w, false, ACCESS_DWORD, v), (uint32_t)zero[width]);
			ck_assert_uint_eq(load(w, true, ACCESS_DWORD, v), (uint32_t)sign[width]);
		}
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mmio_value");
	TCase *tcase = tcase_create("mmio_value");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, test_by_instruction);
	tcase_add_test(tcase, test_against_casts);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

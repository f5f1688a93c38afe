/* The byte ring: order, fullness, and counters that wrap. */
#include <check.h>

#include "lib/ring.h"

static uint8_t data[16];
static struct ring ring;

/* _i chooses where the free-running counters start: at 0, and just before they wrap. */
static void start(int i)
{
	uint32_t position = i ? 0U - (uint32_t)i : 0;

	ring = (struct ring){ .data = data, .size = sizeof(data), .head = position, .tail = position };
}

START_TEST(empty)
{
	start(_i);
	ck_assert_int_eq(ring_get(&ring), -1);
	ck_assert_int_eq(ring_get(&ring), -1);
	ck_assert_uint_eq(ring_used(&ring), 0);
	ck_assert_uint_eq(ring_room(&ring), 16);
}
END_TEST

START_TEST(full_keeps_what_it_has)
{
	start(_i);
	for (unsigned int i = 0; i < 16; i++)
		ck_assert(ring_put(&ring, (uint8_t)(0xf0 + i)));
	ck_assert(!ring_put(&ring, 1));
	ck_assert_uint_eq(ring_room(&ring), 0);
	ck_assert_uint_eq(ring_used(&ring), 16);
	for (int i = 0; i < 16; i++)
		ck_assert_int_eq(ring_get(&ring), 0xf0 + i); /* 0xff is a byte, not the end */
	ck_assert_int_eq(ring_get(&ring), -1);
}
END_TEST

START_TEST(first_in_first_out)
{
	uint8_t in = 0, out = 0;

	start(_i);
	for (unsigned int round = 0; round < 40; round++) {
		for (unsigned int i = 0; i < 1 + round % 11; i++)
			if (ring_put(&ring, in))
				in++;
		for (unsigned int i = 0; i < 1 + round % 7 && ring_used(&ring); i++)
			ck_assert_int_eq(ring_get(&ring), out++);
		ck_assert_uint_eq(ring_used(&ring) + ring_room(&ring), 16);
		ck_assert_uint_eq((uint8_t)(in - out), ring_used(&ring));
	}
}
END_TEST

/* Whole pieces, around the end of the array too. */
START_TEST(pieces)
{
	uint8_t in = 0, out = 0;

	start(_i);
	for (unsigned int round = 0; round < 100; round++) {
		uint8_t piece[16];
		const uint8_t *bytes;
		uint32_t length = round % 12, room = ring_room(&ring);

		for (uint32_t n = 0; n < length; n++)
			piece[n] = (uint8_t)(in + n);
		ck_assert_int_eq(ring_put_all(&ring, piece, length), length <= room);
		in = (uint8_t)(in + (length <= room ? length : 0));
		length = ring_peek(&ring, &bytes);
		ck_assert_int_eq(length == 0, ring_used(&ring) == 0);
		for (uint32_t n = 0; n < length; n++)
			ck_assert_uint_eq(bytes[n], (uint8_t)(out + n));
		length = length < 5 ? length : 5;
		ring_drop(&ring, length);
		out = (uint8_t)(out + length);
		ck_assert_uint_eq((uint8_t)(in - out), ring_used(&ring));
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ring");
	TCase *tc = tcase_create("ring");
	SRunner *runner;
	int failures;

	tcase_add_loop_test(tc, empty, 0, 3);
	tcase_add_loop_test(tc, full_keeps_what_it_has, 0, 20);
	tcase_add_loop_test(tc, first_in_first_out, 0, 20);
	tcase_add_loop_test(tc, pieces, 0, 20);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

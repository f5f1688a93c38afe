/* JSON: what comes out is valid whatever goes in; a small reader, written from the grammar, judges. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json.h"
#include "tests/fakes/prng.h"

static struct json json;
static char all[1 << 20];
static size_t nr_all;

/* As the monitor does: what is there is sent between any two calls. */
static void send_now(void)
{
	ck_assert_uint_le(json.length, JSON_BYTES);
	ck_assert_uint_lt(nr_all + json.length, sizeof(all));
	memcpy(all + nr_all, json.text, json.length);
	nr_all += json.length;
	all[nr_all] = '\0';
	json.length = 0;
}

static void begin(void)
{
	nr_all = 0;
	json_init(&json);
}

static const char *end(void)
{
	json_end(&json);
	send_now();
	return all;
}

/* --- a reader [RFC 8259]: where the value ends, NULL where it is none --- */

static const char *skip_space(const char *at)
{
	return at + strspn(at, " \t\r\n");
}

static const char *read_string(const char *at)
{
	if (*at++ != '"')
		return NULL;
	while (*at != '"') {
		if ((unsigned char)*at < ' ' || (unsigned char)*at >= 0x7f)
			return NULL;
		if (*at++ != '\\')
			continue;
		if (*at == 'u' && strspn(at + 1, "0123456789abcdef") >= 4)
			at += 5;
		else if (strchr("\"\\/bfnrt", *at) != NULL && *at != '\0')
			at++;
		else
			return NULL;
	}
	return at + 1;
}

static const char *read_scalar(const char *at)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t digits = strspn(at, "0123456789");

	for (unsigned int n = 0; n < 3; n++) {
		if (strncmp(at, words[n], strlen(words[n])) == 0)
			return at + strlen(words[n]);
	}
	if (*at == '"')
		return read_string(at);
	return digits == 0 || (digits > 1 && *at == '0') ? NULL : at + digits;
}

/* Without recursion: a stack of what is open. */
static const char *read_value(const char *at)
{
	char stack[JSON_DEPTH + 1];
	unsigned int depth = 0;
	bool empty = false;

	for (;;) {
		at = skip_space(at);
		if (empty && depth != 0 && *at == stack[depth - 1]) {
			at++;
			depth--;
		} else {
			if (depth != 0 && stack[depth - 1] == '}') {
				at = read_string(at);
				if (at == NULL || *at++ != ':')
					return NULL;
			}
			if (*at == '[' || *at == '{') {
				ck_assert_uint_lt(depth, JSON_DEPTH);
				stack[depth++] = *at++ == '[' ? ']' : '}';
				empty = true;
				continue;
			}
			at = read_scalar(at);
			if (at == NULL)
				return NULL;
		}
		empty = false;
		while (depth != 0 && *(at = skip_space(at)) == stack[depth - 1]) {
			at++;
			depth--;
		}
		if (depth == 0)
			return at;
		if (*at++ != ',')
			return NULL;
	}
}

static void check_valid(const char *text)
{
	const char *behind = read_value(text);

	ck_assert_msg(behind != NULL && strcmp(behind, "\n") == 0, "not valid: %s", text);
}

/* --- tests --- */

START_TEST(reader_tells_what_is_none)
{
	static const char *const bad[] = { "[1,]\n", "[1 2]\n",	  "{1:2}\n",  "{\"a\" 1}\n",
					   "[\n",    "\"\\x\"\n", "\"\n\"\n", "01\n" };

	for (unsigned int n = 0; n < sizeof(bad) / sizeof(bad[0]); n++) {
		const char *behind = read_value(bad[n]);

		ck_assert_msg(behind == NULL || strcmp(behind, "\n") != 0, "%s", bad[n]);
	}
	check_valid("[{\"a\":[],\"b\":{}},\n\"x\",0,null]\n");
}
END_TEST

START_TEST(of_all_kinds)
{
	begin();
	json_open_array(&json, NULL);
	json_open_object(&json, NULL);
	json_string(&json, "name", "debian");
	json_number(&json, "id", 1);
	json_number(&json, "most", UINT64_MAX);
	json_hex(&json, "zero", 0);
	json_hex(&json, "place", UINT64_C(0x80000000deadbeef));
	json_hex(&json, "ones", UINT64_MAX);
	json_bool(&json, "on", true);
	json_bool(&json, "off", false);
	json_null(&json, "none");
	json_open_array(&json, "empty");
	json_close(&json);
	json_open_array(&json, "some");
	json_number(&json, NULL, 0);
	json_open_object(&json, NULL);
	json_close(&json);
	json_close(&json);
	json_close(&json);
	json_string(&json, NULL, "last");
	json_close(&json);
	ck_assert_str_eq(end(),
			 "[\n{\"name\":\"debian\",\"id\":1,\"most\":18446744073709551615,\"zero\":\"0x0\","
			 "\"place\":\"0x80000000deadbeef\",\"ones\":\"0xffffffffffffffff\",\"on\":true,\"off\":false,"
			 "\"none\":null,\"empty\":[],\"some\":[0,{}]},\n\"last\"]\n");
	ck_assert(!json.cut);
	check_valid(all);
}
END_TEST

START_TEST(escapes)
{
	begin();
	json_open_object(&json, NULL);
	json_string(&json, "a\"b\\c\n\t\x01\x7f\xe4", "/[]{},:");
	ck_assert_str_eq(end(), "{\n\"a\\\"b\\\\c\\u000a\\u0009\\u0001\\u007f\\u00e4\":\"/[]{},:\"}\n");
	begin();
	json_bytes(&json, NULL, "a\0b", 3);
	ck_assert_str_eq(end(), "\"a\\u0000b\"\n");
}
END_TEST

START_TEST(nothing_and_too_much)
{
	begin();
	ck_assert_str_eq(end(), "null\n");
	begin();
	json_number(&json, NULL, 1);
	json_number(&json, NULL, 2);
	json_open_array(&json, NULL);
	json_close(&json);
	json_close(&json);
	ck_assert_str_eq(end(), "1\n");
	ck_assert(json.cut);
	begin();
	json_open_object(&json, NULL);
	json_open_array(&json, "open");
	ck_assert_str_eq(end(), "{\n\"open\":[]}\n");
}
END_TEST

/* A line of the log, all of it escaped, is never cut. */
START_TEST(a_whole_log_line_fits)
{
	char line[256];

	memset(line, 0x80, sizeof(line));
	begin();
	json_open_array(&json, NULL);
	send_now();
	json_bytes(&json, NULL, line, sizeof(line));
	ck_assert(!json.cut);
	check_valid(end());
}
END_TEST

START_TEST(too_long_and_too_deep)
{
	static char longer[JSON_BYTES + 1];

	memset(longer, 'x', JSON_BYTES);
	begin();
	json_open_array(&json, NULL);
	json_string(&json, NULL, longer);
	json_string(&json, NULL, "fits");
	for (unsigned int n = 1; n < JSON_DEPTH + 3; n++)
		json_open_object(&json, n == 1 ? NULL : "in");
	json_number(&json, "lost", 1);
	for (unsigned int n = 0; n < 3; n++)
		json_close(&json);
	json_number(&json, "kept", 1);
	check_valid(end());
	ck_assert(json.cut);
	ck_assert_ptr_eq(strstr(all, "lost"), NULL);
	ck_assert_ptr_ne(strstr(all, "\"in\":{\"kept\":1}"), NULL);
}
END_TEST

/* Which kind of key is due is the caller's to know; all else is random, lengths and sends too. */
START_TEST(random_pieces)
{
	uint64_t seed = (uint64_t)_i + 1;
	char text[700];

	for (unsigned int round = 0; round < 300; round++) {
		char open[64] = "";
		unsigned int depth = 0;
		bool sends = prng_below(&seed, 2) != 0;

		begin();
		json_open_array(&json, NULL);
		open[depth++] = ']';
		for (unsigned int n = 0; n < 300; n++) {
			const char *key = depth != 0 && open[depth - 1] == '}' ? "k" : NULL;
			uint64_t what = prng_below(&seed, 8);
			size_t length = prng_below(&seed, sizeof(text));

			for (size_t at = 0; at < length; at++)
				text[at] = (char)prng_next(&seed);
			if (what < 2 && depth < 12) {
				open[depth++] = what == 0 ? ']' : '}';
				if (what == 0)
					json_open_array(&json, key);
				else
					json_open_object(&json, key);
			} else if (what < 4 && depth > 1) {
				depth--;
				json_close(&json);
			} else if (what < 6) {
				json_bytes(&json, key, text, length);
			} else {
				json_number(&json, key, prng_next(&seed));
			}
			ck_assert_uint_le(json.length, JSON_BYTES);
			if (sends && prng_below(&seed, 3) == 0)
				send_now();
		}
		check_valid(end());
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("json");
	TCase *tcase = tcase_create("json");
	SRunner *runner = srunner_create(suite);
	int failures;

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, reader_tells_what_is_none);
	tcase_add_test(tcase, of_all_kinds);
	tcase_add_test(tcase, escapes);
	tcase_add_test(tcase, nothing_and_too_much);
	tcase_add_test(tcase, a_whole_log_line_fits);
	tcase_add_test(tcase, too_long_and_too_deep);
	tcase_add_loop_test(tcase, random_pieces, 0, 4);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

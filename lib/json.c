/* JSON: see json.h. */
#include "lib/json.h"

#include <stdio.h>
#include <string.h>

/* Kept free by all but what closes those that are open, and ends the value. */
#define RESERVE_BYTES (JSON_DEPTH + 16)

static bool put(struct json *json, const char *text, size_t length)
{
	if (json->length + length + RESERVE_BYTES > JSON_BYTES)
		return false;
	memcpy(json->text + json->length, text, length);
	json->length += (unsigned int)length;
	return true;
}

static bool is_plain(char c)
{
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

static bool put_escaped(struct json *json, char c)
{
	unsigned char byte = (unsigned char)c;
	char text[8];

	if (byte < ' ' || byte >= 0x7f)
		(void)snprintf(text, sizeof(text), "\\u%04x", (unsigned int)byte);
	else
		(void)snprintf(text, sizeof(text), "\\%c", c);
	return put(json, text, strlen(text));
}

/* In pieces of what is plain, as most is: a guest's interrupt may wait meanwhile. */
static bool put_string(struct json *json, const char *value, size_t length)
{
	bool fits = put(json, "\"", 1);
	size_t at = 0, end;

	while (at < length && fits) {
		for (end = at; end < length && is_plain(value[end]);)
			end++;
		fits = end != at ? put(json, value + at, end - at) : put_escaped(json, value[end++]);
		at = end;
	}
	return fits && put(json, "\"", 1);
}

/* What stands before a value: the comma, a new line for each element of the outermost array, the member's name. */
static bool put_lead(struct json *json, const char *key)
{
	bool fits = !json->begun || put(json, ",", 1);

	if (json->depth == 1)
		fits = fits && put(json, "\n", 1);
	if (key != NULL)
		fits = fits && put_string(json, key, strlen(key)) && put(json, ":", 1);
	return fits;
}

/* One value, whole or not at all: what is part of something left out, or a second outermost value, is left out, too. */
static bool put_value(struct json *json, const char *key, const char *text, size_t length, bool quoted)
{
	unsigned int before = json->length;
	bool fits = json->skipped == 0 && !(json->depth == 0 && json->begun);

	fits = fits && put_lead(json, key);
	fits = fits && (quoted ? put_string(json, text, length) : put(json, text, length));
	if (fits) {
		json->begun = true;
	} else {
		json->length = before;
		json->cut = true;
	}
	return fits;
}

void json_bytes(struct json *json, const char *key, const char *value, size_t length)
{
	(void)put_value(json, key, value, length, true);
}

void json_string(struct json *json, const char *key, const char *value)
{
	json_bytes(json, key, value, strlen(value));
}

/* By hand: snprintf() takes hundreds of instructions. */
void json_number(struct json *json, const char *key, uint64_t value)
{
	char text[24];
	size_t at = sizeof(text);

	do {
		text[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	(void)put_value(json, key, text + at, sizeof(text) - at, false);
}

void json_hex(struct json *json, const char *key, uint64_t value)
{
	char text[20];
	size_t at = sizeof(text);

	do {
		text[--at] = "0123456789abcdef"[value & 0xf];
		value >>= 4;
	} while (value != 0);
	text[--at] = 'x';
	text[--at] = '0';
	(void)put_value(json, key, text + at, sizeof(text) - at, true);
}

void json_bool(struct json *json, const char *key, bool value)
{
	const char *text = value ? "true" : "false";

	(void)put_value(json, key, text, strlen(text), false);
}

void json_null(struct json *json, const char *key)
{
	(void)put_value(json, key, "null", 4, false);
}

static void open_level(struct json *json, const char *key, const char *opener, char closer)
{
	if (json->skipped != 0 || json->depth == JSON_DEPTH || !put_value(json, key, opener, 1, false)) {
		json->cut = true;
		json->skipped++;
		return;
	}
	json->closer[json->depth++] = closer;
	json->begun = false;
}

void json_open_array(struct json *json, const char *key)
{
	open_level(json, key, "[", ']');
}

void json_open_object(struct json *json, const char *key)
{
	open_level(json, key, "{", '}');
}

void json_close(struct json *json)
{
	if (json->skipped != 0) {
		json->skipped--;
		return;
	}
	if (json->depth == 0)
		return;
	json->text[json->length++] = json->closer[--json->depth]; /* of the reserve */
	json->begun = true;
}

void json_end(struct json *json)
{
	json->skipped = 0;
	while (json->depth != 0)
		json_close(json);
	if (!json->begun)
		json_null(json, NULL);
	json->text[json->length++] = '\n';
}

void json_init(struct json *json)
{
	json->length = json->depth = json->skipped = 0;
	json->begun = json->cut = false;
}

/*
 * One JSON value [RFC 8259], written piece by piece: what is open, and where a comma is due, is remembered, so that
 * what comes out is valid whatever the pieces are. A piece that finds no room, or is deeper than JSON_DEPTH, is left
 * out whole; `cut` then says so. Pure.
 *
 * The text may be sent, and length set back to 0, between any two calls: an answer of any length needs one small
 * buffer. Strings are bytes: control characters, quotes and what is not ASCII come as escapes, the latter as Latin-1.
 */
#ifndef LIB_JSON_H
#define LIB_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_DEPTH 8
/* Holds a string of LOG_LINE_MAX bytes that are escaped each. */
#define JSON_BYTES 2048

struct json {
	char text[JSON_BYTES];
	unsigned int length;
	bool cut;

	unsigned int depth;
	unsigned int skipped;	 /* open ones that were left out, with all in them */
	char closer[JSON_DEPTH]; /* of each that is open */
	bool begun;		 /* a comma goes before the next one here */
};

void json_init(struct json *json);
/* key: the member's name, within an object; NULL within an array, and for the outermost value. */
void json_string(struct json *json, const char *key, const char *value);
/* The same, of so many bytes. */
void json_bytes(struct json *json, const char *key, const char *value, size_t length);
void json_number(struct json *json, const char *key, uint64_t value);
/* As a string, "0x..": many readers keep a number of 64 bits by 53. */
void json_hex(struct json *json, const char *key, uint64_t value);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);
/* What follows is in it until json_close(). */
void json_open_array(struct json *json, const char *key);
void json_open_object(struct json *json, const char *key);
void json_close(struct json *json);
/* All that is open; nothing was written at all: null. A newline ends it. */
void json_end(struct json *json);

#endif

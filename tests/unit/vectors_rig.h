/*
 * A row of a golden file of tests/vectors, column by column, and the words of what is expected of it. Each test
 * program has its own.
 */
#ifndef UNIT_VECTORS_RIG_H
#define UNIT_VECTORS_RIG_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What all files begin with: the CPUs, where it ran, the instruction and its text. */
enum common_column { CPUS, WHERE, WORD, TEXT, NR_COMMON };

static char *column[16];
static const char *expected; /* of the columns, the one that says it */

/* Check's own notes down each assertion that holds: too slow for all that a row says. */
#define EXPECT_ROW(condition)                                                                         \
	do {                                                                                          \
		if (!(condition))                                                                     \
			ck_abort_msg("%s: %s; %s: %s: %s does not hold", column[WHERE], column[TEXT], \
				     column[NR_COMMON], expected, #condition);                        \
	} while (0)

static inline uint64_t hex(const char *text)
{
	return strtoull(text, NULL, 16);
}

/* The text after " name=" in what is expected; a row without it fails. */
static inline const char *text_of(const char *name)
{
	size_t length = strlen(name);

	for (const char *at = strchr(expected, ' '); at != NULL; at = strchr(at + 1, ' '))
		if (strncmp(at + 1, name, length) == 0 && at[1 + length] == '=')
			return at + length + 2;
	ck_abort_msg("'%s' has no %s", expected, name);
}

static inline uint64_t hex_of(const char *name)
{
	return hex(text_of(name));
}

static inline uint64_t number_of(const char *name)
{
	return strtoull(text_of(name), NULL, 10);
}

static inline bool has_word(const char *word)
{
	return strstr(expected, word) != NULL;
}

/* The first word of what is expected. */
static inline bool is_verb(const char *verb)
{
	return strncmp(expected, verb, strlen(verb)) == 0 && strchr(" ", expected[strlen(verb)]) != NULL;
}

static inline void split(char *line, unsigned int nr_columns, unsigned int expected_column)
{
	unsigned int n = 0;

	line[strcspn(line, "\n")] = 0;
	for (char *at = line; at != NULL && n < nr_columns; n++) {
		column[n] = at;
		at = strstr(at, "; ");
		if (at != NULL) {
			*at = 0;
			at += 2;
		}
	}
	ck_assert_msg(n == nr_columns, "%u columns: %s", n, line);
	expected = column[expected_column];
}

/* Calls check_row() for each row of the file. */
static inline void for_each_row(const char *path, unsigned int nr_columns, unsigned int expected_column,
				void (*check_row)(void))
{
	static char line[2000];
	FILE *file = fopen(path, "r");

	ck_assert_msg(file != NULL, "no %s", path);
	while (fgets(line, sizeof(line), file) != NULL) {
		if (line[0] == '#')
			continue;
		split(line, nr_columns, expected_column);
		check_row();
	}
	fclose(file);
}

#endif

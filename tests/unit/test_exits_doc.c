/*
 * docs/exits.md against the decoder: for every exception class, and for every abort by class, status code and the bits
 * that decide, exactly one row of the paper's tables holds, and what the decoder makes of it is what the row says.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vcpu/decode.h"
#include "vcpu/el1_exception.h"

#define PAPER	    "docs/exits.md"
#define MAX_ROWS    128
#define MAX_COLUMNS 12

/* A table's rows, each cell without the blanks around it. */
struct table {
	unsigned int nr_rows;
	char *cells[MAX_ROWS][MAX_COLUMNS];
};

static struct table classes, codes, aborts;

static char *trimmed(char *text)
{
	char *end = text + strlen(text);

	while (*text == ' ')
		text++;
	while (end > text && end[-1] == ' ')
		*--end = '\0';
	return text;
}

/* Every cell ends in a bar; what stands before the first one is none. */
static void add_row(struct table *table, const char *line)
{
	char *copy = strdup(line), *cell = copy + 1, *bar;
	unsigned int column = 0;

	ck_assert_uint_lt(table->nr_rows, MAX_ROWS);
	for (; (bar = strchr(cell, '|')) != NULL && column < MAX_COLUMNS; cell = bar + 1) {
		*bar = '\0';
		table->cells[table->nr_rows][column++] = strdup(trimmed(cell));
	}
	while (column < MAX_COLUMNS)
		table->cells[table->nr_rows][column++] = strdup("");
	table->nr_rows++;
	free(copy);
}

/* The rows of the one table under a heading, without its head. */
static void read_table(struct table *table, const char *heading)
{
	FILE *paper = fopen(PAPER, "r");
	char line[2048], want[128];
	bool inside = false, body = false;

	ck_assert_msg(paper != NULL, "%s: the tests run in the project's root", PAPER);
	snprintf(want, sizeof(want), "## %s\n", heading);
	while (fgets(line, sizeof(line), paper) != NULL) {
		if (line[0] == '#') {
			inside = strcmp(line, want) == 0;
			body = false;
		} else if (inside && strncmp(line, "| ---", 5) == 0) {
			body = true;
		} else if (inside && body && line[0] == '|') {
			add_row(table, line);
		}
	}
	fclose(paper);
	ck_assert_msg(table->nr_rows != 0, "%s has no table under \"%s\"", PAPER, heading);
}

static void free_table(struct table *table)
{
	for (unsigned int row = 0; row < table->nr_rows; row++)
		for (unsigned int column = 0; column < MAX_COLUMNS; column++)
			free(table->cells[row][column]);
	table->nr_rows = 0;
}

static void read_paper(void)
{
	read_table(&classes, "Exception classes");
	read_table(&codes, "Abort status codes");
	read_table(&aborts, "Every abort");
}

static void free_paper(void)
{
	free_table(&classes);
	free_table(&codes);
	free_table(&aborts);
}

/* `word` in a cell. */
static bool names(const char *cell, const char *word)
{
	char ticked[64];

	snprintf(ticked, sizeof(ticked), "`%s`", word);
	return strstr(cell, ticked) != NULL;
}

/* "0x10" or "0x14-0x17" has it. */
static bool range_has(const char *cell, unsigned int value)
{
	unsigned int first, last;
	int n = sscanf(cell, "0x%x-0x%x", &first, &last);

	return n == 2 ? first <= value && value <= last : n == 1 && first == value;
}

static const char *why_name(enum fail_why why)
{
	switch (why) {
	case FAIL_UNDEFINED: return "UNDEFINED";
	case FAIL_EXTERNAL_ABORT: return "EXTERNAL_ABORT";
	case FAIL_ILLEGAL_STATE: return "ILLEGAL_STATE";
	case FAIL_POINTER_AUTH: return "POINTER_AUTH";
	case FAIL_FORWARD: return "FORWARD";
	case FAIL_SERROR: return "SERROR";
	case FAIL_UNEXPECTED: return "UNEXPECTED";
	}
	return "?";
}

static struct vcpu vcpu;

static void decode(uint64_t esr, uint64_t spsr, bool ipa_valid)
{
	memset(&vcpu, 0, sizeof(vcpu));
	vcpu.frame.spsr = spsr;
	vcpu.syndrome = (struct syndrome){ .esr = esr, .far = 0x1018, .ipa = ipa(0x9000018), .ipa_valid = ipa_valid };
	handle_exception_sync(&vcpu);
}

/* The outcome names the reason; of FAIL_ENTRY the why; of NOTHING whether the instruction is stepped over. */
static bool is_outcome(const char *cell)
{
	if (!names(cell, exit_reason_name(vcpu.exit.reason)))
		return false;
	if (vcpu.exit.reason == EXIT_FAIL_ENTRY)
		return names(cell, why_name(vcpu.exit.fail_entry.why));
	if (vcpu.exit.reason == EXIT_NOTHING)
		return names(cell, vcpu.exit.insn_len != 0 ? "ADVANCE" : "RETRY");
	return true;
}

static const char *class_row(unsigned int ec, unsigned int column)
{
	for (unsigned int row = 0; row < classes.nr_rows; row++)
		if (range_has(classes.cells[row][0], ec))
			return classes.cells[row][column];
	ck_assert_str_eq(classes.cells[classes.nr_rows - 1][0], "others");
	return classes.cells[classes.nr_rows - 1][column];
}

START_TEST(test_every_class)
{
	for (unsigned int ec = 0; ec < 64; ec++) {
		bool conditional = strcmp(class_row(ec, 2), "yes") == 0;
		uint64_t esr = (uint64_t)ec << 26 | 1U << 25;

		if (ec == 0x20 || ec == 0x24)
			continue; /* the aborts have a table of their own */
		decode(esr, 0x3c5, true);
		ck_assert_msg(is_outcome(class_row(ec, 3)), "class %#x: %s, not as the paper has it", ec,
			      exit_reason_name(vcpu.exit.reason));
		/* From AArch32, CV = 1, COND = EQ with Z clear: stepped over, or no matter. */
		decode(esr | 1U << 24, 0x10, true);
		ck_assert_msg((vcpu.exit.reason == EXIT_NOTHING) == conditional, "class %#x: condition", ec);
	}
}
END_TEST

static const char *kind_of(unsigned int code)
{
	for (unsigned int row = 0; row < codes.nr_rows; row++)
		if (range_has(codes.cells[row][0], code))
			return codes.cells[row][2];
	ck_assert_str_eq(codes.cells[codes.nr_rows - 1][0], "others");
	return codes.cells[codes.nr_rows - 1][2];
}

/* An empty cell holds for both. */
static bool bit_is(const char *cell, bool value)
{
	return *cell == '\0' || strcmp(cell, value ? "1" : "0") == 0 || strcmp(cell, value ? "yes" : "no") == 0;
}

struct situation {
	bool fetch;
	unsigned int code;
	bool s1ptw, cm, isv, wnr, ea, ipa_valid;
};

static bool row_holds(char *const *cells, const struct situation *s)
{
	return strcmp(cells[0], s->fetch ? "fetch" : "data") == 0 && strstr(cells[1], kind_of(s->code)) != NULL &&
	       bit_is(cells[2], s->s1ptw) && bit_is(cells[3], s->cm) && bit_is(cells[4], s->isv) &&
	       bit_is(cells[5], s->wnr) && bit_is(cells[6], s->ipa_valid);
}

static unsigned int find_row(const struct situation *s)
{
	unsigned int found = MAX_ROWS;

	for (unsigned int row = 0; row < aborts.nr_rows; row++) {
		if (!row_holds(aborts.cells[row], s))
			continue;
		ck_assert_msg(found == MAX_ROWS, "rows %u and %u of \"Every abort\" both hold for code %#x", found, row,
			      s->code);
		found = row;
	}
	ck_assert_msg(found != MAX_ROWS, "no row of \"Every abort\" holds: %s code %#x s1ptw %d cm %d isv %d wnr %d",
		      s->fetch ? "fetch" : "data", s->code, s->s1ptw, s->cm, s->isv, s->wnr);
	return found;
}

/* The whole of ESR_EL1 for the row's status, worked out anew. */
static void check_status(const char *cell, const struct situation *s, bool el0)
{
	unsigned int ec = (s->fetch ? 0x20U : 0x24U) + (el0 ? 0 : 1);
	uint64_t esr = (uint64_t)ec << 26 | 1U << 25 | (s->fetch ? 0U : (unsigned int)s->cm << 8);
	struct el1_exception e;

	if (*cell == '\0')
		return; /* the answer is no abort, or a device's */
	esr |= s->fetch ? 0U : (unsigned int)(s->wnr || s->cm) << 6;
	for (uint8_t level = 0; level < 4; level++) {
		uint64_t want = esr;

		if (vcpu.exit.reason == EXIT_NESTED_PAGE_FAULT)
			vcpu.exit.nested_page_fault.walk_level = level;
		else if (vcpu.exit.fail_entry.why == FAIL_EXTERNAL_ABORT)
			vcpu.exit.fail_entry.walk_level = level;
		if (strcmp(cell, "the same") == 0)
			want = (uint64_t)ec << 26 | 1U << 25 | (vcpu.syndrome.esr & (s->fetch ? 0x23fU : 0x37fU));
		else if (strcmp(cell, "0x14-0x17") == 0)
			want |= 0x14U + level;
		else
			want |= (unsigned int)strtoul(cell, NULL, 0);
		e = el1_exception_of_exit(&vcpu);
		ck_assert_msg(e.esr == want, "ESR_EL2 %#lx: ESR_EL1 %#lx, by the paper %#lx", vcpu.syndrome.esr, e.esr,
			      want);
		ck_assert(e.has_far && e.far == 0x1018);
	}
}

static void check_abort(const struct situation *s, unsigned int nr_held[MAX_ROWS])
{
	uint64_t esr = (s->fetch ? UINT64_C(0x20) : UINT64_C(0x24)) << 26 | 1U << 25 | s->code |
		       (unsigned int)s->s1ptw << 7 | (unsigned int)s->ea << 9;
	unsigned int row = find_row(s);

	if (!s->fetch)
		esr |= (unsigned int)s->isv << 24 | (unsigned int)s->cm << 8 | (unsigned int)s->wnr << 6;
	for (unsigned int el0 = 0; el0 < 2; el0++) {
		decode(esr, el0 ? 0 : 0x3c5, s->ipa_valid);
		ck_assert_msg(is_outcome(aborts.cells[row][7]), "ESR_EL2 %#lx: %s, not as row %u has it", esr,
			      exit_reason_name(vcpu.exit.reason), row);
		check_status(aborts.cells[row][8], s, el0 != 0);
	}
	nr_held[row]++;
}

START_TEST(test_every_abort)
{
	unsigned int nr_held[MAX_ROWS] = { 0 };

	/* Of ISV, CM and WnR a fetch has none. */
	for (unsigned int bits = 0; bits < 1U << 13; bits++) {
		const struct situation s = {
			.code = bits & 63,
			.fetch = bits >> 6 & 1,
			.s1ptw = bits >> 7 & 1,
			.cm = bits >> 8 & 1,
			.isv = bits >> 9 & 1,
			.wnr = bits >> 10 & 1,
			.ea = bits >> 11 & 1,
			.ipa_valid = bits >> 12 & 1,
		};

		check_abort(&s, nr_held);
	}
	for (unsigned int row = 0; row < aborts.nr_rows; row++)
		ck_assert_msg(nr_held[row] != 0, "row %u of \"Every abort\" holds for nothing", row);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("exits_doc");
	TCase *tcase = tcase_create("exits_doc");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, read_paper, free_paper);
	tcase_add_test(tcase, test_every_class);
	tcase_add_test(tcase, test_every_abort);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

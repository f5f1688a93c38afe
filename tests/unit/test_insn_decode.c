/* insn_decode.c: known words; a large part of the load and store space against binutils' disassembler. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vcpu/insn_decode.h"

#define OBJDUMP	  "aarch64-linux-gnu-objdump"
#define NR_RANDOM 300000U

#define LOADS_AND_STORES UINT32_C(0x08000000) /* bits 27 and 25 are 1 and 0 */

/* Check's own notes down each assertion that holds: too slow for a word. */
#define EXPECT(condition, ...)                     \
	do {                                       \
		if (!(condition))                  \
			ck_abort_msg(__VA_ARGS__); \
	} while (0)

static uint32_t words[600000];
static unsigned int nr_words;

/* xorshift32: the same words at every run. */
static uint32_t next_random(void)
{
	static uint32_t state = 0x1badcafe;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

static void add_word(uint32_t word)
{
	EXPECT(nr_words < sizeof(words) / sizeof(words[0]), "too many words");
	words[nr_words++] = word;
}

static uint32_t random_registers(void)
{
	uint32_t rt = next_random() & 31;

	/* Every fourth names one register more than once. */
	return (next_random() & 3) != 0 ? next_random() & 0x7fff : rt << 10 | rt << 5 | (next_random() & 31 & rt) | rt;
}

/* Pairs with every opc, V, index, L and imm7; Rt2, Rn and Rt are random. */
static void add_pairs(void)
{
	for (uint32_t top = 0; top < 64; top++)
		for (uint32_t imm7 = 0; imm7 < 128; imm7++)
			add_word((top & 3) << 30 | UINT32_C(5) << 27 | (top >> 2 & 1) << 26 | (top >> 3) << 22 |
				 imm7 << 15 | random_registers());
}

/* One register, bit 24 clear: every size, V, opc and bits 21 to 10, with registers as above. */
static void add_single_forms(void)
{
	for (uint32_t top = 0; top < 32; top++)
		for (uint32_t low = 0; low < 4096; low++)
			add_word((top & 3) << 30 | UINT32_C(7) << 27 | (top >> 2 & 1) << 26 | (top >> 3) << 22 |
				 low << 10 | (random_registers() & 0x3ff));
}

/* One register with a 12-bit offset: its ends and single bits. */
static void add_unsigned_offsets(void)
{
	for (uint32_t top = 0; top < 32; top++)
		for (uint32_t bit = 0; bit <= 13; bit++) {
			uint32_t imm12 = bit == 12 ? 0xfff : bit == 13 ? 0 : 1U << bit;

			add_word((top & 3) << 30 | UINT32_C(0x39) << 24 | (top >> 2 & 1) << 26 | (top >> 3) << 22 |
				 imm12 << 10 | (random_registers() & 0x3ff));
		}
}

static void make_words(void)
{
	add_pairs();
	add_single_forms();
	add_unsigned_offsets();
	for (uint32_t n = 0; n < NR_RANDOM; n++)
		add_word((next_random() & ~UINT32_C(0x0a000000)) | LOADS_AND_STORES);
	for (uint32_t n = 0; n < 20000; n++)
		add_word(next_random());
	/* DC and its neighbours among the system instructions. */
	for (uint32_t n = 0; n < 20000; n++)
		add_word(UINT32_C(0xd5080000) | (next_random() & 0x7ffff));
	for (uint32_t rt = 0; rt < 32; rt++)
		add_word(UINT32_C(0xd50b7420) | rt);
}

static FILE *disassemble(char *path)
{
	char command[200];
	int file = mkstemp(path);
	FILE *out;

	ck_assert_int_ge(file, 0);
	out = fdopen(file, "wb");
	ck_assert_uint_eq(fwrite(words, sizeof(words[0]), nr_words, out), nr_words);
	ck_assert_int_eq(fclose(out), 0);
	snprintf(command, sizeof(command), OBJDUMP " -D -z -b binary -m aarch64 %s", path);
	out = popen(command, "r");
	ck_assert_ptr_nonnull(out);
	return out;
}

static const char *register_name(unsigned int reg, char prefix, bool is_base, char *name)
{
	if (reg == 31 && is_base)
		return "sp";
	if (reg == 31 && (prefix == 'w' || prefix == 'x'))
		return prefix == 'w' ? "wzr" : "xzr";
	sprintf(name, "%c%u", prefix, reg);
	return name;
}

/* The instruction as objdump prints it, from what the decoder says. Its mnemonics are those of normalise(). */
static void print_mnemonic(const struct insn_transfer *t, char *text)
{
	static const char *const sizes[] = { "b", "h", "w", "", "" };
	const char *size = t->vector || t->pair || (t->size_log2 == 2 && !t->sign_extend) ? "" : sizes[t->size_log2];

	if (t->pair)
		sprintf(text, "%sp%s", t->load ? "ld" : "st", t->sign_extend ? "sw" : "");
	else
		sprintf(text, "%s%s%s%s", t->load ? "ld" : "st", t->unprivileged ? "tr" : "r",
			t->sign_extend ? "s" : "", size);
}

static void print_address(const struct insn_transfer *t, char *text)
{
	static const char *const extends[8] = { "?", "?", "uxtw", "lsl", "?", "?", "sxtw", "sxtx" };
	char base[8], offset[8];
	const char *rn = register_name(t->rn, 'x', true, base);
	const char *rm = register_name(t->rm, (t->extend & 1) != 0 ? 'x' : 'w', false, offset);

	if (t->offset_by_reg && t->shift != 0)
		sprintf(text, "[%s, %s, %s #%u]", rn, rm, extends[t->extend], t->shift);
	else if (t->offset_by_reg && t->extend == 3)
		sprintf(text, "[%s, %s]", rn, rm);
	else if (t->offset_by_reg)
		sprintf(text, "[%s, %s, %s]", rn, rm, extends[t->extend]);
	else if (t->index == INDEX_POST)
		sprintf(text, "[%s], #%ld", rn, (long)t->offset);
	else if (t->index == INDEX_PRE)
		sprintf(text, "[%s, #%ld]!", rn, (long)t->offset);
	else if (t->offset != 0)
		sprintf(text, "[%s, #%ld]", rn, (long)t->offset);
	else
		sprintf(text, "[%s]", rn);
}

static void print_transfer(const struct insn_transfer *t, char *text)
{
	char prefix = t->vector ? "bhsdq"[t->size_log2] : t->to_x ? 'x' : 'w';
	char mnemonic[16], rt[8], rt2[8], address[40];

	print_mnemonic(t, mnemonic);
	print_address(t, address);
	if (t->pair)
		sprintf(text, "%s %s, %s, %s", mnemonic, register_name(t->rt, prefix, false, rt),
			register_name(t->rt2, prefix, false, rt2), address);
	else
		sprintf(text, "%s %s, %s", mnemonic, register_name(t->rt, prefix, false, rt), address);
}

/* Removes the first `what` from text, if it is there. */
static bool cut(char *text, const char *what)
{
	char *at = strstr(text, what);

	if (at == NULL)
		return false;
	memmove(at, at + strlen(what), strlen(at + strlen(what)) + 1);
	return true;
}

/* One tab to a space; no comment; LDUR is LDR, LDNP is LDP; a shift by nothing is none. */
static void normalise(char *text)
{
	char *end = strstr(text, "//");

	if (end != NULL)
		*end = 0;
	for (end = text + strlen(text); end > text && strchr(" \t\n", end[-1]) != NULL; end--)
		end[-1] = 0;
	if ((end = strchr(text, '\t')) != NULL)
		*end = ' ';
	if (strncmp(text, "ldur", 4) == 0 || strncmp(text, "stur", 4) == 0 || strncmp(text, "ldnp", 4) == 0 ||
	    strncmp(text, "stnp", 4) == 0)
		memmove(text + 2, text + 3, strlen(text + 3) + 1);
	if (strchr(text, '!') == NULL && strstr(text, " #0]") != NULL) {
		cut(text, ", lsl #0");
		if (strstr(text, "xt") != NULL)
			cut(text, " #0");
	}
}

/* Is it one of these, in front or whole? A dot ends a list's word that must be whole. */
static bool is_one_of(const char *text, const char *const *list)
{
	size_t length = strcspn(text, " ");

	for (; *list != NULL; list++) {
		size_t n = strlen(*list);

		if ((*list)[n - 1] == '.' ? length == n - 1 && strncmp(text, *list, n - 1) == 0
					  : strncmp(text, *list, n) == 0)
			return true;
	}
	return false;
}

/* ldr, str, ldp, stp and their kin: the mnemonics that are emulated, if an address is in brackets. */
static bool is_transfer(const char *text)
{
	static const char *const list[] = { "ldr.",  "ldrb.",  "ldrh.",	 "ldrsb.",  "ldrsh.",  "ldrsw.",
					    "str.",  "strb.",  "strh.",	 "ldtr.",   "ldtrb.",  "ldtrh.",
					    "sttr.", "sttrb.", "sttrh.", "ldtrsb.", "ldtrsh.", "ldtrsw.",
					    "ldp.",  "ldpsw.", "stp.",	 NULL };

	return is_one_of(text, list) && strchr(text, '[') != NULL;
}

static unsigned int number_after(const char *text, char mark)
{
	const char *at = strchr(text, mark);

	EXPECT(at != NULL, "'%s' has no '%c'", text, mark);
	/* "w31" is no name: what has no number is register 31. */
	return at[2] >= '0' && at[2] <= '9' ? (unsigned int)strtoul(at + 2, NULL, 10) : 31;
}

/* By the text alone: writes back to a base that it transfers, or loads a register twice. */
static bool is_unpredictable(const char *text)
{
	bool pair = text[2] == 'p', vector = strchr("wx", strchr(text, ' ')[1]) == NULL;
	unsigned int rt = number_after(text, ' '), base = number_after(text, '['), rt2 = rt;

	if (pair)
		rt2 = number_after(strchr(text, ',') + 1, ' ');
	if (pair && text[0] == 'l' && rt == rt2)
		return true;
	if (strchr(text, '!') == NULL && strstr(text, "],") == NULL)
		return false;
	return !vector && base != 31 && (rt == base || rt2 == base);
}

/* The kind by the mnemonic; INSN_NR_KINDS where any refusal will do. */
static enum insn_kind kind_by_text(const char *text)
{
	static const char *const structure[] = {
		"ld1", "ld2.", "ld3", "ld4", "ld2r.", "st1", "st2.", "st3", "st4", NULL
	};
	static const char *const exclusive[] = { "ldx",	 "stx",	 "ldax", "stlx", "ldar",
						 "stlr", "ldla", "stll", "cas",	 NULL };
	static const char *const atomic[] = { "ldadd",	"ldclr",   "ldeor", "ldset",   "ldsm", "ldum", "stadd",
					      "stclr",	"steor",   "stset", "stsm",    "stum", "swp",  "ld64",
					      "ldapr.", "ldaprb.", "st64",  "ldaprh.", NULL };
	static const char *const refused[] = { "ldapur", "stlur", "ldra", "stg", "stz",
					       "st2g",	 "ldg",	  "cpy",  "set", NULL };

	if (is_transfer(text))
		return is_unpredictable(text) ? INSN_UNPREDICTABLE : INSN_TRANSFER;
	if (strncmp(text, "dc zva,", 7) == 0)
		return INSN_ZERO_BLOCK;
	if (strncmp(text, "prf", 3) == 0)
		return INSN_PREFETCH;
	if (is_one_of(text, structure))
		return INSN_STRUCTURE;
	if (is_one_of(text, exclusive))
		return INSN_EXCLUSIVE;
	if (is_one_of(text, atomic))
		return INSN_ATOMIC;
	if (is_one_of(text, refused))
		return INSN_UNALLOCATED;
	if (strncmp(text, "ldr", 3) == 0)
		return INSN_LITERAL;
	return INSN_NR_KINDS;
}

static unsigned long nr_kinds[INSN_NR_KINDS];

static void check_word(uint32_t word, const char *text)
{
	struct insn_transfer transfer;
	enum insn_kind kind = insn_decode(word, &transfer), want = kind_by_text(text);
	char mine[100];

	nr_kinds[kind]++;
	/* SME and SVE, whose mnemonics are like the others': guests do not have them. */
	if ((word >> 25 & 13) == 0) {
		EXPECT(kind == INSN_OTHER, "%08x: %s", word, insn_kind_name(kind));
		return;
	}
	if (want == INSN_NR_KINDS) {
		/* Not a load or store of the base architecture, or no instruction at all. objdump says "undefined" to
		 * an unpredictable LDPSW. */
		EXPECT(kind != INSN_TRANSFER && kind != INSN_ZERO_BLOCK && kind != INSN_PREFETCH &&
			       (kind != INSN_UNPREDICTABLE || (word & 0xfe400000) == 0x68400000),
		       "%08x: %s, not '%s'", word, insn_kind_name(kind), text);
		return;
	}
	EXPECT(kind == want, "%08x: %s, but '%s'", word, insn_kind_name(kind), text);
	if (kind != INSN_TRANSFER && kind != INSN_UNPREDICTABLE)
		return;
	print_transfer(&transfer, mine);
	EXPECT(strcmp(mine, text) == 0, "%08x: '%s', but '%s'", word, mine, text);
}

START_TEST(test_against_objdump)
{
	char path[] = "/tmp/corbel-insn-XXXXXX", line[300];
	unsigned int nr_seen = 0;
	FILE *out;

	make_words();
	out = disassemble(path);
	while (fgets(line, sizeof(line), out) != NULL) {
		unsigned int offset, word;
		int text;

		if (sscanf(line, " %x:\t%x \t%n", &offset, &word, &text) != 2)
			continue;
		EXPECT(nr_seen < nr_words && offset == 4 * nr_seen && word == words[nr_seen], "objdump: %s", line);
		nr_seen++;
		normalise(line + text);
		check_word(word, line + text);
	}
	ck_assert_int_eq(pclose(out), 0);
	unlink(path);
	ck_assert_uint_eq(nr_seen, nr_words);
	/* It met enough of each to mean something. */
	for (unsigned int kind = 0; kind < INSN_NR_KINDS; kind++)
		ck_assert_msg(nr_kinds[kind] >= 30, "%lu of %s", nr_kinds[kind], insn_kind_name((enum insn_kind)kind));
	ck_assert_uint_gt(nr_kinds[INSN_TRANSFER], 100000);
}
END_TEST

static struct insn_transfer decoded(uint32_t word, enum insn_kind want)
{
	struct insn_transfer transfer;

	memset(&transfer, 0xa5, sizeof(transfer));
	ck_assert_msg(insn_decode(word, &transfer) == want, "%08x", word);
	return transfer;
}

/* Words that a disassembler gave once, so that its absence does not leave nothing. */
START_TEST(test_known_words)
{
	struct insn_transfer t = decoded(0xa9bf07e0, INSN_TRANSFER); /* stp x0, x1, [sp, #-16]! */

	ck_assert(!t.load && t.pair && !t.vector && t.to_x && t.index == INDEX_PRE);
	ck_assert_int_eq(t.offset, -16);
	ck_assert_uint_eq(t.rn, 31);
	ck_assert_uint_eq(t.rt, 0);
	ck_assert_uint_eq(t.rt2, 1);
	ck_assert_uint_eq(t.size_log2, 3);
	t = decoded(0xad400440, INSN_TRANSFER); /* ldp q0, q1, [x2] */
	ck_assert(t.load && t.pair && t.vector && t.index == INDEX_NONE);
	ck_assert_uint_eq(t.size_log2, 4);
	t = decoded(0xb8627820, INSN_TRANSFER); /* ldr w0, [x1, x2, lsl #2] */
	ck_assert(t.load && t.offset_by_reg && t.rm == 2 && t.extend == 3 && t.shift == 2);
	t = decoded(0xb84047ff, INSN_TRANSFER); /* ldr wzr, [sp], #4: 31 is not 31 */
	ck_assert(t.index == INDEX_POST && t.offset == 4);
	t = decoded(0xd50b742b, INSN_ZERO_BLOCK); /* dc zva, x11 */
	ck_assert_uint_eq(t.rt, 11);
	decoded(0xc85f7c20, INSN_EXCLUSIVE);	 /* ldxr x0, [x1] */
	decoded(0x88dffc20, INSN_EXCLUSIVE);	 /* ldar w0, [x1] */
	decoded(0xb8200041, INSN_ATOMIC);	 /* ldadd w0, w1, [x2] */
	decoded(0x4c407020, INSN_STRUCTURE);	 /* ld1 {v0.16b}, [x1] */
	decoded(0x18000040, INSN_LITERAL);	 /* ldr w0, .+8 */
	decoded(0xf9800020, INSN_PREFETCH);	 /* prfm pldl1keep, [x1] */
	decoded(0xb8404400, INSN_UNPREDICTABLE); /* ldr w0, [x0], #4 */
	decoded(0xa9400020, INSN_UNPREDICTABLE); /* ldp x0, x0, [x1] */
	decoded(0x69400020, INSN_UNPREDICTABLE); /* ldpsw x0, x0, [x1] */
	decoded(0x68c20400, INSN_UNPREDICTABLE); /* ldpsw x0, x1, [x0], #16 */
	decoded(0x69000820, INSN_UNALLOCATED);	 /* stgp x0, x2, [x1] */
	decoded(0xd503201f, INSN_OTHER);	 /* nop */
	decoded(0xd4200000, INSN_OTHER);	 /* brk #0 */
}
END_TEST

START_TEST(test_extended_offsets)
{
	static const struct {
		uint8_t extend, shift;
		uint64_t want;
	} rows[] = {
		{ 2, 0, 0x89abcdef },	      { 2, 3, 0x44d5e6f78 },	    { 3, 0, 0x0123456789abcdef },
		{ 3, 4, 0x123456789abcdef0 }, { 6, 0, 0xffffffff89abcdef }, { 6, 1, 0xffffffff13579bde },
		{ 7, 2, 0x048d159e26af37bc },
	};

	for (unsigned int n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		struct insn_transfer t = { .offset_by_reg = true, .extend = rows[n].extend, .shift = rows[n].shift };

		ck_assert_uint_eq(insn_extend_offset(&t, 0x0123456789abcdef), rows[n].want);
	}
}
END_TEST

START_TEST(test_kind_names)
{
	for (int kind = 0; kind < INSN_NR_KINDS; kind++)
		for (int other = 0; other < kind; other++)
			ck_assert_str_ne(insn_kind_name((enum insn_kind)kind), insn_kind_name((enum insn_kind)other));
	ck_assert_str_eq(insn_kind_name((enum insn_kind)77), "no such kind");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("insn_decode");
	TCase *tcase = tcase_create("insn_decode");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 110);
	tcase_add_test(tcase, test_against_objdump);
	tcase_add_test(tcase, test_known_words);
	tcase_add_test(tcase, test_extended_offsets);
	tcase_add_test(tcase, test_kind_names);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

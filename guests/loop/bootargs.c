#include "guests/loop/bootargs.h"
#include "guests/common/uart.h"

/* [Devicetree Specification 0.4, 5.2 header, 5.4 structure block]: big-endian words */
#define FDT_MAGIC      0xd00dfeedU
#define FDT_BEGIN_NODE 1U
#define FDT_END_NODE   2U
#define FDT_PROP       3U
#define FDT_NOP	       4U

#define PERIOD_US_MIN 50
#define PERIOD_US_MAX 1000000

static uint32_t word(const uint32_t *be)
{
	return __builtin_bswap32(*be);
}

static bool equal(const char *a, const char *b)
{
	for (; *a && *a == *b; a++)
		b++;
	return *a == *b;
}

static uint32_t words_of(uint32_t bytes)
{
	return (bytes + 3) / 4;
}

const char *bootargs_find(const void *dtb)
{
	const uint32_t *header = dtb, *token;
	const char *strings, *name;
	unsigned int depth = 0;
	bool in_chosen = false;

	if (!dtb || word(&header[0]) != FDT_MAGIC)
		return "";
	token = header + word(&header[2]) / 4;
	strings = (const char *)dtb + word(&header[3]);
	for (;; token++) {
		switch (word(token)) {
		case FDT_BEGIN_NODE: /* its name, padded */
			name = (const char *)(token + 1);
			in_chosen = ++depth == 2 && equal(name, "chosen");
			while (*name)
				name++;
			token += words_of((uint32_t)(name + 1 - (const char *)(token + 1)));
			break;
		case FDT_PROP: /* length, offset of its name, value, padded */
			if (in_chosen && equal(strings + word(&token[2]), "bootargs"))
				return (const char *)&token[3];
			token += 2 + words_of(word(&token[1]));
			break;
		case FDT_END_NODE:
			depth--;
			in_chosen = false; /* properties come before subnodes */
			break;
		case FDT_NOP: break;
		default: return ""; /* FDT_END, or no tree at all */
		}
	}
}

/* What follows `prefix` where text begins with it. */
static const char *after(const char *text, const char *prefix)
{
	for (; *prefix; prefix++)
		if (*text++ != *prefix)
			return 0;
	return text;
}

static bool is_end(char c)
{
	return c == ' ' || c == '\0';
}

static bool is_word(const char *text, const char *word)
{
	const char *end = after(text, word);

	return end && is_end(*end);
}

/* "key=N" with low <= N <= high. */
static bool is_number(const char *text, const char *key, uint64_t low, uint64_t high, uint64_t *value)
{
	const char *digit = after(text, key);
	uint64_t n = 0;

	if (!digit || is_end(*digit))
		return false;
	for (; *digit >= '0' && *digit <= '9' && n <= high; digit++)
		n = 10 * n + (uint64_t)(*digit - '0');
	if (!is_end(*digit) || n < low || n > high)
		return false;
	*value = n;
	return true;
}

void bootargs_parse(const char *text, struct options *options)
{
	while (*text) {
		if (is_word(text, "plain")) {
			options->plain = true;
		} else if (is_word(text, "quiet")) {
			options->quiet = true;
		} else if (!is_number(text, "periods=", 0, 1UL << 40, &options->periods) &&
			   !is_number(text, "period-us=", PERIOD_US_MIN, PERIOD_US_MAX, &options->period_us) &&
			   !is_end(*text)) {
			uart_text("loop: bootargs: not understood: ");
			for (const char *c = text; !is_end(*c); c++)
				uart_put(*c);
			uart_text("; words are periods=N, period-us=50..1000000, plain, quiet\n");
		}
		while (!is_end(*text))
			text++;
		while (*text == ' ')
			text++;
	}
}

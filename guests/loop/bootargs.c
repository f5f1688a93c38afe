#include "guests/loop/bootargs.h"
#include "guests/common/uart.h"

#define PERIOD_US_MIN 50
#define PERIOD_US_MAX 1000000

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

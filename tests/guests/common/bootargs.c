#include "tests/guests/common/bootargs.h"
#include "tests/guests/common/platform.h"

/* What follows prefix where s begins with it, else NULL. */
static const char *after(const char *s, const char *prefix)
{
	while (*prefix)
		if (*s++ != *prefix++)
			return 0;
	return s;
}

/* The text after "key=", NULL where there is none. */
static const char *value_of(const char *key)
{
	for (const char *s = platform.bootargs; *s; s++) {
		const char *value = s == platform.bootargs || s[-1] == ' ' ? after(s, key) : 0;

		if (value && *value == '=')
			return value + 1;
	}
	return 0;
}

bool bootargs_is(const char *key, const char *value)
{
	const char *text = value_of(key);
	const char *end = text ? after(text, value) : 0;

	return end && (*end == ' ' || *end == '\0');
}

uint64_t bootargs_number(const char *key)
{
	const char *text = value_of(key);
	uint64_t number = 0;

	for (; text && *text >= '0' && *text <= '9'; text++)
		number = 10 * number + (uint64_t)(*text - '0');
	return number;
}

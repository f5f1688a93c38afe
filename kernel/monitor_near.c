/* How near two names are: see monitor_near.h. */
#include "kernel/monitor_near.h"

#include <stdbool.h>
#include <string.h>

/* Longer words are not compared: nobody mistypes a name of three times its length. */
#define NEAR_MAX_BYTES 16

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* How many keys away: a wrong one, one too many or too few, two the wrong way round. Both are short. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int rows[3][NEAR_MAX_BYTES + 1];
	unsigned int length_a = (unsigned int)strlen(a), length_b = (unsigned int)strlen(b);

	for (unsigned int i = 0; i <= length_a; i++) {
		unsigned int *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];

		row[0] = i;
		for (unsigned int j = 1; j <= length_b; j++) {
			if (i == 0) {
				row[j] = j;
				continue;
			}
			row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], above2[j - 2] + 1);
		}
	}
	return rows[length_a % 3][length_b];
}

unsigned int monitor_how_far(const char *typed, const char *name)
{
	size_t length = strlen(typed), name_length = strlen(name);
	unsigned int most = length <= 3 ? 1 : 2, far;

	if (length > NEAR_MAX_BYTES || name_length > NEAR_MAX_BYTES)
		return MONITOR_NOT_NEAR;
	if (strncmp(typed, name, length) == 0 || (length > 2 && strstr(name, typed) != NULL))
		return 0;
	if (length > name_length + most || name_length > length + most)
		return MONITOR_NOT_NEAR;
	far = distance(typed, name);
	return far <= most ? far : MONITOR_NOT_NEAR;
}

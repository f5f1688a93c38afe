/* Words of the form key=value in the command line that a guest is given. */
#ifndef GUESTS_BOOTARGS_H
#define GUESTS_BOOTARGS_H

#include <stdbool.h>
#include <stdint.h>

/* Is the value of key (up to the next space) this text? */
bool bootargs_is(const char *key, const char *value);
/* The value of key as a decimal number; 0 when it is not there. */
uint64_t bootargs_number(const char *key);

#endif

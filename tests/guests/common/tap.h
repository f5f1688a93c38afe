/*
 * Results as TAP (Test Anything Protocol) on the console. tap_done() prints the plan at the end and then "# done": a
 * guest that dies on the way is told from one that passed. The boot CPU reports; others leave what they found in
 * memory.
 */
#ifndef GUESTS_TAP_H
#define GUESTS_TAP_H

#include <stdbool.h>

/* One result; the name is the test's and says what is promised. Returns ok. */
bool tap_ok(bool ok, const char *name, ...) __attribute__((format(printf, 2, 3)));
/* got == want, both shown when not. */
bool tap_is(unsigned long got, unsigned long want, const char *name, ...) __attribute__((format(printf, 3, 4)));
void tap_skip(const char *name, const char *why);
/* A line of diagnosis. */
void tap_note(const char *text, ...) __attribute__((format(printf, 1, 2)));
/* Gives the whole run up. */
void tap_bail(const char *why, ...) __attribute__((format(printf, 1, 2), noreturn));
void tap_done(void);

#endif

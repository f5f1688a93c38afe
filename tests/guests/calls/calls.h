/* The parts of this guest, each with its TAP lines. */
#ifndef GUESTS_CALLS_H
#define GUESTS_CALLS_H

/* suspend.c: SYSTEM_SUSPEND. */
void test_system_suspend(void);

/* smccc.c: the architecture's calls, Corbel's own, and TRNG. */
void test_smccc(void);

#endif

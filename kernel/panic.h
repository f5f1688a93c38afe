/* Corbel's own bug: say all that is known, stop the machine. Nothing a guest does leads here. */
#ifndef KERNEL_PANIC_H
#define KERNEL_PANIC_H

#include "arch/arm64/trap_frame.h"

void panic(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* From entry.S: an exception at EL2 that is nobody's but ours. */
void el2_fatal_exception(const struct trap_frame *frame, enum exit_kind kind) __attribute__((noreturn));
/* Another pCPU panics: this one stops for good. */
void panic_halt_self(void) __attribute__((noreturn));

#endif

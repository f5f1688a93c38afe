/* The machine as a whole: what it is, what it was told, and its end. */
#ifndef KERNEL_SYSTEM_H
#define KERNEL_SYSTEM_H

#include "kernel/options.h"
#include "platform/hw_info.h"

extern const struct hw_info *system_hw;
extern struct corbel_options system_options;

/* Flushes the console and powers the machine off by PSCI or the board's own way; stops this pCPU where neither works.
 */
void system_power_off(void) __attribute__((noreturn));
/* The same, but the machine starts again. */
void system_reboot(void) __attribute__((noreturn));
/* The boot CPU has started the VMs: from here on the machine may be idle. */
void system_started(void);
/* Called when a VM has gone off: with none left alive, on-idle says what comes. */
void system_check_idle(void);

#endif

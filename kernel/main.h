/* Where boot hands over to the kernel. */
#ifndef KERNEL_MAIN_H
#define KERNEL_MAIN_H

#include "platform/hw_info.h"

/*
 * The boot CPU: MMU on, all RAM and devices mapped, per-CPU area and stack set, secondaries not yet started. `hw` stays
 * valid for ever. Never returns.
 */
void kernel_main(const struct hw_info *hw) __attribute__((noreturn));
/* Each secondary, once boot_start_secondaries() (handed to the kernel by kernel_set_boot_ops) woke it. Never returns.
 */
void kernel_secondary_main(unsigned int cpu) __attribute__((noreturn));

/*
 * Called by boot_main() before kernel_main(): the kernel starts the other CPUs through it when it is ready for them
 * (upward calls go through pointers).
 * start_secondary(cpu): asks CPU `cpu` (index in hw->cpus) to come up at kernel_secondary_main(); HV_OK means asked.
 */
struct boot_ops {
	enum hv_err (*start_secondary)(const struct hw_info *hw, unsigned int cpu);
};
void kernel_set_boot_ops(const struct boot_ops *ops);

#endif

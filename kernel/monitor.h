/*
 * The monitor: what a person types at Corbel itself. Keys come from whichever pCPU hands them on, one at a time; a
 * command's answer is the work of a paced job, a row at a time with a pause between, so that a long list
 * costs no guest more than a row.
 *
 * Hand-shake: while a command runs (busy), the console leaves what is typed in the UART; the job's last step ends that
 * and has the console look again. So `line` belongs to the one who types, or to the job.
 */
#ifndef KERNEL_MONITOR_H
#define KERNEL_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

/* Once, before the console's interrupt is on: its answers are this pCPU's work. */
void monitor_init(unsigned int cpu);
/* Shows the prompt and takes the console's input (see console_set_focus()). No lock held. */
void monitor_open(void);
/* Tells the keys, wherever the focus is. No lock held. */
void monitor_show_keys(void);
/* A typed byte, from the console. No lock held. */
void monitor_rx(uint8_t byte);
/* A command is being answered. Any lock may be held. */
bool monitor_is_busy(void);

#endif

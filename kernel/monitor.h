/* The monitor prompt: what a person types at Corbel itself. Runs on whichever pCPU hands on
 * what was typed, one at a time; never blocks.
 */
#ifndef KERNEL_MONITOR_H
#define KERNEL_MONITOR_H

#include <stdint.h>

/* Shows the prompt and takes the console's input. */
void monitor_open(void);
/* A typed byte, from the console. No lock held. */
void monitor_rx(uint8_t byte);

#endif

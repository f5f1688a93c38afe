/*
 * PL061 GPIO port as a guest sees it [DDI0190]: eight lines, whose inputs Corbel drives (vpl061_set_input());
 * interrupts by edges and levels, one output for all. Outputs lead nowhere: they read back. Pure. Locks: the caller
 * holds the device's LOCK_DEV.
 */
#ifndef DEV_VPL061_H
#define DEV_VPL061_H

#include <stdbool.h>
#include <stdint.h>

#include "vcpu/mmio.h"

/* A bit a line, named as the registers are. */
struct vpl061_state {
	uint8_t input; /* what is driven from outside */
	uint8_t data;  /* what the guest drives where `dir` is 1 */
	uint8_t dir, is, ibe, iev, ie, afsel;
	uint8_t edges; /* GPIORIS of lines that interrupt by edges */
};

void vpl061_reset(struct vpl061_state *gpio);
/* The level of the interrupt line after the access is in *irq_level. */
enum mmio_result vpl061_access(struct vpl061_state *gpio, struct mmio_access *access, bool write, bool *irq_level);
/* A line (0 to 7) goes high or low from outside. Returns the level of the interrupt line. A reset leaves it as it is.
 */
bool vpl061_set_input(struct vpl061_state *gpio, unsigned int line, bool high);

#endif

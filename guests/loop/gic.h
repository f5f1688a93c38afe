/* The interrupt controller, GICv2 or GICv3, for one CPU. */
#ifndef LOOP_GIC_H
#define LOOP_GIC_H

#include <stdint.h>

void gic_init(void);
/* Lets an interrupt come to this CPU: a private one (16 to 31), or one that is shared (from 32 on), a level. */
void gic_enable(unsigned int intid);
/* Takes the interrupt that is pending: its number, or one from 1020 on where there is none any more. */
uint32_t gic_acknowledge(void);
/* That interrupt is done with and may come again. */
void gic_end(uint32_t intid);

#endif

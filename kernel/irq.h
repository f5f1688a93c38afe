/* Physical interrupts: acknowledge, hand to whom it belongs, end. */
#ifndef KERNEL_IRQ_H
#define KERNEL_IRQ_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/hw_info.h"

/* SGIs between pCPUs. */
enum { IRQ_SGI_KICK = 0, IRQ_SGI_HALT = 1, IRQ_SGI_SNAPSHOT = 2 };

/* Boot CPU: distributor. Each pCPU: its interface and PPIs. */
void irq_init(const struct hw_info *hw);
void irq_init_cpu(const struct hw_info *hw);
/* Takes one pending interrupt; nothing when there is none. EL2, interrupts masked. */
void irq_handle(void);
/*
 * The same with a look first, in the middle of longer work: what has come meanwhile may wake one more urgent, who would
 * wait for what comes next. False: there was none.
 */
bool irq_take_pending(void);
/* Sleeps until an interrupt is pending, or for no reason, and takes it. */
void irq_wait(void);
/* How often a device's interrupt was taken, Corbel's or a VM's. */
uint64_t irq_spi_count(uint32_t intid);

#endif

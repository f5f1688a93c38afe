/* Taking interrupts: a handler per INTID, and counts. */
#ifndef GUESTS_IRQ_H
#define GUESTS_IRQ_H

#include <stdint.h>

#include "tests/guests/common/gic.h"
#include "tests/guests/common/layout.h"

/* Runs between acknowledge and end, interrupts masked; may unmask them and so be preempted. */
typedef void (*irq_fn)(uint32_t iar);
void irq_handler(uint32_t intid, irq_fn fn);

extern uint32_t irq_count[GUEST_MAX_CPUS][GIC_NR_INTIDS];
extern uint32_t irq_spurious[GUEST_MAX_CPUS];
/* Forgets this CPU's counts. */
void irq_forget(void);
/* With true the handler itself does gic_eoi(). */
extern bool irq_manual_eoi;

#endif

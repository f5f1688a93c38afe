/*
 * How often a VM's host interrupts may come while somebody else has the pCPU: each costs that one an exit. A guest that
 * ends an interrupt where it took it has no more of them than one a line in each turn of the others. One that ends it
 * on another pCPU, again and again, would take the first one's time by interrupts alone, which no weight and no budget
 * sees; so from a number on they wait for the end of a window. Nothing is lost: a level stays high, an edge pending.
 *
 * Pure; kernel/host_devices.c has the interrupts, and the VM's vGIC lock guards this.
 */
#ifndef KERNEL_IRQ_STORM_H
#define KERNEL_IRQ_STORM_H

#include <stdbool.h>
#include <stdint.h>

#define IRQ_STORM_MAX	    32 /* a window */
#define IRQ_STORM_WINDOW_US 10000
#define IRQ_STORM_QUIET	    1000 /* so many windows that none filled: the next one is another storm, and told */

struct irq_storm {
	uint64_t window_ends_ticks; /* CNTPCT; multiples of a window's length, so they end on all pCPUs at once */
	unsigned int nr;	    /* in this window */
	uint64_t last_ticks;	    /* of the last window that was full; 0: none yet */
};

enum irq_storm_answer {
	IRQ_STORM_LET_IN,
	IRQ_STORM_HOLD_BACK, /* until window_ends_ticks */
	IRQ_STORM_BEGINS,    /* the same, and it is worth a word */
};

/* One came at somebody else's cost. now_ticks: CNTPCT; window_ticks: a window's length. */
enum irq_storm_answer irq_storm_count(struct irq_storm *storm, uint64_t now_ticks, uint64_t window_ticks);

#endif

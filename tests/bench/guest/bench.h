/*
 * The guest of make bench: what an operation costs at EL1, in ticks of the counter. scripts/bench runs it under Corbel,
 * under Xen and on the machine itself, with a counter that ticks once an instruction.
 *
 * A row is one operation, done so many times in a loop. Each row is run in several batches, and the shortest counts:
 * what the hypervisor does now and then, by a timer of its own, is in the others.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>

#include "tests/guests/common/cpu.h"
#include "tests/guests/common/timer.h"

struct row {
	const char *name;
	/* Does the operation so often; how many ticks that took, or their lateness summed up. */
	uint64_t (*run)(uint32_t rounds);
	uint32_t seldom; /* a long one: done so many times less often than the others */
	uint32_t faults; /* exceptions that one operation takes in the guest, by intention */
};

/* Rows of a VM alone on its CPU; alone_rows_v3 are those that only a GICv3 has. */
extern const struct row alone_rows[], alone_rows_v3[];
/* Rows of two vCPUs on one CPU, where a second, less urgent VM never rests. */
extern const struct row shared_rows[];

/* --- interrupts and exceptions: vectors.S --- */

/* What this CPU's vectors write, by way of TPIDR_EL1. */
struct seen {
	uint64_t irq_at;    /* the virtual counter at the handler's first instruction; 0: none came yet */
	uint64_t nr_faults; /* synchronous exceptions; each was stepped over */
};
extern struct seen seen[2];

/* The handler acknowledges, quiets the timer that it is for, and ends the interrupt. */
enum irq_source { IRQ_SGI, IRQ_VIRT_TIMER, IRQ_PHYS_TIMER };
/* From now on this CPU takes interrupts of that source only. */
void vectors_use(enum irq_source source);

/* Interrupts are masked: waits for the next one, takes it, and masks them again; when its handler began. */
static inline uint64_t irq_take(struct seen *mine)
{
	irq_unmask();
	while (LOAD(mine->irq_at) == 0)
		;
	irq_mask();
	return mine->irq_at;
}

#define SGI_INTID 1U

/* The calling CPU's interface and its private interrupts. */
void bench_gic_init_cpu(void);

/* How long the operation takes so many times, in a loop with nothing else. */
#define REPEAT(rounds, operation)                           \
	({                                                  \
		uint64_t start_ = timer_now();              \
		for (uint32_t n_ = (rounds); n_ != 0; n_--) \
			operation;                          \
		timer_now() - start_;                       \
	})

/* The sum over `rounds` of how late the virtual timer's handler begins, waiting in WFI. */
uint64_t wfi_lateness(uint32_t rounds);

#endif

/* More CPUs than one: starting them, and how they wait for each other. */
#ifndef GUESTS_SMP_H
#define GUESTS_SMP_H

#include <stdbool.h>
#include <stdint.h>

struct lock {
	uint32_t taken;
};
void lock(struct lock *l);
void unlock(struct lock *l);

/* What PSCI CPU_ON starts. */
extern char secondary_entry[];

/* How a secondary was entered the last time: filled in before its function runs. */
struct arrival {
	uint64_t context, mpidr, sctlr, daif, current_el;
	unsigned int count;
};
extern struct arrival arrivals[];

/*
 * Calls fn on another CPU, with its MMU like the boot CPU's; when fn returns the CPU goes off. cpu_on()'s result is
 * PSCI's. cpu_on_entry: the function for a CPU_ON that the test makes itself.
 */
void cpu_on_entry(unsigned int cpu, void (*fn)(unsigned int cpu));
int32_t cpu_on(unsigned int cpu, void (*fn)(unsigned int cpu), uint64_t context);

/* Waits until *flag >= value; false when that takes longer than a generous second or so. */
bool wait_for(const uint32_t *flag, uint32_t value);
/* Waits until AFFINITY_INFO says that the CPU is off. */
bool wait_cpu_off(unsigned int cpu);
/* All n CPUs come here before one goes on; may be used again and again. */
struct barrier {
	uint32_t arrived, round;
};
void barrier_wait(struct barrier *b, uint32_t n);

#endif

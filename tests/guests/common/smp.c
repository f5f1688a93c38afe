#include "tests/guests/common/smp.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/mmu.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/psci.h"
#include "tests/guests/common/timer.h"

struct arrival arrivals[GUEST_MAX_CPUS];
static void (*functions[GUEST_MAX_CPUS])(unsigned int cpu);

void secondary_start(unsigned int cpu, uint64_t context, uint64_t daif);

/* Exclusives need the MMU on [DDI0487 B2.9]; with it off there is one CPU, or a guest that takes no lock on two. */
void lock(struct lock *l)
{
	if (!guest_wants_mmu)
		return;
	while (__atomic_exchange_n(&l->taken, 1, __ATOMIC_ACQUIRE))
		;
}

void unlock(struct lock *l)
{
	__atomic_store_n(&l->taken, 0, __ATOMIC_RELEASE);
}

void secondary_start(unsigned int cpu, uint64_t context, uint64_t daif)
{
	uint64_t sctlr = READ_REG(sctlr_el1);

	if (guest_wants_mmu)
		mmu_on();
	arrivals[cpu].context = context;
	arrivals[cpu].daif = daif;
	arrivals[cpu].sctlr = sctlr;
	arrivals[cpu].mpidr = READ_REG(mpidr_el1);
	arrivals[cpu].current_el = READ_REG(CurrentEL);
	STORE(arrivals[cpu].count, arrivals[cpu].count + 1);
	functions[cpu](cpu);
	psci_cpu_off();
}

void cpu_on_entry(unsigned int cpu, void (*fn)(unsigned int cpu))
{
	functions[cpu] = fn;
	dsb();
}

int32_t cpu_on(unsigned int cpu, void (*fn)(unsigned int cpu), uint64_t context)
{
	cpu_on_entry(cpu, fn);
	return psci(PSCI_CPU_ON, platform.mpidr[cpu], (uint64_t)secondary_entry, context);
}

/* Long enough for several vCPUs that share one emulated CPU. */
#define PATIENCE_MS 8000

bool wait_for(const uint32_t *flag, uint32_t value)
{
	uint64_t end = timer_now() + timer_ms(PATIENCE_MS);

	while (LOAD(*flag) < value)
		if (timer_now() > end)
			return false;
	return true;
}

bool wait_cpu_off(unsigned int cpu)
{
	uint64_t end = timer_now() + timer_ms(PATIENCE_MS);

	while (psci(PSCI_AFFINITY_INFO, platform.mpidr[cpu], 0, 0) != 1)
		if (timer_now() > end)
			return false;
	return true;
}

void barrier_wait(struct barrier *b, uint32_t n)
{
	uint32_t round = LOAD(b->round);

	if (__atomic_add_fetch(&b->arrived, 1, __ATOMIC_ACQ_REL) == n) {
		STORE(b->arrived, 0);
		STORE(b->round, round + 1);
	} else {
		while (LOAD(b->round) == round)
			;
	}
}

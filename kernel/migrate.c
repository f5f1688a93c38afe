/* Moves between pCPUs: see migrate.h for the hand-shakes. */
#include "kernel/migrate.h"

#include "arch/arm64/barrier.h"
#include "arch/arm64/timer.h"
#include "lib/bits.h"

static bool some_move;	   /* constant after creation */
static uint64_t idle_cpus; /* atomic: a bit a pCPU */

uint64_t migrate_movable_to(uint64_t affinity)
{
	uint64_t mask = 0;

	for (unsigned int id = 0; id < MAX_CPUS; id++) {
		if (cpus[id].online)
			mask |= affinity & BIT(id);
	}
	if ((mask & (mask - 1)) == 0)
		return 0;
	some_move = true;
	return mask;
}

void migrate_publish(struct cpu *cpu)
{
	if (some_move)
		__atomic_store_n(&cpu->offers, run_queue_offers(&cpu->queue), __ATOMIC_SEQ_CST);
}

static uint64_t idle_now(void)
{
	return __atomic_load_n(&idle_cpus, __ATOMIC_SEQ_CST);
}

bool migrate_is_wanted(const struct cpu *cpu)
{
	return some_move && (__atomic_load_n(&cpu->offers, __ATOMIC_SEQ_CST) & idle_now()) != 0;
}

/* What waits and is not loaded needs its timer no more: it will look at what is due when it is loaded. The lock is
 * held. */
static void untie_waiting(struct cpu *cpu)
{
	for (struct list_node *at = cpu->queue.waiting.next; at != &cpu->queue.waiting; at = at->next) {
		struct run_entity *run = container_of(at, struct run_entity, node);
		struct vcpu *vcpu = container_of(run, struct vcpu, run);

		if (run->movable_to == 0 || cpu->loaded == vcpu)
			continue;
		soft_timer_cancel(&cpu->timers, &vcpu->wake_timer);
		migrate_untie(vcpu);
	}
}

void migrate_offer(struct cpu *cpu)
{
	uint64_t takers;

	if (!migrate_is_wanted(cpu))
		return;
	spin_lock(&cpu->lock);
	untie_waiting(cpu);
	takers = run_queue_takers(&cpu->queue, idle_now(), timer_now_ticks());
	spin_unlock(&cpu->lock);
	if (takers != 0)
		cpu_kick((unsigned int)__builtin_ctzll(takers));
}

static void arrive(struct cpu *cpu, struct run_entity *entity)
{
	spin_lock(&cpu->lock);
	run_queue_add(&cpu->queue, entity);
	migrate_publish(cpu);
	spin_unlock(&cpu->lock);
}

static bool take_from(struct cpu *from, struct cpu *cpu)
{
	uint64_t now_ticks = timer_now_ticks(), takers;
	struct run_entity *entity;
	bool tied;

	spin_lock(&from->lock);
	entity = run_queue_take(&from->queue, cpu->id, now_ticks);
	migrate_publish(from);
	tied = entity == NULL && run_queue_has_tied(&from->queue, cpu->id, now_ticks);
	if (tied)
		__atomic_store_n(&from->resched, true, __ATOMIC_SEQ_CST);
	takers = run_queue_takers(&from->queue, idle_now() & ~BIT(cpu->id), now_ticks);
	spin_unlock(&from->lock);
	if (tied)
		cpu_kick(from->id);
	if (entity == NULL)
		return false;
	arrive(cpu, entity);
	if (takers != 0) /* one more */
		cpu_kick((unsigned int)__builtin_ctzll(takers));
	return true;
}

bool migrate_begin_idle(struct cpu *cpu)
{
	if (!some_move)
		return false;
	__atomic_fetch_or(&idle_cpus, BIT(cpu->id), __ATOMIC_SEQ_CST);
	for (unsigned int n = 1; n < MAX_CPUS; n++) {
		struct cpu *from = &cpus[(cpu->id + n) % MAX_CPUS];

		if ((__atomic_load_n(&from->offers, __ATOMIC_SEQ_CST) & BIT(cpu->id)) != 0 && take_from(from, cpu)) {
			migrate_end_idle(cpu);
			return true;
		}
	}
	return false;
}

void migrate_end_idle(const struct cpu *cpu)
{
	if (some_move)
		__atomic_fetch_and(&idle_cpus, ~BIT(cpu->id), __ATOMIC_SEQ_CST);
}

void migrate_tie(struct vcpu *vcpu)
{
	__atomic_store_n(&vcpu->run.tied, true, __ATOMIC_RELAXED);
}

void migrate_untie(struct vcpu *vcpu)
{
	if (vcpu->run.movable_to != 0)
		dsb(ish);
	__atomic_store_n(&vcpu->run.tied, false, __ATOMIC_SEQ_CST);
}

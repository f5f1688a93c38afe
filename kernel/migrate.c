/* Moves between pCPUs: see migrate.h for the hand-shakes. */
#include "kernel/migrate.h"

#include "arch/arm64/barrier.h"
#include "lib/assert.h"
#include "lib/bits.h"

bool migrate_some_move;

/* Atomic, a bit a pCPU: see migrate.h. */
static uint64_t idle_cpus, listening_cpus;
static uint64_t offering_cpus; /* their `offers` are not 0; each bit under its pCPU's lock */

static uint64_t load(const uint64_t *mask)
{
	return __atomic_load_n(mask, __ATOMIC_SEQ_CST);
}

static void kick_all(uint64_t mask)
{
	for (; mask != 0; mask &= mask - 1)
		cpu_kick((unsigned int)__builtin_ctzll(mask));
}

/* It has to pick again. */
static void make_look(struct cpu *cpu)
{
	__atomic_store_n(&cpu->resched, true, __ATOMIC_SEQ_CST);
	if (cpu != cpu_self())
		cpu_kick(cpu->id);
}

/* --- creation --- */

static bool has_same_features(const struct cpu_features *a, const struct cpu_features *b)
{
	return a->hcr == b->hcr && a->has_hidden == b->has_hidden && a->has_sme == b->has_sme &&
	       a->has_ras == b->has_ras && a->nr_breakpoints == b->nr_breakpoints &&
	       a->nr_watchpoints == b->nr_watchpoints;
}

/* Whoever is idle, or sleeps, has not said so until now. */
static void begin(void)
{
	__atomic_store_n(&migrate_some_move, true, __ATOMIC_SEQ_CST);
	for (unsigned int id = 0; id < MAX_CPUS; id++) {
		if (cpus[id].online)
			make_look(&cpus[id]);
	}
}

uint64_t migrate_movable_to(unsigned int home, uint64_t affinity)
{
	uint64_t others = 0;

	for (unsigned int id = 0; id < MAX_CPUS; id++) {
		if (id != home && cpus[id].online && has_same_features(&cpus[id].features, &cpus[home].features))
			others |= affinity & BIT(id);
	}
	if (others != 0 && !migrate_some_move)
		begin();
	return others;
}

/* --- offers --- */

/* Those that listen have to pick again. */
static void tell_listeners(uint64_t mask)
{
	for (mask &= load(&listening_cpus); mask != 0; mask &= mask - 1)
		make_look(&cpus[__builtin_ctzll(mask)]);
}

static void publish(struct cpu *cpu)
{
	uint64_t before = cpu->offers, offers = run_queue_offers(&cpu->queue);

	if (offers == before)
		return;
	__atomic_store_n(&cpu->offers, offers, __ATOMIC_SEQ_CST);
	if (before == 0)
		__atomic_fetch_or(&offering_cpus, BIT(cpu->id), __ATOMIC_SEQ_CST);
	else if (offers == 0)
		__atomic_fetch_and(&offering_cpus, ~BIT(cpu->id), __ATOMIC_SEQ_CST);
	tell_listeners(offers & ~before);
}

bool migrate_added(struct cpu *cpu, const struct run_entity *entity)
{
	uint64_t takers;

	if (!migrate_some_move)
		return false;
	publish(cpu);
	if (entity->visits)
		return true;
	takers = cpu->offers & entity->movable_to & load(&idle_cpus);
	if (takers == 0)
		return false;
	if (__atomic_load_n(&entity->tied, __ATOMIC_SEQ_CST))
		return true;
	kick_all(takers);
	return false;
}

static bool is_offered_to(unsigned int id)
{
	for (uint64_t mask = load(&offering_cpus) & ~BIT(id); mask != 0; mask &= mask - 1) {
		if ((load(&cpus[__builtin_ctzll(mask)].offers) & BIT(id)) != 0)
			return true;
	}
	return false;
}

/* Returns true when the trap may stay off: nobody offers, and who does will tell. */
static bool listen(struct cpu *cpu)
{
	if (!cpu->listens)
		__atomic_fetch_or(&listening_cpus, BIT(cpu->id), __ATOMIC_SEQ_CST);
	cpu->listens = true;
	return !is_offered_to(cpu->id);
}

static void stop_listening(struct cpu *cpu)
{
	if (cpu->listens)
		__atomic_fetch_and(&listening_cpus, ~BIT(cpu->id), __ATOMIC_SEQ_CST);
	cpu->listens = false;
}

void migrate_look(struct cpu *cpu)
{
	const struct run_entity *current = cpu->queue.current;

	if (cpu->offers != 0 || !list_is_empty(&cpu->queue.waiting))
		publish(cpu);
	if (!cpu->trap_wfi && current != NULL && !current->is_job)
		cpu->trap_wfi = !listen(cpu);
	if (cpu->trap_wfi || current == NULL || current->is_job)
		stop_listening(cpu);
	cpu->moves_due = run_queue_has_visitor(&cpu->queue) || (cpu->offers & load(&idle_cpus)) != 0;
}

/* --- moves --- */

/* What waits and is not loaded needs its timer no more. The lock is held. */
static void untie_waiting(struct cpu *cpu)
{
	for (struct list_node *at = cpu->queue.waiting.next; at != &cpu->queue.waiting; at = at->next) {
		struct run_entity *run = container_of(at, struct run_entity, node);
		struct vcpu *vcpu = container_of(run, struct vcpu, run);

		if (run->movable_to == 0 || !run->tied || cpu->loaded == vcpu)
			continue;
		soft_timer_cancel(&cpu->timers, &vcpu->wake_timer);
		migrate_untie(vcpu);
	}
}

/* One that was taken out elsewhere is on this queue from now on. Any pCPU, no lock held. */
static void arrive(struct cpu *cpu, struct run_entity *entity)
{
	const struct vcpu *vcpu = container_of(entity, struct vcpu, run);
	uint64_t takers;
	bool kick;

	ASSERT(!entity->is_job && !entity->tied && list_is_empty(&vcpu->wake_timer.node));
	spin_lock(&cpu->lock);
	run_queue_add(&cpu->queue, entity);
	publish(cpu);
	kick = run_queue_is_changed_by(&cpu->queue, entity);
	if (kick)
		__atomic_store_n(&cpu->resched, true, __ATOMIC_SEQ_CST);
	takers = run_queue_takers(&cpu->queue, load(&idle_cpus));
	spin_unlock(&cpu->lock);
	if (kick && cpu != cpu_self())
		cpu_kick(cpu->id);
	kick_all(takers);
}

void migrate_make_moves(struct cpu *cpu)
{
	struct run_entity *visitor;
	uint64_t takers;

	cpu->moves_due = false;
	spin_lock(&cpu->lock);
	untie_waiting(cpu);
	takers = run_queue_takers(&cpu->queue, load(&idle_cpus));
	visitor = run_queue_send_home(&cpu->queue);
	spin_unlock(&cpu->lock);
	kick_all(takers);
	while (visitor != NULL) {
		arrive(&cpus[visitor->on_cpu], visitor);
		spin_lock(&cpu->lock);
		visitor = run_queue_send_home(&cpu->queue);
		spin_unlock(&cpu->lock);
	}
}

static bool take_from(struct cpu *from, struct cpu *cpu)
{
	struct run_entity *entity;
	bool tied;

	spin_lock(&from->lock);
	entity = run_queue_take(&from->queue, cpu->id);
	publish(from);
	tied = entity == NULL && run_queue_has_tied(&from->queue, cpu->id);
	if (tied)
		__atomic_store_n(&from->resched, true, __ATOMIC_SEQ_CST);
	spin_unlock(&from->lock);
	if (tied)
		cpu_kick(from->id);
	if (entity == NULL)
		return false;
	migrate_end_idle(cpu);
	arrive(cpu, entity);
	return true;
}

bool migrate_begin_idle(struct cpu *cpu)
{
	if (!migrate_some_move)
		return false;
	__atomic_fetch_or(&idle_cpus, BIT(cpu->id), __ATOMIC_SEQ_CST);
	for (uint64_t mask = load(&offering_cpus) & ~BIT(cpu->id); mask != 0; mask &= mask - 1) {
		struct cpu *from = &cpus[__builtin_ctzll(mask)];

		if ((load(&from->offers) & BIT(cpu->id)) != 0 && take_from(from, cpu))
			return true;
	}
	return false;
}

void migrate_end_idle(const struct cpu *cpu)
{
	if (migrate_some_move)
		__atomic_fetch_and(&idle_cpus, ~BIT(cpu->id), __ATOMIC_SEQ_CST);
}

/* --- ties --- */

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

bool migrate_pin(struct cpu *cpu, struct vcpu *vcpu, bool *was_tied)
{
	bool is_here;

	spin_lock(&cpu->lock);
	is_here = __atomic_load_n(&vcpu->run.on_cpu, __ATOMIC_RELAXED) == cpu->id;
	if (is_here) {
		*was_tied = vcpu->run.tied;
		migrate_tie(vcpu);
	}
	spin_unlock(&cpu->lock);
	return is_here;
}

void migrate_unpin(struct vcpu *vcpu, bool was_tied)
{
	if (!was_tied)
		migrate_untie(vcpu);
}

/* The scheduler: see sched.h for the hand-shakes. */
#include "kernel/sched.h"

#include "arch/arm64/timer.h"
#include "kernel/vm.h"
#include "lib/bits.h"

static struct cpu *home_of(const struct run_entity *entity)
{
	return &cpus[entity->home_cpu];
}

static void set_resched(struct cpu *cpu)
{
	__atomic_store_n(&cpu->resched, true, __ATOMIC_SEQ_CST);
}

static void kick_if_other(const struct cpu *cpu)
{
	if (cpu != cpu_self())
		cpu_kick(cpu->id);
}

static void make_runnable(struct cpu *home, struct run_entity *entity)
{
	run_queue_add(&home->queue, entity);
	if (entity->counts_waits)
		entity->waits_since_ticks = timer_now_ticks();
	set_resched(home);
}

void sched_start(struct vcpu *vcpu)
{
	struct cpu *home = home_of(&vcpu->run);

	spin_lock(&home->lock);
	if (vcpu->run.state == RUN_OFFLINE) {
		vcpu->run.wake_pending = vcpu->run.completed = false;
		make_runnable(home, &vcpu->run);
		/* Stopped before it could start: the stop did not find it on the queue. */
		if (__atomic_load_n(&vcpu->requests, __ATOMIC_SEQ_CST) & VCPU_REQ_STOP)
			run_queue_hurry(&home->queue, &vcpu->run);
	}
	spin_unlock(&home->lock);
	kick_if_other(home);
}

/* Returns true when its pCPU has to look. The home pCPU's lock is held. */
static bool wake_locked(struct cpu *home, struct run_entity *entity)
{
	if (entity->state == RUN_BLOCKED) {
		make_runnable(home, entity);
		return true;
	}
	if (entity->state != RUN_RUNNING)
		return false;
	entity->wake_pending = true;
	return true;
}

/* It has to come to its pCPU, whatever it waits for and whoever is more important. The lock is held. */
static bool stop_locked(struct cpu *home, struct run_entity *entity)
{
	if (entity->state == RUN_OFFLINE)
		return false;
	if (entity->state == RUN_BLOCKED || entity->state == RUN_PENDING)
		run_queue_add(&home->queue, entity);
	run_queue_hurry(&home->queue, entity);
	entity->wake_pending = true;
	set_resched(home);
	return true;
}

void sched_wake(struct vcpu *vcpu)
{
	struct cpu *home = home_of(&vcpu->run);
	bool stop = (__atomic_load_n(&vcpu->requests, __ATOMIC_SEQ_CST) & VCPU_REQ_STOP) != 0;
	bool kick;

	spin_lock(&home->lock);
	kick = stop ? stop_locked(home, &vcpu->run) : wake_locked(home, &vcpu->run);
	spin_unlock(&home->lock);
	if (kick)
		kick_if_other(home);
}

/* The current one of this pCPU leaves its queue. The lock is held. */
static void leave_locked(struct cpu *cpu, enum run_state state)
{
	run_queue_leave(&cpu->queue, state);
	set_resched(cpu);
}

void sched_block(struct vcpu *vcpu, enum run_state state)
{
	struct run_entity *run = &vcpu->run;
	struct cpu *cpu = home_of(run);
	uint32_t ends = state == RUN_PENDING ? VCPU_REQ_STOP : ~(uint32_t)VCPU_REQ_SUSPEND;
	bool ended;

	spin_lock(&cpu->lock);
	ended = (__atomic_load_n(&vcpu->requests, __ATOMIC_SEQ_CST) & ends) != 0;
	ended |= state == RUN_PENDING ? run->completed : run->wake_pending;
	if (!ended)
		leave_locked(cpu, state);
	run->wake_pending = false;
	run->completed = false;
	spin_unlock(&cpu->lock);
}

void sched_complete(struct vcpu *vcpu)
{
	struct cpu *home = home_of(&vcpu->run);

	spin_lock(&home->lock);
	if (vcpu->run.state == RUN_PENDING)
		make_runnable(home, &vcpu->run);
	else
		vcpu->run.completed = true;
	spin_unlock(&home->lock);
	kick_if_other(home);
}

void sched_offline(struct vcpu *vcpu)
{
	struct cpu *cpu = home_of(&vcpu->run);

	spin_lock(&cpu->lock);
	leave_locked(cpu, RUN_OFFLINE);
	spin_unlock(&cpu->lock);
}

void vcpu_post(struct vcpu *vcpu, uint32_t requests)
{
	__atomic_fetch_or(&vcpu->requests, requests, __ATOMIC_SEQ_CST);
	/* The current vCPU of this pCPU looks at its requests before it enters, or blocks, anyway. */
	if (cpu_self()->queue.current != &vcpu->run)
		sched_wake(vcpu);
}

void job_init(struct job *job, bool (*step)(struct job *job), unsigned int home_cpu, uint32_t priority)
{
	job->run =
		(struct run_entity){ .home_cpu = home_cpu, .priority = priority, .is_job = true, .state = RUN_BLOCKED };
	list_init(&job->run.node);
	job->step = step;
}

void sched_wake_job(struct job *job)
{
	struct cpu *home = home_of(&job->run);
	bool kick;

	spin_lock(&home->lock);
	kick = wake_locked(home, &job->run);
	spin_unlock(&home->lock);
	if (kick)
		kick_if_other(home);
}

void sched_block_job(struct job *job)
{
	struct cpu *cpu = home_of(&job->run);

	spin_lock(&cpu->lock);
	if (!job->run.wake_pending)
		leave_locked(cpu, RUN_BLOCKED);
	job->run.wake_pending = false;
	spin_unlock(&cpu->lock);
}

void sched_calm_job(struct job *job)
{
	struct cpu *cpu = home_of(&job->run);

	spin_lock(&cpu->lock);
	job->run.urgent = false;
	set_resched(cpu);
	spin_unlock(&cpu->lock);
}

/* Notes what the current one has used of its slice by now. */
static void charge_slice(struct cpu *cpu)
{
	uint64_t now, end = cpu->slice.deadline_ticks;

	if (cpu->queue.current == NULL || list_is_empty(&cpu->slice.node))
		return; /* nobody, or not counted */
	now = timer_now_ticks();
	if (now >= end)
		cpu->queue.slice_over = true;
	else
		cpu->queue.current->slice_used_ticks = timer_us_to_ticks(TIME_SLICE_US) - (end - now);
}

/* A slice is counted only where an equal could use it: who is alone at his priority takes no tick. */
static void count_slice(struct cpu *cpu, const struct run_entity *current)
{
	cpu->queue.slice_over = false;
	if (run_queue_is_contended(&cpu->queue))
		soft_timer_arm(&cpu->timers, &cpu->slice,
			       timer_now_ticks() + timer_us_to_ticks(TIME_SLICE_US) - current->slice_used_ticks);
	else
		soft_timer_cancel(&cpu->timers, &cpu->slice);
}

/* Another one's turn: a preempted one begins to wait, and who comes has waited. The lock is held. */
static void count_waits(struct run_entity *before, struct run_entity *picked)
{
	if (before != NULL && before->counts_waits)
		before->waits_since_ticks = timer_now_ticks();
	if (picked != NULL && picked->counts_waits)
		picked->waited_ticks += timer_now_ticks() - picked->waits_since_ticks;
}

struct run_entity *sched_pick(struct cpu *cpu)
{
	struct run_entity *before, *picked;

	spin_lock(&cpu->lock);
	__atomic_store_n(&cpu->resched, false, __ATOMIC_SEQ_CST);
	before = cpu->queue.current;
	charge_slice(cpu);
	picked = run_queue_pick(&cpu->queue);
	if (picked != before)
		count_waits(before, picked);
	/* A slice that runs goes on running: only a new turn, or a first rival, begins one. */
	if (picked != NULL && (picked != before || cpu->queue.slice_over || list_is_empty(&cpu->slice.node)))
		count_slice(cpu, picked);
	cpu->trap_wfi = cpu->queue.nr_present > 1;
	spin_unlock(&cpu->lock);
	return picked;
}

unsigned int sched_choose_service(void)
{
	unsigned int best = this_cpu();

	for (unsigned int id = 0; id < MAX_CPUS; id++) {
		if (cpus[id].online && cpus[id].top_priority < cpus[best].top_priority)
			best = id;
	}
	return best;
}

unsigned int sched_choose_home(uint64_t affinity)
{
	unsigned int best = MAX_CPUS;

	for (unsigned int id = 0; id < MAX_CPUS; id++) {
		if (!cpus[id].online || (affinity & BIT(id)) == 0)
			continue;
		if (best == MAX_CPUS || cpus[id].nr_assigned < cpus[best].nr_assigned)
			best = id;
	}
	return best;
}

/* The scheduler: see sched.h for the hand-shakes. */
#include "kernel/sched.h"

#include "arch/arm64/timer.h"
#include "kernel/migrate.h"
#include "kernel/vm.h"
#include "kernel/vm_plan.h"
#include "lib/assert.h"
#include "lib/bits.h"

/* Of one that runs, which does not move. */
static struct cpu *cpu_of_current(const struct run_entity *current)
{
	return &cpus[current->on_cpu];
}

/* The lock of the pCPU whose queue it uses, which it may leave until that is held: kernel/migrate.h. */
static struct cpu *lock_cpu_of(const struct run_entity *entity)
{
	for (;;) {
		struct cpu *cpu = &cpus[__atomic_load_n(&entity->on_cpu, __ATOMIC_ACQUIRE)];

		spin_lock(&cpu->lock);
		if (cpu->id == __atomic_load_n(&entity->on_cpu, __ATOMIC_RELAXED))
			return cpu;
		spin_unlock(&cpu->lock);
	}
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
	ASSERT(entity->on_cpu == home->id);
	run_queue_add(&home->queue, entity);
	if (entity->counts_waits)
		entity->waits_since_ticks = timer_now_ticks();
}

/* One that was BLOCKED or PENDING. Returns true when its pCPU has to look. The lock is held. */
static bool end_wait(struct cpu *home, struct run_entity *entity)
{
	make_runnable(home, entity);
	if (!run_queue_is_changed_by(&home->queue, entity) && !migrate_added(home, entity))
		return false;
	set_resched(home);
	return true;
}

void sched_start(struct vcpu *vcpu)
{
	struct cpu *home = lock_cpu_of(&vcpu->run);

	if (vcpu->run.state == RUN_OFFLINE) {
		vcpu->run.wake_pending = vcpu->run.completed = false;
		make_runnable(home, &vcpu->run);
		set_resched(home);
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
	ASSERT(entity->on_cpu == home->id);
	if (entity->state == RUN_BLOCKED)
		return end_wait(home, entity);
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
	bool stop = (__atomic_load_n(&vcpu->requests, __ATOMIC_SEQ_CST) & VCPU_REQ_STOP) != 0;
	struct cpu *home = lock_cpu_of(&vcpu->run);
	bool kick;

	kick = stop ? stop_locked(home, &vcpu->run) : wake_locked(home, &vcpu->run);
	spin_unlock(&home->lock);
	if (kick)
		kick_if_other(home);
}

/* The current one of this pCPU leaves its queue. The lock is held. */
static void leave_locked(struct cpu *cpu, enum run_state state)
{
	run_queue_leave(&cpu->queue, state, timer_now_ticks());
	set_resched(cpu);
}

void sched_block(struct vcpu *vcpu, enum run_state state)
{
	struct run_entity *run = &vcpu->run;
	struct cpu *cpu = cpu_of_current(run);
	uint32_t ends = state == RUN_PENDING ? VCPU_REQ_STOP : ~(uint32_t)(VCPU_REQ_SUSPEND | VCPU_REQ_TIMED);
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
	struct cpu *home = lock_cpu_of(&vcpu->run);
	bool kick = false;

	if (vcpu->run.state == RUN_PENDING)
		kick = end_wait(home, &vcpu->run);
	else
		vcpu->run.completed = true;
	spin_unlock(&home->lock);
	if (kick)
		kick_if_other(home);
}

void sched_offline(struct vcpu *vcpu)
{
	struct cpu *cpu = cpu_of_current(&vcpu->run);

	spin_lock(&cpu->lock);
	leave_locked(cpu, RUN_OFFLINE);
	spin_unlock(&cpu->lock);
}

void sched_hold(struct vcpu *vcpu)
{
	struct cpu *home = lock_cpu_of(&vcpu->run);

	run_queue_hold(&vcpu->run, true);
	set_resched(home);
	spin_unlock(&home->lock);
	kick_if_other(home);
}

void sched_release(struct vcpu *vcpu)
{
	struct cpu *home = lock_cpu_of(&vcpu->run);
	bool was_held;

	was_held = vcpu->run.is_held;
	if (was_held) {
		run_queue_hold(&vcpu->run, false);
		vcpu->run.waits_since_ticks = timer_now_ticks();
		set_resched(home);
	}
	spin_unlock(&home->lock);
	if (was_held)
		kick_if_other(home);
}

bool sched_is_out(struct vcpu *vcpu)
{
	struct cpu *home = lock_cpu_of(&vcpu->run);
	bool out;

	out = vcpu->run.state != RUN_RUNNING && __atomic_load_n(&home->loaded, __ATOMIC_RELAXED) != vcpu;
	spin_unlock(&home->lock);
	return out;
}

void vcpu_post(struct vcpu *vcpu, uint32_t requests)
{
	__atomic_fetch_or(&vcpu->requests, requests, __ATOMIC_SEQ_CST);
	/* The current vCPU of this pCPU looks at its requests before it enters, or blocks, anyway. But who is preempted
	 * before that must be urgent if he is to stop. */
	if (cpu_self()->queue.current != &vcpu->run || (requests & VCPU_REQ_STOP) != 0)
		sched_wake(vcpu);
}

void job_init(struct job *job, bool (*step)(struct job *job), unsigned int home_cpu, uint32_t priority)
{
	job->run = (struct run_entity){
		.home_cpu = home_cpu,
		.on_cpu = home_cpu,
		.priority = priority,
		.is_job = true,
		.state = RUN_BLOCKED,
		.slice_ticks = timer_us_to_ticks(TIME_SLICE_US),
	};
	job->run.payer = &job->run;
	list_init(&job->run.node);
	job->step = step;
}

void sched_wake_job(struct job *job)
{
	struct cpu *home = lock_cpu_of(&job->run);
	bool kick;

	kick = wake_locked(home, &job->run);
	spin_unlock(&home->lock);
	if (kick)
		kick_if_other(home);
}

/* It was urgent for one step. The lock is held. */
static void calm_locked(struct cpu *cpu, struct run_entity *run)
{
	if (!run->urgent)
		return;
	run->urgent = false;
	set_resched(cpu);
}

/* Woken meanwhile, it goes on; but one that others wake all the time is urgent no longer than any other. */
void sched_block_job(struct job *job)
{
	struct cpu *cpu = cpu_of_current(&job->run);

	spin_lock(&cpu->lock);
	if (!job->run.wake_pending)
		leave_locked(cpu, RUN_BLOCKED);
	else
		calm_locked(cpu, &job->run);
	job->run.wake_pending = false;
	spin_unlock(&cpu->lock);
}

void sched_calm_job(struct job *job)
{
	struct cpu *cpu = cpu_of_current(&job->run);

	spin_lock(&cpu->lock);
	calm_locked(cpu, &job->run);
	spin_unlock(&cpu->lock);
}

/* The timer is moved only where the next look is another: a turn that goes on leaves it as it is. */
static void arm_next_look(struct cpu *cpu, uint64_t look_ticks)
{
	if (look_ticks == RUN_QUEUE_NEVER)
		soft_timer_cancel(&cpu->timers, &cpu->next_look);
	else if (list_is_empty(&cpu->next_look.node) || cpu->next_look.deadline_ticks != look_ticks)
		soft_timer_arm(&cpu->timers, &cpu->next_look, look_ticks);
}

/* Another one's turn: a preempted one begins to wait, and who comes has waited. The lock is held. */
static void count_waits(struct run_entity *before, struct run_entity *picked, uint64_t now_ticks)
{
	if (before != NULL && before->counts_waits)
		before->waits_since_ticks = now_ticks;
	if (picked != NULL && picked->counts_waits)
		picked->waited_ticks += now_ticks - picked->waits_since_ticks;
}

/* Who has a budget waits for interrupts off his pCPU, though he is alone there: else waiting would use it up. */
static bool waits_trapped(const struct run_entity *picked)
{
	return picked != NULL && picked->budget_ticks != 0;
}

struct run_entity *sched_pick(struct cpu *cpu)
{
	struct run_entity *before, *picked;
	uint64_t now_ticks;

	spin_lock(&cpu->lock);
	__atomic_store_n(&cpu->resched, false, __ATOMIC_SEQ_CST);
	now_ticks = timer_now_ticks();
	before = cpu->queue.current;
	picked = run_queue_pick(&cpu->queue, now_ticks);
	if (picked != before)
		count_waits(before, picked, now_ticks);
	arm_next_look(cpu, run_queue_next_look(&cpu->queue, now_ticks));
	cpu->trap_wfi = cpu->queue.nr_present > 1 || waits_trapped(picked);
	if (migrate_some_move)
		migrate_look(cpu);
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
	struct vm_plan_cpus plan = { 0 };

	for (unsigned int id = 0; id < MAX_CPUS; id++) {
		plan.online |= cpus[id].online ? BIT(id) : 0;
		plan.nr_assigned[id] = cpus[id].nr_assigned;
	}
	return vm_plan_choose_home(&plan, affinity);
}

/* The scheduler: see sched.h for the hand-shakes. */
#include "kernel/sched.h"

#include "arch/arm64/timer.h"
#include "kernel/vm.h"
#include "lib/bits.h"

static struct vcpu *vcpu_of(struct list_node *node)
{
	return container_of(node, struct vcpu, run_node);
}

static struct vcpu *queue_head(struct cpu *cpu)
{
	return list_is_empty(&cpu->run_queue) ? NULL : vcpu_of(cpu->run_queue.next);
}

/* Behind its equals (a new turn), or before them (preempted: it keeps its place). */
static void enqueue(struct cpu *cpu, struct vcpu *vcpu, bool before_equals)
{
	struct list_node *at;

	for (at = cpu->run_queue.next; at != &cpu->run_queue; at = at->next) {
		uint32_t priority = vcpu_of(at)->priority;

		if (priority < vcpu->priority || (before_equals && priority == vcpu->priority))
			break;
	}
	list_insert_before(at, &vcpu->run_node);
	vcpu->run_state = VCPU_RUNNABLE;
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

void sched_start(struct vcpu *vcpu)
{
	struct cpu *home = &cpus[vcpu->home_cpu];

	spin_lock(&home->lock);
	if (vcpu->run_state == VCPU_OFFLINE) {
		vcpu->wake_pending = false;
		enqueue(home, vcpu, false);
		set_resched(home);
	}
	spin_unlock(&home->lock);
	kick_if_other(home);
}

/* Puts a parked vCPU back on its queue. The home pCPU's lock is held. */
static void make_runnable(struct cpu *home, struct vcpu *vcpu)
{
	enqueue(home, vcpu, false);
	set_resched(home);
}

void sched_wake(struct vcpu *vcpu)
{
	struct cpu *home = &cpus[vcpu->home_cpu];
	bool stop = (__atomic_load_n(&vcpu->requests, __ATOMIC_SEQ_CST) & VCPU_REQ_STOP) != 0;
	bool kick = true;

	spin_lock(&home->lock);
	if (vcpu->run_state == VCPU_BLOCKED || (vcpu->run_state == VCPU_PENDING && stop))
		make_runnable(home, vcpu);
	else if (vcpu->run_state == VCPU_RUNNING)
		vcpu->wake_pending = true;
	else
		kick = false;
	spin_unlock(&home->lock);
	if (kick)
		kick_if_other(home);
}

void sched_block(struct vcpu *vcpu, enum vcpu_run_state state)
{
	struct cpu *cpu = &cpus[vcpu->home_cpu];
	uint32_t ends = state == VCPU_PENDING ? VCPU_REQ_STOP : ~0U;
	bool ended;

	spin_lock(&cpu->lock);
	ended = (__atomic_load_n(&vcpu->requests, __ATOMIC_SEQ_CST) & ends) != 0;
	ended |= state == VCPU_PENDING ? vcpu->completed : vcpu->wake_pending;
	if (!ended) {
		vcpu->run_state = state;
		cpu->current = NULL;
		set_resched(cpu);
	}
	vcpu->wake_pending = false;
	vcpu->completed = false;
	spin_unlock(&cpu->lock);
}

void sched_complete(struct vcpu *vcpu)
{
	struct cpu *home = &cpus[vcpu->home_cpu];

	spin_lock(&home->lock);
	if (vcpu->run_state == VCPU_PENDING)
		make_runnable(home, vcpu);
	else
		vcpu->completed = true;
	spin_unlock(&home->lock);
	kick_if_other(home);
}

void sched_offline(struct vcpu *vcpu)
{
	struct cpu *cpu = &cpus[vcpu->home_cpu];

	spin_lock(&cpu->lock);
	vcpu->run_state = VCPU_OFFLINE;
	cpu->current = NULL;
	set_resched(cpu);
	spin_unlock(&cpu->lock);
}

void vcpu_post(struct vcpu *vcpu, uint32_t requests)
{
	__atomic_fetch_or(&vcpu->requests, requests, __ATOMIC_SEQ_CST);
	/* The current vCPU of this pCPU looks at its requests before it enters, or blocks, anyway. */
	if (cpu_self()->current != vcpu)
		sched_wake(vcpu);
}

/* A slice is only counted where somebody else could use it: others of the same priority, or a job of this pCPU. */
static void set_slice(struct cpu *cpu, const struct vcpu *next)
{
	const struct vcpu *rival = queue_head(cpu);
	bool contended = cpu->has_jobs || (rival != NULL && rival->priority == next->priority);

	cpu->slice_over = false;
	if (contended)
		soft_timer_arm(&cpu->timers, &cpu->slice, timer_now_ticks() + timer_us_to_ticks(TIME_SLICE_US));
	else
		soft_timer_cancel(&cpu->timers, &cpu->slice);
}

static bool current_goes_on(const struct cpu *cpu, const struct vcpu *head)
{
	const struct vcpu *current = cpu->current;

	if (current == NULL)
		return false;
	if (head == NULL || head->priority < current->priority)
		return true;
	return head->priority == current->priority && !cpu->slice_over;
}

struct vcpu *sched_pick(struct cpu *cpu)
{
	struct vcpu *head;
	bool keep;

	spin_lock(&cpu->lock);
	__atomic_store_n(&cpu->resched, false, __ATOMIC_SEQ_CST);
	head = queue_head(cpu);
	keep = current_goes_on(cpu, head);
	if (!keep && head != NULL) {
		list_remove(&head->run_node);
		if (cpu->current != NULL)
			enqueue(cpu, cpu->current, !cpu->slice_over);
		head->run_state = VCPU_RUNNING;
		cpu->current = head;
	}
	/* A slice that runs goes on running: only a new turn, or a first rival, begins one. */
	if (cpu->current != NULL && (!keep || cpu->slice_over || list_is_empty(&cpu->slice.node)))
		set_slice(cpu, cpu->current);
	spin_unlock(&cpu->lock);
	return cpu->current;
}

void sched_post_job(struct vm *vm)
{
	struct cpu *home = &cpus[vm->home_cpu];

	spin_lock(&home->lock);
	if (!vm->job_queued) {
		vm->job_queued = true;
		list_add_tail(&home->jobs, &vm->job_node);
	}
	__atomic_store_n(&home->has_jobs, true, __ATOMIC_SEQ_CST);
	set_resched(home);
	spin_unlock(&home->lock);
	kick_if_other(home);
}

struct vm *sched_take_job(struct cpu *cpu)
{
	struct vm *vm = NULL;

	spin_lock(&cpu->lock);
	if (!list_is_empty(&cpu->jobs)) {
		vm = container_of(cpu->jobs.next, struct vm, job_node);
		list_remove(&vm->job_node);
		vm->job_queued = false;
	}
	__atomic_store_n(&cpu->has_jobs, !list_is_empty(&cpu->jobs), __ATOMIC_SEQ_CST);
	spin_unlock(&cpu->lock);
	return vm;
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

/* The per-pCPU loop: see run.h. The story of DESIGN section 1 from here on. */
#include "kernel/run.h"

#include "arch/arm64/debug.h"
#include "arch/arm64/guest.h"
#include "arch/arm64/syndrome.h"
#include "arch/arm64/timer.h"
#include "dev/vgic.h"
#include "kernel/cpu.h"
#include "kernel/exit_dispatch.h"
#include "kernel/exit_times.h"
#include "kernel/insn_fetch.h"
#include "kernel/irq.h"
#include "kernel/migrate.h"
#include "kernel/pv_time.h"
#include "kernel/ram_clean.h"
#include "kernel/sched.h"
#include "kernel/vcpu_switch.h"
#include "kernel/virq.h"
#include "kernel/vm.h"
#include "lib/bits.h"
#include "psci/psci.h"
#include "smc/smccc.h"
#include "vcpu/decode.h"

/* After SYSTEM_SUSPEND only an interrupt lets it enter; whatever else has woken it, it parks again. */
static bool stays_suspended(struct vcpu *vcpu)
{
	if (virq_ends_suspend(vcpu))
		return false;
	__atomic_fetch_or(&vcpu->requests, VCPU_REQ_SUSPEND, __ATOMIC_SEQ_CST);
	sched_block(vcpu, RUN_BLOCKED);
	return true;
}

/* What becomes of a vCPU that had requests. */
enum served {
	SERVED_LOOK_AGAIN, /* it may have to wait, or others come first, by now */
	SERVED_ACCESS,	   /* MMIO_WAIT is over: its exit is dispatched once more */
	SERVED_GONE,	   /* it has gone offline, or parked */
};

/* What others have posted, and it itself. */
static enum served serve_requests(struct cpu *cpu, struct vcpu *vcpu)
{
	uint32_t requests = __atomic_fetch_and(&vcpu->requests, (uint32_t)VCPU_REQ_TIMED, __ATOMIC_SEQ_CST);

	if (requests & VCPU_REQ_STOP) {
		vcpu_unload(cpu);
		sched_offline(vcpu);
		vm_vcpu_gone(vcpu->vm);
		return SERVED_GONE;
	}
	if (requests & VCPU_REQ_DEBUG)
		debug_restore(&vcpu->debug, &cpu->features);
	if (requests & VCPU_REQ_PAUTH)
		vcpu_load_pauth(cpu, vcpu);
	if (requests & VCPU_REQ_VM_CONTROL)
		requests |= vcpu_write_vm_control(cpu, vcpu);
	if (requests & VCPU_REQ_ACCESS)
		return SERVED_ACCESS; /* a refresh would come too early: the access posts one */
	if (requests & VCPU_REQ_VGIC)
		virq_refresh(vcpu);
	if (requests & VCPU_REQ_CLEAN) {
		vcpu_load_traps(cpu, vcpu); /* HCR_EL2.TVM comes and goes with it */
		ram_clean_wait(vcpu);
	}
	return (requests & VCPU_REQ_SUSPEND) != 0 && stays_suspended(vcpu) ? SERVED_GONE : SERVED_LOOK_AGAIN;
}

static void trace_exit(struct vcpu *vcpu)
{
	struct exit_trace *trace = &vcpu->trace[vcpu->trace_next++ % ARRAY_SIZE(vcpu->trace)];

	trace->elr = vcpu->frame.elr;
	trace->esr = vcpu->syndrome.esr;
	trace->reason = (uint8_t)vcpu->exit.reason;
	vcpu->nr_exits[vcpu->exit.reason]++;
}

/* Syndrome -> exit -> refined exit: the pure chain. */
static void decode(struct vcpu *vcpu, enum exit_kind kind)
{
	if (kind != EXIT_KIND_SYNC) {
		vcpu->syndrome.esr = 0; /* the trace shows none */
		handle_exception_async(vcpu, kind);
		return;
	}
	syndrome_capture(&vcpu->syndrome);
	if (exit_needs_insn(&vcpu->syndrome))
		insn_fetch(vcpu);
	handle_exception_sync(vcpu);
	if (vcpu->exit.reason == EXIT_HYPERCALL) {
		smccc_refine(vcpu, &vcpu->vm->smccc);
		if (vcpu->exit.reason == EXIT_HYPERCALL)
			psci_refine(vcpu, &vcpu->vm->psci);
	} else if (vcpu->exit.reason == EXIT_SYSREG_WRITE || vcpu->exit.reason == EXIT_MMIO_WRITE) {
		vgic_refine(vcpu, vcpu->vm->config->gic_version, vcpu->vm->map->gicd.base);
	}
}

/*
 * VCPU_REQ_TIMED: notes how long the last exit of this turn took, enters, and tells when it came out. Who is not timed
 * does not come here. since_ticks: 0 when the turn begins.
 */
static __attribute__((noinline)) enum exit_kind enter_timed(struct vcpu *vcpu, uint64_t *since_ticks)
{
	uint64_t now_ticks = timer_now_ticks();
	enum exit_kind kind;

	if (*since_ticks != 0)
		exit_times_add(vcpu->times, vcpu->exit.reason, now_ticks - *since_ticks);
	kind = arch_enter_guest(&vcpu->frame);
	*since_ticks = timer_now_ticks();
	return kind;
}

/* One call each of what an exit takes: so the compiler puts them all here, and 0 first, which it most often is. */
static void run_vcpu(struct cpu *cpu, struct vcpu *vcpu)
{
	uint64_t since_ticks = 0;

	while (!__atomic_load_n(&cpu->resched, __ATOMIC_ACQUIRE)) {
		uint32_t requests = __atomic_load_n(&vcpu->requests, __ATOMIC_ACQUIRE);
		enum exit_kind kind = EXIT_KIND_SYNC;
		bool again = false; /* the last exit once more, which is decoded already */

		if (__builtin_expect(requests == 0, true)) {
			kind = arch_enter_guest(&vcpu->frame);
		} else if (requests == VCPU_REQ_TIMED) {
			kind = enter_timed(vcpu, &since_ticks);
		} else if (irq_take_pending()) {
			continue; /* a more urgent one saves it a refresh */
		} else {
			enum served served = serve_requests(cpu, vcpu);

			if (served == SERVED_GONE)
				return;
			if (served == SERVED_LOOK_AGAIN)
				continue;
			again = true;
		}
		if (!again) {
			decode(vcpu, kind);
			trace_exit(vcpu);
		}
		exit_apply(vcpu, exit_dispatch(vcpu));
	}
}

static bool is_more_urgent(const struct vcpu *vcpu, const struct vcpu *than)
{
	return than != NULL && (than->run.visits || vcpu->run.priority > than->run.priority);
}

/* Returns false when an interrupt came between: somebody else's turn, perhaps. */
static bool switch_to(struct cpu *cpu, struct vcpu *vcpu)
{
	/* Who is more urgent than the last one is most often the one himself that all this is for: no looks for him. */
	bool hurries = is_more_urgent(vcpu, cpu->loaded);

	if (!hurries && irq_take_pending())
		return false;
	vcpu_unload(cpu);
	if (!hurries && irq_take_pending())
		return false;
	vcpu_load(cpu, vcpu);
	(void)irq_take_pending(); /* it would come out again before its first instruction */
	return true;
}

static void run_loaded(struct cpu *cpu, struct vcpu *vcpu)
{
	if (cpu->loaded != vcpu && !switch_to(cpu, vcpu))
		return;
	if (cpu->moves_due)
		migrate_make_moves(cpu);
	if (vcpu->run.counts_waits)
		pv_time_update(vcpu);
	if (cpu->wfi_traps != cpu->trap_wfi)
		vcpu_load_traps(cpu, vcpu);
	run_vcpu(cpu, vcpu);
}

/*
 * Somebody's register access may wait for the loaded vCPU's list registers (MMIO_WAIT), and this one does not come to
 * its requests for long: all that it has goes back into the model. One that an access wakes soon keeps it: in idle who
 * is parked, beside a job who comes before it; and a job that is urgent takes a step only.
 */
static void withdraw_loaded(const struct cpu *cpu, const struct run_entity *job)
{
	const struct run_entity *run;

	if (cpu->loaded == NULL || (job != NULL && job->urgent))
		return;
	run = &cpu->loaded->run;
	if (run->state != RUN_BLOCKED || (job != NULL && run->priority <= job->priority))
		virq_withdraw(cpu->loaded);
}

/* The loaded vCPU stays in the machine as long as nobody else comes; but not one that is held: sched_is_out(). */
static void unload_held(struct cpu *cpu)
{
	if (cpu->loaded != NULL && cpu->loaded->run.is_held)
		vcpu_unload(cpu);
}

/* A preempted one that stays loaded beside a job cannot be taken elsewhere, nor sent home. */
static void make_moves_beside_job(struct cpu *cpu)
{
	if (!cpu->moves_due)
		return;
	if (cpu->loaded != NULL && cpu->loaded->run.state == RUN_RUNNABLE)
		vcpu_unload(cpu);
	migrate_make_moves(cpu);
}

/* Step by step: what came meanwhile is taken before each. */
static void run_job(struct cpu *cpu, struct job *job)
{
	if (irq_take_pending())
		return;
	unload_held(cpu);
	make_moves_beside_job(cpu);
	withdraw_loaded(cpu, &job->run);
	while (!__atomic_load_n(&cpu->resched, __ATOMIC_ACQUIRE)) {
		if (irq_take_pending())
			continue;
		if (!job->step(job))
			sched_block_job(job);
		else if (job->run.urgent)
			sched_calm_job(job);
	}
}

static void idle(struct cpu *cpu)
{
	unload_held(cpu);
	if (migrate_begin_idle(cpu))
		return;
	withdraw_loaded(cpu, NULL);
	if (!__atomic_load_n(&cpu->resched, __ATOMIC_ACQUIRE))
		irq_wait();
	migrate_end_idle(cpu);
}

void run_loop(struct cpu *cpu)
{
	for (;;) {
		struct run_entity *next = sched_pick(cpu);

		if (next == NULL)
			idle(cpu);
		else if (next->is_job)
			run_job(cpu, container_of(next, struct job, run));
		else
			run_loaded(cpu, container_of(next, struct vcpu, run));
	}
}

/*
 * The scheduler: one run queue a pCPU (kernel/run_queue.h has the policy), whose lock, slice timer and kicks are here.
 * A vCPU and a job each live on their home pCPU; a vCPU may be a visitor elsewhere, on `on_cpu`, whose queue it uses
 * and whose lock guards it then: kernel/migrate.h has those hand-shakes.
 *
 * Hand-shakes:
 * - Block against wake: sched_block() checks `requests` and wake_pending under the lock of its pCPU, where sched_wake()
 * sets it, so a wake-up between the guest's WFI and the block is never lost.
 * - Wake against pick: the waker sets `resched` under the lock, then kicks; the run loop reads `resched` before every
 * entry, with interrupts masked until ERET, so a kick that comes later takes the guest out at once. A vCPU that is less
 * urgent than the current one is woken without either, unless it may move: whoever leaves, or is told to wait, sets
 * `resched`, under the same lock.
 * - Stop against priority: a vCPU that is told to stop becomes urgent, so that a VM can be stopped on a pCPU where a
 * more important one never rests.
 * - Hold against run: sched_hold() writes under the lock what the next pick looks at, sets `resched` and kicks. From
 * that pick on the vCPU is not RUNNING, and the run loop unloads it before it idles or runs a job; whoever wants to
 * know that it is out asks for both, sched_is_out(). Until its release no pick returns it, unless it has to stop.
 * - WFI traps where somebody else may want the pCPU: who comes or goes sets `resched`, so that the run loop writes the
 * trap's bit before the next entry. Also for who has a budget: in the guest, waiting would count as running; and
 * where somebody from elsewhere could move here.
 */
#ifndef KERNEL_SCHED_H
#define KERNEL_SCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/cpu.h"
#include "kernel/job.h"
#include "vcpu/vcpu.h"

/* OFFLINE -> RUNNABLE. Any pCPU. */
void sched_start(struct vcpu *vcpu);
/* BLOCKED -> RUNNABLE; a RUNNING one remembers it; others: nothing. Any pCPU. */
void sched_wake(struct vcpu *vcpu);
/* The current vCPU parks, BLOCKED (any wake-up ends it) or PENDING (only sched_complete() or a stop does). When
 * something has ended it already, it goes on RUNNING. Its own pCPU. */
void sched_block(struct vcpu *vcpu, enum run_state state);
/* The exit that a PENDING vCPU waits for is answered. Any pCPU; also right for one that is about to park. */
void sched_complete(struct vcpu *vcpu);
/* The current vCPU goes offline. Its own pCPU. */
void sched_offline(struct vcpu *vcpu);

/* Whatever it waits for, or wants to do, the vCPU does not run until sched_release(), but to stop. Any pCPU; LOCK_VM
 * may be held. */
void sched_hold(struct vcpu *vcpu);
/* It runs again as it may; the time that it was held is not stolen. Nothing where it is not held. Likewise. */
void sched_release(struct vcpu *vcpu);
/* Of a vCPU that is held: has it left the machine for good? Any pCPU; LOCK_VM may be held. */
bool sched_is_out(struct vcpu *vcpu);

/* Sets request bits, wakes, and kicks when it runs elsewhere. Any pCPU; LOCK_VGIC may be held by nobody here. */
void vcpu_post(struct vcpu *vcpu, uint32_t requests);

/* The job has work: it takes steps until it says that there is no more. Any pCPU, no lock above LOCK_SCHED held. */
void sched_wake_job(struct job *job);
/* The current job parks, unless it was woken meanwhile. Its own pCPU. */
void sched_block_job(struct job *job);

/* The current job has had the step for which it was urgent. Its own pCPU. */
void sched_calm_job(struct job *job);

/* Picks what runs next here: puts a preempted current one back, returns the most urgent one or NULL. Own pCPU. */
struct run_entity *sched_pick(struct cpu *cpu);

/* The pCPU for Corbel's own chores (the console, the monitor): where the most important vCPU is the least important;
 * among equals the first. After the VMs were created. */
unsigned int sched_choose_service(void);

/* The home pCPU for a vCPU with this affinity mask: the least loaded one that is online; MAX_CPUS: there is none. */
unsigned int sched_choose_home(uint64_t affinity);

#endif

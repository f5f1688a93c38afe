/*
 * The scheduler: per-pCPU run queues, fixed priorities (higher number first), round robin among equals. A vCPU lives on
 * its home pCPU.
 *
 * Hand-shakes:
 * - Block against wake: sched_block() checks `requests` and wake_pending under the home pCPU's lock, where sched_wake()
 * sets it, so a wake-up between the guest's WFI and the block is never lost.
 * - Wake against pick: the waker sets `resched` under the lock, then kicks; the run loop reads `resched` before every
 * entry, with interrupts masked until ERET, so a kick that comes later takes the guest out at once.
 */
#ifndef KERNEL_SCHED_H
#define KERNEL_SCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/cpu.h"
#include "vcpu/vcpu.h"

/* OFFLINE -> RUNNABLE. Any pCPU. */
void sched_start(struct vcpu *vcpu);
/* BLOCKED -> RUNNABLE; a RUNNING one remembers it; others: nothing. Any pCPU. */
void sched_wake(struct vcpu *vcpu);
/* The current vCPU parks, BLOCKED (any wake-up ends it) or PENDING (only sched_complete() or a stop does). When
 * something has ended it already, it goes on RUNNING. Its own pCPU. */
void sched_block(struct vcpu *vcpu, enum vcpu_run_state state);
/* The exit that a PENDING vCPU waits for is answered. Any pCPU; also right for one that is about to park. */
void sched_complete(struct vcpu *vcpu);
/* The current vCPU goes offline. Its own pCPU. */
void sched_offline(struct vcpu *vcpu);

/* Sets request bits, wakes, and kicks when it runs elsewhere. Any pCPU; LOCK_VGIC may be held by nobody here. */
void vcpu_post(struct vcpu *vcpu, uint32_t requests);

/* Picks what runs next here: puts a preempted current vCPU back, returns the most urgent one or NULL. Own pCPU. */
struct vcpu *sched_pick(struct cpu *cpu);

/* Queues the VM's job on its home pCPU. Any pCPU. */
void sched_post_job(struct vm *vm);
/* Takes the next job off the queue, NULL when there is none. Own pCPU. */
struct vm *sched_take_job(struct cpu *cpu);

/* The home pCPU for a vCPU with this affinity mask: the least loaded one that is online. */
unsigned int sched_choose_home(uint64_t affinity);

#endif

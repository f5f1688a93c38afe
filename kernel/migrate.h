/*
 * vCPUs move between pCPUs: one that is idle takes a vCPU that waits elsewhere and whose affinity allows it. Which one,
 * and when not, is run_queue.h's; here are the hand-shakes.
 *
 * - State moves in memory only: `tied` is set while the vCPU is loaded, or its wake timer is on its pCPU's list. Set
 * and cleared on its home pCPU, where it must not run meanwhile; nobody takes a vCPU that is tied. A preempted one is
 * unloaded by who comes next, or for a job that keeps the pCPU while another one is idle; the timer of one that waits
 * already is cancelled by its pCPU when it offers. All stores of the old pCPU come before `tied` is cleared, and the
 * taker looks at it first. A guest's TLB and cache maintenance is complete by then, too: its DSB would be the new
 * pCPU's.
 * - Take against wake, stop and post: the taker changes home_cpu under the old pCPU's lock, with RUN_MOVING; from then
 * on the new pCPU's lock guards the vCPU. Whoever wants it takes the lock of its home and looks at home_cpu again
 * (sched.c). To a RUN_MOVING one a wake-up is nothing new, and a stop makes it urgent before it is on the new queue.
 * Requests are bits, at which it looks before it enters, wherever that is. A kick that goes to the old pCPU finds
 * nothing to do: who was taken was not running, and the new pCPU picks anyway.
 * - Idle against offer: who goes idle sets its bit and then looks at the others' offers; who has one more that waits
 * publishes its offers and then looks at the bits (all sequentially consistent): one of them sees the other. Who is
 * seen idle is kicked by the pCPU that offers, after that has untied those that wait. An idle pCPU that finds one tied
 * tells its pCPU to look around, which offers.
 * - Nothing here is on the way of an exit, and where no vCPU may move nothing is done at all.
 *
 * What stays where it is: jobs; the first vCPU of a VM with a budget, of which the VM's job is paid; the vCPUs of a VM
 * with host devices, whose interrupts are routed to their pCPUs. TLBs: kernel/vcpu_switch.c asks at every load who of
 * the VM was on this pCPU before; a vCPU that comes back finds its own entries, from which its TLBIs on other pCPUs
 * have taken what they should, since HCR_EL2.FB broadcasts all.
 */
#ifndef KERNEL_MIGRATE_H
#define KERNEL_MIGRATE_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/cpu.h"
#include "vcpu/vcpu.h"

/* run.movable_to for a vCPU with this affinity mask: 0 where that leaves no choice. Boot CPU, before guests run. */
uint64_t migrate_movable_to(uint64_t affinity);

/* The queue has changed: tells what it offers. The pCPU's lock is held. */
void migrate_publish(struct cpu *cpu);
/* Is a pCPU idle that may take one of those that wait here? Any pCPU, no lock needed. */
bool migrate_is_wanted(const struct cpu *cpu);
/* Unties those that wait here where another pCPU may take one, and kicks that one. Own pCPU, after a pick and a switch,
 * no lock held. */
void migrate_offer(struct cpu *cpu);

/* The pCPU is idle: returns true when it has taken a vCPU, and is not. Own pCPU, no lock held. */
bool migrate_begin_idle(struct cpu *cpu);
void migrate_end_idle(const struct cpu *cpu);

/* The vCPU is loaded, or has a timer, here; no longer. Its own pCPU. */
void migrate_tie(struct vcpu *vcpu);
void migrate_untie(struct vcpu *vcpu);

#endif

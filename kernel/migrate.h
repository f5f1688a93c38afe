/*
 * vCPUs move between pCPUs: one that has nothing to do takes a vCPU that waits elsewhere and whose affinity allows it;
 * as a visitor, which is sent home as soon as a resident wants to run. Who is taken and when, is run_queue.h's; here
 * are the hand-shakes. Each change of on_cpu is made under the lock of the pCPU that the vCPU leaves.
 *
 * - State moves in memory only. `tied` is set while the vCPU is loaded, or its wake timer is on its pCPU's list; set
 * and cleared on that pCPU alone, under no lock, but not while a pick may look at it for others: whoever takes a vCPU
 * or sends it home does so under that pCPU's lock and looks at `tied` first, and only at one that is RUNNABLE, which
 * cannot become loaded without that lock. A preempted one is unloaded by who comes next, or for a job that keeps the
 * pCPU; the timer of one that waits already is cancelled by its pCPU before it offers: what is due then, the next load
 * finds. All stores of the old pCPU, what a guest's own TLB and cache maintenance started there (its DSB would be
 * executed on the new pCPU), and the LRs, which the unload has synced, come before `tied` is cleared.
 * - Take against wake, stop, hold, post, completion: from the change of on_cpu on, with RUN_MOVING, the new pCPU's lock
 * guards the vCPU. Whoever wants it takes the lock of its pCPU and then looks at on_cpu again (sched.c: lock_cpu_of()).
 * To a RUN_MOVING one a wake-up is nothing new; a stop makes it urgent, a hold keeps it off, before it is on the new
 * queue. Requests are bits, at which it looks before it enters, wherever that is. A kick that goes to the old pCPU
 * finds nothing to do: who was taken was not running, and the new pCPU picks anyway.
 * - Off and on again: who goes OFFLINE is at home from that moment, under the lock of the pCPU that it leaves; it has
 * been unloaded there before.
 * - Idle against offer: who goes idle sets its bit in idle_cpus and then looks at the others' offers; who has one more
 * that waits publishes its offers and then looks at the bits (all sequentially consistent): one of them sees the other.
 * All who are seen idle are kicked, as soon as the one that waits is not tied; an idle pCPU that finds one tied tells
 * its pCPU to look around, which unties and kicks. So no pCPU idles while one that is not tied waits for it.
 * - Sleep against offer: a pCPU whose only vCPU sleeps in an untrapped WFI has nothing to do either, and does not know
 * it. It listens: sets its bit in listening_cpus, then looks at the offers, before it enters without the trap; who
 * publishes a new offer looks at the bits afterwards, and makes those pick again, with the trap then. Its next pick
 * without offers takes the trap off. So each disturbs it once, however often others come and go meanwhile.
 * - Snapshot: kernel/snapshot.c pins the vCPU, tied, on the pCPU that looks at it; a request for one that has moved is
 * passed on.
 * - Soft timers, linked PPIs' active bits, stolen time: the wake timer is on no list while a vCPU is not tied; active
 * bits are the vGIC's while it is not loaded, and the load writes the new pCPU's; time on the queue counts from one
 * waits_since_ticks on, in CNTPCT, which all pCPUs share.
 * - TLBs: kernel/vcpu_switch.c asks at every load who of the VM was on this pCPU before, and flushes after another one.
 * Who comes back to a pCPU finds its own entries; what its TLBIs on other pCPUs had to take, they have taken from
 * these, too, since HCR_EL2.FB broadcasts all.
 *
 * Nothing here is on the way of an exit, and where no vCPU may move nothing is done at all.
 *
 * Who stays at home: jobs; the first vCPU of a VM with a budget, of which the VM's job is paid; the vCPUs of a VM with
 * host devices, whose interrupts are routed to their pCPUs. A pCPU with other features takes nobody.
 */
#ifndef KERNEL_MIGRATE_H
#define KERNEL_MIGRATE_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/cpu.h"
#include "vcpu/vcpu.h"

/* May some vCPU move? Written by the boot CPU while VMs are created. */
extern bool migrate_some_move;

/* run.movable_to for a vCPU that lives on this pCPU, with this affinity: 0 where that leaves no choice. Boot CPU. */
uint64_t migrate_movable_to(unsigned int home, uint64_t affinity);

/* An entity has come to this pCPU's queue and does not change the pick: tells the idle ones that may take it. Returns
 * true when this pCPU has to look around for it. Its lock is held; any pCPU. */
bool migrate_added(struct cpu *cpu, const struct run_entity *entity);
/* After each pick, where some move: publishes what this pCPU offers, listens or stops listening, may set `trap_wfi`,
 * and notes in `moves_due` whether there is work for migrate_make_moves(). Own pCPU, its lock is held. */
void migrate_look(struct cpu *cpu);
/* Who waits here and is not loaded is untied; visitors go home; idle pCPUs are kicked for the others. Own pCPU, after a
 * pick and a switch, no lock held. */
void migrate_make_moves(struct cpu *cpu);

/* The pCPU is idle. Returns true when it has taken a vCPU, and is not. Own pCPU, no lock held. */
bool migrate_begin_idle(struct cpu *cpu);
void migrate_end_idle(const struct cpu *cpu);

/* The vCPU is loaded, or has a timer, here; no longer. Its own pCPU. */
void migrate_tie(struct vcpu *vcpu);
void migrate_untie(struct vcpu *vcpu);

/* Where the vCPU is this pCPU's, it stays so until migrate_unpin(). False: it is not. *was_tied: for that. No lock
 * held. */
bool migrate_pin(struct cpu *cpu, struct vcpu *vcpu, bool *was_tied);
void migrate_unpin(struct vcpu *vcpu, bool was_tied);

#endif

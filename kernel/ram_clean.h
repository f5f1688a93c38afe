/*
 * A VM's RAM cleaned and invalidated to the Point of Coherency, for a vCPU that waits for it (vcpu/set_way.h). In steps
 * of the VM's job, since it takes milliseconds.
 *
 * Hand-shake: a vCPU that wants a pass sets its bit in vm->clean_wanted, wakes the job and parks, PENDING. The job
 * takes all bits that are set when a pass begins; whoever comes later gets the next pass, so each sees a whole one that
 * began after it had parked, or was about to: it writes nothing from its exit on. A stop ends the wait; the bit that it
 * leaves is forgotten at the next start, before any vCPU runs.
 */
#ifndef KERNEL_RAM_CLEAN_H
#define KERNEL_RAM_CLEAN_H

#include <stdbool.h>

struct vcpu;
struct vm;

/* The current vCPU parks until its VM's RAM is clean. Its own pCPU, no lock held. */
void ram_clean_wait(struct vcpu *vcpu);
/* A step of the VM's job, while the VM runs. Returns true when there is more to do. */
bool ram_clean_step(struct vm *vm);
/* Nobody waits any more. The VM's job, no vCPU on. */
void ram_clean_forget(struct vm *vm);

#endif

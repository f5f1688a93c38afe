/*
 * A vCPU's state into the machine and out of it: EL1, FP, timers, vGIC, stage 2. Lazy: a parked vCPU stays loaded until
 * another one is wanted, so that one alone on its pCPU pays nothing. Context: the vCPU's home pCPU, no lock held.
 */
#ifndef KERNEL_VCPU_SWITCH_H
#define KERNEL_VCPU_SWITCH_H

#include "kernel/cpu.h"

/* Loads this one, where nothing is. */
void vcpu_load(struct cpu *cpu, struct vcpu *vcpu);
/* The traps of this vCPU, loaded or being so, as cpu->trap_waits wants them. */
void vcpu_load_traps(struct cpu *cpu, const struct vcpu *vcpu);
/* The loaded vCPU has begun to use pointer authentication: its keys, and no trap any more. */
void vcpu_load_pauth(struct cpu *cpu, struct vcpu *vcpu);
/* VCPU_REQ_VM_CONTROL of the loaded vCPU. Returns VCPU_REQ_CLEAN where its caches go on or off (vcpu/set_way.h). */
uint32_t vcpu_write_vm_control(struct cpu *cpu, struct vcpu *vcpu);
/* Takes out what is loaded, if there is one; a parked vCPU's timers are watched by a soft timer from then on. */
void vcpu_unload(struct cpu *cpu);
/* That soft timer, vcpu->wake_timer, has fired. */
void vcpu_timer_due(struct soft_timer *timer);

#endif

/* What follows an exit: one switch over the reasons, and the one place that moves the guest's PC or injects. */
#ifndef KERNEL_EXIT_DISPATCH_H
#define KERNEL_EXIT_DISPATCH_H

#include "vcpu/vcpu.h"

/* Decides what vcpu->exit asks for, and does it. The vCPU's own pCPU, the vCPU loaded, no lock held. */
enum exit_action exit_dispatch(struct vcpu *vcpu);
/* The only writer of the guest's ELR, the only injector. */
void exit_apply(struct vcpu *vcpu, enum exit_action action);
/* Answers an exit that is PENDING: value goes where the load wanted it, and the vCPU runs on. Any pCPU. */
void vcpu_complete(struct vcpu *vcpu, uint64_t value);

#endif

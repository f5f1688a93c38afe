/*
 * HYPERCALL exits that the refine steps of smc/ and psci/ have left: what needs the VM, its lock, or the firmware.
 * Context: the vCPU's pCPU, vCPU loaded, no lock held.
 */
#ifndef KERNEL_HYPERCALL_H
#define KERNEL_HYPERCALL_H

#include "vcpu/vcpu.h"

/* Writes the call's results into the frame; a SYSTEM_SUSPEND that succeeds does not return to the guest. */
enum exit_action hypercall_serve(struct vcpu *vcpu);

#endif

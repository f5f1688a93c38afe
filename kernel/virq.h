/*
 * Virtual interrupts between the pure vGIC and the list registers of the pCPU: who must refresh is posted, each vCPU
 * refreshes on its own pCPU. See dev/vgic.h for the races.
 */
#ifndef KERNEL_VIRQ_H
#define KERNEL_VIRQ_H

#include <stdbool.h>
#include <stdint.h>

#include "dev/vgic.h"
#include "vcpu/vcpu.h"

struct vm;

/* Sets the sizes and checks of this pCPU's virtual interface; once a pCPU. */
void virq_init_cpu(void);

/* A device's interrupt line. Any pCPU; the caller may hold LOCK_DEV. */
void virq_set_line(struct vm *vm, uint32_t intid, bool level);
/* Posts a refresh to every vCPU in the mask. */
void virq_post(struct vm *vm, vgic_mask_t mask);
/* A linked timer interrupt of the vCPU loaded on this pCPU has fired and is active. */
void virq_timer_fired(struct vcpu *vcpu, uint32_t vintid);

/* A host device's interrupt of this VM has fired and is active. Any pCPU. False: the VM takes none now, and the caller
 * deactivates it. */
bool virq_host_irq(struct vm *vm, uint32_t vintid);

/* These are for the pCPU on which the vCPU is loaded. */
void virq_load(struct vcpu *vcpu); /* LRs, VMCR, APRs, active bits of linked PPIs */
/* Everything back into the model; linked PPIs inactive. Returns, of one that is BLOCKED, the timers whose interrupt the
 * model has: BIT(enum guest_timer). */
uint32_t virq_unload(struct vcpu *vcpu);
void virq_refresh(struct vcpu *vcpu); /* sync and flush */
void virq_sync(struct vcpu *vcpu);    /* LRs into the model: before a register of it is read; a refresh must follow */
/* The same for one that is loaded, but not current: no register access has to wait for it. Its LRs are empty until the
 * refresh, which is requested here. */
void virq_withdraw(struct vcpu *vcpu);
/* Would the vCPU take an interrupt now? Refreshes. */
bool virq_is_deliverable(struct vcpu *vcpu);
/* Of one that is parked and not loaded: is a timer due whose interrupt the distributor lets through? */
bool virq_timer_is_signalled(const struct vcpu *vcpu);
/* Likewise: a timer that is due by now arrives in the model, which wakes the vCPU when it can
 * be signalled: now, or when somebody enables it. Returns as virq_unload(). */
uint32_t virq_due_timers(struct vcpu *vcpu);
/* What these registers of a vCPU's CPU interface let through. */
void virq_decode_interface(const struct gic_vcpu_regs *regs, struct vgic_cpu_interface *interface);
/* Is there an interrupt that ends SYSTEM_SUSPEND: enabled and pending, whatever the CPU interface masks? Refreshes. */
bool virq_ends_suspend(struct vcpu *vcpu);
/* ICC_DIR_EL1, written by the vCPU: ends an interrupt where EOImode says so. A refresh must follow. */
void virq_deactivate(struct vcpu *vcpu, uint32_t intid);
/* Does the vCPU's CPU interface split priority drop from deactivation? */
bool virq_eoi_is_split(void);

/* The vCPU is about to start: before sched_start(). Any pCPU. */
void virq_on(struct vcpu *vcpu);
/* Linked SPIs that the guest has routed elsewhere: their physical ones go along. The VM's vGIC lock is held. */
void virq_follow_routes(struct vm *vm);

/* Private interrupts of a loaded vCPU that goes off back to reset; the unload that follows empties its LRs. */
void virq_reset(struct vcpu *vcpu);

#endif

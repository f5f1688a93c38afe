/*
 * Host devices in a VM's hands: kernel/passthrough.h's plan, on the machine. Registers are mapped at stage 2 for good;
 * interrupts are the guest's while it runs, and go to the pCPU that is the home of its vCPU 0, until the guest routes
 * them elsewhere (virq_follow_routes()).
 *
 * Races, thought through: an interrupt that was acknowledged before host_devices_stop() is in the model by then, or
 * sees takes_host_irqs false under the vGIC's lock and is deactivated by its taker. So after the stop, which disables
 * first and deactivates then, none is left active. One that is held back in a storm is enabled again under the same
 * lock, where takes_host_irqs says that it may be.
 */
#ifndef KERNEL_HOST_DEVICES_H
#define KERNEL_HOST_DEVICES_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"

struct vm;

/* Steps of vm_create(). HV_EINVAL: the sentence was logged. */
enum hv_err host_devices_plan(struct vm *vm);
enum hv_err host_devices_map(struct vm *vm);

/* vm_create() gives up on a VM: none of its interrupts may lead to it any more. They were never let in. */
void host_devices_forget(const struct vm *vm);

/* Its vGIC has just been reset: links the interrupts and lets them come. The VM's job. */
void host_devices_start(struct vm *vm);
/* No vCPU runs any more: they come no longer, and what the guest owed is ended. The VM's job. */
void host_devices_stop(struct vm *vm);
/* Once a pCPU, after cpu_init(). */
void host_devices_init_cpu(void);
/* A physical SPI was acknowledged: false when it is no VM's. One of too many is the last for a while: irq_storm.h. */
bool host_devices_take_irq(uint32_t intid);

#endif

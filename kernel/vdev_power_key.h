/*
 * A VM's power key (corbel,power-key): line 3 of a PL061, as on QEMU's virt, which gpio-keys in the guest's tree names.
 * Whoever listens to KEY_POWER in the guest shuts down.
 *
 * The key stays pressed for a while of the guest's own time, so that a suspend in between takes nothing from it; its
 * release is the VM's job's, like the alarm of the RTC.
 */
#ifndef KERNEL_VDEV_POWER_KEY_H
#define KERNEL_VDEV_POWER_KEY_H

#include <stdint.h>

#include "dev/vpl061.h"
#include "kernel/soft_timer.h"
#include "lib/err.h"
#include "lib/spinlock.h"

struct vm;

struct vdev_power_key {
	struct spinlock lock; /* LOCK_DEV */
	struct vpl061_state model;
	uint64_t release_ticks;	 /* when it is released, of the virtual counter; 0: it is not pressed */
	struct soft_timer timer; /* home pCPU of the VM */
};

/* Puts it onto the VM's bus, where the VM has one. */
enum hv_err vdev_power_key_create(struct vm *vm);
/* Reset values, not pressed: while no vCPU runs. Home pCPU. */
void vdev_power_key_reset(struct vm *vm);
/* Pressed for 100 ms. Any pCPU, no lock held. The VM has one. */
void vdev_power_key_press(struct vm *vm);
/* Released, if that is due; else the timer is set for it. The VM's job. */
void vdev_power_key_update(struct vm *vm);

#endif

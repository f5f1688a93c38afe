/* Answers a guest's accesses to devices. */
#ifndef KERNEL_MMIO_H
#define KERNEL_MMIO_H

#include <stdbool.h>

#include "vcpu/vcpu.h"

/*
 * Does what vcpu->exit, an MMIO_READ or MMIO_WRITE, asks of the devices on the VM's bus, access by access. When all
 * have answered, the registers are written and it is ADVANCE; when one has not, exit.mmio.addr and far are those of
 * that one, fsc says how it failed, no register has changed, and it is INJECT_ABORT. The vCPU's own pCPU, the vCPU
 * loaded, no lock held.
 */
enum exit_action mmio_emulate(struct vcpu *vcpu, bool write);

#endif

/*
 * A VM's RAM: taken and mapped when it starts; when it is off for good, scrubbed, unmapped and given back, so that
 * nobody ever reads what another VM left. All in steps of the VM's job. Context: the VM's home pCPU, no vCPU on.
 */
#ifndef KERNEL_VM_RAM_H
#define KERNEL_VM_RAM_H

#include <stdbool.h>

#include "lib/err.h"

struct vm;

/* One step towards all of it. HV_OK: it is there. HV_EBUSY: there is more to do. HV_ENOMEM: RAM, or table pages, ran
 * out; what was taken is then vm_ram_release_step()'s. */
enum hv_err vm_ram_take_step(struct vm *vm);
/* One step towards none. Returns true when there is more to do. */
bool vm_ram_release_step(struct vm *vm);

#endif

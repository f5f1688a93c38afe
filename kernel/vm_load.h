/*
 * Loading: everything between "start" and a VM whose first vCPU may enter its kernel. RAM is taken, images are copied
 * from the bundle, seeds are renewed, interrupts reset; in steps of the VM's job, so that the pCPU that does it goes on
 * running its other guests. Context: the VM's home pCPU; the VM is LOADING, no vCPU is on.
 */
#ifndef KERNEL_VM_LOAD_H
#define KERNEL_VM_LOAD_H

struct vm;

enum vm_load_result { VM_LOAD_MORE, VM_LOAD_DONE, VM_LOAD_FAILED };

void vm_load_begin(struct vm *vm);
/* One step; FAILED has been logged. */
enum vm_load_result vm_load_step(struct vm *vm);

#endif

/*
 * Loading a VM's images from the bundle into its RAM, in slices: the pCPU that does it goes on running its other
 * guests. Context: the VM's home pCPU; the VM is LOADING.
 */
#ifndef KERNEL_VM_LOAD_H
#define KERNEL_VM_LOAD_H

struct vm;

enum vm_load_result { VM_LOAD_MORE, VM_LOAD_DONE, VM_LOAD_FAILED };

void vm_load_begin(struct vm *vm);
/* One slice; FAILED has been logged. */
enum vm_load_result vm_load_slice(struct vm *vm);

#endif

/*
 * Cache maintenance by set/way. Such an operation reaches the caches of one PE only, and a vCPU's lines may be in
 * several, or move while it is at it: passed on it would promise what it does not keep. [DDI0487 D7.5.9]
 *
 * What a guest means with a loop of them is: all that I have written is in memory, now that I turn my caches off; or:
 * nothing stale is left in them, now that I turn them on. So the first one has all RAM of the VM cleaned and
 * invalidated by address, to the Point of Coherency (kernel/ram_clean.h), and from there on the vCPU's writes of what
 * controls its MMU trap (HCR_EL2.TVM): where one turns the caches off or on, the RAM is cleaned once more. Further
 * operations by set/way mean nothing until the caches are on again, when the trap goes.
 *
 * Pure: what is to be done is posted to the vCPU, and done before it enters. Context: its own pCPU.
 */
#ifndef VCPU_SET_WAY_H
#define VCPU_SET_WAY_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu;

/* DC ISW, CSW or CISW. Posts VCPU_REQ_CLEAN, unless the RAM has been cleaned and the caches are watched already. */
void set_way_write_op(struct vcpu *vcpu, uint32_t addr, uint64_t value);
/* A register that HCR_EL2.TVM traps: kept in vcpu->vm_control, with VCPU_REQ_VM_CONTROL posted. */
void set_way_write_vm_control(struct vcpu *vcpu, uint32_t addr, uint64_t value);
/*
 * The write that is kept goes into vcpu->el1, which the caller has saved and restores. Returns true when it turns the
 * caches on or off, and the RAM is to be cleaned; on: the trap is over.
 */
bool set_way_take_vm_control(struct vcpu *vcpu);

#endif

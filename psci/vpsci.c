#include "psci/psci.h"

#include <stddef.h>

#include "lib/bits.h"

#define INSN_BYTES 4

/* A vCPU by its affinity fields. Bits that are none of them must be zero [DEN0022 5.1.4], so no masking. */
static struct vcpu *find_vcpu(const struct psci_vm *vm, uint64_t mpidr)
{
	/*@ loop invariant 0 <= i <= vm->nr_vcpus && \forall integer j; 0 <= j < i ==> vm->vcpus[j]->mpidr != mpidr;
	    loop assigns i;
	    loop variant vm->nr_vcpus - i; */
	for (unsigned int i = 0; i < vm->nr_vcpus; i++) {
		if (vm->vcpus[i]->mpidr == mpidr)
			return vm->vcpus[i];
	}
	return NULL;
}

bool vpsci_is_entry(const struct psci_vm *vm, uint64_t entry)
{
	return is_aligned(entry, INSN_BYTES) && range_contains(vm->ram_base, vm->ram_size, entry, INSN_BYTES);
}

psci_ret_t vpsci_cpu_on(struct psci_vm *vm, uint64_t target_mpidr, uint64_t entry, uint64_t context_id,
			struct vcpu **target)
{
	struct vcpu *vcpu = find_vcpu(vm, target_mpidr);

	if (vcpu == NULL)
		return PSCI_INVALID_PARAMETERS;
	if (!vpsci_is_entry(vm, entry))
		return PSCI_INVALID_ADDRESS;
	if (vcpu->power == VCPU_POWER_ON)
		return PSCI_ALREADY_ON;
	if (vcpu->power == VCPU_POWER_ON_PENDING)
		return PSCI_ON_PENDING;
	vcpu->power = VCPU_POWER_ON_PENDING;
	vcpu->on_entry = entry;
	vcpu->on_context_id = context_id;
	*target = vcpu;
	return PSCI_SUCCESS;
}

psci_ret_t vpsci_cpu_off(struct vcpu *self)
{
	self->power = VCPU_POWER_OFF;
	return PSCI_SUCCESS;
}

psci_ret_t vpsci_affinity_info(struct psci_vm *vm, uint64_t target_mpidr, uint64_t lowest_level)
{
	const struct vcpu *vcpu = find_vcpu(vm, target_mpidr);

	/* From PSCI 1.0 on levels above 0 need not be served. */
	if (vcpu == NULL || lowest_level != 0)
		return PSCI_INVALID_PARAMETERS;
	return (psci_ret_t){ (int32_t)vcpu->power };
}

psci_ret_t vpsci_system_suspend(struct psci_vm *vm, struct vcpu *self, uint64_t entry, uint64_t context_id)
{
	/*@ loop invariant 0 <= i <= vm->nr_vcpus;
	    loop invariant \forall integer j; 0 <= j < i && vm->vcpus[j] != self ==> vm->vcpus[j]->power ==
	   VCPU_POWER_OFF; loop assigns i; loop variant vm->nr_vcpus - i; */
	for (unsigned int i = 0; i < vm->nr_vcpus; i++) {
		if (vm->vcpus[i] != self && vm->vcpus[i]->power != VCPU_POWER_OFF)
			return PSCI_DENIED;
	}
	if (!vpsci_is_entry(vm, entry))
		return PSCI_INVALID_ADDRESS;
	self->on_entry = entry;
	self->on_context_id = context_id;
	return PSCI_SUCCESS;
}

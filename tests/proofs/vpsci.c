/*
 * psci/vpsci.c: the power states move as PSCI allows, under the VM's lock, and in no other way. [DEN0022 5.5 to 5.7]
 */
#include "tests/proofs/fields.h"
#include "tests/proofs/ranges.h"
/**/
#include "psci/psci.h"

/* clang-format off */
/*@ predicate sound(struct psci_vm *vm) =
	\valid_read(vm) && \valid_read(vm->vcpus + (0 .. vm->nr_vcpus - 1)) &&
	(\forall integer i; 0 <= i < vm->nr_vcpus ==> \valid(vm->vcpus[i]));
    predicate entry_ok(struct psci_vm *vm, integer entry) =
	(entry & 3) == 0 && vm->ram_base <= entry && entry - vm->ram_base < vm->ram_size &&
	4 <= vm->ram_size - (entry - vm->ram_base);
    predicate has(struct psci_vm *vm, integer mpidr) =
	\exists integer i; 0 <= i < vm->nr_vcpus && vm->vcpus[i]->mpidr == mpidr; */

/*@ requires sound(vm);
    assigns \nothing;
    ensures \result == \null <==> !has(vm, mpidr);
    ensures \result != \null ==> \valid(\result) && \result->mpidr == mpidr;
    ensures \result != \null ==> \exists integer i; 0 <= i < vm->nr_vcpus && \result == vm->vcpus[i]; */
static struct vcpu *find_vcpu(const struct psci_vm *vm, uint64_t mpidr);

/*@ requires \valid_read(vm);
    assigns \nothing;
    ensures \result <==> entry_ok(vm, entry); */
bool vpsci_is_entry(const struct psci_vm *vm, uint64_t entry);

/*@ requires sound(vm) && \valid(target);
    requires \forall integer i; 0 <= i < vm->nr_vcpus ==>
	\separated(vm->vcpus[i], target) && \separated(vm->vcpus[i], vm) &&
	\separated(vm->vcpus[i], vm->vcpus + (0 .. vm->nr_vcpus - 1));
    assigns *target, vm->vcpus[0 .. vm->nr_vcpus - 1]->power, vm->vcpus[0 .. vm->nr_vcpus - 1]->on_entry,
	vm->vcpus[0 .. vm->nr_vcpus - 1]->on_context_id;
    ensures unknown: !has{Pre}(vm, target_mpidr) ==> \result.code == -2;
    ensures bad_entry: has{Pre}(vm, target_mpidr) && !entry_ok{Pre}(vm, entry) ==> \result.code == -9;
    ensures success: \result.code == 0 ==> \let t = *target; \valid(t) && t->power == VCPU_POWER_ON_PENDING &&
	\at(t->power, Pre) != VCPU_POWER_ON && \at(t->power, Pre) != VCPU_POWER_ON_PENDING &&
	t->mpidr == target_mpidr && t->on_entry == entry && t->on_context_id == context_id && entry_ok{Pre}(vm, entry);
    ensures failure: \result.code != 0 ==> *target == \old(*target) &&
	(\forall integer i; 0 <= i < vm->nr_vcpus ==> vm->vcpus[i]->power == \old(vm->vcpus[i]->power));
    ensures codes: \result.code == 0 || \result.code == -2 || \result.code == -4 || \result.code == -5 ||
	\result.code == -9; */
psci_ret_t vpsci_cpu_on(struct psci_vm *vm, uint64_t target_mpidr, uint64_t entry, uint64_t context_id,
			struct vcpu **target);

/*@ requires \valid(self);
    assigns self->power;
    ensures self->power == VCPU_POWER_OFF && \result.code == 0; */
psci_ret_t vpsci_cpu_off(struct vcpu *self);

/*@ requires sound(vm);
    assigns \nothing;
    ensures !has(vm, target_mpidr) || lowest_level != 0 ==> \result.code == -2;
    ensures has(vm, target_mpidr) && lowest_level == 0 ==>
	\exists integer i; 0 <= i < vm->nr_vcpus && vm->vcpus[i]->mpidr == target_mpidr &&
	\result.code == (int32_t)vm->vcpus[i]->power; */
psci_ret_t vpsci_affinity_info(struct psci_vm *vm, uint64_t target_mpidr, uint64_t lowest_level);

/*@ requires sound(vm) && \valid(self);
    requires \separated(self, vm) && \separated(self, vm->vcpus + (0 .. vm->nr_vcpus - 1));
    assigns self->on_entry, self->on_context_id;
    ensures \result.code == 0 ==> self->on_entry == entry && self->on_context_id == context_id &&
	entry_ok(vm, entry) && (\forall integer i; 0 <= i < vm->nr_vcpus && vm->vcpus[i] != self ==>
	vm->vcpus[i]->power == VCPU_POWER_OFF);
    ensures \result.code != 0 ==> self->on_entry == \old(self->on_entry);
    ensures \result.code == 0 || \result.code == -3 || \result.code == -9; */
psci_ret_t vpsci_system_suspend(struct psci_vm *vm, struct vcpu *self, uint64_t entry, uint64_t context_id);
/* clang-format on */

#include "psci/vpsci.c"

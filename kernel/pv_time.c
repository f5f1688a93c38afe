/* Stolen time: see pv_time.h. */
#include "kernel/pv_time.h"

#include "arch/arm64/cache.h"
#include "arch/arm64/timer.h"
#include "kernel/palloc.h"
#include "kernel/vm.h"
#include "lib/bits.h"

_Static_assert(sizeof(struct pv_time_record) == 64, "each is 64-byte aligned");
_Static_assert(MAX_VCPUS_PER_VM * sizeof(struct pv_time_record) <= PAGE_SIZE, "one page has them all");

enum hv_err pv_time_create(struct vm *vm)
{
	vm->pv_time = palloc_zeroed_page();
	if (vm->pv_time == NULL)
		return HV_ENOMEM;
	/* A guest that reads it past the caches finds zeroes, and nothing that was in memory before. */
	cache_clean_invalidate_to_poc(vm->pv_time, PAGE_SIZE);
	return stage2_map(&vm->stage2, vm->map->corbel.base, virt_to_phys(vm->pv_time), PAGE_SIZE, STAGE2_R,
			  STAGE2_NORMAL);
}

void pv_time_destroy(struct vm *vm)
{
	if (vm->pv_time != NULL)
		palloc_free(virt_to_phys(vm->pv_time), 0);
}

void pv_time_reset(struct vm *vm)
{
	for (unsigned int n = 0; n < vm->nr_vcpus; n++) {
		vm->vcpus[n]->run.counts_waits = false;
		vm->vcpus[n]->run.waited_ticks = 0;
		vm->vcpus[n]->shown_waited_ticks = 0;
		vm->pv_time[n].stolen_ns = 0;
	}
}

ipa_t pv_time_ask(struct vcpu *vcpu)
{
	vcpu->run.counts_waits = true;
	return ipa(vcpu->vm->map->corbel.base.raw + vcpu->index * sizeof(struct pv_time_record));
}

void pv_time_update(struct vcpu *vcpu)
{
	/* Most turns follow no wait, and the conversion divides. */
	if (vcpu->shown_waited_ticks == vcpu->run.waited_ticks)
		return;
	vcpu->shown_waited_ticks = vcpu->run.waited_ticks;
	/* Whole or not at all: the guest reads while others of its vCPUs run. [DEN0057: single-copy atomic] */
	__atomic_store_n(&vcpu->vm->pv_time[vcpu->index].stolen_ns, timer_ticks_to_ns(vcpu->run.waited_ticks),
			 __ATOMIC_RELAXED);
}

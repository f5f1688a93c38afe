/* A VM's RAM cleaned: see ram_clean.h. */
#include "kernel/ram_clean.h"

#include "arch/arm64/cache.h"
#include "kernel/guest_mem.h"
#include "kernel/sched.h"
#include "kernel/vm.h"
#include "lib/bits.h"

/* 256 lines of 64 bytes. */
#define CLEAN_STEP_BYTES (UINT64_C(16) * 1024)

void ram_clean_wait(struct vcpu *vcpu)
{
	__atomic_fetch_or(&vcpu->vm->clean_wanted, (uint32_t)BIT(vcpu->index), __ATOMIC_SEQ_CST);
	sched_wake_job(&vcpu->vm->job);
	sched_block(vcpu, RUN_PENDING);
}

static void end_pass(struct vm *vm)
{
	for (; vm->clean_pass != 0; vm->clean_pass &= vm->clean_pass - 1)
		sched_complete(vm->vcpus[__builtin_ctz(vm->clean_pass)]);
}

bool ram_clean_step(struct vm *vm)
{
	uint64_t contiguous, bytes;
	void *at;

	if (vm->clean_pass == 0) {
		vm->clean_pass = __atomic_exchange_n(&vm->clean_wanted, 0, __ATOMIC_SEQ_CST);
		vm->cleaned_bytes = 0;
	}
	if (vm->clean_pass == 0)
		return false;
	at = guest_mem_at(vm, ipa(vm->map->ram_base.raw + vm->cleaned_bytes), &contiguous);
	bytes = min_u64(CLEAN_STEP_BYTES, contiguous);
	cache_clean_invalidate_to_poc(at, bytes);
	vm->cleaned_bytes += bytes;
	if (vm->cleaned_bytes == vm->ram_bytes)
		end_pass(vm);
	return true;
}

void ram_clean_forget(struct vm *vm)
{
	vm->clean_pass = 0;
	__atomic_store_n(&vm->clean_wanted, 0, __ATOMIC_SEQ_CST);
}

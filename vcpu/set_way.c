/* Cache maintenance by set/way: see set_way.h. */
#include "vcpu/set_way.h"

#include <stddef.h>

#include "arch/arm64/regs/hcr.h"
#include "arch/arm64/regs/sctlr.h"
#include "lib/bits.h"
#include "vcpu/sysreg_trap.h"
#include "vcpu/vcpu.h"

static void post(struct vcpu *vcpu, uint32_t request)
{
	__atomic_fetch_or(&vcpu->requests, request, __ATOMIC_RELAXED);
}

void set_way_write_op(struct vcpu *vcpu, uint32_t addr, uint64_t value)
{
	(void)addr, (void)value;
	if (vcpu->hcr & HCR_EL2_TVM)
		return;
	vcpu->hcr |= HCR_EL2_TVM;
	post(vcpu, VCPU_REQ_CLEAN);
}

/* [DDI0487 HCR_EL2.TVM]; registers of extensions that no guest is shown are undefined. */
static const struct {
	uint32_t addr;
	size_t offset;
} vm_controls[] = {
	{ SYSREG_ADDR(3, 0, 1, 0, 0), offsetof(struct el1_state, sctlr_el1) },
	{ SYSREG_ADDR(3, 0, 2, 0, 0), offsetof(struct el1_state, ttbr0_el1) },
	{ SYSREG_ADDR(3, 0, 2, 0, 1), offsetof(struct el1_state, ttbr1_el1) },
	{ SYSREG_ADDR(3, 0, 2, 0, 2), offsetof(struct el1_state, tcr_el1) },
	{ SYSREG_ADDR(3, 0, 5, 1, 0), offsetof(struct el1_state, afsr0_el1) },
	{ SYSREG_ADDR(3, 0, 5, 1, 1), offsetof(struct el1_state, afsr1_el1) },
	{ SYSREG_ADDR(3, 0, 5, 2, 0), offsetof(struct el1_state, esr_el1) },
	{ SYSREG_ADDR(3, 0, 6, 0, 0), offsetof(struct el1_state, far_el1) },
	{ SYSREG_ADDR(3, 0, 10, 2, 0), offsetof(struct el1_state, mair_el1) },
	{ SYSREG_ADDR(3, 0, 10, 3, 0), offsetof(struct el1_state, amair_el1) },
	{ SYSREG_ADDR(3, 0, 13, 0, 1), offsetof(struct el1_state, contextidr_el1) },
};

void set_way_write_vm_control(struct vcpu *vcpu, uint32_t addr, uint64_t value)
{
	for (unsigned int n = 0; n < ARRAY_SIZE(vm_controls); n++) {
		if (vm_controls[n].addr == addr)
			vcpu->vm_control.offset = vm_controls[n].offset;
	}
	vcpu->vm_control.value = value;
	post(vcpu, VCPU_REQ_VM_CONTROL);
}

static bool caches_are_on(const struct vcpu *vcpu)
{
	return (~vcpu->el1.sctlr_el1 & (SCTLR_ELx_M | SCTLR_ELx_C)) == 0;
}

bool set_way_take_vm_control(struct vcpu *vcpu)
{
	bool was_on = caches_are_on(vcpu);

	*(uint64_t *)(void *)((uint8_t *)&vcpu->el1 + vcpu->vm_control.offset) = vcpu->vm_control.value;
	if (caches_are_on(vcpu) == was_on)
		return false;
	if (!was_on)
		vcpu->hcr &= ~HCR_EL2_TVM;
	return true;
}

/* Accesses to devices: see mmio.h. */
#include "kernel/mmio.h"

#include <stddef.h>

#include "arch/arm64/el1_state.h"
#include "arch/arm64/guest.h"
#include "arch/arm64/guest_at.h"
#include "arch/arm64/regs/esr.h"
#include "arch/arm64/regs/par.h"
#include "arch/arm64/regs/spsr.h"
#include "kernel/guest_walk.h"
#include "kernel/vm.h"
#include "lib/bits.h"
#include "vcpu/mmio_value.h"

/* Accesses of a plan that carry registers: two of 128 bits. */
#define MAX_VALUES 4

/* What a page number is of an address, whatever its tag. */
#define VA_PAGE GENMASK(54, 12)

static enum mmio_result access_device(struct vcpu *vcpu, bool write, uint64_t *value)
{
	const struct exit_mmio *mmio = &vcpu->exit.mmio;
	struct mmio_access access = { .vcpu = vcpu, .width = mmio->width, .value = *value };
	const struct mmio_region *region;
	enum mmio_result result;

	region = mmio_bus_find(&vcpu->vm->bus, mmio->addr, access_width_bytes(mmio->width));
	if (region == NULL)
		return MMIO_FAULT;
	access.offset = mmio->addr.raw - region->base.raw;
	result = write ? region->ops->write(region->ctx, &access) : region->ops->read(region->ctx, &access);
	*value = access.value;
	return result;
}

static bool runs_at_el0(const struct vcpu *vcpu)
{
	return (vcpu->frame.spsr & SPSR_M_EL) == 0;
}

/*
 * The page of mmio.far by the guest's stage 1. False: stage 1 does not allow the access, and mmio.fsc says why as the
 * guest must see it; or stage 2 does not allow the walk. PSTATE.PAN, at which AT does not look, forbids to EL1 what EL0
 * may access [DDI0487 D8.4.1.3].
 */
static bool translate(struct vcpu *vcpu, bool write, uint64_t *page)
{
	struct exit_mmio *mmio = &vcpu->exit.mmio;
	bool el0 = runs_at_el0(vcpu);
	uint64_t par = guest_at(mmio->far, el0, write);

	if ((par & PAR_EL1_F) != 0) {
		if ((par & PAR_EL1_S) != 0)
			mmio->fsc = (uint8_t)(ESR_FSC_EXTERNAL_WALK_L0 + guest_walk_level(vcpu, mmio->far));
		else
			mmio->fsc = (uint8_t)FIELD_GET(PAR_EL1_FST, par);
		return false;
	}
	if (!el0 && (vcpu->frame.spsr & SPSR_PAN) != 0 && (guest_at(mmio->far, true, false) & PAR_EL1_F) == 0) {
		mmio->fsc = (uint8_t)(ESR_FSC_PERMISSION_L0 + guest_walk_level(vcpu, mmio->far));
		return false;
	}
	*page = par & PAR_EL1_PA;
	return true;
}

/* Where an access of a plan goes: on the page that faulted, as the hardware told; on another one, by stage 1. */
static bool locate(struct vcpu *vcpu, bool write)
{
	struct exit_mmio *mmio = &vcpu->exit.mmio;
	uint64_t offset = mmio->far & (PAGE_SIZE - 1);
	uint64_t page = align_down(vcpu->syndrome.ipa.raw, PAGE_SIZE);

	if (offset + access_width_bytes(mmio->width) > PAGE_SIZE)
		return false; /* unaligned, and its other half is who knows where */
	if (((mmio->far ^ vcpu->syndrome.far) & VA_PAGE) != 0 && !translate(vcpu, write, &page))
		return false;
	mmio->addr = ipa(page | offset);
	return true;
}

/* The registers of a plan: one or two, one or two values each. */
static unsigned int nr_registers(const struct mmio_plan *plan)
{
	return plan->zero_block ? 0 : plan->nr_accesses >> (plan->quad ? 1 : 0);
}

static void read_registers(const struct vcpu *vcpu, uint64_t values[MAX_VALUES])
{
	const struct exit_mmio *mmio = &vcpu->exit.mmio;

	for (unsigned int n = 0; n < nr_registers(&mmio->plan); n++) {
		unsigned int reg = n == 0 ? mmio->reg : mmio->plan.reg2;
		uint64_t value[2] = { 0, 0 };

		if (mmio->plan.to_vreg)
			fp_read(reg, value);
		else
			value[0] = trap_frame_read(&vcpu->frame, reg);
		if (mmio->plan.quad) {
			values[2 * n] = value[0];
			values[2 * n + 1] = value[1];
		} else {
			values[n] = value[0] & access_width_mask(mmio->width);
		}
	}
}

/* A V register's upper part, which the access does not reach, becomes zero. */
static void write_registers(struct vcpu *vcpu, const uint64_t values[MAX_VALUES])
{
	const struct exit_mmio *mmio = &vcpu->exit.mmio;

	for (unsigned int n = 0; n < nr_registers(&mmio->plan); n++) {
		unsigned int reg = n == 0 ? mmio->reg : mmio->plan.reg2;
		uint64_t value[2] = { 0, 0 };

		if (mmio->plan.quad) {
			value[0] = values[2 * n];
			value[1] = values[2 * n + 1];
		} else {
			value[0] = values[n] & access_width_mask(mmio->width);
		}
		if (mmio->plan.to_vreg)
			fp_write(reg, value);
		else
			trap_frame_write(&vcpu->frame, reg, mmio_read_value(mmio, value[0]));
	}
}

static void write_base(struct vcpu *vcpu)
{
	const struct mmio_plan *plan = &vcpu->exit.mmio.plan;

	if (plan->base_reg < 31)
		vcpu->frame.x[plan->base_reg] = plan->base_value;
	else if ((vcpu->frame.spsr & SPSR_M) == SPSR_M_EL1H)
		el1_sp_write(plan->base_value);
	else
		vcpu->frame.sp_el0 = plan->base_value;
}

/* Not done: MMIO_FAULT; or the vCPU parks until the device knows, and then the whole exit is dispatched again. */
static __attribute__((noinline, cold)) enum exit_action not_ok(struct vcpu *vcpu, enum mmio_result result)
{
	if (result != MMIO_WAIT)
		return ACTION_INJECT_ABORT;
	__atomic_fetch_or(&vcpu->requests, (uint32_t)VCPU_REQ_ACCESS, __ATOMIC_RELAXED);
	return ACTION_PENDING;
}

/* An instruction's accesses in order, then its registers, all at once. */
static __attribute__((noinline)) enum exit_action run_plan(struct vcpu *vcpu, bool write)
{
	struct exit_mmio *mmio = &vcpu->exit.mmio;
	uint64_t values[MAX_VALUES] = { 0 };

	if (write)
		read_registers(vcpu, values);
	for (; mmio->plan.next_access < mmio->plan.nr_accesses; mmio->plan.next_access++) {
		uint64_t zero = 0;
		uint64_t *value = mmio->plan.zero_block ? &zero : &values[mmio->plan.next_access];

		enum mmio_result result = locate(vcpu, write) ? access_device(vcpu, write, value) : MMIO_FAULT;

		if (result != MMIO_OK)
			return not_ok(vcpu, result);
		mmio->far += access_width_bytes(mmio->width);
	}
	if (!write)
		write_registers(vcpu, values);
	if (mmio->plan.writeback)
		write_base(vcpu);
	return ACTION_ADVANCE;
}

enum exit_action mmio_emulate(struct vcpu *vcpu, bool write)
{
	struct exit_mmio *mmio = &vcpu->exit.mmio;
	uint64_t value = mmio->data;
	enum mmio_result result;

	mmio->fsc = ESR_FSC_EXTERNAL;
	if (mmio->plan.from_insn)
		return run_plan(vcpu, write);
	result = access_device(vcpu, write, &value);
	if (result != MMIO_OK)
		return not_ok(vcpu, result);
	if (!write)
		trap_frame_write(&vcpu->frame, mmio->reg, mmio_read_value(mmio, value));
	return ACTION_ADVANCE;
}

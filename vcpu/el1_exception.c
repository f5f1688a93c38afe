/* The exception for an exit: see el1_exception.h. */
#include "vcpu/el1_exception.h"

#include "arch/arm64/regs/esr.h"
#include "arch/arm64/regs/spsr.h"
#include "lib/bits.h"

struct abort {
	uint64_t far;
	bool insn, cm, write, fnv;
	uint8_t fsc;
};

static bool is_from_el0(const struct vcpu *vcpu)
{
	return (vcpu->frame.spsr & SPSR_M_EL) == 0; /* AArch32's User mode, too */
}

/* For the classes that come in two: "from the same Exception level" is the code behind "from a lower" one. */
static uint64_t ec_from(const struct vcpu *vcpu, uint64_t ec_from_lower)
{
	return FIELD_PREP(ESR_ELx_EC, is_from_el0(vcpu) ? ec_from_lower : ec_from_lower + 1);
}

/*
 * IL is 1 for every instruction abort, and for data aborts without ISV, which at EL1 all are. Cache maintenance and AT
 * are told as writes. [DDI0487 ESR_ELx.IL, WnR]
 */
static struct el1_exception abort_of(const struct vcpu *vcpu, const struct abort *abort)
{
	uint64_t esr = ec_from(vcpu, abort->insn ? ESR_ELx_EC_IABT_LOW : ESR_ELx_EC_DABT_LOW) | ESR_ELx_IL | abort->fsc;

	if (!abort->insn && abort->cm)
		esr |= ESR_ELx_ABORT_CM;
	if (!abort->insn && (abort->write || abort->cm))
		esr |= ESR_ELx_ABORT_WNR;
	if (abort->fnv)
		esr |= ESR_ELx_ABORT_FNV;
	return (struct el1_exception){ .esr = esr, .far = abort->far, .has_far = true };
}

/* External, on an access or on a walk of the guest's own tables. */
static uint8_t external_fsc(bool s1ptw, uint8_t walk_level)
{
	return s1ptw ? (uint8_t)(ESR_FSC_EXTERNAL_WALK_L0 + walk_level) : (uint8_t)ESR_FSC_EXTERNAL;
}

/* Of an abort EL1 sees what stage 1 would have told: ISV and what goes with it, and S1PTW, are for stage 2 alone. */
static struct el1_exception forward(const struct vcpu *vcpu)
{
	struct el1_exception e = { .esr = vcpu->syndrome.esr, .far = vcpu->syndrome.far };
	const uint64_t ec = FIELD_GET(ESR_ELx_EC, e.esr);

	switch (ec) {
	case ESR_ELx_EC_IABT_LOW:
	case ESR_ELx_EC_DABT_LOW:
		e.esr &=
			ESR_ELx_ABORT_FNV | ESR_ELx_ABORT_EA | ESR_ELx_ABORT_CM | ESR_ELx_ABORT_WNR | ESR_ELx_ABORT_FSC;
		e.esr |= ec_from(vcpu, ec) | ESR_ELx_IL;
		e.has_far = true;
		break;
	case ESR_ELx_EC_WATCHPT_LOW:
	case ESR_ELx_EC_BREAKPT_LOW:
	case ESR_ELx_EC_SOFTSTP_LOW:
		e.esr = (e.esr & ~ESR_ELx_EC) | ec_from(vcpu, ec);
		e.has_far = ec == ESR_ELx_EC_WATCHPT_LOW;
		break;
	case ESR_ELx_EC_PC_ALIGNMENT: e.has_far = true; break;
	default: break;
	}
	return e;
}

struct el1_exception el1_exception_undef(void)
{
	/* IL is 1 for exceptions of Unknown reason, whatever the instruction's length [DDI0487 ESR_ELx.IL]. */
	return (struct el1_exception){ .esr = FIELD_PREP(ESR_ELx_EC, ESR_ELx_EC_UNKNOWN) | ESR_ELx_IL };
}

struct el1_exception el1_exception_of_exit(const struct vcpu *vcpu)
{
	const struct vcpu_exit *exit = &vcpu->exit;
	struct abort abort = { .far = vcpu->syndrome.far, .fsc = ESR_FSC_EXTERNAL };

	if (exit->reason == EXIT_FAIL_ENTRY && exit->fail_entry.why != FAIL_EXTERNAL_ABORT)
		return forward(vcpu);
	if (exit->reason == EXIT_FAIL_ENTRY) {
		abort.far = exit->fail_entry.far;
		abort.insn = exit->fail_entry.insn_abort;
		abort.cm = exit->fail_entry.cm;
		abort.write = exit->fail_entry.write;
		abort.fnv = exit->fail_entry.fnv;
		abort.fsc = external_fsc(exit->fail_entry.s1ptw, exit->fail_entry.walk_level);
	} else if (exit->reason == EXIT_NESTED_PAGE_FAULT) {
		abort.far = exit->nested_page_fault.far;
		abort.insn = exit->nested_page_fault.exec;
		abort.cm = exit->nested_page_fault.cm;
		abort.write = exit->nested_page_fault.write;
		abort.fsc = external_fsc(exit->nested_page_fault.s1ptw, exit->nested_page_fault.walk_level);
	} else if (exit->reason == EXIT_MMIO_READ || exit->reason == EXIT_MMIO_WRITE) {
		abort.far = exit->mmio.far; /* of several accesses, the one that nobody answered */
		abort.write = exit->reason == EXIT_MMIO_WRITE;
		abort.fsc = exit->mmio.fsc;
	}
	return abort_of(vcpu, &abort);
}

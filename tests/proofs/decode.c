/*
 * vcpu/decode.c: what each class of exceptions and each kind of abort becomes, whatever the syndrome says: a reason,
 * what is true of it, the length. All of it changes vcpu->exit alone.
 */
/* Options: -inline-calls kind_of_fault */
/* Not: handle_exception_sync */
#include "tests/proofs/fields.h"
#include "tests/proofs/inlines.h"
/**/
#include "arch/arm64/regs/esr.h"
#include "vcpu/aarch32.h"
#include "vcpu/decode.h"
#include "vcpu/insn_plan.h"

/* clang-format off */
/*@ logic integer esr_ec(integer esr) = get(FIELD(ESR_ELx_EC), esr);
    logic integer esr_iss(integer esr) = get(FIELD(ESR_ELx_ISS), esr);

    predicate fails(struct vcpu *vcpu, integer why) =
	vcpu->exit.reason == EXIT_FAIL_ENTRY && vcpu->exit.fail_entry.why == why;
    predicate is_abort(struct vcpu *vcpu) =
	fails(vcpu, FAIL_EXTERNAL_ABORT) || fails(vcpu, FAIL_FORWARD) || fails(vcpu, FAIL_UNEXPECTED);
    predicate does_nothing(struct vcpu *vcpu, integer insn_len) =
	vcpu->exit.reason == EXIT_NOTHING && vcpu->exit.insn_len == insn_len;
    predicate is_mmio(struct vcpu *vcpu) =
	(vcpu->exit.reason == EXIT_MMIO_READ || vcpu->exit.reason == EXIT_MMIO_WRITE) &&
	vcpu->exit.mmio.width <= ACCESS_QWORD && vcpu->exit.mmio.reg <= 31 &&
	1 <= vcpu->exit.mmio.plan.nr_accesses <= 256;
    predicate faults(struct vcpu *vcpu) =
	vcpu->exit.reason == EXIT_NESTED_PAGE_FAULT &&
	vcpu->exit.nested_page_fault.addr.raw == vcpu->syndrome.ipa.raw;
    predicate is_call(struct vcpu *vcpu, integer conduit) =
	vcpu->exit.reason == EXIT_HYPERCALL && vcpu->exit.hypercall.conduit == conduit &&
	vcpu->exit.hypercall.nr == vcpu->frame.x[0]; */

/* Of their own proofs. */
/*@ assigns \nothing; */
bool aarch32_condition_passed(uint64_t iss, uint64_t spsr);

/*@ requires \valid(vcpu);
    assigns vcpu->exit;
    ensures \result == INSN_PLAN_READY ==> is_mmio(vcpu);
    ensures vcpu->exit.insn_len == \old(vcpu->exit.insn_len);
    ensures \result <= INSN_PLAN_REFUSED; */
enum insn_plan_result insn_plan(struct vcpu *vcpu);

/*@ requires \valid(vcpu) && why <= FAIL_UNEXPECTED;
    assigns vcpu->exit.reason, vcpu->exit.fail_entry.why, vcpu->exit.fail_entry.far;
    ensures fails(vcpu, why) && vcpu->exit.fail_entry.far == vcpu->syndrome.far; */
static void fail_entry(struct vcpu *vcpu, enum fail_why why);

/*@ requires \valid(vcpu);
    assigns vcpu->exit.reason, vcpu->exit.insn_len;
    ensures does_nothing(vcpu, insn_len); */
static void nothing(struct vcpu *vcpu, uint8_t insn_len);

/*@ requires \valid(vcpu);
    assigns vcpu->exit.reason, vcpu->exit.fail_entry;
    ensures fails(vcpu, FAIL_EXTERNAL_ABORT) && (vcpu->exit.fail_entry.insn_abort <==> insn_abort);
    ensures vcpu->exit.fail_entry.write || vcpu->exit.fail_entry.cm ==> !insn_abort;
    ensures vcpu->exit.fail_entry.far == vcpu->syndrome.far || vcpu->exit.fail_entry.far == 0; */
static void fail_abort(struct vcpu *vcpu, bool insn_abort);

/*@ requires \valid(vcpu);
    assigns vcpu->exit.reason, vcpu->exit.nested_page_fault;
    ensures faults(vcpu) && (vcpu->exit.nested_page_fault.exec <==> exec);
    ensures vcpu->exit.nested_page_fault.write || vcpu->exit.nested_page_fault.cm ==> !exec; */
static void nested_page_fault(struct vcpu *vcpu, bool exec);

/*@ requires \valid(vcpu);
    assigns vcpu->exit.reason, vcpu->exit.mmio;
    ensures is_mmio(vcpu) && vcpu->exit.mmio.plan.nr_accesses == 1;
    ensures vcpu->exit.mmio.addr.raw == vcpu->syndrome.ipa.raw && vcpu->exit.mmio.far == vcpu->syndrome.far;
    ensures vcpu->exit.mmio.width == get(FIELD(ESR_ELx_ABORT_SAS), esr_iss(vcpu->syndrome.esr));
    ensures vcpu->exit.mmio.reg == get(FIELD(ESR_ELx_ABORT_SRT), esr_iss(vcpu->syndrome.esr));
    ensures vcpu->exit.reason == EXIT_MMIO_WRITE <==> (esr_iss(vcpu->syndrome.esr) & ESR_ELx_ABORT_WNR) != 0; */
static void mmio_access(struct vcpu *vcpu);

/*@ requires \valid(vcpu);
    assigns vcpu->exit;
    ensures is_mmio(vcpu) || fails(vcpu, FAIL_EXTERNAL_ABORT) || does_nothing(vcpu, 0) ||
	does_nothing(vcpu, \old(vcpu->exit.insn_len));
    ensures vcpu->exit.insn_len == 0 || vcpu->exit.insn_len == \old(vcpu->exit.insn_len); */
static void mmio_by_insn(struct vcpu *vcpu);

/*@ requires \valid_read(syndrome);
    assigns \nothing;
    ensures \result ==> esr_ec(syndrome->esr) == ESR_ELx_EC_DABT_LOW && syndrome->ipa_valid; */
bool exit_needs_insn(const struct syndrome *syndrome);

/*@ requires \valid(vcpu);
    assigns vcpu->exit.reason, vcpu->exit.fail_entry;
    ensures \result ==> is_abort(vcpu); */
static bool decode_fault_without_ipa(struct vcpu *vcpu, bool insn_abort);

/*@ requires \valid(vcpu);
    assigns vcpu->exit;
    ensures is_mmio(vcpu) || faults(vcpu) || is_abort(vcpu) ||
	does_nothing(vcpu, 0) || does_nothing(vcpu, \old(vcpu->exit.insn_len));
    ensures is_mmio(vcpu) || faults(vcpu) ==> vcpu->syndrome.ipa_valid;
    ensures vcpu->exit.insn_len == 0 || vcpu->exit.insn_len == \old(vcpu->exit.insn_len); */
static void decode_data_abort(struct vcpu *vcpu);

/*@ requires \valid(vcpu);
    assigns vcpu->exit;
    ensures (faults(vcpu) && vcpu->exit.nested_page_fault.exec) || is_abort(vcpu) || does_nothing(vcpu, 0);
    ensures vcpu->exit.insn_len == 0 || vcpu->exit.insn_len == \old(vcpu->exit.insn_len); */
static void decode_insn_abort(struct vcpu *vcpu);

/*@ requires \valid(vcpu) && vcpu->exit.halt.deadline == 0;
    assigns vcpu->exit;
    ensures vcpu->exit.reason == EXIT_HALT && vcpu->exit.insn_len == \old(vcpu->exit.insn_len);
    ensures vcpu->exit.halt.deadline != 0 ==> vcpu->exit.halt.has_deadline; */
static void decode_wfx(struct vcpu *vcpu);

/*@ requires \valid(vcpu);
    assigns vcpu->exit.reason, vcpu->exit.hypercall;
    ensures is_call(vcpu, conduit); */
static void hypercall(struct vcpu *vcpu, enum hypercall_conduit conduit);

/*@ requires \valid(vcpu);
    assigns vcpu->exit;
    ensures is_call(vcpu, CONDUIT_HVC) && vcpu->exit.insn_len == 0; */
static void decode_hvc(struct vcpu *vcpu);

/*@ requires \valid(vcpu);
    assigns vcpu->exit;
    ensures is_call(vcpu, CONDUIT_SMC) && vcpu->exit.insn_len == \old(vcpu->exit.insn_len); */
static void decode_smc(struct vcpu *vcpu);

/*@ requires \valid(vcpu);
    assigns vcpu->exit;
    ensures is_call(vcpu, CONDUIT_SMC) && vcpu->exit.insn_len == \old(vcpu->exit.insn_len);
    ensures vcpu->exit.hypercall.imm16 == 0; */
static void decode_smc32(struct vcpu *vcpu);

/*@ requires \valid(vcpu);
    assigns vcpu->exit;
    ensures vcpu->exit.reason == EXIT_SYSREG_READ || vcpu->exit.reason == EXIT_SYSREG_WRITE;
    ensures vcpu->exit.reason == EXIT_SYSREG_READ <==> (esr_iss(vcpu->syndrome.esr) & ESR_ELx_SYS64_DIRECTION) != 0;
    ensures vcpu->exit.insn_len == \old(vcpu->exit.insn_len) && vcpu->exit.sysreg.reg <= 31;
    ensures vcpu->exit.sysreg.addr == (esr_iss(vcpu->syndrome.esr) & ESR_ELx_SYS64_ADDR); */
static void decode_sys64(struct vcpu *vcpu);

/*@ requires \valid_read(vcpu);
    assigns \nothing; */
static bool condition_failed(const struct vcpu *vcpu);

/*@ requires \valid(vcpu);
    assigns vcpu->exit;
    ensures is_mmio(vcpu) || faults(vcpu) || (\exists integer why; 0 <= why <= FAIL_UNEXPECTED && fails(vcpu, why)) ||
	does_nothing(vcpu, 0) || does_nothing(vcpu, 2) || does_nothing(vcpu, 4) || vcpu->exit.reason == EXIT_HALT ||
	is_call(vcpu, CONDUIT_HVC) || is_call(vcpu, CONDUIT_SMC) ||
	vcpu->exit.reason == EXIT_SYSREG_READ || vcpu->exit.reason == EXIT_SYSREG_WRITE;
    ensures vcpu->exit.insn_len == 0 || vcpu->exit.insn_len == 2 || vcpu->exit.insn_len == 4;
    ensures esr_ec(vcpu->syndrome.esr) == ESR_ELx_EC_HVC64 ==> is_call(vcpu, CONDUIT_HVC) && vcpu->exit.insn_len == 0;
    ensures esr_ec(vcpu->syndrome.esr) == ESR_ELx_EC_SMC64 ==> is_call(vcpu, CONDUIT_SMC);
    ensures esr_ec(vcpu->syndrome.esr) == ESR_ELx_EC_SYS64 ==>
	vcpu->exit.reason == EXIT_SYSREG_READ || vcpu->exit.reason == EXIT_SYSREG_WRITE;
    ensures esr_ec(vcpu->syndrome.esr) == ESR_ELx_EC_SERROR ==> fails(vcpu, FAIL_SERROR);
    ensures is_mmio(vcpu) ==> esr_ec(vcpu->syndrome.esr) == ESR_ELx_EC_DABT_LOW && vcpu->syndrome.ipa_valid; */
void handle_exception_sync(struct vcpu *vcpu);

/*@ requires \valid(vcpu);
    assigns vcpu->exit;
    ensures vcpu->exit.insn_len == 0;
    ensures kind == EXIT_KIND_IRQ || kind == EXIT_KIND_FIQ ==> vcpu->exit.reason == EXIT_EXTERNAL_INTERRUPT;
    ensures kind == EXIT_KIND_SERROR ==> fails(vcpu, FAIL_SERROR);
    ensures kind != EXIT_KIND_IRQ && kind != EXIT_KIND_FIQ && kind != EXIT_KIND_SERROR ==> fails(vcpu, FAIL_UNEXPECTED);
*/
void handle_exception_async(struct vcpu *vcpu, enum exit_kind kind);

/*@ assigns \nothing;
    ensures \result != \null; */
const char *exception_class_name(unsigned int ec);

/*@ assigns \nothing;
    ensures \result != \null; */
const char *exit_reason_name(enum exit_reason reason);
/* clang-format on */

#include "vcpu/decode.c"

/*
 * psci/psci_refine.c: what each function makes of a call, in its own convention: the result in X0 or W0, no other
 * register, and the exit that is due. [DEN0028 3.1] [DEN0022 5]
 */
/* Not: psci_refine */
#include "tests/proofs/fields.h"
#include "tests/proofs/inlines.h"
/**/
#include "psci/psci.h"
#include "smc/smccc.h"

#define IS_64(function) (((function)&SMCCC_64) != 0)

/* clang-format off */
/*@ logic integer arg(struct vcpu *vcpu, integer n) =
	IS_64(vcpu->frame.x[0]) ? vcpu->frame.x[n] : (uint32_t)vcpu->frame.x[n];
    predicate answered(struct vcpu *vcpu, integer function, integer code) =
	vcpu->exit.reason == EXIT_NOTHING &&
	vcpu->frame.x[0] == (IS_64(function) ? (uint64_t)code : (uint32_t)code); */

/* Without a body here. */
/*@ requires \valid_read(vm);
    assigns \nothing; */
bool vpsci_is_entry(const struct psci_vm *vm, uint64_t entry);
/*@ assigns \nothing; */
static inline bool smccc_is_psci(uint64_t function);

/*@ requires \valid_read(vcpu) && n <= 30;
    assigns \nothing;
    ensures \result == arg(vcpu, n); */
uint64_t psci_arg(const struct vcpu *vcpu, unsigned int n);

/*@ requires \valid(vcpu);
    assigns vcpu->frame.x[0];
    ensures vcpu->frame.x[0] == (IS_64(function) ? (uint64_t)result.code : (uint32_t)result.code); */
void psci_set_result(struct vcpu *vcpu, uint64_t function, psci_ret_t result);

/*@ requires \valid(vcpu);
    assigns vcpu->frame.x[0], vcpu->exit.reason;
    ensures answered(vcpu, \old(vcpu->exit.hypercall.nr), result.code); */
static void answer(struct vcpu *vcpu, psci_ret_t result);

/*@ requires \valid(down);
    assigns *down;
    ensures \result ==> (*down <==> (power_state & 0x40000000) != 0 || (power_state & 0x10000) != 0); */
static bool parse_power_state(uint32_t power_state, bool *down);

/*@ requires \valid(vcpu);
    assigns vcpu->frame.x[0], vcpu->exit.reason;
    ensures answered(vcpu, \old(vcpu->exit.hypercall.nr), 0x10001); */
static void refine_version(struct vcpu *vcpu, const struct psci_vm *vm);

/*@ requires \valid(vcpu) && \valid_read(vm) && \separated(vcpu, vm);
    assigns vcpu->frame.x[0], vcpu->exit;
    ensures vcpu->exit.reason == EXIT_NOTHING || vcpu->exit.reason == EXIT_HALT;
    ensures vcpu->exit.reason == EXIT_HALT ==> vcpu->frame.x[0] == 0 && !vcpu->exit.halt.has_deadline;
    ensures vcpu->exit.insn_len == \old(vcpu->exit.insn_len); */
static void refine_cpu_suspend(struct vcpu *vcpu, const struct psci_vm *vm);

/*@ requires \valid(vcpu);
    assigns vcpu->exit.reason, vcpu->exit.cpu_down;
    ensures vcpu->exit.reason == EXIT_CPU_DOWN; */
static void refine_cpu_off(struct vcpu *vcpu, const struct psci_vm *vm);

/*@ requires \valid(vcpu);
    assigns vcpu->exit.reason, vcpu->exit.cpu_up;
    ensures vcpu->exit.reason == EXIT_CPU_UP;
    ensures vcpu->exit.cpu_up.target_mpidr == \old(arg(vcpu, 1)) && vcpu->exit.cpu_up.entry == \old(arg(vcpu, 2));
    ensures vcpu->exit.cpu_up.arg == \old(arg(vcpu, 3)); */
static void refine_cpu_on(struct vcpu *vcpu, const struct psci_vm *vm);

/*@ assigns \nothing; */
static void refine_behind_the_lock(struct vcpu *vcpu, const struct psci_vm *vm);

/*@ requires \valid(vcpu);
    assigns vcpu->frame.x[0], vcpu->exit.reason;
    ensures answered(vcpu, \old(vcpu->exit.hypercall.nr), 2); */
static void refine_migrate_info_type(struct vcpu *vcpu, const struct psci_vm *vm);

/*@ requires \valid(vcpu);
    assigns vcpu->exit.reason, vcpu->exit.system_down;
    ensures vcpu->exit.reason == EXIT_SYSTEM_DOWN && vcpu->exit.system_down.kind == SYSTEM_DOWN_OFF; */
static void refine_system_off(struct vcpu *vcpu, const struct psci_vm *vm);

/*@ requires \valid(vcpu);
    assigns vcpu->exit.reason, vcpu->exit.system_down;
    ensures vcpu->exit.reason == EXIT_SYSTEM_DOWN && vcpu->exit.system_down.kind == SYSTEM_DOWN_RESET; */
static void refine_system_reset(struct vcpu *vcpu, const struct psci_vm *vm);

/*@ requires \valid(vcpu);
    assigns vcpu->frame.x[0], vcpu->exit.reason, vcpu->exit.system_down;
    ensures \old((uint32_t)arg(vcpu, 1)) != 0 ==> answered(vcpu, \old(vcpu->exit.hypercall.nr), -2);
    ensures \old((uint32_t)arg(vcpu, 1)) == 0 ==> vcpu->exit.reason == EXIT_SYSTEM_DOWN &&
	vcpu->frame.x[0] == \old(vcpu->frame.x[0]); */
static void refine_system_reset2(struct vcpu *vcpu, const struct psci_vm *vm);

/*@ requires \valid(vcpu);
    assigns vcpu->frame.x[0], vcpu->exit.reason;
    ensures answered(vcpu, \old(vcpu->exit.hypercall.nr), 0) || answered(vcpu, \old(vcpu->exit.hypercall.nr), -1); */
static void refine_features(struct vcpu *vcpu, const struct psci_vm *vm);

struct psci_row;
/*@ assigns \nothing; */
static const struct psci_row *psci_find(uint32_t function);

/*@ requires \valid(vcpu) && \valid_read(vm); */
void psci_refine(struct vcpu *vcpu, const struct psci_vm *vm);
/* clang-format on */

#include "psci/psci_refine.c"

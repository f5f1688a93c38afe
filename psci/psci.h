/* PSCI 1.1: function ids, return codes, the refine step and the machine behind CPU_ON. [DEN0022] */
#ifndef PSCI_PSCI_H
#define PSCI_PSCI_H

#include <stdbool.h>
#include <stdint.h>

#include "vcpu/vcpu.h"

/* A PSCI result: a struct, so that it is never taken for an hv_err or an SMCCC x0. */
typedef struct {
	int32_t code;
} psci_ret_t;

#define PSCI_SUCCESS		((psci_ret_t){ 0 })
#define PSCI_NOT_SUPPORTED	((psci_ret_t){ -1 })
#define PSCI_INVALID_PARAMETERS ((psci_ret_t){ -2 })
#define PSCI_DENIED		((psci_ret_t){ -3 })
#define PSCI_ALREADY_ON		((psci_ret_t){ -4 })
#define PSCI_ON_PENDING		((psci_ret_t){ -5 })
#define PSCI_INTERNAL_FAILURE	((psci_ret_t){ -6 })
#define PSCI_NOT_PRESENT	((psci_ret_t){ -7 })
#define PSCI_DISABLED		((psci_ret_t){ -8 })
#define PSCI_INVALID_ADDRESS	((psci_ret_t){ -9 })

#define PSCI_FN32(n) (0x84000000U + (n))
#define PSCI_FN64(n) (0xC4000000U + (n))
enum psci_function {
	PSCI_VERSION_NR = 0,
	PSCI_CPU_SUSPEND_NR = 1,
	PSCI_CPU_OFF_NR = 2,
	PSCI_CPU_ON_NR = 3,
	PSCI_AFFINITY_INFO_NR = 4,
	PSCI_MIGRATE_NR = 5,
	PSCI_MIGRATE_INFO_TYPE_NR = 6,
	PSCI_MIGRATE_INFO_UP_CPU_NR = 7,
	PSCI_SYSTEM_OFF_NR = 8,
	PSCI_SYSTEM_RESET_NR = 9,
	PSCI_FEATURES_NR = 10,
	PSCI_CPU_FREEZE_NR = 11,
	PSCI_CPU_DEFAULT_SUSPEND_NR = 12,
	PSCI_NODE_HW_STATE_NR = 13,
	PSCI_SYSTEM_SUSPEND_NR = 14,
	PSCI_SET_SUSPEND_MODE_NR = 15,
	PSCI_STAT_RESIDENCY_NR = 16,
	PSCI_STAT_COUNT_NR = 17,
	PSCI_SYSTEM_RESET2_NR = 18,
	PSCI_MEM_PROTECT_NR = 19,
	PSCI_MEM_PROTECT_CHECK_RANGE_NR = 20,
	PSCI_NR_FUNCTIONS = 0x20, /* the range that psci_refine() owns: 0x84000000-1F and 0xC4000000-1F */
};

/* What the machine needs to know of a VM: its vCPUs, indexed 0..nr_vcpus-1. The caller holds the VM's lock. */
struct psci_vm {
	struct vcpu **vcpus;
	uint8_t nr_vcpus;
	uint64_t ram_base, ram_size; /* an entry point must lie in it, else INVALID_ADDRESS; constant, no lock */
};

/*
 * Refines a HYPERCALL in PSCI's range: VERSION, FEATURES, MIGRATE_INFO_TYPE, bad ids and bad parameters are answered
 * here into EXIT_NOTHING with x0 set; CPU_ON gives CPU_UP, CPU_OFF CPU_DOWN, CPU_SUSPEND HALT with x0 = SUCCESS,
 * SYSTEM_OFF, _RESET and _RESET2 SYSTEM_DOWN; AFFINITY_INFO and SYSTEM_SUSPEND stay HYPERCALLs (they need the VM's
 * lock) for vpsci_affinity_info() and vpsci_system_suspend(). SMC32 uses W registers. Of vm only the constants are
 * read.
 */
void psci_refine(struct vcpu *vcpu, const struct psci_vm *vm);

/*
 * CPU_ON [DEN0022 5.6]: on SUCCESS the target is ON_PENDING with entry and context id noted, and the caller makes it
 * runnable. Two calls for one target never both succeed: the state moves under the VM's lock.
 */
psci_ret_t vpsci_cpu_on(struct psci_vm *vm, uint64_t target_mpidr, uint64_t entry, uint64_t context_id,
			struct vcpu **target);
/* CPU_OFF [DEN0022 5.5]: the caller's vCPU goes off. DENIED never happens: the last vCPU may turn itself off. */
psci_ret_t vpsci_cpu_off(struct vcpu *self);
/* AFFINITY_INFO [DEN0022 5.7]: 0 on, 1 off, 2 on pending, or INVALID_PARAMETERS for a level > 0 or a target that is not
 * there. */
psci_ret_t vpsci_affinity_info(struct psci_vm *vm, uint64_t target_mpidr, uint64_t lowest_level);
/*
 * SYSTEM_SUSPEND [DEN0022 SYSTEM_SUSPEND]: DENIED while another vCPU is not off, INVALID_ADDRESS for an entry point
 * outside RAM. On SUCCESS on_entry and on_context_id of self say how it goes on, and no other vCPU can come up
 * meanwhile.
 */
psci_ret_t vpsci_system_suspend(struct psci_vm *vm, struct vcpu *self, uint64_t entry, uint64_t context_id);
/* May a vCPU enter at this address: an instruction's, in RAM? */
bool vpsci_is_entry(const struct psci_vm *vm, uint64_t entry);
/*
 * Argument n (1..3) of the call in the frame: Xn whole for SMC64, Wn for SMC32. Good until x0 is written: a refine step
 * that leaves a function to the caller leaves x0 alone, so x0 is also the `function` for
 * psci_set_result().
 */
uint64_t psci_arg(const struct vcpu *vcpu, unsigned int n);
/* Writes a result as the guest sees it, by bit 30 of the function (whose upper half is ignored): sign-extended in X0
 * for SMC64, W0 with the upper half zero for SMC32. */
void psci_set_result(struct vcpu *vcpu, uint64_t function, psci_ret_t result);

#endif

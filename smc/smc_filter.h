/*
 * A VM's SMC policy: which of its calls go on to EL3. The default is none. Pure. [DEN0028 1.2]
 *
 * A guest's SMC whose function a range names is issued again by Corbel, with X0-X17, and the guest gets what comes
 * back; kernel/exit.c makes the call. An HVC never passes, and neither does PSCI. Which range, and what its functions
 * may do, is the loader's decision; he has to know three things:
 *
 *  - Firmware takes an address for a physical one. A guest that may make a call with addresses in it reaches all memory
 *    that the firmware reaches, wherever its own RAM lies.
 *  - Firmware sees a caller at EL2. What it keeps for its caller, as SDEI keeps a handler's address, is then
 *    EL2's: such functions are not for a guest at all.
 *  - EL2 makes the call with interrupts masked, so the pCPU is deaf until EL3 comes back: for a fast call as long as it
 *    takes, since it cannot be interrupted.
 *
 * Yielding calls pass, too. Whether one is left early is EL3's and the GIC's matter, and not PSTATE.I's of the caller:
 * where Secure software routes Non-secure interrupts out, it returns at once with "preempted", which goes to the guest
 * like any result; the guest then takes the interrupt, and resumes by a call of its own, which must be named as well.
 * Where firmware does not route them, a yielding call holds the pCPU to its end, as a fast one does. A vCPU
 * never leaves its home pCPU, so it resumes where it began. [DEN0028, "Fast calls and yielding calls"]
 */
#ifndef SMC_SMC_FILTER_H
#define SMC_SMC_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "smc/smccc.h"

/*
 * Does the range hold a function that firmware takes for PSCI's? Beside 0x84000000-1F and 0xC4000000-1F these are the
 * same ones with anything in bits 23:16: SMCCC 1.3 has its SVE hint there, and firmware masks it, or looks at bits 15:0
 * alone [DEN0022 5]. Such a range is no policy: a guest's PSCI is Corbel's. *first: of the 32 functions that it meets.
 */
bool smc_range_meets_psci(const struct smc_range *range, uint32_t *first);

/* Does one of the ranges name the function (W0)? The ranges hold no PSCI: whoever made them has asked. */
bool smc_filter_allows(const struct smc_range *ranges, unsigned int nr_ranges, uint32_t function);

/*
 * X0-X17 of the call that goes to EL3 in the guest's place. X0 is W0, which the policy has seen, and nothing more.
 * SMC32 has its arguments in W1-W7: the upper halves go as zeroes. A Trusted OS takes its client's ID from
 * W7[15:0]: a call to one gets `client_id`, so that no guest passes for another or for EL2, which is 0; elsewhere X7 is
 * an argument. [DEN0028 3.1, "Client ID"]
 */
void smc_forward_arguments(const struct vcpu *vcpu, uint16_t client_id, uint64_t x[SMCCC_NR_REGS]);

/*
 * What came back goes to the guest, whole: X0 always, and of X1-X17 what EL3 has changed. The rest keeps the guest's
 * own values, since the convention preserves X4-X17 where they are no results, upper halves included, and callers rely
 * on it. [DEN0028 3.1]
 */
void smc_forward_results(struct vcpu *vcpu, const uint64_t sent[SMCCC_NR_REGS], const uint64_t x[SMCCC_NR_REGS]);

#endif

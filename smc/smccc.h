/* The SMC Calling Convention as far as Corbel answers it. Pure. [DEN0028 1.2] */
#ifndef SMC_SMCCC_H
#define SMC_SMCCC_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/bits.h"
#include "vcpu/vcpu.h"

#define SMCCC_FAST   BIT(31)
#define SMCCC_64     BIT(30)
#define SMCCC_OWNER  GENMASK(29, 24)
#define SMCCC_NUMBER GENMASK(15, 0)

enum smccc_owner { SMCCC_OWNER_ARCH = 0, SMCCC_OWNER_STANDARD = 4, SMCCC_OWNER_VENDOR_HYP = 6 };

#define SMCCC_VERSION	    0x80000000U
#define SMCCC_ARCH_FEATURES 0x80000001U
#define SMCCC_SUCCESS	    UINT64_C(0)
#define SMCCC_VERSION_1_2   UINT64_C(0x10002)
/* SMCCC x0 as a guest sees it: all ones in X0 for SMC64 and in W0 for SMC32 alike. */
#define SMCCC_NOT_SUPPORTED (~UINT64_C(0))

/* What a call may carry, and bring back: X0-X17 [DEN0028 1.2 3.1]. */
#define SMCCC_NR_REGS 18

/* Functions from first to last, both included. */
struct smc_range {
	uint32_t first, last;
};

/* Fast calls of PSCI's own numbers: 0x84000000-1F and 0xC4000000-1F [DEN0022 5]. Takes W0, the upper half cut off. */
static inline bool smccc_is_psci(uint64_t function)
{
	return (function & ~(SMCCC_64 | UINT64_C(0x1f))) ==
	       (SMCCC_FAST | FIELD_PREP(SMCCC_OWNER, SMCCC_OWNER_STANDARD));
}

/*
 * Refines a HYPERCALL: answers the architecture range and refuses what nobody serves, into EXIT_NOTHING with x0 (and
 * x1-x3) in the frame written; leaves the Standard Secure range's PSCI functions alone for psci_refine(), and an SMC
 * that one of the VM's ranges names for EL3: that stays a HYPERCALL with `forward` set, also where Corbel has an answer
 * of its own. insn_len is kept, and hypercall.nr is cut to the 32 bits of the function identifier. HVC or SMC with
 * imm16 != 0: UNDEF is not architected; answered NOT_SUPPORTED. [DEN0028 2.9]
 */
void smccc_refine(struct vcpu *vcpu, const struct smc_range *allowed, unsigned int nr_allowed);

#endif

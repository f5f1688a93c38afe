/* The SMC Calling Convention as far as Corbel answers it. Pure. [DEN0028 1.2] */
#ifndef SMC_SMCCC_H
#define SMC_SMCCC_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/bits.h"
#include "vcpu/idregs.h"
#include "vcpu/vcpu.h"

#define SMCCC_FAST   BIT(31)
#define SMCCC_64     BIT(30)
#define SMCCC_OWNER  GENMASK(29, 24)
#define SMCCC_NUMBER GENMASK(15, 0)

enum smccc_owner { SMCCC_OWNER_ARCH = 0, SMCCC_OWNER_STANDARD = 4, SMCCC_OWNER_VENDOR_HYP = 6 };

#define SMCCC_VERSION		0x80000000U
#define SMCCC_ARCH_FEATURES	0x80000001U
#define SMCCC_ARCH_WORKAROUND_3 0x80003fffU
#define SMCCC_ARCH_WORKAROUND_2 0x80007fffU
#define SMCCC_ARCH_WORKAROUND_1 0x80008000U
/* Paravirtualised time of the Standard Hypervisor Service [DEN0057]. */
#define PV_TIME_FEATURES 0xc5000020U
#define PV_TIME_ST	 0xc5000021U
/* Vendor Specific Hypervisor Service: the standard queries, and the one function of Corbel's own so far. */
#define SMCCC_HYP_UID	   0x8600ff01U
#define SMCCC_HYP_REVISION 0x8600ff03U
#define CORBEL_VERSION	   0x86000000U /* of this range: 0x10000 */

#define SMCCC_SUCCESS	  UINT64_C(0)
#define SMCCC_VERSION_1_2 UINT64_C(0x10002)
/* SMCCC x0 as a guest sees it: all ones in X0 for SMC64 and in W0 for SMC32 alike. */
#define SMCCC_NOT_SUPPORTED (~UINT64_C(0))

/* What a call may carry, and bring back: X0-X17 [DEN0028 1.2 3.1]. */
#define SMCCC_NR_REGS 18

/* Functions from first to last, both included. */
struct smc_range {
	uint32_t first, last;
};

/*
 * What SMCCC_ARCH_FEATURES answers for a workaround. NOT_SUPPORTED: there is none, which tells a guest nothing about
 * its CPU. FIRMWARES: EL3 has it, and a guest's call goes there. Else the CPU needs none: UNAFFECTED, and the call is
 * there and does nothing; NOT_REQUIRED, which WORKAROUND_2 alone has, and there is no call. [DEN0028 7.5 to 7.7]
 */
enum smccc_workaround {
	SMCCC_WORKAROUND_NOT_SUPPORTED = -1,
	SMCCC_WORKAROUND_NOT_REQUIRED = -2,
	SMCCC_WORKAROUND_FIRMWARES = 0,
	SMCCC_WORKAROUND_UNAFFECTED = 1,
};

/* What the board's firmware answers to SMCCC_ARCH_FEATURES of each; negative: it has none. */
struct smccc_firmware {
	int32_t workaround_1, workaround_2, workaround_3;
};

/* What the answers depend on, of a VM and the host below it. Constant after creation. */
struct smccc_vm {
	const struct smc_range *allowed; /* the VM's policy */
	unsigned int nr_allowed;
	enum smccc_workaround workaround_1, workaround_2, workaround_3;
	bool has_trng; /* there is entropy to give */
};

/* Sets the three workarounds by what this CPU's MIDR_EL1 and ID registers (by slot, the host's) and its firmware say.
 */
void smccc_find_workarounds(struct smccc_vm *vm, uint64_t midr, const uint64_t id_regs[ID_REGS_NR],
			    const struct smccc_firmware *firmware);

/* A UUID as UID queries return it: four words from x0 on, its first byte the lowest of the first. [DEN0028 6.2] */
void smccc_answer_uuid(struct vcpu *vcpu, const uint32_t words[4]);

/* Fast calls of PSCI's own numbers: 0x84000000-1F and 0xC4000000-1F [DEN0022 5]. Takes W0, the upper half cut off. */
static inline bool smccc_is_psci(uint64_t function)
{
	return (function & ~(SMCCC_64 | UINT64_C(0x1f))) ==
	       (SMCCC_FAST | FIELD_PREP(SMCCC_OWNER, SMCCC_OWNER_STANDARD));
}

/*
 * Refines a HYPERCALL: answers the architecture range, Corbel's own and what of TRNG needs no entropy, and refuses what
 * nobody serves, into EXIT_NOTHING with x0 (and x1-x3) in the frame written; leaves alone PSCI's functions for
 * psci_refine(), TRNG_RND for trng_answer(), PV_TIME_ST for the kernel, a workaround that is the firmware's, and an SMC
 * that one of the VM's ranges names for EL3: these two stay a HYPERCALL with `forward` set, the latter also where
 * Corbel has an answer of its own. insn_len is kept, and hypercall.nr is cut to the 32 bits of the function identifier.
 * HVC or SMC with imm16 != 0: UNDEF is not architected; answered NOT_SUPPORTED. [DEN0028 2.9]
 */
void smccc_refine(struct vcpu *vcpu, const struct smccc_vm *vm);

#endif

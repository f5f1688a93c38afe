#include "smc/smc_filter.h"

#include "lib/bits.h"

#define PSCI_NR_NUMBERS 32U
#define NR_CONVENTIONS	2U
#define FAST_RESERVED	GENMASK(23, 16)
#define NR_RESERVED	256U

/* What an SMC32 passes in W registers, and who is asked for a client's ID [DEN0028 3.1, "Client ID"]. */
#define NR_ARGUMENTS_32	    8U
#define CLIENT_ID_REGISTER  7U
#define CLIENT_ID	    GENMASK(15, 0)
#define FIRST_TRUSTED_OWNER 48U

bool smc_range_meets_psci(const struct smc_range *range, uint32_t *first)
{
	for (uint32_t n = 0; n < NR_CONVENTIONS * NR_RESERVED; n++) {
		*first = (uint32_t)(SMCCC_FAST | FIELD_PREP(SMCCC_OWNER, SMCCC_OWNER_STANDARD) |
				    FIELD_PREP(SMCCC_64, n / NR_RESERVED) | FIELD_PREP(FAST_RESERVED, n % NR_RESERVED));
		if (range->first <= *first + (PSCI_NR_NUMBERS - 1) && range->last >= *first)
			return true;
	}
	return false;
}

bool smc_filter_allows(const struct smc_range *ranges, unsigned int nr_ranges, uint32_t function)
{
	for (unsigned int n = 0; n < nr_ranges; n++) {
		if (function >= ranges[n].first && function <= ranges[n].last)
			return true;
	}
	return false;
}

/* Yielding calls are all a Trusted OS's; of the fast ones, those of its and its applications' owners. */
static bool is_for_trusted_os(uint32_t function)
{
	return (function & SMCCC_FAST) == 0 || FIELD_GET(SMCCC_OWNER, function) >= FIRST_TRUSTED_OWNER;
}

void smc_forward_arguments(const struct vcpu *vcpu, uint16_t client_id, uint64_t x[SMCCC_NR_REGS])
{
	uint32_t function = (uint32_t)vcpu->exit.hypercall.nr;

	x[0] = function;
	for (unsigned int n = 1; n < SMCCC_NR_REGS; n++) {
		bool is_w = n < NR_ARGUMENTS_32 && (function & SMCCC_64) == 0;

		x[n] = is_w ? (uint32_t)vcpu->frame.x[n] : vcpu->frame.x[n];
	}
	if (is_for_trusted_os(function))
		x[CLIENT_ID_REGISTER] = (x[CLIENT_ID_REGISTER] & ~CLIENT_ID) | client_id;
}

void smc_forward_results(struct vcpu *vcpu, const uint64_t sent[SMCCC_NR_REGS], const uint64_t x[SMCCC_NR_REGS])
{
	vcpu->frame.x[0] = x[0];
	for (unsigned int n = 1; n < SMCCC_NR_REGS; n++) {
		if (x[n] != sent[n])
			vcpu->frame.x[n] = x[n];
	}
}

/* Captures the syndrome of a synchronous exit: see syndrome.h. [DDI0487 ESR_EL2, FAR_EL2, HPFAR_EL2, D8.11 AT] */
#include "arch/arm64/syndrome.h"

#include "arch/arm64/guest_at.h"
#include "arch/arm64/regs/esr.h"
#include "arch/arm64/regs/par.h"
#include "arch/arm64/sysreg.h"
#include "lib/bits.h"

/* HPFAR_EL2.FIPA [43:4] holds IPA[51:12]. */
#define HPFAR_EL2_FIPA GENMASK(43, 4)

static void capture_abort(struct syndrome *syndrome, uint64_t esr)
{
	/* The status codes of data and instruction aborts are the same six bits. */
	uint64_t status = FIELD_GET(ESR_ELx_ABORT_FSC, esr);
	bool s1ptw = (esr & ESR_ELx_ABORT_S1PTW) != 0;
	uint64_t page = 0;

	syndrome->far = read_sysreg(far_el2);
	if (fsc_is_permission_fault((unsigned int)status) && !s1ptw) {
		/*
		 * HPFAR_EL2 does not hold its IPA. A walk that fails met tables that changed: the guest runs again.
		 * As EL1, to which what EL0 may only execute is mapped, too.
		 */
		uint64_t par = guest_at(syndrome->far, false, false);

		syndrome->ipa_valid = (par & PAR_EL1_F) == 0;
		page = par & PAR_EL1_PA;
	} else {
		page = FIELD_GET(HPFAR_EL2_FIPA, read_sysreg(hpfar_el2)) << PAGE_SHIFT;
		syndrome->ipa_valid = true;
	}
	syndrome->ipa = ipa(page | (syndrome->far & (PAGE_SIZE - 1)));
}

void syndrome_capture(struct syndrome *syndrome)
{
	uint64_t esr = read_sysreg(esr_el2);
	uint64_t ec = FIELD_GET(ESR_ELx_EC, esr);

	syndrome->esr = esr;
	syndrome->far = 0;
	if (ec == ESR_ELx_EC_DABT_LOW || ec == ESR_ELx_EC_IABT_LOW)
		capture_abort(syndrome, esr);
	else if (ec == ESR_ELx_EC_PC_ALIGNMENT || ec == ESR_ELx_EC_WATCHPT_LOW)
		syndrome->far = read_sysreg(far_el2);
}

void syndrome_capture_own(struct syndrome *syndrome)
{
	*syndrome = (struct syndrome){ .esr = read_sysreg(esr_el2), .far = read_sysreg(far_el2) };
}

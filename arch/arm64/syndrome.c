/* Captures the syndrome of a synchronous exit: see syndrome.h. [DDI0487 ESR_EL2, FAR_EL2, HPFAR_EL2, D8.11 AT] */
#include "arch/arm64/syndrome.h"

#include "arch/arm64/barrier.h"
#include "arch/arm64/regs/esr.h"
#include "arch/arm64/regs/spsr.h"
#include "arch/arm64/sysreg.h"
#include "lib/bits.h"

/* HPFAR_EL2.FIPA [43:4] holds IPA[51:12]. */
#define HPFAR_EL2_FIPA GENMASK(43, 4)
#define PAR_EL1_F      BIT(0)
#define PAR_EL1_PA     GENMASK(51, 12)

/*
 * The IPA page of a permission fault, which HPFAR_EL2 does not hold: the guest's own stage 1 is asked. Its PAR_EL1 is
 * kept. The walk can fail when another vCPU changed the tables since: then the guest runs again.
 */
static bool translate_far(uint64_t far, bool from_el0, uint64_t *page)
{
	uint64_t guest_par = read_sysreg(par_el1);
	uint64_t par;

	if (from_el0)
		__asm__ volatile("at s1e0r, %0" : : "r"(far) : "memory");
	else
		__asm__ volatile("at s1e1r, %0" : : "r"(far) : "memory");
	isb();
	par = read_sysreg(par_el1);
	write_sysreg(guest_par, par_el1);
	*page = par & PAR_EL1_PA;
	return (par & PAR_EL1_F) == 0;
}

static void capture_abort(struct syndrome *syndrome, uint64_t esr)
{
	/* The status codes of data and instruction aborts are the same six bits. */
	uint64_t status = FIELD_GET(ESR_ELx_ABORT_FSC, esr);
	bool s1ptw = (esr & ESR_ELx_ABORT_S1PTW) != 0;
	uint64_t page = 0;

	syndrome->far = read_sysreg(far_el2);
	if (fsc_is_permission_fault((unsigned int)status) && !s1ptw) {
		bool from_el0 = FIELD_GET(SPSR_M_EL, read_sysreg(spsr_el2)) == 0;

		syndrome->ipa_valid = translate_far(syndrome->far, from_el0, &page);
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

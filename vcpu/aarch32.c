#include "vcpu/aarch32.h"

#include "arch/arm64/regs/esr.h"
#include "arch/arm64/regs/spsr.h"

#define COND_AL	     0xeU
#define ITSTATE_COND 0xf0U /* condition of the current instruction */
#define ITSTATE_MASK 0x0fU /* how many are left; 0: not in an IT block */

/* IT[7:2] and IT[1:0] lie apart in SPSR. */
static unsigned int itstate_get(uint64_t spsr)
{
	return (unsigned int)((FIELD_GET(SPSR_IT_7_2, spsr) << 2) | FIELD_GET(SPSR_IT_1_0, spsr));
}

static uint64_t itstate_set(uint64_t spsr, unsigned int it)
{
	spsr &= ~(SPSR_IT_7_2 | SPSR_IT_1_0);
	return spsr | FIELD_PREP(SPSR_IT_7_2, it >> 2) | FIELD_PREP(SPSR_IT_1_0, it & 3);
}

/* ConditionHolds(): bits 3:1 choose a test, bit 0 inverts it; 0xe and 0xf both mean always. */
static bool condition_holds(unsigned int cond, uint64_t spsr)
{
	bool n = (spsr & SPSR_N) != 0, z = (spsr & SPSR_Z) != 0;
	bool c = (spsr & SPSR_C) != 0, v = (spsr & SPSR_V) != 0;
	const bool test[8] = {
		z,	      /* EQ, NE */
		c,	      /* CS, CC */
		n,	      /* MI, PL */
		v,	      /* VS, VC */
		c && !z,      /* HI, LS */
		n == v,	      /* GE, LT */
		n == v && !z, /* GT, LE */
		true,	      /* AL */
	};

	if (cond >= COND_AL)
		return true;
	return test[cond >> 1] != ((cond & 1) != 0);
}

bool aarch32_condition_passed(uint64_t iss, uint64_t spsr)
{
	unsigned int cond = COND_AL;

	if ((iss & ESR_ELx_CV) != 0) {
		cond = (unsigned int)FIELD_GET(ESR_ELx_COND, iss);
	} else if ((spsr & SPSR_T) != 0) {
		unsigned int it = itstate_get(spsr);

		if ((it & ITSTATE_MASK) != 0)
			cond = (it & ITSTATE_COND) >> 4;
	}
	return condition_holds(cond, spsr);
}

/* ITAdvance() [DDI0487 AArch32.ITAdvance]: the low five bits shift; once the low three are empty the block is over. */
uint64_t aarch32_advance_itstate(uint64_t spsr)
{
	const uint64_t thumb = SPSR_M_AARCH32 | SPSR_T;
	unsigned int it;

	if ((spsr & thumb) != thumb)
		return spsr;
	it = itstate_get(spsr);
	it = (it & 7) == 0 ? 0 : ((it & 0xe0) | ((it << 1) & 0x1f));
	return itstate_set(spsr, it);
}

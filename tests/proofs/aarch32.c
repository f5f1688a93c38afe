/* vcpu/aarch32.c: conditions and ITSTATE for any syndrome and any SPSR. [DDI0487 AArch32.ITAdvance] */
#include "tests/proofs/fields.h"
/**/
#include "arch/arm64/regs/spsr.h"
#include "vcpu/aarch32.h"

/* clang-format off */
/* Proved by fields.smt2. */
/*@ axiomatic Thumb {
	axiom both: \forall integer v; (v & 0x30) == 0x30 ==> (v & 0x10) != 0 && (v & 0x20) != 0;
    } */

/*@ assigns \nothing; */
static unsigned int itstate_get(uint64_t spsr);

/*@ assigns \nothing; */
static uint64_t itstate_set(uint64_t spsr, unsigned int it);

/*@ assigns \nothing;
    ensures cond >= 0xe ==> \result; */
static bool condition_holds(unsigned int cond, uint64_t spsr);

/*@ assigns \nothing;
    ensures (iss & 0x1000000) == 0 && (spsr & 0x20) == 0 ==> \result; */
bool aarch32_condition_passed(uint64_t iss, uint64_t spsr);

/*@ assigns \nothing;
    ensures (spsr & 0x10) == 0 || (spsr & 0x20) == 0 ==> \result == spsr; */
uint64_t aarch32_advance_itstate(uint64_t spsr);
/* clang-format on */

#include "vcpu/aarch32.c"

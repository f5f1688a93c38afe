/*
 * The loaded guest's own stage 1, asked by an AT instruction. Context: EL2, the vCPU's EL1 state in the machine.
 * [DDI0487 C5.4, PAR_EL1]
 */
#ifndef ARCH_ARM64_GUEST_AT_H
#define ARCH_ARM64_GUEST_AT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * PAR_EL1 (regs/par.h) of an access to va from EL1 or EL0: the IPA of its page, which is va's own with stage 1 off; or
 * why stage 1 does not allow it now, which another vCPU may have brought about since it was made. PSTATE.PAN is not
 * looked at. EL1 may read whatever is mapped at all, for EL0 to execute only, too. The guest's PAR_EL1 is kept.
 */
uint64_t guest_at(uint64_t va, bool from_el0, bool write);

#endif

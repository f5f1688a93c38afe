/*
 * The loaded guest's own stage 1, asked by an AT instruction. Context: EL2, the vCPU's EL1 state in the machine.
 * [DDI0487 C5.4, PAR_EL1]
 */
#ifndef ARCH_ARM64_GUEST_AT_H
#define ARCH_ARM64_GUEST_AT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The IPA of the page (4 KiB) that va names in an access from EL1 or EL0; with stage 1 off that is va itself. False:
 * stage 1 does not allow the access now, which another vCPU may have brought about since it was made. PSTATE.PAN is
 * not looked at. The guest's PAR_EL1 is kept.
 */
bool guest_at(uint64_t va, bool from_el0, bool write, uint64_t *ipa_page);

#endif

/*
 * The pointer authentication keys across a vCPU switch. Only for a vCPU that uses them: until then its accesses and its
 * PAC instructions trap (HCR_EL2.APK, API), so that it meets no other guest's keys. Context: the vCPU's own pCPU, EL2;
 * a CPU that has FEAT_PAuth, else they are UNDEFINED. [DDI0487 D8.10, APIAKeyLo_EL1 ff.]
 */
#ifndef ARCH_ARM64_PAUTH_H
#define ARCH_ARM64_PAUTH_H

#include "arch/arm64/regs/guest_state.h"

void pauth_save(struct pauth_keys *keys);
void pauth_restore(const struct pauth_keys *keys);

#endif

/*
 * The registers behind stage 2: VTTBR_EL2, VTCR_EL2, and the TLB maintenance of guests by VMID. The tables themselves
 * are stage2.c's. Context: EL2, the calling pCPU. [DDI0487 VTTBR_EL2, VTCR_EL2, D8.13]
 */
#ifndef ARCH_ARM64_GUEST_MMU_H
#define ARCH_ARM64_GUEST_MMU_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

/* Physical address bits of this CPU: 32..48 (52 would need LPA, which Corbel does not use). */
unsigned int guest_mmu_pa_bits(void);
/* FEAT_VMID16. */
bool guest_mmu_has_vmid16(void);

/* VTTBR_EL2 for a root table and a VMID. */
uint64_t guest_mmu_vttbr(pa_t root, uint32_t vmid);
/* VTCR_EL2: what stage2_vtcr() gave, with RES1 and the width of VMIDs. */
uint64_t guest_mmu_vtcr(uint64_t stage2_vtcr);

/*
 * No guest's tables are walked any more, not even by speculation: before a VMID or EL1's registers change. EL1's
 * TCR_EL1 is lost: it has been saved, and the load that follows restores one.
 */
void guest_mmu_park(void);
void guest_mmu_load(uint64_t vttbr, uint64_t vtcr);
/* What this pCPU's TLB holds of the loaded VM, and its instruction cache: another vCPU of it ran here last. */
void guest_mmu_flush_local(void);
/* What all TLBs hold of [base, base + size_bytes) for this VTTBR_EL2's VMID, whichever guest is loaded here. */
void guest_mmu_flush_range(uint64_t vttbr, ipa_t base, uint64_t size_bytes);
/* Everything of every guest, everywhere: VMID rollover. */
void guest_mmu_flush_all(void);

#endif

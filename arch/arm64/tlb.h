/* TLB maintenance, with the barriers that each needs. [DDI0487 D8.13, TLBI] */
#ifndef ARCH_ARM64_TLB_H
#define ARCH_ARM64_TLB_H

#include "arch/arm64/barrier.h"
#include "lib/types.h"

/* EL2's own translations, this pCPU's or all's. */
static inline void tlb_flush_el2_all(void)
{
	dsb(ishst);
	__asm__ volatile("tlbi alle2is" : : : "memory");
	dsb(ish);
	isb();
}

/* Stage 1 and 2 of the current VMID, this pCPU only, and its instruction cache: another vCPU of the same VM is to run.
 */
static inline void tlb_flush_vmid_local(void)
{
	__asm__ volatile("tlbi vmalle1\n\tic iallu" : : : "memory");
	dsb(nsh);
	isb();
}

/* One IPA page of the current VMID, stage 2, all pCPUs; tlb_flush_stage1_is() must follow the last one. */
static inline void tlb_flush_ipa_is(ipa_t address)
{
	__asm__ volatile("tlbi ipas2e1is, %0" : : "r"(address.raw >> 12) : "memory");
}

/* Combined stage 1 entries of the current VMID on all pCPUs, after stage 2 ones went. */
static inline void tlb_flush_stage1_is(void)
{
	dsb(ish);
	__asm__ volatile("tlbi vmalle1is" : : : "memory");
	dsb(ish);
	isb();
}

/* Stages 1 and 2 of the current VMID on all pCPUs. */
static inline void tlb_flush_vmid_is(void)
{
	dsb(ishst);
	__asm__ volatile("tlbi vmalls12e1is" : : : "memory");
	dsb(ish);
	isb();
}

/* Every guest's, all pCPUs, instruction caches too: VMID rollover. */
static inline void tlb_flush_guests_is(void)
{
	dsb(ishst);
	__asm__ volatile("tlbi alle1is\n\tic ialluis" : : : "memory");
	dsb(ish);
	isb();
}

#endif

/*
 * EL2's own translation tables: identity map, 4 KiB granule. Image by sections (text RX, rodata R, data RW, all else
 * XN), guard pages under the stacks unmapped, RAM RW, devices Device-nGnRE. Built by the boot CPU, shared by all.
 */
#ifndef ARCH_ARM64_EL2_MMU_H
#define ARCH_ARM64_EL2_MMU_H

#include <stdint.h>

#include "lib/err.h"
#include "lib/types.h"

/* EL2_GUARD: stays unmapped, whatever is mapped around it later. */
enum el2_memory { EL2_TEXT, EL2_RODATA, EL2_DATA, EL2_DEVICE, EL2_GUARD };

/*
 * Adds an identity mapping: [base, base+size) page-aligned by the caller (outward). What is mapped already stays as it
 * is: the first mapping of a page wins, so image and guards come before RAM. HV_ENOMEM when the static pool of tables
 * is used up, HV_ERANGE beyond 48 bits. Boot CPU only; MMU on or off. Pure: the caller follows with DSB ISHST and ISB.
 * Entries only ever go from invalid to valid, so there is nothing to invalidate. [DDI0487 D8.16]
 */
enum hv_err el2_mmu_map(pa_t base, uint64_t size_bytes, enum el2_memory memory);
/*
 * Turns the MMU on for the calling pCPU (TTBR0_EL2, TCR_EL2, MAIR_EL2, SCTLR_EL2 with M, C, I, WXN, SA). In assembly,
 * without a stack: a secondary's stack may have stale lines in a cache until its own caches are on. (el2_mmu_on.S)
 */
void el2_mmu_enable(void);

/* The tables, the root first: for el2_mmu_on.S, and for tests that walk them. */
#define EL2_TABLE_ENTRIES 512
extern uint64_t el2_tables[][EL2_TABLE_ENTRIES];

#endif

/*
 * Stage 1 of a test guest: identity map, first GiB device, the RAM's GiB normal write-back. 2 MiB of RAM at MMU_PAGES
 * are mapped by pages, for tests about page borders. What EL0 may write EL1 does not execute
 * [DDI0487 D8.4.1.2], so EL0 has its own views of the RAM.
 */
#ifndef GUESTS_MMU_H
#define GUESTS_MMU_H

#include <stdint.h>

#define MMU_PAGES  0x40800000UL
#define PAGE_BYTES 4096UL

/* The RAM again, so much higher up, as EL0 may have it: to read and execute, and to read and write. */
#define MMU_EL0_CODE 0x40000000UL
#define MMU_EL0_DATA 0x80000000UL

/* Descriptors, for tests that make their own. [DDI0487 D8.3 VMSAv8-64 descriptor formats] */
#define DESC_BLOCK     1UL
#define DESC_TABLE     3UL
#define DESC_PAGE      3UL
#define DESC_NORMAL    (0UL << 2) /* AttrIndx: MAIR byte 0 */
#define DESC_DEVICE    (1UL << 2)
#define DESC_EL0       (1UL << 6) /* AP[1] */
#define DESC_READ_ONLY (1UL << 7) /* AP[2] */
#define DESC_ISH       (3UL << 8)
#define DESC_AF	       (1UL << 10)
#define DESC_PXN       (1UL << 53)
#define DESC_UXN       (1UL << 54)

void mmu_make_tables(void);
/* Each CPU for itself. */
void mmu_on(void);
/* Maps the page at va (within MMU_PAGES) to pa, or to nothing with pa = 0. */
void mmu_map_page(uint64_t va, uint64_t pa);
/* The same with a descriptor as it is. */
void mmu_set_page(uint64_t va, uint64_t descriptor);

#endif

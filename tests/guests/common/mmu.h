/*
 * Stage 1 of a test guest: identity map, first GiB device, the RAM's GiB normal write-back. 2 MiB of RAM at MMU_PAGES
 * are mapped by pages, for tests about page borders.
 */
#ifndef GUESTS_MMU_H
#define GUESTS_MMU_H

#include <stdint.h>

#define MMU_PAGES  0x40800000UL
#define PAGE_BYTES 4096UL

void mmu_make_tables(void);
/* Each CPU for itself. */
void mmu_on(void);
/* Maps the page at va (within MMU_PAGES) to pa, or to nothing with pa = 0. */
void mmu_map_page(uint64_t va, uint64_t pa);

#endif

/*
 * The physical page allocator: a buddy system over the RAM that the device tree gave, less what is reserved.
 * Any context on any pCPU; takes LOCK_PALLOC. EL2 maps all RAM at VA = PA, so a page is reached through phys_to_virt().
 * Free pages hold the list nodes; one byte a page beside them holds its order. Pure but for phys_to_virt().
 */
#ifndef KERNEL_PALLOC_H
#define KERNEL_PALLOC_H

#include <stdint.h>

#include "lib/err.h"
#include "lib/types.h"

#define PALLOC_MAX_ORDER 18 /* 2^18 pages: 1 GiB */
#define PALLOC_MAX_BANKS 16 /* further ones are left unused */

/* The virtual address of a physical one: the identity at EL2; the host's tests set phys_to_virt_offset. */
extern uintptr_t phys_to_virt_offset;
static inline void *phys_to_virt(pa_t address)
{
	return (void *)(uintptr_t)(address.raw + phys_to_virt_offset);
}
static inline pa_t virt_to_phys(const void *virt)
{
	return pa((uintptr_t)virt - phys_to_virt_offset);
}

/* The smallest order whose pages hold so many bytes. */
unsigned int palloc_order_for(uint64_t bytes);

struct palloc_range {
	pa_t base;
	uint64_t size_bytes;
};

/*
 * Takes over the RAM in `memory` (sorted, disjoint) less `reserved` (any order, may overlap). Its own tables are put
 * into that RAM. Called once, before any other call; HV_ENOMEM when the tables find no place. The page at PA 0 is never
 * given out: its virtual address would be NULL.
 */
enum hv_err palloc_init(const struct palloc_range *memory, unsigned int nr_memory, const struct palloc_range *reserved,
			unsigned int nr_reserved);

/* 2^order pages, aligned to their size, contents unknown. HV_ENOMEM when none is left, or for an order that is too
 * large. */
enum hv_err palloc_alloc(unsigned int order, pa_t *out);
/* The same, with the lowest address from `lowest` on that is to be had: for memory whose place somebody can see. */
enum hv_err palloc_alloc_from(unsigned int order, pa_t lowest, pa_t *out);
/* One zeroed page, or NULL: for page tables and small structures. */
void *palloc_zeroed_page(void);
/* Gives 2^order pages back, as one palloc_alloc() gave them. Freeing anything else (free already, part of an
 * allocation) is a bug: DEBUG builds assert, others leave it as it is. */
void palloc_free(pa_t base, unsigned int order);

/* 4 KiB pages that were handed over at init, those free now, and those that the allocator's own tables took (not in the
 * total). */
struct palloc_stats {
	uint64_t total_pages, free_pages, table_pages;
};
struct palloc_stats palloc_stats(void);

#endif

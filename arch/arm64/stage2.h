/*
 * Stage 2 translation tables: IPA -> PA, 4 KiB granule, 2 MiB and 1 GiB blocks where aligned. Pure: pages come from,
 * and TLB maintenance goes through, callbacks, so that the host's tests hold it against a fake TLB. [DDI0487 D8]
 *
 * Changes are break-before-make: a live entry becomes invalid, the TLB is told, then the new one is written.
 * So another vCPU may take a translation fault on an IPA that stays mapped, while a block around it is split or its
 * access bits change: the fault handler takes the lock, walks again, and retries the access where it now finds a
 * mapping. Locks: the caller serialises calls on one tree (LOCK_VM), stage2_walk() too; walks of other pCPUs' hardware
 * need none.
 */
#ifndef ARCH_ARM64_STAGE2_H
#define ARCH_ARM64_STAGE2_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/types.h"

enum stage2_memory { STAGE2_NORMAL, STAGE2_DEVICE };

/* Access bits. */
#define STAGE2_R 1U
#define STAGE2_W 2U
#define STAGE2_X 4U

struct stage2;

struct stage2_ops {
	void *(*alloc_table)(struct stage2 *s2); /* a zeroed page, or NULL */
	void (*free_table)(struct stage2 *s2, void *table);
	uint64_t (*table_pa)(struct stage2 *s2, const void *table);
	void *(*table_va)(struct stage2 *s2, uint64_t pa);
	/* Make a written descriptor visible to walkers (dsb ishst), clean it where walkers are not coherent. */
	void (*publish)(struct stage2 *s2, const uint64_t *descriptor);
	/* TLBI IPAS2E1IS for the range, then VMALLE1IS, with the barriers, and with this tree's VMID in VTTBR_EL2. A
	 * long range (512 pages, say) is cheaper as one VMALLS12E1IS. */
	void (*flush_range)(struct stage2 *s2, ipa_t base, uint64_t size_bytes);
};

struct stage2 {
	const struct stage2_ops *ops;
	void *ctx;
	void *root;		  /* one page, or 2^n concatenated ones */
	unsigned int ipa_bits;	  /* 32..48 */
	unsigned int start_level; /* 0 or 1: level 2 could not hold 1 GiB blocks */
	unsigned int root_pages;  /* 1..16 concatenated */
	uint64_t nr_table_pages;  /* root excluded */
};

/* Geometry for so many IPA bits [DDI0487 D8.2.7 concatenated tables]: start_level and root_pages (the caller allocates
 * the root, contiguous and aligned to its size). HV_ERANGE outside 32..48. */
enum hv_err stage2_geometry(unsigned int ipa_bits, unsigned int *start_level, unsigned int *root_pages);
/* root: zeroed, root_pages of it. */
enum hv_err stage2_init(struct stage2 *s2, unsigned int ipa_bits, void *root, const struct stage2_ops *ops, void *ctx);
/* Frees all tables but the root (whose pages are the caller's), which is left empty. The caller has flushed. */
void stage2_destroy(struct stage2 *s2);

/*
 * Maps [base, base+size) to pa with largest blocks that fit. 4 KiB-aligned, inside ipa_bits, else HV_EINVAL/HV_ERANGE.
 * HV_EEXIST when any part is mapped already; HV_ENOMEM when tables run out: nothing is left mapped then.
 */
enum hv_err stage2_map(struct stage2 *s2, ipa_t base, pa_t pa, uint64_t size_bytes, unsigned int access,
		       enum stage2_memory memory);
/* Unmaps what is mapped in the range, splitting blocks; HV_ENOMEM when a split finds no page (nothing is unmapped
 * then). Tables that become empty are freed. */
enum hv_err stage2_unmap(struct stage2 *s2, ipa_t base, uint64_t size_bytes);
/* Changes the access bits of what is mapped in the range; holes stay. HV_ENOMEM as above: no access bits changed. */
enum hv_err stage2_protect(struct stage2 *s2, ipa_t base, uint64_t size_bytes, unsigned int access);
/* Where an IPA goes: HV_ENOENT when unmapped or beyond ipa_bits (outputs untouched). bytes: how much is contiguous to
 * the end of that entry. Outputs that are not wanted may be NULL. */
enum hv_err stage2_walk(const struct stage2 *s2, ipa_t address, pa_t *pa, uint64_t *bytes, unsigned int *access);

/* VTCR_EL2 without VS: T0SZ, SL0, inner shareable write-back walks, PS = the largest of 32, 36, 40, 42, 44, 48 that
 * pa_bits reaches. */
uint64_t stage2_vtcr(const struct stage2 *s2, unsigned int pa_bits);

#endif

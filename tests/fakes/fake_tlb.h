/*
 * A fake of what stage 2 is for: page table walkers with a TLB and a walk cache, as greedy as the architecture allows
 * [DDI0487 D8.16]. They see descriptors only when published, walk at every publish, keep everything valid that they saw
 * until it is flushed, and find every broken rule: a live entry that changes to another live one, a table that is freed
 * while cached, a flush before the write that it is for was published.
 *
 * The walk is written from VTCR_EL2, not from stage2.c's geometry.
 */
#ifndef TESTS_FAKES_FAKE_TLB_H
#define TESTS_FAKES_FAKE_TLB_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/arm64/stage2.h"

#define FAKE_TLB_TABLES	 8192
#define FAKE_TLB_ENTRIES 4096
#define FAKE_TLB_PROBES	 16

/* One page of tables: `real` is what stage2.c writes, `seen` what walkers see of it. */
struct fake_table {
	uint64_t *real, *seen;
	uint64_t pa;
	bool in_use;
};

/* One cached descriptor: of a leaf or, in the walk cache, of a table. */
struct fake_tlb_entry {
	uint64_t base, size, descriptor;
	unsigned int level;
};

struct fake_tlb {
	struct stage2 s2;
	uint64_t vtcr;
	struct fake_table *tables; /* [0, root_pages) is the root */
	unsigned int nr_tables, nr_live;
	struct fake_tlb_entry *cache;
	unsigned int nr_cached;
	unsigned int allocs_left;	  /* fails when it is 0 */
	uint64_t probes[FAKE_TLB_PROBES]; /* IPAs that are accessed at every publish */
	unsigned int nr_probes;
	unsigned int nr_flushes;
	const char *broken; /* the first rule that was broken, or NULL */
};

void fake_tlb_init(struct fake_tlb *tlb, unsigned int ipa_bits);
void fake_tlb_fini(struct fake_tlb *tlb);
/* Translates as hardware does, filling the TLB. False: translation fault. */
bool fake_tlb_access(struct fake_tlb *tlb, uint64_t address, uint64_t *pa, uint64_t *leaf);
/* True when nothing cached differs from what the tables say now, all writes are published, and no rule was broken. */
bool fake_tlb_is_clean(struct fake_tlb *tlb);

#endif

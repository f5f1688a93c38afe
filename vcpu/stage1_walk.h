/*
 * A guest's stage 1 tables as software sees them: at which level a walk ends. The hardware tells that of a fault of
 * stage 1, but not of one that stage 2 raises on the walk. Pure. [DDI0487 D8.2 translation process, TCR_EL1, TTBR0_EL1]
 */
#ifndef VCPU_STAGE1_WALK_H
#define VCPU_STAGE1_WALK_H

#include <stdbool.h>
#include <stdint.h>

struct stage1_tables {
	uint64_t tcr_el1, ttbr0_el1, ttbr1_el1;
};

/* Reads the descriptor at an IPA. False: that is no memory of the guest's. */
typedef bool (*stage1_read_fn)(void *ctx, uint64_t ipa, uint64_t *descriptor);

/*
 * The level, 0 to 3, of the descriptor that ends the walk for va: one that cannot be read, is invalid, or maps a block
 * or a page. Total, whatever the registers and the tables hold, and while others change them. All granules; without
 * FEAT_LPA2, which no guest is shown.
 */
unsigned int stage1_walk_level(const struct stage1_tables *tables, uint64_t va, stage1_read_fn read, void *ctx);

#endif

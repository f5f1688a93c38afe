/*
 * A guest's stage 1 tables as software sees them: where a walk leads, and at which level it ends. The hardware tells
 * the level of a fault of stage 1, but not of one that stage 2 raises on the walk; and it tells nothing of a vCPU that
 * is not in the machine. Pure. [DDI0487 D8.2 translation process, TCR_EL1, TTBR0_EL1]
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

/* How a walk ends. */
enum stage1_end {
	STAGE1_MAPPED,	      /* by a block or a page */
	STAGE1_INVALID,	      /* the descriptor is none, or reserved */
	STAGE1_UNREADABLE,    /* the descriptor lies where the guest has no memory */
	STAGE1_OUT_OF_RANGE,  /* neither half has this address: T0SZ, T1SZ */
	STAGE1_WALK_DISABLED, /* EPD0, EPD1 */
};

#define STAGE1_MAX_STEPS 4

struct stage1_walk {
	enum stage1_end end;
	unsigned int level;		    /* of the descriptor that ends it, 0 to 3 */
	uint64_t ipa, map_bytes;	    /* MAPPED: of the address; what the block or page spans */
	bool accessed;			    /* MAPPED: AF is set */
	unsigned int nr_steps, first_level; /* descriptors looked up */
	struct stage1_step {
		uint64_t ipa, descriptor; /* 0 where it cannot be read */
	} step[STAGE1_MAX_STEPS];
};

/*
 * The walk for va. Total, whatever the registers and the tables hold, and while others change them. All granules;
 * without FEAT_LPA2, which no guest is shown. The top byte of va counts for nothing but its half.
 */
void stage1_walk(const struct stage1_tables *tables, uint64_t va, stage1_read_fn read, void *ctx,
		 struct stage1_walk *walk);

/*
 * The level, 0 to 3, of the descriptor that ends the walk for va: one that cannot be read, is invalid, or maps a block
 * or a page; whether va is in range or not.
 */
unsigned int stage1_walk_level(const struct stage1_tables *tables, uint64_t va, stage1_read_fn read, void *ctx);

#endif

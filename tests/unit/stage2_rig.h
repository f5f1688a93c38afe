/* A stage 2 on a fake TLB, and looks at both. Each test program has its own. */
#ifndef UNIT_STAGE2_RIG_H
#define UNIT_STAGE2_RIG_H

#include <check.h>

#include "arch/arm64/stage2.h"
#include "lib/bits.h"
#include "tests/fakes/fake_tlb.h"

#define RWX (STAGE2_R | STAGE2_W | STAGE2_X)
#define K4  UINT64_C(4096)
#define M2  SZ_2M
#define G1  SZ_1G

static struct fake_tlb tlb;

static inline void setup(void)
{
	fake_tlb_init(&tlb, 40);
}

static inline void teardown(void)
{
	fake_tlb_fini(&tlb);
}

static inline enum hv_err map(uint64_t base, uint64_t out, uint64_t size)
{
	return stage2_map(&tlb.s2, ipa(base), pa(out), size, RWX, STAGE2_NORMAL);
}

static inline void probe(uint64_t address)
{
	ck_assert_uint_lt(tlb.nr_probes, FAKE_TLB_PROBES);
	tlb.probes[tlb.nr_probes++] = address;
}

static inline void check_clean(void)
{
	bool clean = fake_tlb_is_clean(&tlb);

	ck_assert_msg(clean, "%s", tlb.broken ? tlb.broken : "");
}

/* Hardware and stage2_walk() agree that this address goes there, in a leaf of which so much is left. */
static inline void check_goes(uint64_t address, uint64_t out, uint64_t bytes_left)
{
	uint64_t hw_pa = 0, leaf = 0, bytes = 0;
	unsigned int access = 0;
	pa_t sw_pa = pa(0);

	ck_assert(fake_tlb_access(&tlb, address, &hw_pa, &leaf));
	ck_assert_uint_eq(hw_pa, out);
	ck_assert_int_eq(stage2_walk(&tlb.s2, ipa(address), &sw_pa, &bytes, &access), HV_OK);
	ck_assert_uint_eq(sw_pa.raw, out);
	ck_assert_uint_eq(bytes, bytes_left);
}

static inline void check_hole(uint64_t address)
{
	uint64_t hw_pa, leaf;

	ck_assert(!fake_tlb_access(&tlb, address, &hw_pa, &leaf));
	ck_assert_int_eq(stage2_walk(&tlb.s2, ipa(address), NULL, NULL, NULL), HV_ENOENT);
}

#endif

/*
 * For proofs, included before all else: FIELD_GET and FIELD_PREP as functions with contracts. WP counts with integers,
 * where masks and shifts are hard for provers. The axioms tell them what they need to know of fields; fields.smt2
 * proves each of them, and the contracts for the macros of lib/bits.h, over all 64-bit vectors.
 *
 * A mask is one run of ones (GENMASK, BIT), lsb its lowest: is_field(mask, lsb). get(FIELD(mask), value) is
 * FIELD_GET(mask, value).
 */
#ifndef TESTS_PROOFS_FIELDS_H
#define TESTS_PROOFS_FIELDS_H

#include "lib/bits.h"

#undef FIELD_GET
#undef FIELD_PREP
#define FIELD_GET(mask, value)	field_get((mask), FIELD_LSB(mask), (value))
#define FIELD_PREP(mask, value) field_prep((mask), FIELD_LSB(mask), (value))
/* In annotations. */
#define FIELD(mask) (mask), ((mask) & -(mask))

/* A field that indexes a table of 64 is one of 64: provers don't split cases by themselves. */
#define ONE_OF_4(x, n)	((x) == (n) || (x) == (n) + 1 || (x) == (n) + 2 || (x) == (n) + 3)
#define ONE_OF_16(x, n) (ONE_OF_4(x, n) || ONE_OF_4(x, (n) + 4) || ONE_OF_4(x, (n) + 8) || ONE_OF_4(x, (n) + 12))
#define ONE_OF_64(x)	(ONE_OF_16(x, 0) || ONE_OF_16(x, 16) || ONE_OF_16(x, 32) || ONE_OF_16(x, 48))
#define INDEX_FIELD	0xfc000000 /* ESR_ELx.EC */

/* clang-format off */
/*@ axiomatic Fields {
	predicate is_field(integer mask, integer lsb);
	logic integer get(integer mask, integer lsb, integer value);
	logic integer prep(integer mask, integer lsb, integer value);

	axiom get_of_or: \forall integer m, l, a, b; is_field(m, l) ==>
		(get(m, l, a) == 0 ==> get(m, l, a | b) == get(m, l, b)) &&
		(get(m, l, b) == 0 ==> get(m, l, a | b) == get(m, l, a));
	axiom get_of_prep: \forall integer m, l, v; is_field(m, l) && 0 <= v && v * l <= m ==>
		get(m, l, prep(m, l, v)) == v;
	axiom get_of_prep_elsewhere: \forall integer m, l, n, k, v; is_field(m, l) && is_field(n, k) &&
		(n < l || m < k) ==> get(m, l, prep(n, k, v)) == 0;
	axiom get_of_cut: \forall integer m, l, v; is_field(m, l) && m < 0x100000000 ==>
		get(m, l, (uint32_t)v) == get(m, l, v);
    } */

/*@ requires 0 < lsb <= mask;
    assigns \nothing;
    ensures is_field(mask, lsb) && \result == get(mask, lsb, value) && 0 <= \result <= mask / lsb;
    ensures mask == INDEX_FIELD ==> ONE_OF_64(\result); */
uint64_t field_get(uint64_t mask, uint64_t lsb, uint64_t value);

/*@ requires 0 < lsb <= mask;
    assigns \nothing;
    ensures is_field(mask, lsb) && \result == prep(mask, lsb, value) && 0 <= \result <= mask; */
uint64_t field_prep(uint64_t mask, uint64_t lsb, uint64_t value);
/* clang-format on */

#endif

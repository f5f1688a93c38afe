/*
 * arch/arm64/gic/lr_codec.c: each field stands where the specification has it, nothing else does, and what was encoded
 * decodes to itself. The masks are the specification's, written out. [IHI0069 12.4 ICH_LR<n>_EL2] [IHI0048 5.3.10]
 */
#include "tests/proofs/fields.h"
/**/
#include "arch/arm64/gic/lr_codec.h"

#define V3_VINTID   0x00000000ffffffff
#define V3_PINTID   0x00001fff00000000
#define V3_EOI	    0x0000020000000000
#define V3_PRIORITY 0x00ff000000000000
#define V3_GROUP    0x1000000000000000
#define V3_HW	    0x2000000000000000
#define V3_PENDING  0x4000000000000000
#define V3_ACTIVE   0x8000000000000000

#define V2_VINTID   0x000003ff
#define V2_SOURCE   0x00001c00
#define V2_PINTID   0x000ffc00
#define V2_EOI	    0x00080000
#define V2_PRIORITY 0x0f800000
#define V2_PENDING  0x10000000
#define V2_ACTIVE   0x20000000
#define V2_GROUP    0x40000000
#define V2_HW	    0x80000000

/* clang-format off */
/*@ lemma eighth: \forall integer v; 0 <= v ==> (v >> 3) == v / 8;
    lemma eightfold: \forall integer v; 0 <= v ==> (v << 3) == v * 8; */

/*@ predicate linked_or_not(struct gic_lr *lr) =
	lr->hw ? !lr->eoi && lr->source == 0 : lr->pintid == 0;
    predicate fits_v3(struct gic_lr *lr) =
	linked_or_not(lr) && lr->pintid < 0x2000 && lr->group <= 1 && lr->source == 0;
    predicate fits_v2(struct gic_lr *lr) =
	linked_or_not(lr) && lr->vintid < 0x400 && lr->pintid < 0x400 && lr->group <= 1 && lr->source < 8 &&
	lr->priority % 8 == 0; */

/*@ requires \valid_read(lr) && fits_v3(lr);
    assigns \nothing;
    ensures get(FIELD(V3_VINTID), \result) == lr->vintid;
    ensures get(FIELD(V3_PRIORITY), \result) == lr->priority;
    ensures get(FIELD(V3_GROUP), \result) == lr->group && get(FIELD(V3_HW), \result) == lr->hw;
    ensures get(FIELD(V3_PENDING), \result) == lr->pending && get(FIELD(V3_ACTIVE), \result) == lr->active;
    ensures lr->hw ==> get(FIELD(V3_PINTID), \result) == lr->pintid;
    ensures !lr->hw ==> get(FIELD(V3_EOI), \result) == lr->eoi; */
uint64_t lr_encode_v3(const struct gic_lr *lr);

/*@ requires \valid(lr);
    assigns *lr;
    ensures lr->vintid == get(FIELD(V3_VINTID), raw) && lr->priority == get(FIELD(V3_PRIORITY), raw);
    ensures lr->group == get(FIELD(V3_GROUP), raw) && (lr->hw <==> get(FIELD(V3_HW), raw) != 0);
    ensures (lr->pending <==> get(FIELD(V3_PENDING), raw) != 0) && (lr->active <==> get(FIELD(V3_ACTIVE), raw) != 0);
    ensures lr->pintid == (lr->hw ? get(FIELD(V3_PINTID), raw) : 0);
    ensures lr->eoi <==> !lr->hw && get(FIELD(V3_EOI), raw) != 0;
    ensures lr->source == 0; */
void lr_decode_v3(uint64_t raw, struct gic_lr *lr);

/*@ requires \valid_read(lr) && fits_v2(lr);
    assigns \nothing;
    ensures get(FIELD(V2_VINTID), \result) == lr->vintid;
    ensures get(FIELD(V2_PRIORITY), \result) * 8 == lr->priority;
    ensures get(FIELD(V2_GROUP), \result) == lr->group && get(FIELD(V2_HW), \result) == lr->hw;
    ensures get(FIELD(V2_PENDING), \result) == lr->pending && get(FIELD(V2_ACTIVE), \result) == lr->active;
    ensures lr->hw ==> get(FIELD(V2_PINTID), \result) == lr->pintid;
    ensures !lr->hw ==> get(FIELD(V2_EOI), \result) == lr->eoi && get(FIELD(V2_SOURCE), \result) == lr->source; */
uint32_t lr_encode_v2(const struct gic_lr *lr);

/*@ requires \valid(lr);
    assigns *lr;
    ensures lr->vintid == get(FIELD(V2_VINTID), raw) && lr->priority == get(FIELD(V2_PRIORITY), raw) * 8;
    ensures lr->group == get(FIELD(V2_GROUP), raw) && (lr->hw <==> get(FIELD(V2_HW), raw) != 0);
    ensures (lr->pending <==> get(FIELD(V2_PENDING), raw) != 0) && (lr->active <==> get(FIELD(V2_ACTIVE), raw) != 0);
    ensures lr->pintid == (lr->hw ? get(FIELD(V2_PINTID), raw) : 0);
    ensures lr->source == (lr->hw ? 0 : get(FIELD(V2_SOURCE), raw));
    ensures lr->eoi <==> !lr->hw && get(FIELD(V2_EOI), raw) != 0; */
void lr_decode_v2(uint32_t raw, struct gic_lr *lr);
/* clang-format on */

#include "arch/arm64/gic/lr_codec.c"

/* clang-format off */
/*@ predicate same(struct gic_lr *a, struct gic_lr *b) =
	a->vintid == b->vintid && a->pintid == b->pintid && a->priority == b->priority && a->group == b->group &&
	a->source == b->source && (a->pending <==> b->pending) && (a->active <==> b->active) &&
	(a->hw <==> b->hw) && (a->eoi <==> b->eoi); */

/*@ requires \valid_read(lr) && \valid(back) && \separated(lr, back) && fits_v3(lr);
    assigns *back;
    ensures same(lr, back); */
void lr_there_and_back_v3(const struct gic_lr *lr, struct gic_lr *back);
/*@ requires \valid_read(lr) && \valid(back) && \separated(lr, back) && fits_v2(lr);
    assigns *back;
    ensures same(lr, back); */
void lr_there_and_back_v2(const struct gic_lr *lr, struct gic_lr *back);
/* clang-format on */

void lr_there_and_back_v3(const struct gic_lr *lr, struct gic_lr *back)
{
	lr_decode_v3(lr_encode_v3(lr), back);
}

void lr_there_and_back_v2(const struct gic_lr *lr, struct gic_lr *back)
{
	lr_decode_v2(lr_encode_v2(lr), back);
}

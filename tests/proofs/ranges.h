/* Contracts of functions of lib/bits.h. tests/proofs/inlines.c proves them. */
#ifndef TESTS_PROOFS_RANGES_H
#define TESTS_PROOFS_RANGES_H

#include "lib/bits.h"

/* clang-format off */
/*@ requires align == 4;
    assigns \nothing;
    ensures \result <==> (value & 3) == 0; */
static inline bool is_aligned(uint64_t value, uint64_t align);

/*@ assigns \nothing;
    ensures \result <==> inner >= base && inner - base < size && inner_size <= size - (inner - base); */
static inline bool range_contains(uint64_t base, uint64_t size, uint64_t inner, uint64_t inner_size);
/* clang-format on */

#endif

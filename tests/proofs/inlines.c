/*
 * The inline functions of inlines.h and bits.h that the other units use, and the value of an emulated load by its
 * mathematical definition.
 */
/* Also: access_width_bytes, access_width_mask, trap_frame_read, trap_frame_write, is_aligned, range_contains */
#include "tests/proofs/inlines.h"
#include "tests/proofs/fields.h"
/**/
#include "tests/proofs/ranges.h"
#include "vcpu/mmio_value.h"

/* clang-format off */
/* The first of these are proved by fields.smt2; the last is [C11 6.3.1.3]. */
/*@ axiomatic Masks {
	axiom low_7: \forall integer v; 0 <= v ==> (v & 0x7f) == v % 0x80;
	axiom low_8: \forall integer v; 0 <= v ==> (v & 0xff) == v % 0x100;
	axiom low_15: \forall integer v; 0 <= v ==> (v & 0x7fff) == v % 0x8000;
	axiom low_16: \forall integer v; 0 <= v ==> (v & 0xffff) == v % 0x10000;
	axiom low_31: \forall integer v; 0 <= v ==> (v & 0x7fffffff) == v % 0x80000000;
	axiom low_32: \forall integer v; 0 <= v ==> (v & 0xffffffff) == v % 0x100000000;
	axiom low_63: \forall integer v; 0 <= v ==> (v & 0x7fffffffffffffff) == v % 0x8000000000000000;
	axiom low_64: \forall integer v; 0 <= v ==> (v & 0xffffffffffffffff) == v % 0x10000000000000000;
	axiom bit_7: \forall integer v; 0 <= v ==> (v & 0x80) == v % 0x100 - v % 0x80;
	axiom bit_15: \forall integer v; 0 <= v ==> (v & 0x8000) == v % 0x10000 - v % 0x8000;
	axiom bit_31: \forall integer v; 0 <= v ==> (v & 0x80000000) == v % 0x100000000 - v % 0x80000000;
	axiom bit_63: \forall integer v; 0 <= v ==>
		(v & 0x8000000000000000) == v % 0x10000000000000000 - v % 0x8000000000000000;
	axiom conversion: \forall integer v; -0x10000000000000000 <= v < 0 ==> (uint64_t)v == v + 0x10000000000000000;
    } */

/* The low bits of v as a signed number, as a number below `range`. */
/*@ logic integer extended(integer power, integer range, integer v) =
	v % power < power / 2 ? v % power : v % power + (range - power); */

/*@ requires bits == 8 || bits == 16 || bits == 32 || bits == 64;
    assigns \nothing;
    ensures bits == 8 ==> \result == extended(0x100, 0x10000000000000000, value);
    ensures bits == 16 ==> \result == extended(0x10000, 0x10000000000000000, value);
    ensures bits == 32 ==> \result == extended(0x100000000, 0x10000000000000000, value);
    ensures bits == 64 ==> \result == value; */
static inline uint64_t sign_extend(uint64_t value, unsigned int bits);

/* A load so wide, the range of whose values is `power`, into a register that wide, of `range`. */
#define LOAD(access, power, register, range)                                                            \
	ensures mmio->width == access && !mmio->sign_extend && mmio->reg_width == register ==>              \
		\result == value % power;                                                                       \
	ensures mmio->width == access && mmio->sign_extend && mmio->reg_width == register ==>               \
		\result == extended(power, range, value);

/* No instruction loads more than its register takes; fuzz_decode.c looks at what becomes of that. */
/*@ requires \valid_read(mmio) && mmio->width <= mmio->reg_width;
    requires mmio->reg_width == ACCESS_DWORD || mmio->reg_width == ACCESS_QWORD;
    assigns \nothing;
    LOAD(ACCESS_BYTE, 0x100, ACCESS_DWORD, 0x100000000)
    LOAD(ACCESS_WORD, 0x10000, ACCESS_DWORD, 0x100000000)
    LOAD(ACCESS_DWORD, 0x100000000, ACCESS_DWORD, 0x100000000)
    LOAD(ACCESS_BYTE, 0x100, ACCESS_QWORD, 0x10000000000000000)
    LOAD(ACCESS_WORD, 0x10000, ACCESS_QWORD, 0x10000000000000000)
    LOAD(ACCESS_DWORD, 0x100000000, ACCESS_QWORD, 0x10000000000000000)
    LOAD(ACCESS_QWORD, 0x10000000000000000, ACCESS_QWORD, 0x10000000000000000) */
static inline uint64_t mmio_read_value(const struct exit_mmio *mmio, uint64_t value);
/* clang-format on */

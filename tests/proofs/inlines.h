/* Contracts of the inline functions that the proved sources share. proofs/inlines.c proves them. */
#ifndef TESTS_PROOFS_INLINES_H
#define TESTS_PROOFS_INLINES_H

#include "arch/arm64/trap_frame.h"
#include "lib/bits.h"
#include "vcpu/exit.h"

/* clang-format off */
/* A line for each width: provers don't split cases by themselves. */
/*@ requires width <= ACCESS_QWORD;
    assigns \nothing;
    ensures width == 0 ==> \result == 1;
    ensures width == 1 ==> \result == 2;
    ensures width == 2 ==> \result == 4;
    ensures width == 3 ==> \result == 8; */
static inline unsigned int access_width_bytes(enum access_width width);

/*@ requires width <= ACCESS_QWORD;
    assigns \nothing;
    ensures width == 0 ==> \result == 0xff;
    ensures width == 1 ==> \result == 0xffff;
    ensures width == 2 ==> \result == 0xffffffff;
    ensures width == 3 ==> \result == 0xffffffffffffffff; */
static inline uint64_t access_width_mask(enum access_width width);

/*@ requires \valid_read(frame);
    assigns \nothing;
    ensures reg < 31 ==> \result == frame->x[reg];
    ensures reg >= 31 ==> \result == 0; */
static inline uint64_t trap_frame_read(const struct trap_frame *frame, unsigned int reg);

/*@ requires \valid(frame);
    assigns frame->x[0 .. 30];
    ensures reg < 31 ==> frame->x[reg] == value;
    ensures \forall integer n; 0 <= n < 31 && n != reg ==> frame->x[n] == \old(frame->x[n]); */
static inline void trap_frame_write(struct trap_frame *frame, unsigned int reg, uint64_t value);

/*
 * Assumed, not proved: WP does not look into the assignment of a whole struct with a union. test_decode.c and
 * fuzz_decode.c look at what the last exit left.
 */
/*@ requires \valid(exit);
    assigns *exit;
    ensures exit->insn_len == insn_len && exit->reason == 0 && !exit->halt.wfe && !exit->halt.has_deadline;
    ensures exit->halt.deadline == 0 && exit->hypercall.nr == 0 && !exit->hypercall.forward; */
static inline void vcpu_exit_begin(struct vcpu_exit *exit, uint8_t insn_len);
/* clang-format on */

#endif

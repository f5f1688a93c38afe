/*
 * Decoding of exits: pure, no system register access, the same on the host. [DDI0487 ESR_EL2]
 */
#ifndef VCPU_DECODE_H
#define VCPU_DECODE_H

#include "vcpu/vcpu.h"

/*
 * Turns vcpu->syndrome and vcpu->frame into vcpu->exit: total over all 64 exception classes and all fault status codes.
 * Knows architecture only: HVC and SMC give HYPERCALL, an abort on an IPA gives MMIO_READ/WRITE when the syndrome is
 * valid (ISV) or the instruction is known, and NESTED_PAGE_FAULT when it is an instruction fetch, a table walk or a
 * permission fault; what has no emulation gives FAIL_ENTRY. A conditional AArch32 instruction that fails its condition,
 * and a syndrome without a usable IPA, give NOTHING (with insn_len of the instruction, or 0 to run it again).
 */
void handle_exception_sync(struct vcpu *vcpu);

/*
 * Is it a data abort that misses in stage 2 with ISV = 0? Then the instruction says what it does, and the caller reads
 * it into syndrome.insn before handle_exception_sync(). Without it the access is refused.
 */
bool exit_needs_insn(const struct syndrome *syndrome);

/* The exits that carry no syndrome: IRQ and FIQ give EXTERNAL_INTERRUPT, SError gives FAIL_ENTRY{FAIL_SERROR}. */
void handle_exception_async(struct vcpu *vcpu, enum exit_kind kind);

/* "Data Abort from a lower Exception level": for reports; never NULL, all 64 values. */
const char *exception_class_name(unsigned int ec);
/* "HYPERCALL": for reports; never NULL. */
const char *exit_reason_name(enum exit_reason reason);

#endif

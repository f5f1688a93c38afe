/*
 * The syndrome of one exit, captured once. syndrome_capture() is the only reader of ESR_EL2, FAR_EL2 and HPFAR_EL2;
 * everything behind it works on this struct, so it runs on the host too.
 */
#ifndef ARCH_ARM64_SYNDROME_H
#define ARCH_ARM64_SYNDROME_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

/* How reading the instruction of an abort went. */
enum insn_state {
	INSN_NOT_READ, /* not tried, not A64, or not in RAM */
	INSN_READ,
	INSN_GONE, /* stage 1 does not map it any more: the guest must simply run again */
};

/* For an abort whose ISS does not say what the instruction does: the instruction, and what it needs beside the frame.
 */
struct abort_insn {
	enum insn_state state;
	uint32_t word;
	uint32_t zva_bytes; /* what DC ZVA zeroes (DCZID_EL0) */
	uint64_t sp;	    /* of the exception level and stack that it ran on */
};

struct syndrome {
	uint64_t esr; /* ESR_EL2 */
	uint64_t far; /* FAR_EL2: aborts only, 0 otherwise */
	ipa_t ipa;    /* aborts only: HPFAR_EL2's page, with FAR_EL2's offset in it [DDI0487 HPFAR_EL2] */
	/* HPFAR_EL2 is valid for translation and access flag faults and for S1PTW; for a permission fault the page
	 * comes from an AT walk. False: neither gave one, the guest must simply run again. */
	bool ipa_valid;
	struct abort_insn insn; /* by kernel/insn_fetch.c, where decode.h's exit_needs_insn() asks for it */
};

/*
 * Captures the syndrome of the synchronous exit just taken. `far` and `ipa` are only read for the exception classes
 * that have them. A permission fault's IPA is found by AT S1E1R with PAR_EL1 saved around it; where the AT fails
 * (the guest's tables changed meanwhile) ipa_valid is false. The exiting vCPU's EL1 state must still be loaded.
 */
void syndrome_capture(struct syndrome *syndrome);
/* The syndrome of an exception that EL2 itself took: for panic. The IPA has no meaning there. */
void syndrome_capture_own(struct syndrome *syndrome);

#endif

/*
 * A64 loads and stores, decoded from the instruction word: for accesses whose syndrome does not say what they do
 * (ISV = 0). Pure. [DDI0487 C4.1 "Loads and Stores", C6.2, C7.2]
 */
#ifndef VCPU_INSN_DECODE_H
#define VCPU_INSN_DECODE_H

#include <stdbool.h>
#include <stdint.h>

/* What an instruction word is. Only the first two are emulated; docs/exits.md says what follows the others. */
enum insn_kind {
	INSN_TRANSFER,	    /* moves one or two registers: struct insn_transfer says how */
	INSN_ZERO_BLOCK,    /* DC ZVA */
	INSN_PREFETCH,	    /* a hint, which never faults */
	INSN_EXCLUSIVE,	    /* exclusives; CAS; acquire and release */
	INSN_ATOMIC,	    /* FEAT_LSE read-modify-write, LDAPR, FEAT_LS64 */
	INSN_STRUCTURE,	    /* LD1-LD4, ST1-ST4 */
	INSN_LITERAL,	    /* relative to PC */
	INSN_UNPREDICTABLE, /* CONSTRAINED UNPREDICTABLE: a base or a destination named twice */
	INSN_UNALLOCATED,   /* a load, store or system instruction that this decoder does not know */
	INSN_OTHER,	    /* accesses no memory, so it is not what faulted */
	INSN_NR_KINDS
};

/* How the address follows from the base: base + offset, written back or not; post-index accesses the base itself. */
enum insn_index { INDEX_NONE, INDEX_PRE, INDEX_POST };

struct insn_transfer {
	bool load;
	bool vector;	   /* Vt, not a general-purpose register */
	bool pair;	   /* rt2 too, behind rt */
	bool sign_extend;  /* load: to 64 bits when to_x, else to 32 */
	bool to_x;	   /* Xt, not Wt */
	bool unprivileged; /* LDTR, STTR */
	uint8_t size_log2; /* bytes of one register in memory: 0 (B) to 4 (Q) */
	uint8_t rt, rt2;   /* 31 is XZR, or V31 */
	uint8_t rn;	   /* 31 is SP */
	enum insn_index index;
	int64_t offset;	    /* bytes; 0 with an offset register */
	bool offset_by_reg; /* the offset is rm, extended and shifted */
	uint8_t rm;	    /* 31 is XZR */
	uint8_t extend;	    /* its `option` field: 2 UXTW, 3 LSL, 6 SXTW, 7 SXTX */
	uint8_t shift;
};

/*
 * Total over all words. With INSN_TRANSFER everything in *transfer is set; with INSN_ZERO_BLOCK rt alone, whose value
 * names the block; else nothing is meant by it.
 */
enum insn_kind insn_decode(uint32_t word, struct insn_transfer *transfer);

/* The offset register's value as the instruction adds it. [DDI0487 ExtendReg()] */
uint64_t insn_extend_offset(const struct insn_transfer *transfer, uint64_t value);

/* "an exclusive or ordered access": for reports; never NULL. */
const char *insn_kind_name(enum insn_kind kind);

#endif

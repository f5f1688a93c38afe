/* A64 loads and stores: see insn_decode.h. Field names are those of the encoding tables. [DDI0487 C4.1] */
#include "vcpu/insn_decode.h"

#include "lib/bits.h"

/* Common fields. */
#define SIZE   GENMASK(31, 30) /* opc of a pair */
#define VECTOR BIT(26)
#define RT2    GENMASK(14, 10)
#define RN     GENMASK(9, 5)
#define RT     GENMASK(4, 0)

/* Pairs. */
#define PAIR_INDEX GENMASK(24, 23)
#define PAIR_L	   BIT(22)
#define PAIR_IMM7  GENMASK(21, 15)

/* One register. */
#define ONE_UNSIGNED BIT(24)
#define ONE_OPC	     GENMASK(23, 22)
#define ONE_IMM12    GENMASK(21, 10)
#define ONE_REGISTER BIT(21)
#define ONE_IMM9     GENMASK(20, 12)
#define ONE_RM	     GENMASK(20, 16)
#define ONE_OPTION   GENMASK(15, 13)
#define ONE_S	     BIT(12)
#define ONE_FORM     GENMASK(11, 10)

#define REG_31 31 /* SP as a base, XZR or V31 elsewhere */

/* DC ZVA, Xt: SYS #3, C7, C4, #1, Xt. */
#define DC_ZVA_MASK  UINT32_C(0xffffffe0)
#define DC_ZVA_VALUE UINT32_C(0xd50b7420)
/* All system instructions (SYS). */
#define SYS_MASK  UINT32_C(0xfff80000)
#define SYS_VALUE UINT32_C(0xd5080000)

enum pair_index { PAIR_NO_ALLOCATE, PAIR_POST, PAIR_OFFSET, PAIR_PRE };
enum one_form { FORM_UNSCALED, FORM_POST, FORM_UNPRIVILEGED, FORM_PRE };

/*
 * A base that is written back must not be a general-purpose register that is transferred, nor one register be loaded
 * twice. [DDI0487 K1.2.17, LDP, LDR (immediate), STP, STR (immediate)]
 */
static enum insn_kind check_registers(const struct insn_transfer *t)
{
	if (t->load && t->pair && t->rt == t->rt2)
		return INSN_UNPREDICTABLE;
	if (t->index == INDEX_NONE || t->vector || t->rn == REG_31)
		return INSN_TRANSFER;
	return t->rt == t->rn || (t->pair && t->rt2 == t->rn) ? INSN_UNPREDICTABLE : INSN_TRANSFER;
}

/* The opc field of a pair, and what L and the index leave of it. STGP has the place of a storing LDPSW. */
static bool decode_pair_size(uint64_t opc, bool no_allocate, struct insn_transfer *t)
{
	if (opc == 3)
		return false;
	if (t->vector) {
		t->size_log2 = (uint8_t)(2 + opc);
		return true;
	}
	t->sign_extend = opc == 1;
	t->to_x = opc != 0;
	t->size_log2 = opc == 2 ? 3 : 2;
	return !t->sign_extend || (t->load && !no_allocate);
}

/* LDP, STP, LDPSW, LDNP, STNP. */
static enum insn_kind decode_pair(uint32_t word, struct insn_transfer *t)
{
	enum pair_index index = (enum pair_index)FIELD_GET(PAIR_INDEX, word);

	t->pair = true;
	t->load = (word & PAIR_L) != 0;
	t->rt2 = (uint8_t)FIELD_GET(RT2, word);
	if (!decode_pair_size(FIELD_GET(SIZE, word), index == PAIR_NO_ALLOCATE, t))
		return INSN_UNALLOCATED;
	t->offset = (int64_t)(sign_extend(FIELD_GET(PAIR_IMM7, word), 7) << t->size_log2);
	switch (index) {
	case PAIR_NO_ALLOCATE:
	case PAIR_OFFSET: break;
	case PAIR_PRE: t->index = INDEX_PRE; break;
	case PAIR_POST: t->index = INDEX_POST; break;
	}
	return check_registers(t);
}

/* size and opc of a single SIMD&FP register: opc<1> makes B (size 0) a Q. */
static enum insn_kind decode_one_vector(uint64_t size, uint64_t opc, struct insn_transfer *t)
{
	bool quad = (opc & 2) != 0;

	if (quad && size != 0)
		return INSN_UNALLOCATED;
	t->load = (opc & 1) != 0;
	t->size_log2 = (uint8_t)(quad ? 4 : size);
	return INSN_TRANSFER;
}

/* size and opc of a single general-purpose register. Prefetches have the place of a 64-bit LDRS. */
static enum insn_kind decode_one_general(uint64_t size, uint64_t opc, struct insn_transfer *t)
{
	t->size_log2 = (uint8_t)size;
	t->load = opc != 0;
	t->sign_extend = opc >= 2;
	t->to_x = opc == 2 || (opc < 2 && size == 3);
	if (!t->sign_extend)
		return INSN_TRANSFER;
	if (size == 3)
		return opc == 2 ? INSN_PREFETCH : INSN_UNALLOCATED;
	return size == 2 && opc == 3 ? INSN_UNALLOCATED : INSN_TRANSFER;
}

/* Register offset: the two forms of 32 bits and the two of 64; the others are unallocated. */
static bool decode_register_offset(uint32_t word, struct insn_transfer *t)
{
	t->offset_by_reg = true;
	t->rm = (uint8_t)FIELD_GET(ONE_RM, word);
	t->extend = (uint8_t)FIELD_GET(ONE_OPTION, word);
	t->shift = (word & ONE_S) != 0 ? t->size_log2 : 0;
	return (t->extend & 2) != 0;
}

/* Nine bits, unscaled: LDUR, post-index, LDTR, pre-index. A prefetch has the first form only. */
static bool decode_imm9(uint32_t word, bool prefetch, struct insn_transfer *t)
{
	t->offset = (int64_t)sign_extend(FIELD_GET(ONE_IMM9, word), 9);
	switch ((enum one_form)FIELD_GET(ONE_FORM, word)) {
	case FORM_UNSCALED: return true;
	case FORM_POST: t->index = INDEX_POST; return !prefetch;
	case FORM_PRE: t->index = INDEX_PRE; return !prefetch;
	case FORM_UNPRIVILEGED: break;
	}
	t->unprivileged = true;
	return !prefetch && !t->vector;
}

/* LDR, STR and their kin. */
static enum insn_kind decode_one(uint32_t word, struct insn_transfer *t)
{
	uint64_t size = FIELD_GET(SIZE, word), opc = FIELD_GET(ONE_OPC, word);
	enum insn_kind kind;
	bool known = true;

	/* Beside the offset register (form 10): FEAT_LSE, LDAPR, LS64 (00); LDRAA and LDRAB (x1). */
	if ((word & ONE_UNSIGNED) == 0 && (word & ONE_REGISTER) != 0 && FIELD_GET(ONE_FORM, word) != 2)
		return FIELD_GET(ONE_FORM, word) == 0 && !t->vector ? INSN_ATOMIC : INSN_UNALLOCATED;
	kind = t->vector ? decode_one_vector(size, opc, t) : decode_one_general(size, opc, t);
	if (kind == INSN_UNALLOCATED)
		return kind;
	if ((word & ONE_UNSIGNED) != 0)
		t->offset = (int64_t)(FIELD_GET(ONE_IMM12, word) << t->size_log2);
	else if ((word & ONE_REGISTER) != 0)
		known = decode_register_offset(word, t);
	else
		known = decode_imm9(word, kind == INSN_PREFETCH, t);
	if (!known)
		return INSN_UNALLOCATED;
	return kind == INSN_TRANSFER ? check_registers(t) : kind;
}

/*
 * op0 [29:28] of the loads and stores. Acquire and release of one register (LDAR, STLR, LDAPR, LDAPUR, STLUR) always
 * come with a valid syndrome [DDI0487 ESR_EL2.ISV], so they are left with what is refused beside them.
 */
static enum insn_kind decode_load_store(uint32_t word, struct insn_transfer *t)
{
	t->vector = (word & VECTOR) != 0;
	t->rn = (uint8_t)FIELD_GET(RN, word);
	t->rt = (uint8_t)FIELD_GET(RT, word);
	switch (FIELD_GET(GENMASK(29, 28), word)) {
	case 0:
		if (t->vector)
			return (word & BIT(31)) == 0 ? INSN_STRUCTURE : INSN_UNALLOCATED;
		return (word & BIT(24)) == 0 ? INSN_EXCLUSIVE : INSN_UNALLOCATED;
	case 1:
		/* With bit 24: tags (STG), LDAPUR, FEAT_MOPS. PRFM (literal) stands among the literals. */
		if ((word & BIT(24)) != 0)
			return INSN_UNALLOCATED;
		return !t->vector && FIELD_GET(SIZE, word) == 3 ? INSN_PREFETCH : INSN_LITERAL;
	case 2: return decode_pair(word, t);
	default: return decode_one(word, t);
	}
}

enum insn_kind insn_decode(uint32_t word, struct insn_transfer *transfer)
{
	*transfer = (struct insn_transfer){ .rt = (uint8_t)FIELD_GET(RT, word) };
	/* [28:25]: x1x0 are loads and stores; 0010 is SVE, whose loads and stores guests do not have. */
	if ((word & (BIT(27) | BIT(25))) == BIT(27))
		return decode_load_store(word, transfer);
	if ((word & DC_ZVA_MASK) == DC_ZVA_VALUE)
		return INSN_ZERO_BLOCK;
	/* Other system instructions that write memory (DC GZVA) are of features that guests are not shown. */
	return (word & SYS_MASK) == SYS_VALUE ? INSN_UNALLOCATED : INSN_OTHER;
}

uint64_t insn_extend_offset(const struct insn_transfer *transfer, uint64_t value)
{
	/* option<0>: 64 bits, which need no extension; option<2>: signed. */
	if ((transfer->extend & 1) == 0)
		value = (transfer->extend & 4) != 0 ? sign_extend(value, 32) : value & GENMASK(31, 0);
	return value << transfer->shift;
}

const char *insn_kind_name(enum insn_kind kind)
{
	static const char *const names[INSN_NR_KINDS] = {
		[INSN_TRANSFER] = "a load or store of registers",
		[INSN_ZERO_BLOCK] = "DC ZVA",
		[INSN_PREFETCH] = "a prefetch",
		[INSN_EXCLUSIVE] = "an exclusive or ordered access",
		[INSN_ATOMIC] = "an atomic access",
		[INSN_STRUCTURE] = "LD1-LD4 or ST1-ST4",
		[INSN_LITERAL] = "a literal load",
		[INSN_UNPREDICTABLE] = "a CONSTRAINED UNPREDICTABLE load or store",
		[INSN_UNALLOCATED] = "a load or store that is not known",
		[INSN_OTHER] = "no load or store",
	};

	return (unsigned int)kind < INSN_NR_KINDS ? names[kind] : "no such kind";
}

/*
 * The same exception by the CPU's hand and by Corbel's: everything that EL1 finds is the same. UNDEF by an instruction
 * that nobody knows, and by one that Corbel traps; aborts by stage 1, and by an address that nobody answers at.
 */
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/exception.h"
#include "tests/guests/common/mmu.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/faults/faults.h"

#define NR(a) (sizeof(a) / sizeof((a)[0]))

#define FLAGS	    0xf0000000UL
#define DIT	    (1UL << 24)
#define SCTLR_SPAN  (1UL << 23)
#define SCTLR_DSSBS (1UL << 44)
#define UNMAPPED    (PAGE_EL1 + PAGE_BYTES)

enum isa { A64, A32_CODE, T32_CODE };
static const struct origin {
	const char *name;
	uint64_t spsr;
	enum isa isa;
	unsigned int from;
} origins[] = {
	{ "EL1t", EL1T, A64, FROM_EL1_SP0 },   { "EL1h", EL1H, A64, FROM_EL1 },
	{ "EL0", EL0, A64, FROM_EL0 },	       { "A32", A32, A32_CODE, FROM_EL0_32 },
	{ "T32", T32, T32_CODE, FROM_EL0_32 }, { "T32 in an IT block", T32 | IT(0xe4), T32_CODE, FROM_EL0_32 },
};

extern char a64_udf[], a64_load[], a64_store[], a64_pmcr[], a64_lorc[], a64_zcr[], a64_rdvl[], a64_scxtnum[];
extern char a32_udf[], a32_load[], a32_store[], a32_dbgdidr[], a32_ldc[];
extern char t32_udf[], t32_load[], t32_store[], t32_dbgdidr[];

static bool always(void)
{
	return true;
}

/* What only Corbel makes undefined: AArch32's debug registers. */
static bool under_corbel(void)
{
	return platform.under_corbel;
}

static bool pmu_is_hidden(void)
{
	uint64_t version = READ_REG(id_aa64dfr0_el1) >> 8 & 15;

	return version == 0 || version == 15;
}

static bool lor_is_hidden(void)
{
	return (READ_REG(id_aa64mmfr1_el1) >> 16 & 15) == 0;
}

static bool sve_is_hidden(void)
{
	return (READ_REG(id_aa64pfr0_el1) >> 32 & 15) == 0;
}

static bool scxtnum_is_hidden(void)
{
	return (READ_REG(id_aa64pfr0_el1) >> 56 & 15) < 2 && (READ_REG(id_aa64pfr1_el1) >> 32 & 15) == 0;
}

/* Trapped, and undefined; at EL0 those that EL1 does not trap first. */
static const struct trapped {
	const char *name, *code;
	enum isa isa;
	bool el0;
	bool (*is_undefined)(void);
} trapped[] = {
	{ "PMCR_EL0", a64_pmcr, A64, false, pmu_is_hidden },
	{ "LORC_EL1", a64_lorc, A64, false, lor_is_hidden },
	{ "ZCR_EL1", a64_zcr, A64, false, sve_is_hidden },
	{ "RDVL", a64_rdvl, A64, true, sve_is_hidden },
	{ "SCXTNUM_EL0", a64_scxtnum, A64, false, scxtnum_is_hidden },
	{ "DBGDIDR", a32_dbgdidr, A32_CODE, true, under_corbel },
	{ "LDC", a32_ldc, A32_CODE, true, always },
	{ "DBGDIDR", t32_dbgdidr, T32_CODE, true, under_corbel },
};

static char *const udf_of[] = { a64_udf, a32_udf, t32_udf };
static char *const load_of[] = { a64_load, a32_load, t32_load };
static char *const store_of[] = { a64_store, a32_store, t32_store };

/* PSTATE that the instruction runs with, what the CPU has of it: three patterns. */
static uint64_t pattern(const struct origin *origin, unsigned int n)
{
	uint64_t has = run_probe(&(struct probe){ .pc = at(a64_udf), .spsr = EL1H }).has;
	uint64_t optional = (has >> HAS_PAN_BIT & 1) << 22 | (has >> HAS_DIT_BIT & 1) << 24;
	bool bti = (READ_REG(id_aa64pfr1_el1) & 15) != 0;

	if (origin->isa != A64) {
		static const uint64_t flags[] = { 0, 0x980d01c0UL, 0x60020000UL }; /* N..V, Q, GE, A I F */

		optional |= (has >> HAS_SSBS_BIT & 1) << 23;
		return flags[n] | (n == 1 ? optional : 0);
	}
	optional |= (has >> HAS_UAO_BIT & 1) << 23 | (has >> HAS_SSBS_BIT & 1) << 12 | (has >> HAS_TCO_BIT & 1) << 25;
	return (uint64_t[]){ 0, 0x90000000UL | MASKS | optional, 0x60000080UL | (bti ? 0x400UL : 0) }[n];
}

/* All but the instruction's own address, ESR and FAR, and what QEMU does not keep: the callers look at those. */
static bool is_same(const struct taken *a, const struct taken *b)
{
	return a->slot == b->slot && a->spsr == b->spsr && a->daif == b->daif && a->el == b->el &&
	       a->spsel == b->spsel && a->pan == b->pan && a->uao == b->uao && a->ssbs == b->ssbs && a->tco == b->tco &&
	       a->x[1] == b->x[1] && a->x[2] == b->x[2] && a->x[3] == b->x[3];
}

/* An exception leaves the flags and DIT as they are. QEMU clears them. */
static bool keeps_flags(const struct taken *t)
{
	return !platform.under_corbel ||
	       (t->nzcv == (t->spsr & FLAGS) && t->dit == ((t->has >> HAS_DIT_BIT & 1) != 0 ? t->spsr & DIT : 0));
}

static void note(const char *whose, const struct taken *t)
{
	tap_note("%s: slot %lu esr %lx far %lx elr %lx spsr %lx nzcv %lx daif %lx el %lx sp %lx", whose, t->slot,
		 t->esr, t->far, t->elr, t->spsr, t->nzcv, t->daif, t->el, t->spsel);
	tap_note("  pan %lx uao %lx dit %lx ssbs %lx tco %lx x1 %lx", t->pan, t->uao, t->dit, t->ssbs, t->tco, t->x[1]);
}

/* Two probes whose exceptions must be the same; good only when all of a row's pairs are. */
struct pair {
	struct probe native, by_corbel;
	uint64_t native_esr, corbel_esr;
	bool has_far;
	uint64_t native_far, corbel_far;
};

static bool run_pair(const struct pair *pair, unsigned int slot, bool good_so_far)
{
	struct taken native = run_probe(&pair->native), other = run_probe(&pair->by_corbel);
	bool good = is_same(&native, &other) && native.slot == slot && native.esr == pair->native_esr &&
		    other.esr == pair->corbel_esr && native.elr == pair->native.pc && other.elr == pair->by_corbel.pc &&
		    native.spsr == pair->native.spsr && (other.esr == native.esr || keeps_flags(&other));

	if (pair->has_far)
		good = good && native.far == pair->native_far && other.far == pair->corbel_far;
	if (!good && good_so_far) {
		tap_note("state %lx, SCTLR_EL1 %lx", pair->native.spsr, READ_REG(sctlr_el1));
		note("the CPU's", &native);
		note("Corbel's", &other);
	}
	return good_so_far && good;
}

/* Calls fn with each pattern and each setting of SPAN and DSSBS. */
static bool in_all_states(const struct origin *origin, struct pair *pair)
{
	uint64_t sctlr = READ_REG(sctlr_el1), has = run_probe(&pair->native).has;
	bool good = true;

	for (unsigned int n = 0; n < 12; n++) {
		uint64_t spsr = origin->spsr | pattern(origin, n % 3), now = sctlr & ~(SCTLR_SPAN | SCTLR_DSSBS);

		if ((n / 3 & 1) != 0 || (has >> HAS_PAN_BIT & 1) == 0)
			now |= SCTLR_SPAN;
		if ((n / 6 & 1) != 0 && (has >> HAS_SSBS_BIT & 1) != 0)
			now |= SCTLR_DSSBS;
		WRITE_REG(sctlr_el1, now);
		isb();
		pair->native.spsr = spsr;
		pair->by_corbel.spsr = spsr;
		good = run_pair(pair, 4 * origin->from, good);
	}
	WRITE_REG(sctlr_el1, sctlr);
	isb();
	return good;
}

static void test_undef(const struct origin *origin)
{
	for (unsigned int n = 0; n < NR(trapped); n++) {
		struct pair pair = {
			.native = { .pc = at(udf_of[origin->isa]) },
			.by_corbel = { .pc = at(trapped[n].code) },
			.native_esr = 0x2000000,
			.corbel_esr = 0x2000000,
		};

		if (trapped[n].isa != origin->isa || (origin->from == FROM_EL0 && !trapped[n].el0))
			continue;
		if (trapped[n].is_undefined())
			tap_ok(in_all_states(origin, &pair), "%s at %s: as UDF", trapped[n].name, origin->name);
		else
			tap_skip(trapped[n].name, "this CPU has it");
	}
}

static void test_access(const struct origin *origin, char *const code[], uint64_t wnr, const char *name)
{
	bool el0 = origin->from >= FROM_EL0;
	uint64_t esr = (DATA_ABORT - (el0 ? FROM_LOWER : 0)) | wnr;
	uint64_t nobody = el0 ? PAGE_EL0 : PAGE_EL1;
	struct pair pair = {
		.native = { .pc = at(code[origin->isa]), .x0 = UNMAPPED + 0x18 },
		.by_corbel = { .pc = at(code[origin->isa]), .x0 = nobody + 0x18 },
		.native_esr = esr | 0x07,
		.corbel_esr = esr | EXTERNAL,
		.has_far = true,
		.native_far = UNMAPPED + 0x18,
		.corbel_far = nobody + 0x18,
	};

	tap_ok(in_all_states(origin, &pair), "a %s at %s: as stage 1's fault", name, origin->name);
}

static void test_fetch(const struct origin *origin)
{
	bool el0 = origin->from >= FROM_EL0;
	uint64_t esr = FETCH_ABORT - (el0 ? FROM_LOWER : 0), nobody = (el0 ? PAGE_EL0 : PAGE_EL1) + 0x40;
	struct pair pair = {
		.native = { .pc = UNMAPPED + 0x40 },
		.by_corbel = { .pc = nobody },
		.native_esr = esr | 0x07,
		.corbel_esr = esr | EXTERNAL,
		.has_far = true,
		.native_far = UNMAPPED + 0x40,
		.corbel_far = nobody,
	};

	tap_ok(in_all_states(origin, &pair), "a fetch at %s: as stage 1's fault", origin->name);
}

void test_entry(void)
{
	bool has_aarch32 = (READ_REG(id_aa64pfr0_el1) & 15) == 2;

	mmu_map_page(UNMAPPED, 0);
	for (unsigned int n = 0; n < NR(origins); n++) {
		if (origins[n].isa != A64 && !has_aarch32) {
			tap_skip(origins[n].name, "no AArch32 at EL0");
			continue;
		}
		test_undef(&origins[n]);
		/* Device memory that may be executed: Corbel's abort, not stage 1's. */
		mmu_set_page(PAGE_EL1, NOBODY | DESC_DEVICE | DESC_AF | DESC_PAGE);
		mmu_set_page(PAGE_EL0, NOBODY | DESC_DEVICE | DESC_EL0 | DESC_AF | DESC_PAGE);
		test_access(&origins[n], load_of, 0, "load");
		test_access(&origins[n], store_of, WNR, "store");
		test_fetch(&origins[n]);
	}
}

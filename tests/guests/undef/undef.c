/*
 * What must be undefined is undefined, exactly: EC 0, IL 1, ELR at the instruction, PSTATE as the architecture says;
 * and what passes through to EL1 still arrives there. A register whose feature the ID registers do not show must be
 * undefined. [DDI0487 D1.3.5, ESR_EL1]
 */
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/exception.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/psci.h"
#include "tests/guests/common/tap.h"

bool guest_wants_mmu = false; /* EL0 code runs anywhere */

void read_id_registers(uint64_t *table);
void probe_sp0(void);
void probe_illegal(void);
void probe_brk(void);
void probe_svc(void);
void probe_udf(void);
void el0_add(void);
void el0_svc(void);
extern char probe_sp0_insn[], probe_illegal_insn[];

/* ID registers by their slot, CRm - 1 and op2, and one field of them. */
static uint64_t id[56];
#define SLOT(crm, op2)	   (((crm)-1) * 8 + (op2))
#define ID(slot)	   id[slot]
#define FIELD(slot, shift) (id[slot] >> (shift)&0xf)
enum {
	PFR0 = SLOT(4, 0),
	PFR1 = SLOT(4, 1),
	ZFR0 = SLOT(4, 4),
	SMFR0 = SLOT(4, 5),
	DFR0 = SLOT(5, 0),
	ISAR1 = SLOT(6, 1),
	ISAR2 = SLOT(6, 2),
	MMFR1 = SLOT(7, 1),
};

static bool pmu(void)
{
	return FIELD(DFR0, 8) != 0 && FIELD(DFR0, 8) != 0xf;
}

static bool spe(void)
{
	return FIELD(DFR0, 32) != 0;
}

static bool ras(void)
{
	return FIELD(PFR0, 28) != 0;
}

static bool sve(void)
{
	return FIELD(PFR0, 32) != 0;
}

static bool sme(void)
{
	return FIELD(PFR1, 24) != 0;
}

static bool mte(void)
{
	return FIELD(PFR1, 8) >= 2;
}

static bool pac_address(void)
{
	return (ID(ISAR1) & 0xff0) != 0 || FIELD(ISAR2, 12) != 0;
}

static bool pac_generic(void)
{
	return (ID(ISAR1) & 0xff000000) != 0 || FIELD(ISAR2, 8) != 0;
}

static bool lor(void)
{
	return FIELD(MMFR1, 16) != 0;
}

static bool scxtnum(void)
{
	return FIELD(PFR0, 56) >= 2 || FIELD(PFR1, 32) >= 2;
}

static bool trace_filter(void)
{
	return FIELD(DFR0, 40) != 0;
}

static bool trace(void)
{
	return FIELD(DFR0, 4) != 0;
}

static bool mpam(void)
{
	return FIELD(PFR0, 40) != 0 || FIELD(PFR1, 16) != 0;
}

static bool amu(void)
{
	return FIELD(PFR0, 44) != 0;
}

static bool gic_sysregs(void)
{
	return FIELD(PFR0, 24) != 0;
}

/* A real CPU may have IMPLEMENTATION DEFINED registers; Corbel traps them, where the host has HCR_EL2.TIDCP. */
static bool impdef(void)
{
	return !platform.under_corbel || platform.no_tidcp;
}

static bool never(void)
{
	return false;
}

#define PROBES(P)                                                    \
	P(udf, "UDF", never)                                         \
	P(hcr_el2, "MRS HCR_EL2 at EL1", never)                      \
	P(vbar_el2, "MSR VBAR_EL2 at EL1", never)                    \
	P(scr_el3, "MRS SCR_EL3 at EL1", never)                      \
	P(write_midr, "MSR to MIDR_EL1", never)                      \
	P(write_pfr0, "MSR to ID_AA64PFR0_EL1", never)               \
	P(unallocated, "MRS of an unallocated register", impdef)     \
	P(impdef, "MRS S3_1_C15_C0_0", impdef)                       \
	P(impdef_write, "MSR S3_1_C15_C2_0", impdef)                 \
	P(pmcr, "PMCR_EL0 without PMU", pmu)                         \
	P(pmccntr, "PMCCNTR_EL0 without PMU", pmu)                   \
	P(pmevcntr0, "PMEVCNTR0_EL0 without PMU", pmu)               \
	P(pmscr, "PMSCR_EL1 without SPE", spe)                       \
	P(erridr, "ERRIDR_EL1 without RAS", ras)                     \
	P(zcr, "ZCR_EL1 without SVE", sve)                           \
	P(sve_insn, "RDVL without SVE", sve)                         \
	P(smcr, "SMCR_EL1 without SME", sme)                         \
	P(gcr, "GCR_EL1 without MTE", mte)                           \
	P(rgsr, "RGSR_EL1 without MTE", mte)                         \
	P(apia, "APIAKeyLo_EL1 without PAC", pac_address)            \
	P(apga, "APGAKeyLo_EL1 without PAC", pac_generic)            \
	P(lorc, "LORC_EL1 without LOR", lor)                         \
	P(scxtnum, "SCXTNUM_EL1 without CSV2_2", scxtnum)            \
	P(trfcr, "TRFCR_EL1 without trace filter", trace_filter)     \
	P(trc, "TRCSTATR without trace", trace)                      \
	P(mpam, "MPAM0_EL1 without MPAM", mpam)                      \
	P(amcr, "AMCR_EL0 without AMU", amu)                         \
	P(icc_sre, "ICC_SRE_EL1 without GIC registers", gic_sysregs) \
	P(icc_pmr, "ICC_PMR_EL1 without GIC registers", gic_sysregs)

#define PROBE_DECLARE(fn, name, shown) void probe_##fn(void);
PROBES(PROBE_DECLARE)

static const struct probe {
	const char *name;
	void (*fn)(void);
	bool (*shown)(void); /* true: this CPU has it, nothing to see */
} probes[] = {
#define PROBE_ROW(fn, name, shown) { name, probe_##fn, shown },
	PROBES(PROBE_ROW)
};

static struct caught run(void (*fn)(void))
{
	WRITE_REG(daif, 0); /* the GIC is off: only the masks are looked at */
	catch_begin(0);
	fn();
	return catch_end();
}

static void is_undefined(const char *name, struct caught c, uint64_t insn)
{
	bool good = tap_ok(c.count == 1 && c.esr == 1UL << 25 && c.elr == insn, "%s: undefined, with ELR at it", name);

	if (!good)
		tap_note("count=%u esr=%lx elr=%lx instruction=%lx", c.count, c.esr, c.elr, insn);
}

static void test_probes(void)
{
	for (unsigned int i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
		if (probes[i].shown())
			tap_skip(probes[i].name, "this CPU has it");
		else
			is_undefined(probes[i].name, run(probes[i].fn), (uint64_t)probes[i].fn);
	}
}

/* An injected exception (Corbel hides the PMU, so that it traps PMCR_EL0) enters EL1 as a real one would. [DDI0487
 * D1.3.1] */
static void test_entry_state(void)
{
	void (*undefined)(void) = platform.under_corbel ? probe_pmcr : probe_udf;
	struct caught c = run(undefined);

	tap_is(c.from, FROM_EL1, "from EL1h: the second group of vectors");
	tap_is(c.daif, 0x3c0, "the handler has D, A, I, F masked");
	tap_is(c.spsr & 0x3cf, 0x005, "SPSR keeps the masks and the mode");
	WRITE_REG(daif, 0x3c0);
	catch_begin(0);
	WRITE_REG(nzcv, 0xa0000000);
	undefined();
	c = catch_end();
	tap_is(c.spsr & 0xf00003cf, 0xa00003c5, "SPSR keeps NZCV and set masks");
	c = run(probe_sp0);
	is_undefined("with SPSel = 0", c, (uint64_t)probe_sp0_insn);
	tap_is(c.from, FROM_EL1_SP0, "from EL1t: the first group of vectors");
}

static void test_passed_on(void)
{
	struct caught c = run(probe_brk);

	tap_is(c.esr, (uint64_t)EC_BRK << 26 | 1UL << 25 | 0x123, "BRK comes to EL1 with its number");
	c = run(probe_svc);
	tap_is(c.esr, (uint64_t)EC_SVC64 << 26 | 1UL << 25 | 0x321, "SVC comes to EL1 with its number");
	tap_is(c.elr, (uint64_t)probe_svc + 4, "SVC: ELR is behind it");
	catch_begin((uint64_t) && after);
	__asm__ goto("bl probe_illegal" ::: "x0", "x30", "memory" : after);
after:
	c = catch_end();
	tap_is(ESR_EC(c.esr), EC_ILLEGAL, "PSTATE.IL: Illegal Execution state");
	tap_is(c.elr, (uint64_t)probe_illegal_insn, "PSTATE.IL: at the instruction");
	tap_ok(c.spsr & 1UL << 20, "PSTATE.IL: SPSR.IL is set");
}

/* Runs code at EL0 with x0 until it leaves. */
static struct caught run_el0(void (*code)(void), uint64_t x0)
{
	catch_begin((uint64_t) && after);
	WRITE_REG(elr_el1, code);
	WRITE_REG(spsr_el1, 0);
	isb();
	__asm__ goto("mov x0, %0\n\teret" ::"r"(x0) : "x0", "memory" : after);
after:
	return catch_end();
}

#define EL0_UNDEFINED(E)                             \
	E(hvc, "HVC at EL0")                         \
	E(smc, "SMC at EL0")                         \
	E(vbar, "MRS VBAR_EL1 at EL0")               \
	E(pmccntr, "MRS PMCCNTR_EL0 at EL0, no PMU") \
	E(udf, "UDF at EL0")
#define EL0_DECLARE(fn, name) void el0_##fn(void);
EL0_UNDEFINED(EL0_DECLARE)

static void test_el0(void)
{
	static const struct {
		const char *name;
		void (*code)(void);
	} codes[] = {
#define EL0_ROW(fn, name) { name, el0_##fn },
		EL0_UNDEFINED(EL0_ROW)
	};
	struct caught c = run_el0(el0_add, 41);

	tap_ok(c.count == 0 && c.x0 == 42, "EL0 code runs and comes back");
	c = run_el0(el0_svc, 7);
	tap_ok(c.count == 1 && c.esr == ((uint64_t)EC_SVC64 << 26 | 1UL << 25 | 0x77) && c.x0 == 7,
	       "SVC from EL0 and back to it");
	for (unsigned int i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i].code == el0_pmccntr && pmu()) {
			tap_skip(codes[i].name, "this CPU has it");
			continue;
		}
		c = run_el0(codes[i].code, 1);
		is_undefined(codes[i].name, c, (uint64_t)codes[i].code);
		tap_is(c.from, FROM_EL0, "%s: the third group of vectors", codes[i].name);
	}
}

static void test_id_registers(void)
{
	struct caught c;

	catch_begin(0);
	read_id_registers(id);
	c = catch_end();
	tap_is(c.count, 0, "all 56 ID registers can be read");
	tap_is(ID(SLOT(3, 7)) | ID(SLOT(4, 3)) | ID(SLOT(4, 6)) | ID(SLOT(5, 3)) | ID(SLOT(7, 5)), 0,
	       "reserved ones are zero");
	tap_ok((ID(PFR0) & 0xf) != 0 && FIELD(PFR0, 4) != 0, "EL0 and EL1 are shown (%lx)", ID(PFR0));
	tap_is(FIELD(PFR0, 24), platform.gic_version == 3 ? FIELD(PFR0, 24) | 1 : 0,
	       "GIC registers are shown with a GICv3 only");
	tap_is(READ_REG(mpidr_el1) & 0xff00ffffffUL, platform.mpidr[0], "MPIDR_EL1 is the device tree's");
	tap_ok(READ_REG(midr_el1) != 0, "MIDR_EL1 names a part (%lx)", READ_REG(midr_el1));
}

static void test_hidden(void)
{
	if (!platform.under_corbel) {
		tap_skip("hidden features", "only under Corbel");
		return;
	}
	tap_is(FIELD(PFR0, 8), 0, "EL2 is not shown");
	tap_is(FIELD(PFR0, 32) | ID(ZFR0), 0, "SVE is not shown");
	tap_is(FIELD(PFR1, 24) | ID(SMFR0), 0, "SME is not shown");
	tap_is(FIELD(PFR1, 8), 0, "MTE is not shown");
	tap_is(FIELD(DFR0, 8), 0, "the PMU is not shown");
	tap_is(FIELD(DFR0, 32), 0, "SPE is not shown");
	tap_is(FIELD(PFR0, 40) | FIELD(PFR0, 44), 0, "MPAM and AMU are not shown");
	tap_ok(FIELD(PFR0, 16) <= 1 && FIELD(PFR0, 20) <= 1, "FP and SIMD are shown");
}

/* SMCCC 2.9: an immediate other than 0 is for nobody. */
static void test_immediates(void)
{
	register uint64_t x0 __asm__("x0") = PSCI_VERSION;

	if (!platform.under_corbel) {
		tap_skip("HVC and SMC with an immediate", "only under Corbel");
		return;
	}
	__asm__ volatile("hvc #1" : "+r"(x0)::"x1", "x2", "x3", "memory");
	tap_is(x0, ~0UL, "HVC #1: x0 = -1");
	x0 = PSCI_VERSION;
	__asm__ volatile("smc #1" : "+r"(x0)::"x1", "x2", "x3", "memory");
	tap_is(x0, ~0UL, "SMC #1: x0 = -1, and it is stepped over");
}

void guest_main(void)
{
	WRITE_REG(cpacr_el1, 3UL << 20 | 3UL << 16 | 3UL << 24); /* nothing is trapped to EL1 by EL1 itself */
	isb();
	test_id_registers();
	test_hidden();
	test_probes();
	test_entry_state();
	test_passed_on();
	test_el0();
	test_immediates();
	tap_done();
}

/*
 * Aborts, one by one, as numbers: what nobody answers, what may only be read, what may not be executed, addresses
 * beyond the end; cache maintenance, AT, alignment. MMU off and on.
 */
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/mmu.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/psci.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/faults/faults.h"

#define SVC		0x56000001UL /* the end of a probe of A64, at EL1 and EL0 */
#define PC_ALIGNMENT	0x8a000000UL
#define PV_TIME_ST	0xc5000021U
#define SCTLR_A		(1UL << 1)
#define ADDRESS_SIZE_L0 0x00UL
#define ADDRESS_SIZE_L3 0x03UL

extern char a64_load[], a64_store[], a64_prefetch[], a64_dc_civac[], a64_dc_zva[];
extern char a64_branch[];

/* The exception has this ESR, FAR and ELR; what has no FAR is told by far = 0. */
static void expect(const char *name, uint64_t pc, uint64_t spsr, uint64_t x0, uint64_t esr, uint64_t far, uint64_t elr)
{
	struct taken t = run_probe(&(struct probe){ .pc = pc, .spsr = spsr, .x0 = x0 });

	if (!tap_ok(t.esr == esr && (far == 0 || t.far == far) && t.elr == elr, "%s", name))
		tap_note("slot %lu esr %lx far %lx elr %lx, not %lx %lx %lx", t.slot, t.esr, t.far, t.elr, esr, far,
			 elr);
}

static void abort_at(const char *name, const char *code, uint64_t x0, uint64_t esr)
{
	expect(name, at(code), EL1H, x0, esr, x0, at(code));
}

static void no_abort(const char *name, const char *code, uint64_t x0)
{
	expect(name, at(code), EL1H, x0, SVC, 0, at(code) + 8);
}

/* The physical address size of these two is 44 bits; what an address beyond it gives is stage 1's to say. */
static bool has_44_bits(void)
{
	uint64_t part = READ_REG(midr_el1) >> 4 & 0xfff;

	return part == 0xd07 || part == 0xd08;
}

void test_aborts_mmu_off(void)
{
	uint64_t last_page = (1UL << 40) - PAGE_BYTES;

	/* QEMU's own machine has PCIe up to there, and executes its devices. */
	if (platform.under_corbel) {
		abort_at("MMU off: the last page that there can be", a64_load, last_page + 8, DATA_ABORT | EXTERNAL);
		expect("MMU off: a fetch from a device", RTC_BASE, EL1T, 0, FETCH_ABORT | EXTERNAL, RTC_BASE, RTC_BASE);
	}
	abort_at("MMU off: behind it", a64_store, last_page + PAGE_BYTES, DATA_ABORT | WNR | EXTERNAL);
	abort_at("MMU off: bit 41", a64_load, 1UL << 41, DATA_ABORT | EXTERNAL);
	if (has_44_bits())
		abort_at("MMU off: beyond what the CPU has", a64_load, 1UL << 46, DATA_ABORT | ADDRESS_SIZE_L0);
	expect("MMU off: a fetch from bit 41", 1UL << 41, EL1H, 0, FETCH_ABORT | EXTERNAL, 1UL << 41, 1UL << 41);
	expect("MMU off: a fetch from nowhere", NOBODY, EL1H, 0, FETCH_ABORT | EXTERNAL, NOBODY, NOBODY);
	expect("MMU off: a fetch of EL0's from nowhere", NOBODY + 4, EL0, 0, (FETCH_ABORT - FROM_LOWER) | EXTERNAL,
	       NOBODY + 4, NOBODY + 4);
}

static void map(uint64_t va, uint64_t pa, uint64_t attributes)
{
	mmu_set_page(va, pa | attributes | DESC_ISH | DESC_AF | DESC_PAGE);
}

static void test_addresses(void)
{
	if (platform.under_corbel) {
		map(PAGE_EL1, 1UL << 39, DESC_DEVICE);
		abort_at("an IPA of 40 bits", a64_load, PAGE_EL1 + 8, DATA_ABORT | EXTERNAL);
		map(PAGE_EL1, 1UL << 39, DESC_NORMAL);
		abort_at("the same, Normal", a64_store, PAGE_EL1 + 8, DATA_ABORT | WNR | EXTERNAL);
	}
	map(PAGE_EL1, 1UL << 41, DESC_NORMAL);
	abort_at("one that TCR_EL1.IPS excludes", a64_load, PAGE_EL1 + 8, DATA_ABORT | ADDRESS_SIZE_L3);
}

static void test_maintenance(void)
{
	map(PAGE_EL1, NOBODY, DESC_NORMAL);
	no_abort("DC CIVAC where nobody is", a64_dc_civac, PAGE_EL1);
	no_abort("PRFM where nobody is", a64_prefetch, PAGE_EL1);
	abort_at("DC ZVA where nobody is", a64_dc_zva, PAGE_EL1, DATA_ABORT | WNR | EXTERNAL);
}

static void test_alignment(void)
{
	uint64_t sctlr = READ_REG(sctlr_el1), pc = at(a64_load) + 2;
	struct taken t;

	expect("a PC that is not aligned", at(a64_branch), EL1H, pc, PC_ALIGNMENT, pc, pc);
	expect("the same at EL0", at(a64_branch), EL0, pc, PC_ALIGNMENT, pc, pc);
	WRITE_REG(sctlr_el1, sctlr | SCTLR_A);
	isb();
	t = run_probe(&(struct probe){ .pc = at(a64_load), .spsr = EL1H, .x0 = MMU_PAGES + 1 });
	WRITE_REG(sctlr_el1, sctlr);
	isb();
	tap_ok(t.esr == (DATA_ABORT | 0x21) && t.far == MMU_PAGES + 1,
	       "an address that is not aligned, SCTLR_EL1.A = 1 (%lx)", t.esr);
}

/* The record of stolen time: the one page that stage 2 lets a guest read only. */
static void test_read_only(void)
{
	uint64_t record = smccc_call(CONDUIT_BY_DT, PV_TIME_ST, 0, 0, 0).x0, par;

	if ((int64_t)record < 0) {
		tap_skip("what may only be read", "no such page here");
		return;
	}
	map(PAGE_EL1, record & ~(PAGE_BYTES - 1), DESC_NORMAL);
	no_abort("what may only be read is read", a64_load, PAGE_EL1 + 8);
	no_abort("and cleaned", a64_dc_civac, PAGE_EL1 + 8);
	__asm__ volatile("at s1e1r, %0\n\tisb" ::"r"(MMU_PAGES) : "memory");
	par = READ_REG(par_el1);
	abort_at("a store to it", a64_store, PAGE_EL1 + 8, DATA_ABORT | WNR | EXTERNAL);
	tap_is(READ_REG(par_el1), par, "PAR_EL1 is kept");
	abort_at("DC ZVA of it", a64_dc_zva, PAGE_EL1, DATA_ABORT | WNR | EXTERNAL);
	expect("a fetch from it", PAGE_EL1 + 8, EL1H, 0, FETCH_ABORT | EXTERNAL, PAGE_EL1 + 8, PAGE_EL1 + 8);
	map(PAGE_EL0, record & ~(PAGE_BYTES - 1), DESC_NORMAL | DESC_EL0);
	expect("a store to it at EL0", at(a64_store), EL0, PAGE_EL0, (DATA_ABORT - FROM_LOWER) | WNR | EXTERNAL,
	       PAGE_EL0, at(a64_store));
	/* Without DESC_EL0 data are EL1's alone, and with UXN clear the code is EL0's. */
	map(PAGE_EL0, record & ~(PAGE_BYTES - 1), DESC_NORMAL | DESC_PXN);
	expect("a fetch from it where EL0 may only execute", PAGE_EL0, EL0, 0, (FETCH_ABORT - FROM_LOWER) | EXTERNAL,
	       PAGE_EL0, PAGE_EL0);
}

/* A device that stage 2 maps: GICV, behind GICC. */
static void test_mapped_device(void)
{
	if (!platform.under_corbel || platform.gic_version != 2) {
		tap_skip("what may not be executed", "no device of the host's here");
		return;
	}
	map(PAGE_EL1, platform.gicc, DESC_DEVICE);
	no_abort("GICC is read", a64_load, PAGE_EL1);
	expect("a fetch from GICC", PAGE_EL1, EL1H, 0, FETCH_ABORT | EXTERNAL, PAGE_EL1, PAGE_EL1);
	map(PAGE_EL0, platform.gicc, DESC_DEVICE | DESC_PXN);
	expect("a fetch from GICC where EL0 may only execute", PAGE_EL0 + 4, EL0, 0,
	       (FETCH_ABORT - FROM_LOWER) | EXTERNAL, PAGE_EL0 + 4, PAGE_EL0 + 4);
}

void test_aborts(void)
{
	test_addresses();
	test_maintenance();
	test_alignment();
	test_read_only();
	test_mapped_device();
}

/*
 * Single steps over what Corbel answers: an emulated instruction counts as executed, one that ends in an exception does
 * not, and the bit goes into SPSR_EL1. [DDI0487 D2.12 software step]
 */
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/mmu.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/faults/faults.h"

#define MDSCR_SS  (1UL << 0)
#define MDSCR_KDE (1UL << 13)
#define SPSR_SS	  (1UL << 21)
/* EC, IL, IFSC: whether ISV and EX are told depends on how the step came to its end. */
#define STEP_MASK     0xfe00003fUL
#define STEP	      0xce000022UL
#define STEP_FROM_EL0 (STEP - FROM_LOWER)

extern char a64_load[], a64_pair[], a64_udf[], a64_dc_civac[];

static void expect(const char *name, const struct probe *probe, uint64_t esr_mask, uint64_t esr, uint64_t spsr,
		   uint64_t elr, uint64_t x3)
{
	struct taken t = run_probe(probe);

	if (!tap_ok((t.esr & esr_mask) == esr && t.spsr == spsr && t.elr == elr && t.x[3] == x3, "a single step: %s",
		    name))
		tap_note("esr %lx elr %lx spsr %lx x3 %lx", t.esr, t.elr, t.spsr, t.x[3]);
}

void test_step(void)
{
	struct probe probe = { .pc = at(a64_load), .spsr = EL0 | SPSR_SS, .x0 = RTC_BASE };
	uint64_t mdscr = READ_REG(mdscr_el1);

	WRITE_REG(oslar_el1, 0);
	WRITE_REG(mdscr_el1, MDSCR_SS | MDSCR_KDE);
	isb();
	expect("a load from a device", &probe, STEP_MASK, STEP_FROM_EL0, EL0, probe.pc + 4, 0);
	probe.spsr = EL1H | SPSR_SS;
	expect("the same at EL1", &probe, STEP_MASK, STEP, EL1H, probe.pc + 4, 0);
	if (platform.under_corbel) {
		probe = (struct probe){ .pc = at(a64_pair), .spsr = EL0 | SPSR_SS, .x0 = RTC_BASE + 0xff8 };
		expect("a pair from a device", &probe, STEP_MASK, STEP_FROM_EL0, EL0, probe.pc + 4, 0xb1);
	}
	probe = (struct probe){ .pc = at(a64_udf), .spsr = EL0 | SPSR_SS };
	expect("UDF", &probe, ~0UL, 0x2000000, EL0 | SPSR_SS, probe.pc, 0);
	probe = (struct probe){ .pc = at(a64_load), .spsr = EL0 | SPSR_SS, .x0 = NOBODY };
	expect("a load from nowhere", &probe, ~0UL, (DATA_ABORT - FROM_LOWER) | EXTERNAL, EL0 | SPSR_SS, probe.pc, 0);
	probe = (struct probe){ .pc = at(a64_dc_civac), .spsr = EL1H | SPSR_SS, .x0 = NOBODY };
	expect("DC CIVAC of nowhere", &probe, STEP_MASK, STEP, EL1H, probe.pc + 4, 0);
	WRITE_REG(mdscr_el1, mdscr);
	isb();
}

/*
 * Exceptions that EL1 takes by Corbel's hand: from each level and state they are what the CPU itself makes of the same
 * (entry.c); AArch32 at EL0 (aarch32.c); aborts of all kinds (aborts.c); single steps (step.c); translation tables
 * where none may be, alone and while another CPU moves them (tables.c). On plain QEMU the same holds, but for what only
 * Corbel refuses.
 */
#include "tests/guests/faults/faults.h"

#include "tests/guests/common/cpu.h"
#include "tests/guests/common/mmu.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/tap.h"

bool guest_wants_mmu = false; /* not from the start */

void probe_run(const struct probe *probe, struct taken *taken);

static uint64_t cpu_has(void)
{
	uint64_t mmfr1 = READ_REG(id_aa64mmfr1_el1), mmfr2 = READ_REG(id_aa64mmfr2_el1);
	uint64_t pfr0 = READ_REG(id_aa64pfr0_el1), pfr1 = READ_REG(id_aa64pfr1_el1);

	return (uint64_t)((mmfr1 >> 20 & 15) != 0) << HAS_PAN_BIT | (uint64_t)((mmfr2 >> 4 & 15) != 0) << HAS_UAO_BIT |
	       (uint64_t)((pfr0 >> 48 & 15) != 0) << HAS_DIT_BIT | (uint64_t)((pfr1 >> 4 & 15) >= 2) << HAS_SSBS_BIT |
	       (uint64_t)((pfr1 >> 8 & 15) >= 2) << HAS_TCO_BIT;
}

struct taken run_probe(const struct probe *probe)
{
	struct taken taken = { .has = cpu_has() };

	probe_run(probe, &taken);
	return taken;
}

uint64_t at(const char *label)
{
	return (uint64_t)label + (READ_REG(sctlr_el1) & 1 ? MMU_EL0_CODE : 0);
}

void guest_main(void)
{
	WRITE_REG(cpacr_el1, 3UL << 20 | 3UL << 16 | 3UL << 24); /* nothing is trapped to EL1 by EL1 itself */
	isb();
	test_aborts_mmu_off();
	mmu_make_tables();
	mmu_on();
	test_entry();
	test_aarch32();
	test_aborts();
	test_step();
	test_tables();
	guest_wants_mmu = true; /* the other CPU's, like this one's */
	test_racing_tables();
	tap_done();
}

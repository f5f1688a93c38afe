/*
 * AArch32 at EL0: device accesses that are emulated in an IT block and outside one, and WFI, in both lengths; what is
 * refused; what an abort in an IT block leaves in SPSR_EL1. [DDI0487 G1.16, F1.5 ITSTATE]
 */
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/exception.h"
#include "tests/guests/common/gic.h"
#include "tests/guests/common/mmu.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"
#include "tests/guests/faults/faults.h"

#define RTC_MR	  (RTC_BASE + 0x004)
#define RTC_LR	  (RTC_BASE + 0x008) /* 8-aligned, as LDRD wants it of a device */
#define VALUE	  0x80f1f2f3UL
#define SVC32	  0x46000000UL /* ESR_EL1: SVC from AArch32 */
#define IL	  0x02000000UL
#define ZERO_FLAG 0x40000000UL

extern char a32_wfi[], t32_wfi[], t32_wfi_wide[], a32_store[], a32_post[], a32_ldm[], a32_ldrd[];
extern char t32_block[], t32_block_end[], t32_abort[], t32_abort_load[];

static struct taken run(const char *code, uint64_t spsr, uint64_t x0, uint64_t x1)
{
	return run_probe(&(struct probe){ .pc = at(code), .spsr = spsr, .x0 = x0, .x1 = x1 });
}

static void note(const struct taken *t)
{
	tap_note("slot %lu esr %lx far %lx elr %lx spsr %lx, %lx %lx %lx", t->slot, t->esr, t->far, t->elr, t->spsr,
		 t->x[1], t->x[2], t->x[3]);
}

static void ends_with_svc(const char *name, const struct taken *t, uint64_t il, uint64_t spsr, uint64_t elr,
			  uint64_t x1, uint64_t x2, uint64_t x3)
{
	if (!tap_ok(t->slot == 4 * FROM_EL0_32 && t->esr == (SVC32 & ~IL) + il && t->spsr == spsr && t->elr == elr &&
			    t->x[1] == x1 && t->x[2] == x2 && t->x[3] == x3,
		    "%s", name))
		note(t);
}

static void test_devices(void)
{
	struct taken t = run(a32_store, A32, RTC_MR, VALUE);

	ends_with_svc("A32: a store, a load, a load with sign extension", &t, IL, A32, at(a32_store) + 16, VALUE, VALUE,
		      0xfffff2f3UL);
	t = run(t32_block, T32 | ZERO_FLAG, RTC_MR, 0);
	ends_with_svc("T32: loads of both lengths in an IT block, EQ", &t, 0, T32 | ZERO_FLAG, at(t32_block_end) + 2,
		      VALUE, 0, VALUE);
	t = run(t32_block, T32, RTC_MR, 5);
	ends_with_svc("T32: the same block, NE", &t, 0, T32, at(t32_block_end) + 2, 5, 2, 0);
}

/* No valid syndrome: nothing is read, nothing changes. */
static void test_refused(void)
{
	static const struct {
		const char *name, *code;
	} rows[] = { { "ldr r1, [r0], #4", a32_post },
		     { "ldm r0, {r1, r2}", a32_ldm },
		     { "ldrd r2, r3, [r0]", a32_ldrd } };

	if (!platform.under_corbel) {
		tap_skip("what Corbel refuses", "only under Corbel");
		return;
	}
	for (unsigned int n = 0; n < 3; n++) {
		struct taken t = run(rows[n].code, A32, RTC_LR, 5);

		if (!tap_ok(t.esr == ((DATA_ABORT - FROM_LOWER) | EXTERNAL) && t.far == RTC_LR &&
				    t.elr == at(rows[n].code) && t.x[0] == RTC_LR && t.x[1] == 5 && t.x[2] == 0 &&
				    t.x[3] == 0,
			    "A32: %s on a device is refused, and changes nothing", rows[n].name))
			note(&t);
	}
}

/* The state of the block at the instruction, from which its handler goes on. */
static void test_abort_in_block(void)
{
	struct taken t = run(t32_abort, T32 | ZERO_FLAG, NOBODY, 5);

	if (!tap_ok(t.slot == 4 * FROM_EL0_32 && t.esr == ((DATA_ABORT - FROM_LOWER) | EXTERNAL) && t.far == NOBODY &&
			    t.elr == at(t32_abort_load) && t.spsr == (T32 | ZERO_FLAG | IT(0x04)) && t.x[1] == 5 &&
			    t.x[2] == 0,
		    "T32: an abort in an IT block leaves its state in SPSR_EL1"))
		note(&t);
	t = run(t32_abort, T32, NOBODY, 5);
	tap_ok(t.esr == SVC32 - IL && t.x[1] == 5 && t.x[2] == 0, "T32: and none comes where the condition fails");
}

/* A timer's interrupt ends it, though PSTATE.I keeps that out; where the CPU is shared, WFI is an exit. */
static void test_wfi(const char *name, const char *code, uint64_t spsr, uint64_t il, uint64_t bytes)
{
	struct taken t = { 0 };

	for (unsigned int n = 0; n < 10; n++) {
		gic_clear_pending(TIMER_VIRT_INTID);
		WRITE_REG(cntv_cval_el0, timer_now() + timer_us(500));
		WRITE_REG(cntv_ctl_el0, TIMER_ENABLE);
		isb();
		t = run(code, spsr, 0, 5);
		WRITE_REG(cntv_ctl_el0, 0);
		isb();
		if (t.elr != at(code) + bytes)
			break;
	}
	ends_with_svc(name, &t, il, spsr, at(code) + bytes, 5, 0, 0);
}

static void test_waits(void)
{
	gic_init();
	gic_init_cpu();
	gic_enable(TIMER_VIRT_INTID);
	test_wfi("A32: WFI", a32_wfi, A32 | 0x1c0 | ZERO_FLAG, IL, 8);
	test_wfi("T32: WFI, 16 bits", t32_wfi, T32 | 0x1c0 | ZERO_FLAG, 0, 4);
	test_wfi("T32: WFI, 32 bits", t32_wfi_wide, T32 | 0x1c0, 0, 6);
	gic_disable(TIMER_VIRT_INTID);
}

void test_aarch32(void)
{
	if ((READ_REG(id_aa64pfr0_el1) & 15) != 2) {
		tap_skip("AArch32 at EL0", "this CPU has none");
		return;
	}
	test_devices();
	test_refused();
	test_abort_in_block();
	test_waits();
}

/* Why a guest is silent: each finding from a view that bears it out, and none from one that lacks a part of it. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arm64/regs/cnthctl.h"
#include "arch/arm64/regs/esr.h"
#include "arch/arm64/regs/spsr.h"
#include "kernel/vcpu_hint.h"
#include "kernel/vcpu_words.h"
#include "lib/bits.h"

#define HZ   1000000 /* a tick is a microsecond */
#define NOW  5000000
#define CODE UINT64_C(0x40201000)
#define WFI  0xd503207fU
#define WFE  0xd503205fU

static struct vcpu_view view;

/* One that runs at EL1, interrupts open, its CPU interface too, timers off. */
static void setup(void)
{
	memset(&view, 0, sizeof(view));
	view.last = (struct vcpu_snapshot){
		.now_ticks = NOW,
		.home_cpu = 1,
		.power = VCPU_POWER_ON,
		.was_on = true,
		.state = RUN_RUNNING,
		.frame = { .elr = CODE, .spsr = SPSR_M_EL1H },
		.el1 = { .vbar_el1 = 0x40300000, .elr_el1 = 0x40209000 },
		.gic_version = 3,
		.interface = { .priority_mask = 0xf8, .running_priority = 0x100, .preempts = { 0xf8, 0xf8 } },
		.timer_intids = { 29, 30, 27, 26 },
		.timer_irq_on = { true, true, true, true },
		.own_exits = 100,
	};
	view.last.interface.group_on[1] = true;
}

static void look(void)
{
	view.last.history.trace_next++; /* by the look itself */
	view.last.now_ticks += 1000;
	vcpu_view_add_look(&view);
}

static void look_times(unsigned int times)
{
	while (times-- != 0)
		look();
}

static const char *hint(void)
{
	static char text[VCPU_HINT_MAX];

	vcpu_hint(&view, HZ, text);
	return text;
}

#define expect_hint(part) ck_assert_msg(strstr(hint(), part) != NULL, "\"%s\" lacks \"%s\"", hint(), part)

/* Waits in the machine: out for a look, it stands behind its WFI. */
static void in_wfi(uint32_t insn)
{
	view.code.has_insn_before = true;
	view.code.insn_before = insn;
	look_times(8);
}

static struct vgic_shown_irq *irq_27(void)
{
	view.last.irqs.nr = 1;
	view.last.irqs.irq[0] = (struct vgic_shown_irq){
		.intid = 27, .priority = 0xa0, .group = 1, .enabled = true, .group_on = true, .pending = true
	};
	return &view.last.irqs.irq[0];
}

START_TEST(runs)
{
	for (unsigned int n = 0; n < 8; n++) {
		view.last.frame.elr += 0x10000;
		look();
	}
	expect_hint("nothing tells of a hang");
	setup();
	look_times(2); /* too few to call it a loop */
	expect_hint("nothing tells of a hang");
}
END_TEST

START_TEST(off)
{
	view.last.power = VCPU_POWER_OFF;
	expect_hint("turned itself off by CPU_OFF");
	view.last.was_on = false;
	expect_hint("never turned on by CPU_ON");
	view.last.power = VCPU_POWER_ON_PENDING;
	ck_assert(strstr(hint(), "turned on") == NULL);
}
END_TEST

START_TEST(kept_waiting)
{
	view.last.is_held = true;
	expect_hint("its VM is suspended");
	view.last.is_held = false;
	view.last.state = RUN_SPENT;
	view.last.period_ends_ticks = NOW + 700;
	expect_hint("used up its budget (corbel,budget-us) and goes on in 700 us");
	view.last.period_ends_ticks = NOW - 1;
	expect_hint("goes on in 0 us");
	view.last.state = RUN_PENDING;
	view.last.waits_for = 4;
	expect_hint("list registers of other vCPUs of its VM (mask 4)");
	view.last.state = RUN_RUNNABLE;
	view.last.runs_instead = "rt.0";
	view.looks.nr_ran = 0;
	vcpu_view_add_look(&view);
	view.last.runs_instead = NULL; /* Corbel's own work, just now */
	for (unsigned int n = 0; n < 20; n++)
		vcpu_view_add_look(&view);
	ck_assert(strstr(hint(), "spins") == NULL);
	expect_hint("wants to run, but CPU 1 is at rt.0");
}
END_TEST

START_TEST(wfi_for_nobody)
{
	in_wfi(WFI);
	expect_hint("waits in WFI for an interrupt that nobody raises: its timers are off and nothing is pending");
	view.code.insn_before = 0xd503201f; /* NOP: it spins */
	expect_hint("spins between 40201000 and 40201000");
	view.code.insn_before = WFE;
	expect_hint("waits in WFE for an event that nobody sends");
	view.code.has_insn_before = false;
	view.code.has_insn = true;
	view.code.insn = WFI; /* taken out before it began to wait */
	expect_hint("waits in WFI for an interrupt");
	view.last.frame.elr += 8; /* elsewhere, too: a loop with a WFI in it */
	look();
	expect_hint("spins between");
}
END_TEST

START_TEST(parked)
{
	view.last.state = RUN_BLOCKED;
	view.last.history.trace[0].esr = (uint64_t)ESR_ELx_EC_WFx << 26;
	view.last.history.trace_next = 1;
	expect_hint("waits in WFI for an interrupt that nobody raises");
	view.last.history.trace[0].esr = (uint64_t)ESR_ELx_EC_HVC64 << 26;
	expect_hint("waits in CPU_SUSPEND for an interrupt that nobody raises");
	view.last.requests = VCPU_REQ_SUSPEND;
	expect_hint("waits in SYSTEM_SUSPEND for");
}
END_TEST

/* Woken all the time, for nothing. */
START_TEST(halts_again_and_again)
{
	look_times(4);
	for (unsigned int n = 0; n < 9; n++)
		view.last.history.trace[n] =
			(struct exit_trace){ .elr = CODE, .esr = (uint64_t)ESR_ELx_EC_WFx << 26, .reason = EXIT_HALT };
	view.last.history.trace_next = 8;
	view.last.own_exits += 9;
	look();
	expect_hint("waits in WFI for an interrupt that nobody raises");
	for (unsigned int n = 0; n < 9; n++)
		view.last.history.trace[n].esr |= ESR_ELx_TI_WFE; /* it yields */
	expect_hint("waits in WFE for an event that nobody sends");
	view.last.history.trace[8].elr += 4;
	ck_assert(strstr(hint(), "waits in WF") == NULL);
}
END_TEST

START_TEST(wfi_with_timers)
{
	in_wfi(WFI);
	view.last.timer.cntv_ctl = CNT_CTL_ENABLE;
	view.last.cntvoff = 1000;
	view.last.timer.cntv_cval = view.last.now_ticks - 1000 + 250;
	expect_hint("waits in WFI; its virtual timer is due in 250 us: it seems idle");
	view.last.timer.cntv_ctl |= CNT_CTL_IMASK;
	expect_hint("virtual timer, due in 250 us, is kept from it: its IMASK is set");
	view.last.timer.cntp_ctl = CNT_CTL_ENABLE;
	view.last.timer.cntp_cval = view.last.now_ticks + 9;
	expect_hint("its physical timer is due in 9 us: it seems idle");
	view.last.timer_irq_on[GUEST_TIMER_PHYS_NS] = false;
	view.last.timer.cntv_ctl = 0;
	expect_hint("physical timer, due in 9 us, is kept from it: its INTID is not enabled");
	view.last.timer.cntp_cval = view.last.now_ticks - 9;
	expect_hint("physical timer, due for 9 us, is kept from it");
}
END_TEST

/* What keeps a pending interrupt from waking it. */
START_TEST(wfi_with_pending)
{
	struct vgic_shown_irq *irq = irq_27();

	in_wfi(WFI);
	expect_hint("INTID 27 wakes it from WFI");
	irq->enabled = false;
	expect_hint("waits in WFI, and INTID 27, which is pending, does not wake it: it is not enabled");
	irq->enabled = true;
	irq->group_on = false;
	expect_hint("a group that is off (GICD_CTLR)");
	irq->group_on = true;
	view.last.interface.group_on[1] = false;
	expect_hint("a group that its CPU interface does not take");
	view.last.interface.group_on[1] = true;
	view.last.interface.priority_mask = 0xa0;
	expect_hint("not urgent enough for its priority mask");
	view.last.interface.priority_mask = 0xf8;
	view.last.interface.running_priority = 0xa0;
	expect_hint("beside one that is active, acknowledged and not ended");
	view.last.interface.running_priority = 0xa8;
	expect_hint("INTID 27 wakes it");
	irq->active = true; /* and pending: comes when it is ended */
	expect_hint("nothing is pending");
}
END_TEST

START_TEST(masked)
{
	struct vgic_shown_irq *irq = irq_27();

	view.last.frame.spsr |= SPSR_I;
	look_times(3);
	view.last.frame.elr += 8;
	look_times(3);
	expect_hint("interrupts are masked (PSTATE.I) while INTID 27 is pending, and it spins between 40201000 and "
		    "40201008");
	irq->group = 0; /* an FIQ */
	view.last.interface.group_on[0] = true;
	ck_assert(strstr(hint(), "masked") == NULL);
	view.last.frame.spsr |= SPSR_F;
	expect_hint("interrupts are masked (PSTATE.F)");
	view.last.gic_version = 2;
	expect_hint("interrupts are masked (PSTATE.I)");
	irq->enabled = false;
	expect_hint("spins between");
	irq->enabled = true;
	view.last.frame.spsr &= ~SPSR_I; /* now and then open */
	look();
	ck_assert(strstr(hint(), "masked") == NULL);
}
END_TEST

/* Even WFI does not wait then: it returns at once, again and again. */
START_TEST(masked_in_wfi)
{
	(void)irq_27();
	view.last.frame.spsr |= SPSR_I;
	in_wfi(WFI);
	expect_hint("interrupts are masked (PSTATE.I) while INTID 27 is pending");
}
END_TEST

START_TEST(spins)
{
	look_times(4);
	view.last.frame.elr = CODE + 0x20;
	look_times(4);
	expect_hint("spins between 40201000 and 40201020: 8 looks in 7000 us");
	view.last.frame.elr = CODE + 0x1000;
	look();
	expect_hint("nothing tells of a hang");
}
END_TEST

/* Beside others of its priority it has its turns later: looks that come between count for nothing. */
START_TEST(looks_wait_for_a_turn)
{
	look_times(3);
	for (unsigned int n = 0; n < 20; n++) {
		view.last.now_ticks += 1000;
		vcpu_view_add_look(&view);
		ck_assert(!vcpu_view_is_enough(&view, HZ));
	}
	ck_assert(strstr(hint(), "spins") == NULL);
	look();
	expect_hint("spins");
	look_times(11);
	ck_assert(!vcpu_view_is_enough(&view, HZ));
	look();
	ck_assert(vcpu_view_is_enough(&view, HZ));
	setup();
	look();
	view.last.now_ticks += 300000;
	for (unsigned int n = 1; n < 16; n++) {
		ck_assert(!vcpu_view_is_enough(&view, HZ));
		vcpu_view_add_look(&view);
	}
	ck_assert(vcpu_view_is_enough(&view, HZ));
	setup();
	view.last.power = VCPU_POWER_OFF;
	vcpu_view_add_look(&view);
	ck_assert(vcpu_view_is_enough(&view, HZ));
}
END_TEST

START_TEST(polls)
{
	look_times(4);
	for (unsigned int n = 0; n < 10; n++)
		view.history.trace[n] = (struct exit_trace){ .elr = CODE, .reason = EXIT_MMIO_READ };
	view.history.trace[3].reason = EXIT_EXTERNAL_INTERRUPT;
	view.history.trace[3].elr = CODE + 4;
	view.history.trace_next = 10;
	view.last.own_exits += 50;
	look();
	expect_hint("makes the same exit again and again: MMIO_READ at PC 40201000");
	view.history.trace[4].elr += 4;
	expect_hint("nothing tells of a hang");
	view.history.trace[4].elr -= 4;
	view.history.trace_next = 8; /* too few of them */
	expect_hint("nothing tells of a hang");
}
END_TEST

START_TEST(fault_loop)
{
	view.last.el1.vbar_el1 = 0x40300000;
	view.last.el1.elr_el1 = 0x40300204;
	view.last.el1.esr_el1 = (uint64_t)ESR_ELx_EC_DABT_CUR << 26 | 0x05;
	view.last.frame.elr = 0x40300204;
	look_times(5);
	expect_hint("faults at its vector table again and again: Data Abort from the same Exception level, "
		    "ESR_EL1 94000005, at 40300204, VBAR_EL1 40300000");
	view.last.el1.elr_el1 = 0x40209000; /* another place: it makes progress */
	look();
	ck_assert(strstr(hint(), "faults") == NULL);
}
END_TEST

/* What is no fault loop: vectors for EL0 and for interrupts, code beside the vectors, one that makes exits. */
START_TEST(no_fault_loop)
{
	static const uint64_t offsets[] = { 0x280, 0x400, 0x80, 0x800, 0x1000, ~UINT64_C(3) };

	for (size_t n = 0; n < ARRAY_SIZE(offsets); n++) {
		setup();
		view.last.frame.elr = 0x40300000 + offsets[n];
		look_times(5);
		expect_hint("spins between");
	}
	setup();
	view.last.frame.elr = 0x40300200;
	look_times(5);
	view.last.own_exits++;
	look();
	ck_assert(strstr(hint(), "faults") == NULL);
}
END_TEST

START_TEST(words)
{
	char text[VCPU_WORDS_MAX];
	struct exit_trace trace = { .elr = CODE, .esr = 0x93820007 | 3 << 16, .reason = EXIT_MMIO_READ };
	struct vcpu_timer_view timer;

	vcpu_words_exit(&trace, text);
	ck_assert_str_eq(text, "load from a device, 4 bytes, register 3, at PC 40201000");
	trace = (struct exit_trace){ .elr = CODE, .esr = (uint64_t)ESR_ELx_EC_WFx << 26 | 1, .reason = EXIT_HALT };
	vcpu_words_exit(&trace, text);
	ck_assert_str_eq(text, "WFE, at PC 40201000");
	trace = (struct exit_trace){ .elr = CODE, .esr = 0x6232f821, .reason = EXIT_SYSREG_READ };
	vcpu_words_exit(&trace, text);
	ck_assert_msg(strncmp(text, "MRS ", 4) == 0, "%s", text);
	for (unsigned int reason = 0; reason <= 255; reason++) {
		trace = (struct exit_trace){ .esr = ~UINT64_C(0), .reason = (uint8_t)reason };
		vcpu_words_exit(&trace, text);
		ck_assert_uint_gt(strlen(text), 0);
	}
	vcpu_words_place(&view.last.frame, &view.last.el1, text);
	ck_assert_str_eq(text, "PC 40201000 at EL1, nothing masked, SP 0, LR 0, PSTATE 5");
	view.last.frame.spsr = SPSR_DAIF | SPSR_IL;
	vcpu_words_place(&view.last.frame, &view.last.el1, text);
	ck_assert_str_eq(text, "PC 40201000 at EL0, masked: D A I F, Illegal state, SP 0, LR 0, PSTATE 1003c0");
	timer = vcpu_timer_of(&view.last, GUEST_TIMER_VIRT);
	vcpu_words_timer(&timer, HZ, text);
	ck_assert_str_eq(text, "virtual timer: off (INTID 27 enabled)");
	vcpu_words_irq(irq_27(), text);
	ck_assert_str_eq(text, "INTID 27: pending, enabled, priority a0, group 1");
}
END_TEST

START_TEST(words_of_a_walk)
{
	char text[VCPU_WORDS_MAX];
	struct vcpu_code code = { .stage1_off = true, .has_ipa = true, .ipa = CODE };

	vcpu_words_stage1(&code, text);
	ck_assert_str_eq(text, "stage 1 is off: IPA 40201000");
	vcpu_words_stage2(&code, text);
	ck_assert_str_eq(text, "stage 2: nothing is mapped at IPA 40201000");
	code = (struct vcpu_code){ .stage1 = { .end = STAGE1_INVALID, .first_level = 0, .nr_steps = 4 } };
	for (unsigned int n = 0; n < 4; n++)
		code.stage1.step[n] = (struct stage1_step){ ~UINT64_C(0), ~UINT64_C(0) };
	vcpu_words_stage1(&code, text);
	ck_assert_msg(strstr(text, "which is invalid") != NULL, "%s", text); /* the longest of all */
	vcpu_words_stage2(&code, text);
	ck_assert_str_eq(text, "stage 2 is not asked");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vcpu_hint");
	TCase *tcase = tcase_create("vcpu_hint");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, runs);
	tcase_add_test(tcase, off);
	tcase_add_test(tcase, kept_waiting);
	tcase_add_test(tcase, wfi_for_nobody);
	tcase_add_test(tcase, parked);
	tcase_add_test(tcase, halts_again_and_again);
	tcase_add_test(tcase, wfi_with_timers);
	tcase_add_test(tcase, wfi_with_pending);
	tcase_add_test(tcase, masked);
	tcase_add_test(tcase, masked_in_wfi);
	tcase_add_test(tcase, spins);
	tcase_add_test(tcase, looks_wait_for_a_turn);
	tcase_add_test(tcase, polls);
	tcase_add_test(tcase, fault_loop);
	tcase_add_test(tcase, no_fault_loop);
	tcase_add_test(tcase, words);
	tcase_add_test(tcase, words_of_a_walk);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

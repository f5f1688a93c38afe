/* Why a guest may be silent: see vcpu_hint.h. One function a finding, in the order in which they overrule each other.
 */
#include "kernel/vcpu_hint.h"

#include <stdio.h>

#include "arch/arm64/regs/esr.h"
#include "arch/arm64/regs/spsr.h"
#include "arch/arm64/timer_math.h"
#include "kernel/vcpu_words.h"
#include "lib/bits.h"
#include "vcpu/decode.h"

#define INSN_WFE UINT32_C(0xd503205f)
#define INSN_WFI UINT32_C(0xd503207f)

#define NR_LOOKS 16
#define TURN_US	 300000 /* within that its turn comes, where it comes at all: beside several of the same priority */

#define SPIN_LOOKS 4	/* so many, at least, before a loop is called one */
#define SPIN_BYTES 4096 /* no larger than this */
#define POLL_EXITS 8	/* likewise of a loop with exits */

#define VECTORS_BYTES	   0x800
#define VECTOR_ENTRY_BYTES 0x80
#define VECTOR_SYNC_EL1T   0x000
#define VECTOR_SYNC_EL1H   0x200

typedef unsigned long ulong;

/* --- several looks --- */

static bool is_at_sync_vector(const struct vcpu_snapshot *snapshot)
{
	uint64_t offset = snapshot->frame.elr - snapshot->el1.vbar_el1;
	uint64_t entry = (snapshot->frame.spsr & SPSR_M) == SPSR_M_EL1H ? offset & ~(VECTOR_ENTRY_BYTES - UINT64_C(1))
									: VECTORS_BYTES;

	return entry == VECTOR_SYNC_EL1T || entry == VECTOR_SYNC_EL1H;
}

void vcpu_view_add_look(struct vcpu_view *view)
{
	const struct vcpu_snapshot *snapshot = &view->last;
	struct vcpu_looks *looks = &view->looks;
	uint64_t pc = snapshot->frame.elr;

	if (looks->nr++ == 0) {
		*looks = (struct vcpu_looks){ .nr = 1, .pc_min = pc, .pc_max = pc };
		looks->first_ticks = snapshot->now_ticks;
		looks->own_exits_first = snapshot->own_exits;
		looks->elr_el1 = snapshot->el1.elr_el1;
		view->history = snapshot->history;
		looks->always_ran = looks->always_same_elr = looks->always_masked = true;
	}
	looks->nr_ran += looks->nr == 1 || looks->exits != snapshot->history.trace_next;
	looks->exits = snapshot->history.trace_next;
	if (snapshot->runs_instead != NULL)
		looks->runs_instead = snapshot->runs_instead;
	looks->pc_min = min_u64(looks->pc_min, pc);
	looks->pc_max = max_u64(looks->pc_max, pc);
	looks->last_ticks = snapshot->now_ticks;
	looks->own_exits_last = snapshot->own_exits;
	looks->always_ran &= snapshot->state == RUN_RUNNING || snapshot->state == RUN_RUNNABLE;
	looks->always_same_elr &= snapshot->el1.elr_el1 == looks->elr_el1;
	looks->always_masked &= (snapshot->frame.spsr & SPSR_I) != 0;
	looks->nr_at_sync += is_at_sync_vector(snapshot);
}

/* Each of several looks found it somewhere in its program. */
static bool has_run(const struct vcpu_looks *looks)
{
	return looks->nr_ran >= SPIN_LOOKS && looks->always_ran;
}

static bool stays_near(const struct vcpu_looks *looks)
{
	return has_run(looks) && looks->pc_max - looks->pc_min < SPIN_BYTES;
}

static bool makes_exits(const struct vcpu_looks *looks)
{
	return looks->own_exits_last != looks->own_exits_first;
}

bool vcpu_view_is_enough(const struct vcpu_view *view, uint64_t hz)
{
	const struct vcpu_looks *looks = &view->looks;
	bool wants_to_run = view->last.state == RUN_RUNNING || view->last.state == RUN_RUNNABLE;

	if (view->last.power == VCPU_POWER_OFF)
		return true;
	if (wants_to_run && looks->last_ticks - looks->first_ticks < timer_convert(TURN_US, US_PER_S, hz))
		return looks->nr_ran >= NR_LOOKS;
	return looks->nr >= NR_LOOKS;
}

bool vcpu_gets_no_turn(const struct vcpu_view *view)
{
	return view->last.state == RUN_RUNNABLE && view->looks.nr_ran <= 1 && view->looks.runs_instead != NULL;
}

/* By WFI or WFE, of which only the first parks it. */
static bool is_wfx(const struct exit_trace *trace)
{
	return FIELD_GET(ESR_ELx_EC, trace->esr) == ESR_ELx_EC_WFx;
}

/* Are its last exits, interrupts apart, all of one instruction? */
static const struct exit_trace *find_same_exit(const struct vcpu_history *history)
{
	const struct exit_trace *first = NULL;
	uint32_t nr = (uint32_t)min_u64(history->trace_next, ARRAY_SIZE(history->trace)), nr_same = 0;

	for (uint32_t n = 0; n < nr; n++) {
		const struct exit_trace *trace = &history->trace[n];

		if (trace->reason == EXIT_EXTERNAL_INTERRUPT)
			continue;
		if (first == NULL)
			first = trace;
		if (trace->elr != first->elr || trace->reason != first->reason)
			return NULL;
		nr_same++;
	}
	return nr_same >= POLL_EXITS ? first : NULL;
}

/* Halts again and again, whatever ends it between: WFE, which traps where others wait for the pCPU, a turn of theirs.
 */
static enum vcpu_wait wait_by_exits(const struct vcpu_view *view)
{
	const struct exit_trace *same = find_same_exit(&view->last.history);
	uint64_t ti;

	if (same == NULL || !is_wfx(same) || !makes_exits(&view->looks))
		return VCPU_WAIT_NONE;
	ti = FIELD_GET(ESR_ELx_WFX_TI, same->esr);
	return ti == ESR_ELx_TI_WFE || ti == ESR_ELx_TI_WFET ? VCPU_WAIT_WFE : VCPU_WAIT_WFI;
}

/* In the machine: what takes it out for a look ends its wait, so it stands behind the instruction, or at it again. */
static enum vcpu_wait wait_in_machine(const struct vcpu_view *view)
{
	const struct vcpu_code *code = &view->code;

	if (!has_run(&view->looks) || view->looks.pc_max - view->looks.pc_min > sizeof(code->insn) ||
	    (view->last.frame.spsr & SPSR_M_AARCH32) != 0)
		return VCPU_WAIT_NONE;
	if (code->has_insn_before && (code->insn_before == INSN_WFI || code->insn_before == INSN_WFE))
		return code->insn_before == INSN_WFI ? VCPU_WAIT_WFI : VCPU_WAIT_WFE;
	if (code->has_insn && (code->insn == INSN_WFI || code->insn == INSN_WFE))
		return code->insn == INSN_WFI ? VCPU_WAIT_WFI : VCPU_WAIT_WFE;
	return VCPU_WAIT_NONE;
}

enum vcpu_wait vcpu_wait_of(const struct vcpu_view *view)
{
	const struct vcpu_snapshot *last = &view->last;
	enum vcpu_wait by_exits;

	if (last->requests & VCPU_REQ_SUSPEND)
		return VCPU_WAIT_SYSTEM_SUSPEND;
	if (last->state == RUN_BLOCKED)
		return is_wfx(&last->history.trace[(last->history.trace_next - 1) % VCPU_NR_TRACED_EXITS])
			       ? VCPU_WAIT_WFI
			       : VCPU_WAIT_CPU_SUSPEND;
	by_exits = wait_by_exits(view);
	return by_exits != VCPU_WAIT_NONE ? by_exits : wait_in_machine(view);
}

static const char *wait_name(enum vcpu_wait wait)
{
	switch (wait) {
	case VCPU_WAIT_WFI: return "WFI";
	case VCPU_WAIT_WFE: return "WFE";
	case VCPU_WAIT_CPU_SUSPEND: return "CPU_SUSPEND";
	case VCPU_WAIT_SYSTEM_SUSPEND: return "SYSTEM_SUSPEND";
	case VCPU_WAIT_NONE: break;
	}
	return "nothing";
}

/* --- interrupts --- */

static bool is_pending(const struct vgic_shown_irq *irq)
{
	return irq->pending && !irq->active;
}

/* A clause that says why this pending interrupt does not come; NULL: it would, if PSTATE let it. */
static const char *obstacle_of(const struct vcpu_snapshot *last, const struct vgic_shown_irq *irq)
{
	const struct vgic_cpu_interface *interface = &last->interface;

	if (!irq->enabled)
		return "not enabled (GICD_ISENABLER)";
	if (!irq->group_on)
		return "of a group that is off (GICD_CTLR)";
	if (!interface->group_on[irq->group])
		return "of a group that its CPU interface does not take";
	if (irq->priority >= interface->priority_mask)
		return "not urgent enough for its priority mask";
	if ((irq->priority & (unsigned int)interface->preempts[irq->group]) >= interface->running_priority)
		return "not urgent enough beside one that is active, acknowledged and not ended";
	return NULL;
}

/* The first pending one that nothing but PSTATE keeps back, or else that something does. */
static const struct vgic_shown_irq *find_pending(const struct vcpu_snapshot *last, bool free)
{
	for (unsigned int n = 0; n < last->irqs.nr; n++) {
		const struct vgic_shown_irq *irq = &last->irqs.irq[n];

		if (is_pending(irq) && (obstacle_of(last, irq) == NULL) == free)
			return irq;
	}
	return NULL;
}

/* Group 0 comes as an FIQ, but for a GICv2's guest, who asks for nothing else than IRQs. [IHI0069 4.6] */
static const char *mask_of(const struct vcpu_snapshot *last, const struct vgic_shown_irq *irq)
{
	bool is_fiq = last->gic_version == 3 && irq->group == 0;

	if ((last->frame.spsr & (is_fiq ? SPSR_F : SPSR_I)) == 0)
		return NULL;
	return is_fiq ? "PSTATE.F" : "PSTATE.I";
}

/* --- timers --- */

/* Half a sentence about the timer that will wake it, or would if it were let. False: both are off. */
static bool tell_timer(const struct vcpu_snapshot *last, uint64_t hz, char *text, size_t bytes)
{
	static const enum guest_timer order[] = { GUEST_TIMER_VIRT, GUEST_TIMER_PHYS_NS };
	bool told = false;

	for (unsigned int n = 0; n < ARRAY_SIZE(order); n++) {
		struct vcpu_timer_view timer = vcpu_timer_of(last, order[n]);
		ulong us = (ulong)timer_convert(timer.ticks, hz, US_PER_S);

		if (!timer.is_on)
			continue;
		if (!timer.is_masked && timer.irq_on) {
			(void)snprintf(text, bytes, "its %s timer %s %lu us: it seems idle", timer.name,
				       timer.is_due ? "has been due for" : "is due in", us);
			return true;
		}
		if (!told)
			(void)snprintf(text, bytes,
				       "nothing is pending, and its %s timer, %s %lu us, is kept from it: %s",
				       timer.name, timer.is_due ? "due for" : "due in", us,
				       timer.is_masked ? "its IMASK is set" : "its INTID is not enabled");
		told = true;
	}
	return told;
}

/* --- findings: each returns false where it does not hold --- */

static bool find_off(const struct vcpu_view *view, uint64_t hz, char *text)
{
	(void)hz;
	if (view->last.power != VCPU_POWER_OFF)
		return false;
	(void)snprintf(text, VCPU_HINT_MAX, "%s",
		       view->last.was_on
			       ? "it turned itself off by CPU_OFF, and nobody has turned it on again by CPU_ON"
			       : "never turned on by CPU_ON");
	return true;
}

static bool find_kept_waiting(const struct vcpu_view *view, uint64_t hz, char *text)
{
	const struct vcpu_snapshot *last = &view->last;

	if (last->is_held)
		(void)snprintf(text, VCPU_HINT_MAX, "its VM is suspended; \"resume\" lets it go on");
	else if (last->state == RUN_SPENT)
		(void)snprintf(text, VCPU_HINT_MAX,
			       "it has used up its budget (corbel,budget-us) and goes on in %lu us",
			       (ulong)timer_convert(last->period_ends_ticks > last->now_ticks
							    ? last->period_ends_ticks - last->now_ticks
							    : 0,
						    hz, US_PER_S));
	else if (last->state == RUN_PENDING)
		(void)snprintf(text, VCPU_HINT_MAX,
			       "it waits for the list registers of other vCPUs of its VM (mask %x)",
			       (unsigned int)last->waits_for);
	else if (vcpu_gets_no_turn(view))
		(void)snprintf(text, VCPU_HINT_MAX, "it wants to run, but CPU %u is at %s", last->home_cpu,
			       view->looks.runs_instead);
	else
		return false;
	return true;
}

/* An exception of EL1 whose handler raises it again. */
static bool find_fault_loop(const struct vcpu_view *view, uint64_t hz, char *text)
{
	const struct vcpu_looks *looks = &view->looks;
	uint64_t esr = view->last.el1.esr_el1;

	(void)hz;
	if (!has_run(looks) || looks->nr_at_sync == 0 || !looks->always_same_elr || makes_exits(looks))
		return false;
	(void)snprintf(text, VCPU_HINT_MAX,
		       "faults at its vector table again and again: %s, ESR_EL1 %lx, at %lx, VBAR_EL1 %lx",
		       exception_class_name((unsigned int)FIELD_GET(ESR_ELx_EC, esr)), (ulong)esr,
		       (ulong)looks->elr_el1, (ulong)view->last.el1.vbar_el1);
	return true;
}

static bool find_masked(const struct vcpu_view *view, uint64_t hz, char *text)
{
	const struct vgic_shown_irq *irq = find_pending(&view->last, true);
	const char *mask = irq != NULL ? mask_of(&view->last, irq) : NULL;
	char place[64] = "";

	(void)hz;
	if (mask == NULL || !view->looks.always_masked || !has_run(&view->looks))
		return false;
	if (stays_near(&view->looks))
		(void)snprintf(place, sizeof(place), ", and it spins between %lx and %lx", (ulong)view->looks.pc_min,
			       (ulong)view->looks.pc_max);
	(void)snprintf(text, VCPU_HINT_MAX, "interrupts are masked (%s) while INTID %u is pending%s", mask,
		       (unsigned int)irq->intid, place);
	return true;
}

static bool find_wait(const struct vcpu_view *view, uint64_t hz, char *text)
{
	enum vcpu_wait wait = vcpu_wait_of(view);
	const struct vgic_shown_irq *irq = find_pending(&view->last, false);
	char timer[120];

	if (wait == VCPU_WAIT_NONE)
		return false;
	if (find_pending(&view->last, true) != NULL)
		(void)snprintf(text, VCPU_HINT_MAX, "INTID %u wakes it from %s just now",
			       (unsigned int)find_pending(&view->last, true)->intid, wait_name(wait));
	else if (irq != NULL)
		(void)snprintf(text, VCPU_HINT_MAX,
			       "waits in %s, and INTID %u, which is pending, does not wake it: it is %s",
			       wait_name(wait), (unsigned int)irq->intid, obstacle_of(&view->last, irq));
	else if (tell_timer(&view->last, hz, timer, sizeof(timer)))
		(void)snprintf(text, VCPU_HINT_MAX, "waits in %s; %s", wait_name(wait), timer);
	else if (wait == VCPU_WAIT_WFE)
		(void)snprintf(text, VCPU_HINT_MAX,
			       "waits in WFE for an event that nobody sends (SEV): its timers are off "
			       "and nothing is pending");
	else
		(void)snprintf(text, VCPU_HINT_MAX,
			       "waits in %s for an interrupt that nobody raises: its timers are off "
			       "and nothing is pending",
			       wait_name(wait));
	return true;
}

static bool find_poll(const struct vcpu_view *view, uint64_t hz, char *text)
{
	const struct exit_trace *same = find_same_exit(&view->history);

	(void)hz;
	if (same == NULL || !makes_exits(&view->looks))
		return false;
	(void)snprintf(text, VCPU_HINT_MAX, "makes the same exit again and again: %s at PC %lx",
		       exit_reason_name((enum exit_reason)same->reason), (ulong)same->elr);
	return true;
}

static bool find_spin(const struct vcpu_view *view, uint64_t hz, char *text)
{
	const struct vcpu_looks *looks = &view->looks;

	if (!stays_near(looks) || makes_exits(looks))
		return false;
	(void)snprintf(text, VCPU_HINT_MAX, "spins between %lx and %lx: %u looks in %lu us found it nowhere else",
		       (ulong)looks->pc_min, (ulong)looks->pc_max, looks->nr_ran,
		       (ulong)timer_convert(looks->last_ticks - looks->first_ticks, hz, US_PER_S));
	return true;
}

void vcpu_hint(const struct vcpu_view *view, uint64_t hz, char text[VCPU_HINT_MAX])
{
	static bool (*const findings[])(const struct vcpu_view *, uint64_t, char *) = {
		find_off, find_kept_waiting, find_fault_loop, find_masked, find_wait, find_poll, find_spin,
	};

	for (unsigned int n = 0; n < ARRAY_SIZE(findings); n++) {
		if (findings[n](view, hz, text))
			return;
	}
	(void)snprintf(text, VCPU_HINT_MAX, "it runs: nothing tells of a hang");
}

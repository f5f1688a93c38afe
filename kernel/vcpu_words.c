/* A vCPU in words: see vcpu_words.h. */
#include "kernel/vcpu_words.h"

#include <stdio.h>
#include <string.h>

#include "arch/arm64/regs/cnthctl.h"
#include "arch/arm64/regs/esr.h"
#include "arch/arm64/regs/spsr.h"
#include "arch/arm64/stage2.h"
#include "arch/arm64/timer_math.h"
#include "kernel/vcpu_hint.h"
#include "lib/bits.h"
#include "vcpu/decode.h"
#include "vcpu/sysreg_trap.h"

typedef unsigned long ulong;

#define SAY(text, ...) ((void)snprintf(text, VCPU_WORDS_MAX, __VA_ARGS__))

/* --- state and registers --- */

static void words_of_run_state(const struct vcpu_view *view, char *text)
{
	const struct vcpu_snapshot *last = &view->last;
	static const char *const waits[] = {
		[VCPU_WAIT_NONE] = "runs",
		[VCPU_WAIT_WFI] = "waits for an interrupt (WFI)",
		[VCPU_WAIT_WFE] = "waits for an event (WFE)",
		[VCPU_WAIT_CPU_SUSPEND] = "waits for an interrupt (CPU_SUSPEND)",
		[VCPU_WAIT_SYSTEM_SUSPEND] = "waits for an interrupt (SYSTEM_SUSPEND)",
	};

	switch (last->state) {
	case RUN_OFFLINE: SAY(text, "comes up or goes off"); return;
	case RUN_PENDING: SAY(text, "waits for an answer to its last exit"); return;
	case RUN_SPENT: SAY(text, "%s", last->is_held ? "is suspended" : "has used up its budget"); return;
	case RUN_RUNNABLE: /* between two turns */
	case RUN_MOVING:
	case RUN_RUNNING:
	case RUN_BLOCKED: break;
	}
	if (vcpu_gets_no_turn(view))
		SAY(text, "wants to run; CPU %u is at %s", last->home_cpu, view->looks.runs_instead);
	else
		SAY(text, "%s, on CPU %u", waits[vcpu_wait_of(view)], last->home_cpu);
}

void vcpu_words_state(const struct vcpu_view *view, char text[VCPU_WORDS_MAX])
{
	if (view->last.power == VCPU_POWER_OFF)
		SAY(text, "off");
	else
		words_of_run_state(view, text);
}

/* [DDI0487 C5.2.18 SPSR_EL2.M] */
static const char *level_name(uint64_t spsr)
{
	if ((spsr & SPSR_M_AARCH32) != 0)
		return (spsr & SPSR_T) != 0 ? "EL0 (T32)" : "EL0 (A32)";
	switch (spsr & SPSR_M) {
	case SPSR_M_EL0T: return "EL0";
	case SPSR_M_EL1T: return "EL1 with SP_EL0";
	case SPSR_M_EL1H: return "EL1";
	default: return "no exception level";
	}
}

static uint64_t sp_of(const struct trap_frame *frame, const struct el1_state *el1)
{
	if ((frame->spsr & SPSR_M_AARCH32) != 0)
		return frame->x[13];
	return (frame->spsr & SPSR_M) == SPSR_M_EL1H ? el1->sp_el1 : frame->sp_el0;
}

void vcpu_words_place(const struct trap_frame *frame, const struct el1_state *el1, char text[VCPU_WORDS_MAX])
{
	uint64_t spsr = frame->spsr;
	bool masks = (spsr & SPSR_DAIF) != 0;

	SAY(text, "PC %lx at %s, %s%s%s%s%s%s, SP %lx, LR %lx, PSTATE %lx", (ulong)frame->elr, level_name(spsr),
	    masks ? "masked:" : "nothing masked", (spsr & SPSR_D) != 0 && (spsr & SPSR_M_AARCH32) == 0 ? " D" : "",
	    (spsr & SPSR_A) != 0 ? " A" : "", (spsr & SPSR_I) != 0 ? " I" : "", (spsr & SPSR_F) != 0 ? " F" : "",
	    (spsr & SPSR_IL) != 0 ? ", Illegal state" : "", (ulong)sp_of(frame, el1), (ulong)frame->x[30], (ulong)spsr);
}

void vcpu_words_el1(const struct el1_state *el1, char text[VCPU_WORDS_MAX])
{
	SAY(text, "VBAR_EL1 %lx  ELR_EL1 %lx  ESR_EL1 %lx  FAR_EL1 %lx  SCTLR_EL1 %lx  SP_EL1 %lx",
	    (ulong)el1->vbar_el1, (ulong)el1->elr_el1, (ulong)el1->esr_el1, (ulong)el1->far_el1, (ulong)el1->sctlr_el1,
	    (ulong)el1->sp_el1);
}

/* --- where PC leads --- */

static void words_of_end(const struct stage1_walk *walk, char *text, size_t bytes)
{
	static const char *const ends[] = {
		[STAGE1_INVALID] = "which is invalid",
		[STAGE1_UNREADABLE] = "where it has no memory",
		[STAGE1_OUT_OF_RANGE] = "PC is an address that TCR_EL1 does not allow",
		[STAGE1_WALK_DISABLED] = "walks are off (TCR_EL1.EPD)",
	};

	if (walk->end != STAGE1_MAPPED)
		(void)snprintf(text, bytes, "%s", ends[walk->end]);
	else
		(void)snprintf(text, bytes, "IPA %lx%s", (ulong)walk->ipa,
			       walk->accessed ? "" : ", but its access flag is clear");
}

void vcpu_words_stage1(const struct vcpu_code *code, char text[VCPU_WORDS_MAX])
{
	char end[64];
	size_t length;

	if (code->stage1_off) {
		SAY(text, "stage 1 is off: IPA %lx", (ulong)code->ipa);
		return;
	}
	SAY(text, "stage 1:");
	for (unsigned int n = 0; n < code->stage1.nr_steps; n++) {
		length = strlen(text);
		(void)snprintf(text + length, VCPU_WORDS_MAX - length, " L%u %lx=%lx,", code->stage1.first_level + n,
			       (ulong)code->stage1.step[n].ipa, (ulong)code->stage1.step[n].descriptor);
	}
	words_of_end(&code->stage1, end, sizeof(end));
	length = strlen(text);
	(void)snprintf(text + length, VCPU_WORDS_MAX - length, " %s", end);
}

void vcpu_words_stage2(const struct vcpu_code *code, char text[VCPU_WORDS_MAX])
{
	if (!code->has_ipa)
		SAY(text, "stage 2 is not asked");
	else if (!code->has_pa)
		SAY(text, "stage 2: nothing is mapped at IPA %lx", (ulong)code->ipa);
	else
		SAY(text, "stage 2: PA %lx, %lu KiB from there in one piece, %s%s%s", (ulong)code->pa,
		    (ulong)(code->stage2_bytes >> 10), (code->access & STAGE2_R) != 0 ? "r" : "-",
		    (code->access & STAGE2_W) != 0 ? "w" : "-", (code->access & STAGE2_X) != 0 ? "x" : "-");
}

void vcpu_words_insn(const struct vcpu_code *code, char text[VCPU_WORDS_MAX])
{
	if (!code->has_insn)
		SAY(text, "no instruction can be read at PC");
	else if (code->has_insn_before)
		SAY(text, "instruction at PC %08x, before it %08x", (unsigned int)code->insn,
		    (unsigned int)code->insn_before);
	else
		SAY(text, "instruction at PC %08x", (unsigned int)code->insn);
}

/* --- timers and interrupts --- */

struct vcpu_timer_view vcpu_timer_of(const struct vcpu_snapshot *snapshot, enum guest_timer which)
{
	bool virt = which == GUEST_TIMER_VIRT;
	uint64_t ctl = virt ? snapshot->timer.cntv_ctl : snapshot->timer.cntp_ctl;
	uint64_t cval = virt ? snapshot->timer.cntv_cval : snapshot->timer.cntp_cval;
	uint64_t now = virt ? snapshot->now_ticks - snapshot->cntvoff : snapshot->now_ticks;

	return (struct vcpu_timer_view){
		.name = virt ? "virtual" : "physical",
		.intid = snapshot->timer_intids[which],
		.is_on = (ctl & CNT_CTL_ENABLE) != 0,
		.is_masked = (ctl & CNT_CTL_IMASK) != 0,
		.is_due = now >= cval,
		.irq_on = snapshot->timer_irq_on[which],
		.ticks = now >= cval ? now - cval : cval - now,
	};
}

void vcpu_words_timer(const struct vcpu_timer_view *timer, uint64_t hz, char text[VCPU_WORDS_MAX])
{
	const char *irq = timer->irq_on ? "enabled" : "not enabled";

	if (!timer->is_on)
		SAY(text, "%s timer: off (INTID %u %s)", timer->name, (unsigned int)timer->intid, irq);
	else
		SAY(text, "%s timer: %s %lu us%s (INTID %u %s)", timer->name, timer->is_due ? "due for" : "due in",
		    (ulong)timer_convert(timer->ticks, hz, US_PER_S), timer->is_masked ? ", masked (IMASK)" : "",
		    (unsigned int)timer->intid, irq);
}

void vcpu_words_interface(const struct vgic_cpu_interface *interface, char text[VCPU_WORDS_MAX])
{
	char running[16] = "idle";

	if (interface->running_priority <= 0xff)
		(void)snprintf(running, sizeof(running), "%02x", interface->running_priority);
	SAY(text, "CPU interface: group 0 %s, group 1 %s, priority mask %02x, running priority %s",
	    interface->group_on[0] ? "on" : "off", interface->group_on[1] ? "on" : "off", interface->priority_mask,
	    running);
}

void vcpu_words_irq(const struct vgic_shown_irq *irq, char text[VCPU_WORDS_MAX])
{
	SAY(text, "INTID %u: %s%s%s, %s, priority %02x, group %u%s%s", (unsigned int)irq->intid,
	    irq->pending ? "pending" : "", irq->pending && irq->active ? " and " : "", irq->active ? "active" : "",
	    irq->enabled ? "enabled" : "not enabled", (unsigned int)irq->priority, (unsigned int)irq->group,
	    irq->group_on ? "" : " (off)", irq->in_lr ? ", in a list register" : "");
}

/* --- exits --- */

static void words_of_mmio(uint64_t esr, bool write, char *text)
{
	const char *what = write ? "store to a device" : "load from a device";

	if ((esr & ESR_ELx_ABORT_ISV) == 0)
		SAY(text, "%s, by its instruction's word", what);
	else
		SAY(text, "%s, %u bytes, register %u", what, 1U << FIELD_GET(ESR_ELx_ABORT_SAS, esr),
		    (unsigned int)FIELD_GET(ESR_ELx_ABORT_SRT, esr));
}

static void words_of_sysreg(uint64_t esr, bool write, char *text)
{
	const char *name = sysreg_name((uint32_t)(esr & ESR_ELx_SYS64_ADDR));
	const char *what = write ? "MSR" : "MRS";

	if (name != NULL)
		SAY(text, "%s %s", what, name);
	else
		SAY(text, "%s S%u_%u_C%u_C%u_%u", what, (unsigned int)FIELD_GET(ESR_ELx_SYS64_OP0, esr),
		    (unsigned int)FIELD_GET(ESR_ELx_SYS64_OP1, esr), (unsigned int)FIELD_GET(ESR_ELx_SYS64_CRN, esr),
		    (unsigned int)FIELD_GET(ESR_ELx_SYS64_CRM, esr), (unsigned int)FIELD_GET(ESR_ELx_SYS64_OP2, esr));
}

static void words_of_fault(uint64_t esr, char *text)
{
	unsigned int ec = (unsigned int)FIELD_GET(ESR_ELx_EC, esr);
	const char *what = ec == ESR_ELx_EC_IABT_LOW	      ? "instruction fetch"
			   : (esr & ESR_ELx_ABORT_S1PTW) != 0 ? "table walk"
			   : (esr & ESR_ELx_ABORT_WNR) != 0   ? "store"
							      : "load";

	SAY(text, "%s where %s", what,
	    fsc_is_permission_fault((unsigned int)FIELD_GET(ESR_ELx_ABORT_FSC, esr)) ? "that is not allowed"
										     : "no memory is");
}

/* By the class of exception: which a refined exit keeps, too. */
static void words_of_call(uint64_t esr, char *text)
{
	static const char *const waits[] = { "WFI", "WFE", "WFIT", "WFET" };
	unsigned int ec = (unsigned int)FIELD_GET(ESR_ELx_EC, esr);

	if (ec == ESR_ELx_EC_WFx)
		SAY(text, "%s", waits[FIELD_GET(ESR_ELx_WFX_TI, esr)]);
	else if (ec == ESR_ELx_EC_HVC64 || ec == ESR_ELx_EC_SMC64)
		SAY(text, "%s #%u", ec == ESR_ELx_EC_HVC64 ? "HVC" : "SMC",
		    (unsigned int)FIELD_GET(ESR_ELx_IMM16, esr));
	else
		SAY(text, "%s", exception_class_name(ec));
}

static void words_of_reason(enum exit_reason reason, uint64_t esr, char *text)
{
	switch (reason) {
	case EXIT_EXTERNAL_INTERRUPT: SAY(text, "the host's interrupt"); return;
	case EXIT_MMIO_READ:
	case EXIT_MMIO_WRITE: words_of_mmio(esr, reason == EXIT_MMIO_WRITE, text); return;
	case EXIT_SYSREG_READ:
	case EXIT_SYSREG_WRITE: words_of_sysreg(esr, reason == EXIT_SYSREG_WRITE, text); return;
	case EXIT_NESTED_PAGE_FAULT: words_of_fault(esr, text); return;
	case EXIT_CPU_UP: SAY(text, "CPU_ON"); return;
	case EXIT_CPU_DOWN: SAY(text, "CPU_OFF"); return;
	case EXIT_SYSTEM_DOWN: SAY(text, "SYSTEM_OFF or SYSTEM_RESET"); return;
	case EXIT_SEND_IPI: SAY(text, "an SGI to other vCPUs"); return;
	case EXIT_HALT:
		if (FIELD_GET(ESR_ELx_EC, esr) != ESR_ELx_EC_WFx) {
			SAY(text, "CPU_SUSPEND or SYSTEM_SUSPEND");
			return;
		}
		/* fall through */
	case EXIT_HYPERCALL:
	case EXIT_NOTHING:
	case EXIT_FAIL_ENTRY: words_of_call(esr, text); return;
	case EXIT_IO_READ:
	case EXIT_IO_WRITE:
	case EXIT_NR_REASONS: break;
	}
	SAY(text, "no such exit");
}

void vcpu_words_exit(const struct exit_trace *trace, char text[VCPU_WORDS_MAX])
{
	size_t length;

	words_of_reason((enum exit_reason)trace->reason, trace->esr, text);
	length = strlen(text);
	(void)snprintf(text + length, VCPU_WORDS_MAX - length, ", at PC %lx", (ulong)trace->elr);
}

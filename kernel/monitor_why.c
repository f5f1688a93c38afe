/*
 * The monitor's `why`: see monitor_why.h. For each vCPU several looks (kernel/snapshot.h), one a row's time; then what
 * its PC leads to, and what is pending though it is not enabled; then the rows. No step waits.
 */
#include "kernel/monitor_why.h"

#include "arch/arm64/regs/sctlr.h"
#include "arch/arm64/regs/spsr.h"
#include "arch/arm64/timer.h"
#include "kernel/guest_walk.h"
#include "kernel/monitor_commands.h"
#include "kernel/snapshot.h"
#include "kernel/vcpu_hint.h"
#include "kernel/vcpu_words.h"
#include "kernel/vm.h"
#include "lib/bits.h"

#define ANSWER_US 2000000 /* no pCPU is deaf for longer than a small part of that */

enum why_stage { WHY_ASK, WHY_WAIT, WHY_INTERRUPTS, WHY_CODE, WHY_ROWS };

/* The monitor's job's. */
static struct {
	struct vm *vm;
	unsigned int index; /* of the vCPU */
	enum why_stage stage;
	unsigned int row, exit; /* of ROWS; of the trace */
	uint64_t deadline_ticks;
	struct vcpu_view view;
} why;

/* --- looks --- */

static void begin_vcpu(unsigned int index)
{
	why.index = index;
	why.stage = WHY_ASK;
	why.row = 0;
	why.view = (struct vcpu_view){ .last = { .now_ticks = 0 } };
}

static void ask(void)
{
	why.deadline_ticks = timer_now_ticks() + timer_us_to_ticks(ANSWER_US);
	why.stage = WHY_WAIT;
	snapshot_ask(why.vm->vcpus[why.index], &why.view.last);
}

/* Returns false when no more is to be had of this vCPU. */
static bool wait(void)
{
	if (!snapshot_has_come()) {
		if (timer_now_ticks() < why.deadline_ticks || !snapshot_withdraw())
			return true;
		monitor_say("%s: CPU %u does not answer\n", why.vm->vcpus[why.index]->name,
			    (unsigned int)why.vm->vcpus[why.index]->run.on_cpu);
		return false;
	}
	vcpu_view_add_look(&why.view);
	if (!vcpu_view_is_enough(&why.view, timer_frequency_hz())) {
		ask();
		return true;
	}
	why.row = 0;
	why.stage = WHY_INTERRUPTS;
	return true;
}

/* Pending, but not enabled: the last look did not see those. A part of them a step. */
static void add_interrupts(void)
{
	struct vgic *vgic = &why.vm->vgic;
	unsigned int word = why.row++;

	spin_lock(&vgic->lock);
	vgic_show(vgic, why.index, word, ~vgic->cpu[why.index].candidates[word], &why.view.last.irqs);
	spin_unlock(&vgic->lock);
	if (why.row == VGIC_NR_WORDS)
		why.stage = WHY_CODE;
}

/* --- where its PC leads --- */

/* Fills in what stage 1 says. The VM's lock is held, and it runs. */
static bool find_ipa(uint64_t va, struct stage1_walk *walk, uint64_t *ipa)
{
	const struct el1_state *el1 = &why.view.last.el1;
	const struct stage1_tables tables = { el1->tcr_el1, el1->ttbr0_el1, el1->ttbr1_el1 };

	*ipa = va;
	if ((el1->sctlr_el1 & SCTLR_ELx_M) == 0)
		return true;
	guest_walk(why.vm, &tables, va, walk);
	*ipa = walk->ipa;
	return walk->end == STAGE1_MAPPED;
}

static void find_insns(struct vcpu_code *code, uint64_t pc)
{
	struct stage1_walk walk;
	uint64_t before;

	/* A32 and T32 mean something else. */
	if ((why.view.last.frame.spsr & SPSR_M_AARCH32) != 0 || pc % 4 != 0)
		return;
	code->has_insn = code->has_ipa && guest_walk_read_word(why.vm, ipa(code->ipa), &code->insn);
	code->has_insn_before =
		find_ipa(pc - 4, &walk, &before) && guest_walk_read_word(why.vm, ipa(before), &code->insn_before);
}

/* Its vCPUs stand somewhere, and its RAM is there. */
static bool has_vcpus(const struct vm *vm)
{
	return vm->state == VM_RUNNING || vm->state == VM_PAUSED;
}

static void find_code(void)
{
	struct vcpu_code *code = &why.view.code;
	uint64_t pc = why.view.last.frame.elr;
	pa_t page;

	spin_lock(&why.vm->lock);
	if (has_vcpus(why.vm)) {
		code->stage1_off = (why.view.last.el1.sctlr_el1 & SCTLR_ELx_M) == 0;
		code->has_ipa = find_ipa(pc, &code->stage1, &code->ipa);
		code->has_pa = code->has_ipa && stage2_walk(&why.vm->stage2, ipa(code->ipa), &page, &code->stage2_bytes,
							    &code->access) == HV_OK;
		code->pa = code->has_pa ? page.raw : 0;
		find_insns(code, pc);
	}
	spin_unlock(&why.vm->lock);
	why.stage = WHY_ROWS;
	why.row = 0;
}

/* --- rows --- */

static void row_state(char *text)
{
	vcpu_words_state(&why.view, text);
	monitor_say("%s: %s\n", why.vm->vcpus[why.index]->name, text);
}

static void line(const char *text)
{
	monitor_say("  %s\n", text);
}

static void row_timer(enum guest_timer which, char *text)
{
	struct vcpu_timer_view timer = vcpu_timer_of(&why.view.last, which);

	vcpu_words_timer(&timer, timer_frequency_hz(), text);
	line(text);
}

/* Rows 1 to NR_FIXED_ROWS - 1, which are always there. Returns false for another. */
static bool row_fixed(unsigned int row, char *text)
{
	const struct vcpu_snapshot *last = &why.view.last;

	switch (row) {
	case 1: vcpu_words_place(&last->frame, &last->el1, text); break;
	case 2: vcpu_words_stage1(&why.view.code, text); break;
	case 3: vcpu_words_stage2(&why.view.code, text); break;
	case 4: vcpu_words_insn(&why.view.code, text); break;
	case 5: vcpu_words_el1(&last->el1, text); break;
	case 6: row_timer(GUEST_TIMER_VIRT, text); return true;
	case 7: row_timer(GUEST_TIMER_PHYS_NS, text); return true;
	case 8: vcpu_words_interface(&last->interface, text); break;
	default: return false;
	}
	line(text);
	return true;
}

#define NR_FIXED_ROWS 9

static void row_irq(unsigned int n, char *text)
{
	const struct vgic_shown *irqs = &why.view.last.irqs;

	if (irqs->nr == 0) {
		line("no interrupt is pending or active");
		return;
	}
	vcpu_words_irq(&irqs->irq[n], text);
	if (n + 1 == irqs->nr && irqs->nr_more != 0)
		monitor_say("  %s; and %u more\n", text, irqs->nr_more);
	else
		line(text);
}

static const struct exit_trace *traced(unsigned int n)
{
	const struct vcpu_history *history = &why.view.history;
	uint32_t nr = (uint32_t)min_u64(history->trace_next, ARRAY_SIZE(history->trace));

	return n < nr ? &history->trace[(history->trace_next - nr + n) % ARRAY_SIZE(history->trace)] : NULL;
}

/* The next ones of the trace that are alike. Returns false when there are none. */
static bool row_exits(char *text)
{
	const struct exit_trace *first = traced(why.exit), *next;
	unsigned int times = 0;

	if (first == NULL)
		return false;
	do {
		times++;
		next = traced(++why.exit);
	} while (next != NULL && next->elr == first->elr && next->esr == first->esr && next->reason == first->reason);
	vcpu_words_exit(first, text);
	if (times > 1)
		monitor_say("  exit: %s, %u times\n", text, times);
	else
		monitor_say("  exit: %s\n", text);
	return true;
}

/* Returns false after the last one. */
static bool say_row(void)
{
	char text[VCPU_WORDS_MAX];
	unsigned int row = why.row++, nr_irq_rows = (unsigned int)max_u64(why.view.last.irqs.nr, 1);

	_Static_assert(VCPU_HINT_MAX <= VCPU_WORDS_MAX, "the hint has room");
	if (row == 0) {
		why.exit = 0;
		row_state(text);
		return true;
	}
	if (why.view.last.power != VCPU_POWER_OFF) {
		if (row_fixed(row, text))
			return true;
		if (row - NR_FIXED_ROWS < nr_irq_rows) {
			row_irq(row - NR_FIXED_ROWS, text);
			return true;
		}
	}
	if (row_exits(text))
		return true;
	vcpu_hint(&why.view, timer_frequency_hz(), text);
	monitor_say("  hint: %s\n", text);
	return false;
}

/* --- the whole --- */

/* Returns false when the vCPU is done. */
static bool step(void)
{
	switch (why.stage) {
	case WHY_ASK: ask(); return true;
	case WHY_WAIT: return wait();
	case WHY_INTERRUPTS: add_interrupts(); return true;
	case WHY_CODE: find_code(); return true;
	case WHY_ROWS: break;
	}
	return say_row();
}

/* Of one whose vCPUs have nothing to show. */
static void say_why_off(const struct vm *vm)
{
	const char *name = vm->config->name;

	switch (vm->state) {
	case VM_NEW: monitor_say("  hint: it was never started: \"start %s\" does\n", name); break;
	case VM_LOADING: monitor_say("  hint: its images are being loaded\n"); break;
	case VM_WAITING:
		monitor_say("  hint: it has crashed, and starts again after a pause; \"log\" has the report\n");
		break;
	case VM_STOPPING:
	case VM_OFF:
		if (vm->stop_reason == VM_STOP_CRASH)
			monitor_say("  hint: it has crashed: %s; \"log\" has the report\n", vm->crash_why);
		else
			monitor_say("  hint: it is %s: \"start %s\" starts it\n",
				    vm->state == VM_OFF ? "off" : "on its way off", name);
		break;
	case VM_RUNNING:
	case VM_PAUSED: break;
	}
}

static bool begin(const char *argument)
{
	struct vm *vm = monitor_vm(argument);

	why.vm = vm;
	begin_vcpu(0);
	monitor_say("%s: %s, %s\n", vm->config->name, vm_state_name(vm->state), vm->size_text);
	say_why_off(vm);
	return has_vcpus(vm);
}

bool monitor_why_row(unsigned int row, const char *argument)
{
	if (row == 0)
		return begin(argument);
	if (step())
		return true;
	begin_vcpu(why.index + 1);
	return why.index < why.vm->nr_vcpus;
}

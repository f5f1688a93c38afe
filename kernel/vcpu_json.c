/* A vCPU for scripts: see vcpu_json.h. */
#include "kernel/vcpu_json.h"

#include "arch/arm64/stage2.h"
#include "arch/arm64/timer_math.h"
#include "kernel/vcpu_hint.h"
#include "kernel/vcpu_words.h"
#include "lib/bits.h"
#include "lib/json.h"

/* --- registers --- */

static void place_json(const struct vcpu_snapshot *last, struct json *json)
{
	json_hex(json, "pc", last->frame.elr);
	json_string(json, "level", vcpu_words_level(last->frame.spsr));
	json_hex(json, "pstate", last->frame.spsr);
	json_hex(json, "sp", vcpu_words_sp(&last->frame, &last->el1));
	json_hex(json, "lr", last->frame.x[30]);
}

static void el1_json(const struct el1_state *el1, struct json *json)
{
	json_hex(json, "vbar_el1", el1->vbar_el1);
	json_hex(json, "elr_el1", el1->elr_el1);
	json_hex(json, "esr_el1", el1->esr_el1);
	json_hex(json, "far_el1", el1->far_el1);
	json_hex(json, "sctlr_el1", el1->sctlr_el1);
	json_hex(json, "sp_el1", el1->sp_el1);
}

/* --- where PC leads --- */

static void stage1_json(const struct vcpu_code *code, struct json *json)
{
	static const char *const ends[] = {
		[STAGE1_MAPPED] = "mapped",
		[STAGE1_INVALID] = "invalid",
		[STAGE1_UNREADABLE] = "unreadable",
		[STAGE1_OUT_OF_RANGE] = "out of range",
		[STAGE1_WALK_DISABLED] = "walk disabled",
	};

	json_open_object(json, "stage1");
	json_string(json, "end", code->stage1_off ? "off" : ends[code->stage1.end]);
	json_open_array(json, "descriptors");
	for (unsigned int n = 0; !code->stage1_off && n < code->stage1.nr_steps; n++) {
		json_open_object(json, NULL);
		json_number(json, "level", code->stage1.first_level + n);
		json_hex(json, "ipa", code->stage1.step[n].ipa);
		json_hex(json, "value", code->stage1.step[n].descriptor);
		json_close(json);
	}
	json_close(json);
	json_close(json);
}

static void hex_or_null(struct json *json, const char *key, bool known, uint64_t value)
{
	if (known)
		json_hex(json, key, value);
	else
		json_null(json, key);
}

static void stage2_json(const struct vcpu_code *code, struct json *json)
{
	char access[4] = "---";

	access[0] = (code->access & STAGE2_R) != 0 ? 'r' : '-';
	access[1] = (code->access & STAGE2_W) != 0 ? 'w' : '-';
	access[2] = (code->access & STAGE2_X) != 0 ? 'x' : '-';
	hex_or_null(json, "ipa", code->has_ipa, code->ipa);
	hex_or_null(json, "pa", code->has_pa, code->pa);
	if (code->has_pa) {
		json_number(json, "contiguous_kib", code->stage2_bytes >> 10);
		json_string(json, "access", access);
	}
	hex_or_null(json, "instruction", code->has_insn, code->insn);
	hex_or_null(json, "instruction_before", code->has_insn_before, code->insn_before);
}

/* --- timers and interrupts --- */

static void timer_json(const struct vcpu_snapshot *last, enum guest_timer which, uint64_t hz, struct json *json)
{
	struct vcpu_timer_view timer = vcpu_timer_of(last, which);

	json_open_object(json, timer.name);
	json_bool(json, "on", timer.is_on);
	json_number(json, "intid", timer.intid);
	json_bool(json, "intid_enabled", timer.irq_on);
	if (timer.is_on) {
		json_bool(json, "masked", timer.is_masked);
		json_number(json, timer.is_due ? "due_for_us" : "due_in_us", timer_convert(timer.ticks, hz, US_PER_S));
		json_bool(json, "clock_stands", timer.stands);
	}
	json_close(json);
}

static void timers_json(const struct vcpu_snapshot *last, uint64_t hz, struct json *json)
{
	json_open_object(json, "timers");
	timer_json(last, GUEST_TIMER_VIRT, hz, json);
	timer_json(last, GUEST_TIMER_PHYS_NS, hz, json);
	json_close(json);
}

static void interface_json(const struct vgic_cpu_interface *interface, struct json *json)
{
	json_open_object(json, "cpu_interface");
	json_bool(json, "group0", interface->group_on[0]);
	json_bool(json, "group1", interface->group_on[1]);
	json_number(json, "priority_mask", interface->priority_mask);
	if (interface->running_priority <= 0xff)
		json_number(json, "running_priority", interface->running_priority);
	else
		json_null(json, "running_priority");
	json_close(json);
}

/* Of one that was not pending or active a moment ago. */
static void irq_json(const struct vgic_shown_irq *irq, struct json *json)
{
	json_open_object(json, NULL);
	json_number(json, "intid", irq->intid);
	json_bool(json, "pending", irq->pending);
	json_bool(json, "active", irq->active);
	json_bool(json, "enabled", irq->enabled);
	json_number(json, "priority", irq->priority);
	json_number(json, "group", irq->group);
	json_bool(json, "group_on", irq->group_on);
	json_bool(json, "in_list_register", irq->in_lr);
	json_close(json);
}

/* Returns false when this was the last. */
static bool irqs_json(const struct vgic_shown *irqs, unsigned int n, struct json *json)
{
	if (n == 0)
		json_open_array(json, "interrupts");
	if (n < irqs->nr)
		irq_json(&irqs->irq[n], json);
	if (n + 1 < irqs->nr)
		return true;
	json_close(json);
	json_number(json, "interrupts_more", irqs->nr_more);
	return false;
}

/* --- exits --- */

static bool exit_json(const struct vcpu_history *history, unsigned int *next, struct json *json)
{
	unsigned int times;
	const struct exit_trace *trace = vcpu_words_next_exits(history, next, &times);
	char text[VCPU_WORDS_MAX];

	if (trace == NULL)
		return false;
	vcpu_words_exit(trace, text);
	json_open_object(json, NULL);
	json_string(json, "what", text);
	json_hex(json, "pc", trace->elr);
	json_hex(json, "esr", trace->esr);
	json_number(json, "times", times);
	json_close(json);
	return true;
}

/* --- the whole --- */

static void begin(const struct vcpu_view *view, unsigned int index, struct json *json)
{
	char text[VCPU_WORDS_MAX];

	vcpu_words_state(view, text);
	json_open_object(json, NULL);
	json_number(json, "vcpu", index);
	json_string(json, "state", text);
}

#define ROW_IRQS  7
#define ROW_EXITS 1000 /* behind all interrupts */

/* Rows 1 to ROW_IRQS - 1. */
static void fixed_json(const struct vcpu_view *view, unsigned int row, uint64_t hz, struct json *json)
{
	switch (row) {
	case 1: place_json(&view->last, json); break;
	case 2: el1_json(&view->last.el1, json); break;
	case 3: stage1_json(&view->code, json); break;
	case 4: stage2_json(&view->code, json); break;
	case 5: timers_json(&view->last, hz, json); break;
	default: interface_json(&view->last.interface, json); break;
	}
}

static void end(const struct vcpu_view *view, uint64_t hz, struct json *json)
{
	char text[VCPU_HINT_MAX];

	json_close(json); /* the exits */
	vcpu_hint(view, hz, text);
	json_string(json, "hint", text);
	json_close(json);
}

bool vcpu_json_row(const struct vcpu_view *view, unsigned int index, uint64_t hz, struct vcpu_json_rows *rows,
		   struct json *json)
{
	unsigned int row = rows->row++;

	if (row == 0) {
		begin(view, index, json);
		if (view->last.power == VCPU_POWER_OFF)
			rows->row = ROW_EXITS;
	} else if (row < ROW_IRQS) {
		fixed_json(view, row, hz, json);
	} else if (row < ROW_EXITS) {
		if (!irqs_json(&view->last.irqs, row - ROW_IRQS, json))
			rows->row = ROW_EXITS;
	} else {
		if (row == ROW_EXITS)
			json_open_array(json, "exits");
		if (!exit_json(&view->history, &rows->exit, json)) {
			end(view, hz, json);
			return false;
		}
	}
	return true;
}

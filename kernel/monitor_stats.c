/* The monitor's `stats`: see monitor_stats.h. */
#include "kernel/monitor_stats.h"

#include <string.h>

#include "arch/arm64/timer.h"
#include "kernel/exit_times.h"
#include "kernel/monitor_commands.h"
#include "kernel/palloc.h"
#include "kernel/vm.h"
#include "lib/json.h"
#include "vcpu/decode.h"

enum stats_mode { STATS_SHOW, STATS_ON, STATS_OFF };

/* The monitor's job's: what the next row is about. */
static struct {
	enum stats_mode mode;
	unsigned int vm, end, vcpu; /* vms[vm]..vms[end - 1] */
	unsigned int reason;	    /* SHOW: EXIT_NR_REASONS before the first row of a vCPU */
} at;

static bool is_timed(const struct vcpu *vcpu)
{
	return (__atomic_load_n(&vcpu->requests, __ATOMIC_RELAXED) & VCPU_REQ_TIMED) != 0;
}

/* --- on, off --- */

static bool has_times(struct vcpu *vcpu)
{
	pa_t base;

	if (vcpu->times != NULL)
		return true;
	if (palloc_alloc(palloc_order_for(sizeof(*vcpu->times)), &base) != HV_OK) {
		if (monitor_json() != NULL)
			json_string(monitor_json(), NULL, vcpu->name); /* of "no_memory" */
		else
			monitor_say("%s: no memory for its times\n", vcpu->name);
		return false;
	}
	vcpu->times = phys_to_virt(base);
	return true;
}

/*
 * A reason a step. The memory stays with the vCPU; counts of an earlier time go, and where it is adding to them just
 * now, one may be lost. Returns true when it is done.
 */
static bool turn_on(struct vcpu *vcpu)
{
	if (!has_times(vcpu))
		return true;
	at.reason %= EXIT_NR_REASONS;
	memset(&vcpu->times->row[at.reason++], 0, sizeof(vcpu->times->row[0]));
	if (at.reason < EXIT_NR_REASONS)
		return false;
	/* Nobody is woken: it begins with the next exit. */
	__atomic_fetch_or(&vcpu->requests, (uint32_t)VCPU_REQ_TIMED, __ATOMIC_SEQ_CST);
	return true;
}

/* --- rows --- */

/* Microseconds with two digits behind the point. */
#define US_FORMAT	"%lu.%02lu"
#define US_WORDS(ticks) ulong_us(ticks), ulong_us_rest(ticks)

static unsigned long ulong_us(uint64_t ticks)
{
	return (unsigned long)(timer_ticks_to_ns(ticks) / 1000);
}

static unsigned long ulong_us_rest(uint64_t ticks)
{
	return (unsigned long)(timer_ticks_to_ns(ticks) % 1000 / 10);
}

static void words_of_reason(const struct vcpu *vcpu, enum exit_reason reason)
{
	const struct exit_times *times = vcpu->times;
	uint64_t nr_timed = times != NULL ? exit_times_count(times, reason) : 0;
	unsigned long nr_exits = (unsigned long)vcpu->nr_exits[reason];

	if (nr_timed == 0)
		monitor_say("  %-18s %12lu\n", exit_reason_name(reason), nr_exits);
	else
		monitor_say("  %-18s %12lu  timed %10lu: p50 " US_FORMAT " p99 " US_FORMAT " max " US_FORMAT " us\n",
			    exit_reason_name(reason), nr_exits, (unsigned long)nr_timed,
			    US_WORDS(exit_times_percentile(times, reason, 50)),
			    US_WORDS(exit_times_percentile(times, reason, 99)), US_WORDS(times->row[reason].max_ticks));
}

/* --- the same for scripts: an object a vCPU, in it one a reason --- */

static void reason_json(const struct vcpu *vcpu, enum exit_reason reason, struct json *json)
{
	const struct exit_times *times = vcpu->times;
	uint64_t nr_timed = times != NULL ? exit_times_count(times, reason) : 0;

	json_open_object(json, NULL);
	json_string(json, "reason", exit_reason_name(reason));
	json_number(json, "count", vcpu->nr_exits[reason]);
	json_number(json, "timed", nr_timed);
	if (nr_timed != 0) {
		json_number(json, "p50_ns", timer_ticks_to_ns(exit_times_percentile(times, reason, 50)));
		json_number(json, "p99_ns", timer_ticks_to_ns(exit_times_percentile(times, reason, 99)));
		json_number(json, "max_ns", timer_ticks_to_ns(times->row[reason].max_ticks));
	}
	json_close(json);
}

/* Its rows follow, in "reasons". */
static void open_vcpu_json(const struct vcpu *vcpu, struct json *json)
{
	json_open_object(json, NULL);
	json_string(json, "vm", vcpu->vm->config->name);
	json_number(json, "vcpu", vcpu->index);
	json_bool(json, "is_timed", is_timed(vcpu));
	json_open_array(json, "reasons");
}

static void close_vcpu_json(struct json *json)
{
	json_close(json);
	json_close(json);
}

/* --- rows of a vCPU --- */

static void begin_vcpu(const struct vcpu *vcpu)
{
	uint64_t sum = vcpu_own_exits(vcpu) + vcpu->nr_exits[EXIT_EXTERNAL_INTERRUPT];

	if (monitor_json() != NULL) {
		open_vcpu_json(vcpu, monitor_json());
		return;
	}
	monitor_say("%s: %lu exits since its VM was started; %s\n", vcpu->name, (unsigned long)sum,
		    is_timed(vcpu) ? "they are timed" : "\"stats on\" times them");
}

static void say_reason(const struct vcpu *vcpu, enum exit_reason reason)
{
	if (monitor_json() != NULL)
		reason_json(vcpu, reason, monitor_json());
	else
		words_of_reason(vcpu, reason);
}

/* Returns true when the vCPU is done. */
static bool show(const struct vcpu *vcpu)
{
	if (at.reason == EXIT_NR_REASONS) {
		begin_vcpu(vcpu);
		at.reason = 0;
	}
	while (at.reason < EXIT_NR_REASONS && vcpu->nr_exits[at.reason] == 0)
		at.reason++;
	if (at.reason < EXIT_NR_REASONS)
		say_reason(vcpu, (enum exit_reason)at.reason++);
	if (at.reason == EXIT_NR_REASONS && monitor_json() != NULL)
		close_vcpu_json(monitor_json());
	return at.reason == EXIT_NR_REASONS;
}

/* Returns true when the vCPU is done. */
static bool step(struct vcpu *vcpu)
{
	switch (at.mode) {
	case STATS_SHOW: return show(vcpu);
	case STATS_ON: return turn_on(vcpu);
	case STATS_OFF: __atomic_fetch_and(&vcpu->requests, ~(uint32_t)VCPU_REQ_TIMED, __ATOMIC_SEQ_CST); break;
	}
	return true;
}

static void next_vcpu(void)
{
	at.reason = EXIT_NR_REASONS;
	if (++at.vcpu == vms[at.vm]->nr_vcpus) {
		at.vcpu = 0;
		at.vm++;
	}
}

/* What the rows' objects, or for on and off names, go into. */
static void open_json(struct json *json)
{
	if (at.mode == STATS_SHOW) {
		json_open_array(json, NULL);
		return;
	}
	json_open_object(json, NULL);
	json_bool(json, "timed", at.mode == STATS_ON);
	json_open_array(json, "no_memory");
}

/* Returns false when there is nothing to tell. */
static bool begin(const char *argument)
{
	bool is_on = strcmp(argument, "on") == 0, is_off = strcmp(argument, "off") == 0;
	const struct vm *vm;

	at.mode = is_on ? STATS_ON : is_off ? STATS_OFF : STATS_SHOW;
	at.vm = at.vcpu = 0;
	at.end = nr_vms;
	at.reason = EXIT_NR_REASONS;
	if (monitor_json() != NULL)
		open_json(monitor_json());
	if (*argument == '\0' || is_on || is_off)
		return nr_vms != 0;
	vm = monitor_vm(argument);
	at.vm = vm->id;
	at.end = vm->id + 1;
	return true;
}

bool monitor_stats_row(unsigned int row, const char *argument)
{
	if (row == 0 && !begin(argument))
		return false;
	if (step(vms[at.vm]->vcpus[at.vcpu]))
		next_vcpu();
	return at.vm < at.end;
}

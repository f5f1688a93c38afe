/* Reports: see report.h. A guest causes them, but only once: its VM stops with it. */
#include "kernel/report.h"

#include "arch/arm64/regs/esr.h"
#include "kernel/vcpu_words.h"
#include "kernel/vm.h"
#include "lib/bits.h"
#include "lib/log.h"
#include "vcpu/decode.h"

#define REGISTER_ROWS 11
#define EXIT_ROWS     8

static void row_why(const struct vcpu *vcpu)
{
	unsigned int ec = (unsigned int)FIELD_GET(ESR_ELx_EC, vcpu->syndrome.esr);

	if (vcpu->exit.reason == EXIT_EXTERNAL_INTERRUPT) { /* which has no syndrome */
		log_warn("report", "%s: stops: %s, at PC %lx", vcpu->name, vcpu->vm->crash_why,
			 (unsigned long)vcpu->frame.elr);
		return;
	}
	log_warn("report", "%s: stops: %s at PC %lx, ESR %lx (%s), FAR %lx", vcpu->name, vcpu->vm->crash_why,
		 (unsigned long)vcpu->frame.elr, (unsigned long)vcpu->syndrome.esr, exception_class_name(ec),
		 (unsigned long)vcpu->syndrome.far);
}

static void row_el1(const struct vcpu *vcpu)
{
	char text[VCPU_WORDS_MAX];

	vcpu_words_el1(&vcpu->el1, text);
	log_warn("report", "%s:   %s", vcpu->name, text);
}

static void row_registers(const struct vcpu *vcpu, unsigned int row)
{
	const struct trap_frame *frame = &vcpu->frame;
	unsigned int n = 3 * row;

	if (row < REGISTER_ROWS - 1)
		log_warn("report", "%s:   x%u %lx  x%u %lx  x%u %lx", vcpu->name, n, (unsigned long)frame->x[n], n + 1,
			 (unsigned long)frame->x[n + 1], n + 2, (unsigned long)frame->x[n + 2]);
	else
		log_warn("report", "%s:   x30 %lx  SP_EL0 %lx  PSTATE %lx", vcpu->name, (unsigned long)frame->x[30],
			 (unsigned long)frame->sp_el0, (unsigned long)frame->spsr);
}

/* The last exits, oldest first. */
static void row_exit(const struct vcpu *vcpu, unsigned int row)
{
	uint32_t back = EXIT_ROWS - row;
	const struct exit_trace *trace = &vcpu->trace[(vcpu->trace_next - back) % ARRAY_SIZE(vcpu->trace)];
	char text[VCPU_WORDS_MAX];

	if (vcpu->trace_next < back)
		return;
	vcpu_words_exit(trace, text);
	log_warn("report", "%s:   exit: %s, ESR %lx", vcpu->name, text, (unsigned long)trace->esr);
}

static void row_other(const struct vm *vm, const struct vcpu *vcpu)
{
	char text[VCPU_WORDS_MAX] = "off";

	if (vcpu == vm->crashed)
		return;
	if (vcpu->power != VCPU_POWER_OFF)
		vcpu_words_place(&vcpu->frame, &vcpu->el1, text);
	log_warn("report", "%s: was %s%s", vcpu->name, vcpu->power != VCPU_POWER_OFF ? "at " : "", text);
}

bool report_crash_row(const struct vm *vm, unsigned int row)
{
	const unsigned int first_exit = 2 + REGISTER_ROWS, first_other = first_exit + EXIT_ROWS;

	if (row == 0)
		row_why(vm->crashed);
	else if (row == 1)
		row_el1(vm->crashed);
	else if (row < first_exit)
		row_registers(vm->crashed, row - 2);
	else if (row < first_other)
		row_exit(vm->crashed, row - first_exit);
	else
		row_other(vm, vm->vcpus[row - first_other]);
	return row + 1 < first_other + vm->nr_vcpus;
}

/* Reports: see report.h. A guest causes them, but only once: its VM stops with it. */
#include "kernel/report.h"

#include "arch/arm64/regs/esr.h"
#include "kernel/vm.h"
#include "lib/bits.h"
#include "lib/log.h"
#include "vcpu/decode.h"

#define REPORT_EXITS 8

void report_exits(const struct vcpu *vcpu, unsigned int nr)
{
	const unsigned int ring = ARRAY_SIZE(vcpu->trace);

	for (unsigned int back = nr < ring ? nr : ring; back > 0; back--) {
		const struct exit_trace *trace = &vcpu->trace[(vcpu->trace_next - back) % ring];

		if (vcpu->trace_next < back)
			continue;
		log_warn("report", "%s:   exit %s at PC %lx, ESR %lx", vcpu->name,
			 exit_reason_name((enum exit_reason)trace->reason), (unsigned long)trace->elr,
			 (unsigned long)trace->esr);
	}
}

static void report_registers(const struct vcpu *vcpu)
{
	const struct trap_frame *frame = &vcpu->frame;

	for (unsigned int n = 0; n < 30; n += 3)
		log_warn("report", "%s:   x%u %lx  x%u %lx  x%u %lx", vcpu->name, n, (unsigned long)frame->x[n], n + 1,
			 (unsigned long)frame->x[n + 1], n + 2, (unsigned long)frame->x[n + 2]);
	log_warn("report", "%s:   x30 %lx  SP_EL0 %lx  PSTATE %lx", vcpu->name, (unsigned long)frame->x[30],
		 (unsigned long)frame->sp_el0, (unsigned long)frame->spsr);
}

void report_crash(const struct vcpu *vcpu)
{
	const struct vm *vm = vcpu->vm;
	unsigned int ec = (unsigned int)FIELD_GET(ESR_ELx_EC, vcpu->syndrome.esr);

	log_warn("report", "%s: stops: %s at PC %lx, ESR %lx (%s), FAR %lx", vcpu->name,
		 vcpu->exit.fail_entry.why == FAIL_SERROR ? "an SError" : "an exit that cannot be answered",
		 (unsigned long)vcpu->frame.elr, (unsigned long)vcpu->syndrome.esr, exception_class_name(ec),
		 (unsigned long)vcpu->syndrome.far);
	report_registers(vcpu);
	report_exits(vcpu, REPORT_EXITS);
	for (unsigned int n = 0; n < vm->nr_vcpus; n++) {
		if (vm->vcpus[n] != vcpu)
			log_warn("report", "%s: last seen at PC %lx", vm->vcpus[n]->name,
				 (unsigned long)vm->vcpus[n]->frame.elr);
	}
}

/* Injection: see inject.h. */
#include "arch/arm64/inject.h"

#include "arch/arm64/exception_entry.h"
#include "arch/arm64/sysreg.h"

void inject_sync(struct trap_frame *frame, uint64_t esr, bool has_far, uint64_t far)
{
	const struct exception_entry entry = {
		.sctlr_el1 = read_sysreg(sctlr_el1),
		.id_aa64mmfr1_el1 = read_sysreg(id_aa64mmfr1_el1),
		.id_aa64pfr1_el1 = read_sysreg(id_aa64pfr1_el1),
	};

	write_sysreg(frame->elr, elr_el1);
	write_sysreg(frame->spsr, spsr_el1);
	write_sysreg(esr, esr_el1);
	if (has_far)
		write_sysreg(far, far_el1);
	frame->elr = read_sysreg(vbar_el1) + exception_entry_vector(frame->spsr);
	frame->spsr = exception_entry_pstate(frame->spsr, &entry);
}

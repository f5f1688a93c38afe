/*
 * How a guest's EL1 enters an exception: what AArch64.TakeException() does to PSTATE and the PC. Pure: inject.c reads
 * the registers and writes the result. [DDI0487 D1.3.1 exception entry, J1.1 AArch64.TakeException]
 */
#ifndef ARCH_ARM64_EXCEPTION_ENTRY_H
#define ARCH_ARM64_EXCEPTION_ENTRY_H

#include <stdint.h>

/* What it depends on, beside PSTATE. The ID registers are the CPU's own, not those that the guest is shown. */
struct exception_entry {
	uint64_t sctlr_el1;
	uint64_t id_aa64mmfr1_el1, id_aa64pfr1_el1;
};

/* PSTATE of the handler's first instruction, as SPSR_EL2 has it, from that of the instruction which raises it. */
uint64_t exception_entry_pstate(uint64_t spsr, const struct exception_entry *entry);

/* Offset from VBAR_EL1 of the vector of a synchronous exception. */
uint64_t exception_entry_vector(uint64_t spsr);

#endif

/*
 * The TrapFrame: what every exit saves and every entry restores, and no more. The rest of a guest's state (EL1, FP,
 * timers, GIC) stays in the machine until another vCPU is loaded.
 */
#ifndef ARCH_ARM64_TRAP_FRAME_H
#define ARCH_ARM64_TRAP_FRAME_H

#include <stdint.h>

struct trap_frame {
	uint64_t x[31];
	uint64_t sp_el0;
	uint64_t elr;  /* ELR_EL2: the guest's PC */
	uint64_t spsr; /* SPSR_EL2: the guest's PSTATE */
};

/* How arch_enter_guest() came back: the slot of the vector table. */
enum exit_kind { EXIT_KIND_SYNC, EXIT_KIND_IRQ, EXIT_KIND_FIQ, EXIT_KIND_SERROR };

/* Reads a general-purpose register as an instruction names it: 31 is XZR. */
static inline uint64_t trap_frame_read(const struct trap_frame *frame, unsigned int reg)
{
	return reg < 31 ? frame->x[reg] : 0;
}

/* Writes a general-purpose register as an instruction names it: a write to 31 (XZR) is dropped. */
static inline void trap_frame_write(struct trap_frame *frame, unsigned int reg, uint64_t value)
{
	if (reg < 31)
		frame->x[reg] = value;
}

#endif

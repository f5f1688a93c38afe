/*
 * The per-CPU area: TPIDR_EL2 points at it from the first C line on. This struct is what boot and arch know; kernel/
 * hangs its own struct behind `kernel`. Owned by its pCPU but for the fields said otherwise.
 */
#ifndef ARCH_ARM64_PERCPU_H
#define ARCH_ARM64_PERCPU_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/arm64/sysreg.h"

struct percpu {
	uint64_t stack_top; /* offset 0: secondary_start reads it, with the MMU off */
	uint64_t mpidr; /* offset 8: affinity fields; secondary_start_spin looks itself up by it, with the MMU off */
	uint32_t cpu;	/* index into hw_info.cpus */
	bool online;	/* atomic: set by its pCPU, read by all */
	void *kernel;	/* struct cpu of kernel/cpu.h */
};

/* All of them, by index into hw_info.cpus; defined in boot/boot_main.c. */
extern struct percpu percpu_areas[];

static inline struct percpu *this_percpu(void)
{
	return (struct percpu *)read_sysreg(tpidr_el2);
}

/* This pCPU's number: 0 is the boot CPU's index in hw_info.cpus only where the DT lists it first. */
static inline unsigned int this_cpu(void)
{
	return this_percpu()->cpu;
}

#endif

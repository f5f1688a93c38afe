/* The per-pCPU loop: pick a vCPU, enter it, handle its exit, again. */
#ifndef KERNEL_RUN_H
#define KERNEL_RUN_H

#include "vcpu/vcpu.h"

struct cpu;

/* Never returns. */
void run_loop(struct cpu *cpu) __attribute__((noreturn));
/* Takes the loaded vCPU's state out of the machine, if there is one. */
void vcpu_unload(struct cpu *cpu);

#endif

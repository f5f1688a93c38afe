/* The per-pCPU loop: pick a vCPU, enter it, handle its exit, again. */
#ifndef KERNEL_RUN_H
#define KERNEL_RUN_H

struct cpu;

/* Never returns. */
void run_loop(struct cpu *cpu) __attribute__((noreturn));

#endif

/*
 * Moves EL1 and EL0 system registers and the EL1 timers between the machine and a vCPU, when another vCPU is loaded.
 * Context: the vCPU's own pCPU, EL2, interrupts masked. The rows are regs/el1_regs.def.
 */
#ifndef ARCH_ARM64_EL1_STATE_H
#define ARCH_ARM64_EL1_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/arm64/regs/guest_state.h"
#include "arch/arm64/traps.h"

void el1_state_save(struct el1_state *state);
/* features: of this pCPU. */
void el1_state_restore(const struct el1_state *state, const struct cpu_features *features);

/* VMPIDR_EL2 and VPIDR_EL2: what the loaded vCPU reads as MPIDR_EL1 and MIDR_EL1. */
void el1_ids_write(uint64_t vmpidr, uint64_t vpidr);
/* MIDR_EL1 of this pCPU. */
uint64_t el1_host_midr(void);

/* ELR_EL1 and VBAR_EL1 of the loaded vCPU. */
uint64_t el1_elr_read(void);
uint64_t el1_vbar_read(void);

/* Where the loaded vCPU's stage 1 tables are. */
void el1_tables_read(uint64_t *tcr, uint64_t *ttbr0, uint64_t *ttbr1);

/* SP_EL1 of the loaded vCPU. */
uint64_t el1_sp_read(void);
void el1_sp_write(uint64_t value);

/* Reads the EL1 timers into state and turns them off, so that they interrupt nobody else. */
void el1_timer_save(struct timer_state *state);
/* The same without turning them off. Of the loaded vCPU. */
void el1_timer_read(struct timer_state *state);
/* CNTVOFF_EL2, compare values, then the control registers: a due timer fires at once. */
void el1_timer_restore(const struct timer_state *state, uint64_t cntvoff);

/* Is this timer's output high now? For the loaded vCPU. */
bool el1_timer_virt_fires(void);
bool el1_timer_phys_fires(void);

/* The same from saved state; now is CNTPCT. */
bool timer_state_virt_fires(const struct timer_state *state, uint64_t cntvoff, uint64_t now);
bool timer_state_phys_fires(const struct timer_state *state, uint64_t now);

/* When will one of them? due: the CNTPCT value at which it will be, false when it never is. */
bool timer_state_next(const struct timer_state *state, uint64_t cntvoff, uint64_t *due);

#endif

/*
 * The debug registers of a guest, for the rows of sysreg_trap.c: each works on the vCPU's own copy (struct debug_state)
 * and posts VCPU_REQ_DEBUG where the machine's has to follow. Pure. Context: the vCPU's own pCPU; no locks.
 * addr: as struct exit_sysreg has it. [DDI0487 D2, D19.3]
 */
#ifndef VCPU_DEBUG_REGS_H
#define VCPU_DEBUG_REGS_H

#include "vcpu/idregs.h"
#include "vcpu/vcpu.h"

uint64_t debug_read_mdscr(const struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr);
void debug_write_mdscr(struct vcpu *vcpu, uint32_t addr, uint64_t value);
/* The OS lock. */
uint64_t debug_read_oslsr(const struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr);
void debug_write_oslar(struct vcpu *vcpu, uint32_t addr, uint64_t value);

/* DBGBVR<n>_EL1, DBGBCR, DBGWVR, DBGWCR. check: INJECT_UNDEF for an n that the ID registers do not show. */
enum exit_action debug_check_point(struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr);
uint64_t debug_read_point(const struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr);
void debug_write_point(struct vcpu *vcpu, uint32_t addr, uint64_t value);

/* DBGCLAIMSET_EL1, DBGCLAIMCLR_EL1. */
uint64_t debug_read_claimset(const struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr);
uint64_t debug_read_claimclr(const struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr);
void debug_write_claimset(struct vcpu *vcpu, uint32_t addr, uint64_t value);
void debug_write_claimclr(struct vcpu *vcpu, uint32_t addr, uint64_t value);

#endif

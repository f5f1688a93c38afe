/*
 * Trapped system registers: one table, sorted by address, one row a register with its rule and its spec section.
 * Pure: what a row needs from the vCPU or the host comes in as arguments.
 */
#ifndef VCPU_SYSREG_TRAP_H
#define VCPU_SYSREG_TRAP_H

#include <stdbool.h>
#include <stdint.h>

#include "vcpu/idregs.h"
#include "vcpu/vcpu.h"

/* A system register as ESR_EL2.ISS names it (struct exit_sysreg.addr). */
#define SYSREG_ADDR(op0, op1, crn, crm, op2)                                                                     \
	(((uint32_t)(op0) << 20) | ((uint32_t)(op2) << 17) | ((uint32_t)(op1) << 14) | ((uint32_t)(crn) << 10) | \
	 ((uint32_t)(crm) << 1))

/*
 * Emulates vcpu->exit (SYSREG_READ or SYSREG_WRITE). Returns ADVANCE after reading into the frame's Rt or writing, or
 * INJECT_UNDEF for a register that is not in the table or not accessible that way. ICC_SGI*R_EL1 writes never come
 * here: dev/ refined them into SEND_IPI. Context: the vCPU's own pCPU; no locks.
 */
enum exit_action sysreg_emulate(struct vcpu *vcpu, const struct id_regs *ids);

/*
 * A guest's first use of pointer authentication, by key or by instruction. Returns RETRY, and VCPU_REQ_PAUTH is posted:
 * the keys are loaded before the guest enters again, and do not trap any more. INJECT_UNDEF where it is not shown.
 * Context: the vCPU's own pCPU; no locks. [DDI0487 HCR_EL2.APK, API]
 */
enum exit_action sysreg_begin_pauth(struct vcpu *vcpu, const struct id_regs *ids);

/* "ID_AA64PFR0_EL1", or NULL for an unnamed one: for reports. */
const char *sysreg_name(uint32_t addr);

#endif

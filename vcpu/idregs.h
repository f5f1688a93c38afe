/*
 * The ID registers that guests see: the host's, with what Corbel does not switch or emulate taken out. One table, one
 * row a field, with the reason. Pure: the host's values come in as data. [DDI0487 D19.2 ID_AA64*]
 */
#ifndef VCPU_IDREGS_H
#define VCPU_IDREGS_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/arm64/regs/id_fields.h"

/* ID registers lie at op0=3, op1=0, CRn=0, CRm=1..7, op2=0..7; slot = (CRm - 1) * 8 + op2. */
#define ID_REGS_NR 56

#define ID_REG_SLOT(crm, op2) (((crm)-1) * 8 + (op2))

/* The slots by name; the others are reserved, and read 0. */
enum id_reg {
	ID_PFR0_EL1 = ID_REG_SLOT(1, 0),
	ID_PFR1_EL1,
	ID_DFR0_EL1,
	ID_AFR0_EL1,
	ID_MMFR0_EL1,
	ID_MMFR1_EL1,
	ID_MMFR2_EL1,
	ID_MMFR3_EL1,
	ID_ISAR0_EL1 = ID_REG_SLOT(2, 0),
	ID_ISAR1_EL1,
	ID_ISAR2_EL1,
	ID_ISAR3_EL1,
	ID_ISAR4_EL1,
	ID_ISAR5_EL1,
	ID_MMFR4_EL1,
	ID_ISAR6_EL1,
	MVFR0_EL1 = ID_REG_SLOT(3, 0),
	MVFR1_EL1,
	MVFR2_EL1,
	ID_PFR2_EL1 = ID_REG_SLOT(3, 4),
	ID_DFR1_EL1,
	ID_MMFR5_EL1,
	ID_AA64PFR0_EL1 = ID_REG_SLOT(4, 0),
	ID_AA64PFR1_EL1,
	ID_AA64PFR2_EL1,
	ID_AA64ZFR0_EL1 = ID_REG_SLOT(4, 4),
	ID_AA64SMFR0_EL1,
	ID_AA64FPFR0_EL1 = ID_REG_SLOT(4, 7),
	ID_AA64DFR0_EL1 = ID_REG_SLOT(5, 0),
	ID_AA64DFR1_EL1,
	ID_AA64DFR2_EL1,
	ID_AA64AFR0_EL1 = ID_REG_SLOT(5, 4),
	ID_AA64AFR1_EL1,
	ID_AA64ISAR0_EL1 = ID_REG_SLOT(6, 0),
	ID_AA64ISAR1_EL1,
	ID_AA64ISAR2_EL1,
	ID_AA64ISAR3_EL1,
	ID_AA64MMFR0_EL1 = ID_REG_SLOT(7, 0),
	ID_AA64MMFR1_EL1,
	ID_AA64MMFR2_EL1,
	ID_AA64MMFR3_EL1,
	ID_AA64MMFR4_EL1,
};

struct id_regs {
	uint64_t value[ID_REGS_NR]; /* what the guest reads */
	uint64_t revidr, aidr;	    /* REVIDR_EL1, AIDR_EL1: the host's, where TID1 is set */
};

/*
 * host: the host's values by slot. gic_sysregs: the VM has a GICv3 (ID_AA64PFR0_EL1.GIC = 1, else 0).
 * Fills guest->value alone; the other members are the caller's.
 * Every field of an unallocated or reserved slot reads 0 (the architecture's RAZ).
 */
void idregs_sanitise(struct id_regs *guest, const uint64_t host[ID_REGS_NR], bool gic_sysregs);

/* FEAT_PAuth, by any of its algorithms. */
bool idregs_show_pauth(const struct id_regs *guest);

/* "ID_AA64PFR0_EL1"; NULL for a reserved slot. */
const char *idregs_name(unsigned int slot);

#endif

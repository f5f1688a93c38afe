#include "vcpu/sysreg_trap.h"

#include <stddef.h>

#include "arch/arm64/regs/esr.h"
#include "lib/bits.h"
#include "vcpu/debug_regs.h"
#include "vcpu/set_way.h"

/*
 * One row: a register, or those of one name with consecutive CRm. A direction without a function is UNDEF, and so is
 * what has no row: IMPLEMENTATION DEFINED registers (HCR_EL2.TIDCP), features that the ID registers do not show.
 */
struct sysreg_row {
	uint32_t first, last; /* addresses; CRm counts in steps of two */
	const char *name;
	/* Asked before either direction, if there is one: anything but ADVANCE is the answer. */
	enum exit_action (*check)(struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr);
	uint64_t (*read)(const struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr);
	void (*write)(struct vcpu *vcpu, uint32_t addr, uint64_t value);
};

static uint64_t read_zero(const struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr)
{
	(void)vcpu, (void)ids, (void)addr;
	return 0;
}

static void write_ignored(struct vcpu *vcpu, uint32_t addr, uint64_t value)
{
	(void)vcpu, (void)addr, (void)value;
}

static unsigned int id_slot(uint32_t addr)
{
	return (unsigned int)ID_REG_SLOT(FIELD_GET(ESR_ELx_SYS64_CRM, addr), FIELD_GET(ESR_ELx_SYS64_OP2, addr));
}

static uint64_t read_id(const struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr)
{
	(void)vcpu;
	return ids->value[id_slot(addr)];
}

enum exit_action sysreg_begin_pauth(struct vcpu *vcpu, const struct id_regs *ids)
{
	if (!idregs_show_pauth(ids))
		return ACTION_INJECT_UNDEF;
	__atomic_fetch_or(&vcpu->requests, (uint32_t)VCPU_REQ_PAUTH, __ATOMIC_RELAXED);
	return ACTION_RETRY;
}

static enum exit_action pauth_key(struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr)
{
	(void)addr;
	return sysreg_begin_pauth(vcpu, ids);
}

#define CHECKED_ROWS(op0, op1, crn, crm_first, crm_last, op2, check, name, read, write)                        \
	{                                                                                                      \
		SYSREG_ADDR(op0, op1, crn, crm_first, op2), SYSREG_ADDR(op0, op1, crn, crm_last, op2), (name), \
			(check), (read), (write)                                                               \
	}
#define ROWS(op0, op1, crn, crm_first, crm_last, op2, name, read, write) \
	CHECKED_ROWS(op0, op1, crn, crm_first, crm_last, op2, NULL, name, read, write)
#define ROW(op0, op1, crn, crm, op2, name, read, write) ROWS(op0, op1, crn, crm, crm, op2, name, read, write)
/* Traps while HCR_EL2.TVM is set. */
#define VM_CONTROL(op0, op1, crn, crm, op2, name) ROW(op0, op1, crn, crm, op2, name, NULL, set_way_write_vm_control)
/* Known by name, and not there. */
#define UNDEF(op0, op1, crn, crm, op2, name) ROW(op0, op1, crn, crm, op2, name, NULL, NULL)
/* Every CRn and CRm of them. */
#define UNDEF_ALL(op0, op1, op2, name)                                                                         \
	{                                                                                                      \
		SYSREG_ADDR(op0, op1, 0, 0, op2), SYSREG_ADDR(op0, op1, 15, 15, op2), (name), NULL, NULL, NULL \
	}
/* Trapped until the first access gives it to the guest. */
#define GIVEN(op0, op1, crn, crm_first, crm_last, op2, check, name) \
	CHECKED_ROWS(op0, op1, crn, crm_first, crm_last, op2, check, name, NULL, NULL)
/* The ID registers of one op2, CRm 1..7 [DDI0487 D19.2]: read only. Their names are idregs_name()'s. */
#define ID_ROWS(op2) ROWS(3, 0, 0, 1, 7, op2, NULL, read_id, NULL)

/* HCR_EL2.TID1: the host's. */
static uint64_t read_revidr(const struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr)
{
	(void)vcpu, (void)addr;
	return ids->revidr;
}

static uint64_t read_aidr(const struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr)
{
	(void)vcpu, (void)addr;
	return ids->aidr;
}

/* Sorted by address, which goes by op0, op2, op1, CRn, CRm; a test holds the order. */
static const struct sysreg_row sysreg_table[] = {
	/* Set/way maintenance (HCR_EL2.TSW) [DDI0487 D7.5.9]. */
	ROW(1, 0, 7, 6, 2, "DC ISW", NULL, set_way_write_op),
	ROW(1, 0, 7, 10, 2, "DC CSW", NULL, set_way_write_op),
	ROW(1, 0, 7, 14, 2, "DC CISW", NULL, set_way_write_op),

	/*
	 * Debug (MDCR_EL2.TDA, TDOSA, TDRA) [DDI0487 D19.3]. No external debugger is connected to the DCC, and none of
	 * its registers is real: it would be a channel between guests.
	 */
	ROW(2, 0, 0, 2, 0, "MDCCINT_EL1", read_zero, write_ignored),
	ROW(2, 0, 1, 0, 0, "MDRAR_EL1", read_zero, NULL),
	UNDEF_ALL(2, 1, 0, "TRC<...>/BRB<...>"),
	ROW(2, 3, 0, 1, 0, "MDCCSR_EL0", read_zero, NULL),
	ROW(2, 3, 0, 4, 0, "DBGDTR_EL0", read_zero, write_ignored),
	ROW(2, 3, 0, 5, 0, "DBGDTRRX_EL0/DBGDTRTX_EL0", read_zero, write_ignored),
	UNDEF_ALL(2, 1, 1, "TRC<...>/BRB<...>"),
	ROW(2, 0, 0, 0, 2, "OSDTRRX_EL1", read_zero, write_ignored),
	ROW(2, 0, 0, 2, 2, "MDSCR_EL1", debug_read_mdscr, debug_write_mdscr),
	ROW(2, 0, 0, 3, 2, "OSDTRTX_EL1", read_zero, write_ignored),
	ROW(2, 0, 0, 6, 2, "OSECCR_EL1", read_zero, write_ignored),
	UNDEF_ALL(2, 1, 2, "TRC<...>/BRB<...>"),
	UNDEF_ALL(2, 1, 3, "TRC<...>/BRB<...>"),
	CHECKED_ROWS(2, 0, 0, 0, 15, 4, debug_check_point, "DBGBVR<n>_EL1", debug_read_point, debug_write_point),
	ROW(2, 0, 1, 0, 4, "OSLAR_EL1", NULL, debug_write_oslar),
	ROW(2, 0, 1, 1, 4, "OSLSR_EL1", debug_read_oslsr, NULL),
	ROW(2, 0, 1, 3, 4, "OSDLR_EL1", read_zero, write_ignored),
	ROW(2, 0, 1, 4, 4, "DBGPRCR_EL1", read_zero, write_ignored),
	UNDEF_ALL(2, 1, 4, "TRC<...>/BRB<...>"),
	CHECKED_ROWS(2, 0, 0, 0, 15, 5, debug_check_point, "DBGBCR<n>_EL1", debug_read_point, debug_write_point),
	UNDEF_ALL(2, 1, 5, "TRC<...>/BRB<...>"),
	CHECKED_ROWS(2, 0, 0, 0, 15, 6, debug_check_point, "DBGWVR<n>_EL1", debug_read_point, debug_write_point),
	ROW(2, 0, 7, 8, 6, "DBGCLAIMSET_EL1", debug_read_claimset, debug_write_claimset),
	ROW(2, 0, 7, 9, 6, "DBGCLAIMCLR_EL1", debug_read_claimclr, debug_write_claimclr),
	ROW(2, 0, 7, 14, 6, "DBGAUTHSTATUS_EL1", read_zero, NULL),
	UNDEF_ALL(2, 1, 6, "TRC<...>/BRB<...>"),
	CHECKED_ROWS(2, 0, 0, 0, 15, 7, debug_check_point, "DBGWCR<n>_EL1", debug_read_point, debug_write_point),
	UNDEF_ALL(2, 1, 7, "TRC<...>/BRB<...>"),

	/*
	 * ID registers (HCR_EL2.TID3), and between them by op2: pointer authentication keys (HCR_EL2.APK); RAS (TERR),
	 * LORegions (TLOR), the PMU (MDCR_EL2.TPM, TPMCR), profiling and trace (TPMS, E2PB, TTRF, E2TB, CPTR_EL2.TTA),
	 * activity monitors (TAM), MTE (HCR_EL2.ATA, TID5), SME (HFGRTR_EL2), MPAM (MPAM2_EL2), GIC registers that
	 * vgic_refine() takes where the VM has a GICv3: not there.
	 */
	ID_ROWS(0),
	VM_CONTROL(3, 0, 1, 0, 0, "SCTLR_EL1"),
	VM_CONTROL(3, 0, 2, 0, 0, "TTBR0_EL1"),
	GIVEN(3, 0, 2, 1, 3, 0, pauth_key, "APIAKeyLo_EL1/APDAKeyLo_EL1/APGAKeyLo_EL1"),
	VM_CONTROL(3, 0, 5, 1, 0, "AFSR0_EL1"),
	VM_CONTROL(3, 0, 5, 2, 0, "ESR_EL1"),
	UNDEF(3, 0, 5, 3, 0, "ERRIDR_EL1"),
	ROWS(3, 0, 5, 4, 5, 0, "ERXFR_EL1/ERXMISC0_EL1", NULL, NULL),
	UNDEF(3, 0, 5, 6, 0, "TFSR_EL1"),
	VM_CONTROL(3, 0, 6, 0, 0, "FAR_EL1"),
	UNDEF(3, 0, 9, 9, 0, "PMSCR_EL1"),
	UNDEF(3, 0, 9, 10, 0, "PMBLIMITR_EL1"),
	UNDEF(3, 0, 9, 11, 0, "TRBLIMITR_EL1"),
	VM_CONTROL(3, 0, 10, 2, 0, "MAIR_EL1"),
	VM_CONTROL(3, 0, 10, 3, 0, "AMAIR_EL1"),
	UNDEF(3, 0, 10, 4, 0, "LORSA_EL1"),
	UNDEF(3, 0, 10, 5, 0, "MPAM1_EL1"),
	UNDEF(3, 3, 9, 12, 0, "PMCR_EL0"),
	UNDEF(3, 3, 9, 13, 0, "PMCCNTR_EL0"),
	UNDEF(3, 3, 9, 14, 0, "PMUSERENR_EL0"),
	ROWS(3, 3, 13, 2, 15, 0, "AM<...>_EL0", NULL, NULL),
	ROWS(3, 3, 14, 8, 15, 0, "PMEVCNTR<n>_EL0/PMEVTYPER<n>_EL0", NULL, NULL),
	ID_ROWS(1),
	/* HCR_EL2.TACR. IMPLEMENTATION DEFINED: nothing in it is the guest's to change. */
	ROW(3, 0, 1, 0, 1, "ACTLR_EL1", read_zero, write_ignored),
	UNDEF(3, 0, 1, 2, 1, "TRFCR_EL1"),
	VM_CONTROL(3, 0, 2, 0, 1, "TTBR1_EL1"),
	GIVEN(3, 0, 2, 1, 3, 1, pauth_key, "APIAKeyHi_EL1/APDAKeyHi_EL1/APGAKeyHi_EL1"),
	VM_CONTROL(3, 0, 5, 1, 1, "AFSR1_EL1"),
	UNDEF(3, 0, 5, 3, 1, "ERRSELR_EL1"),
	ROWS(3, 0, 5, 4, 5, 1, "ERXCTLR_EL1/ERXMISC1_EL1", NULL, NULL),
	UNDEF(3, 0, 5, 6, 1, "TFSRE0_EL1"),
	UNDEF(3, 0, 9, 9, 1, "PMSNEVFR_EL1"),
	UNDEF(3, 0, 9, 10, 1, "PMBPTR_EL1"),
	UNDEF(3, 0, 9, 11, 1, "TRBPTR_EL1"),
	UNDEF(3, 0, 9, 14, 1, "PMINTENSET_EL1"),
	UNDEF(3, 0, 10, 4, 1, "LOREA_EL1"),
	UNDEF(3, 0, 10, 5, 1, "MPAM0_EL1"),
	VM_CONTROL(3, 0, 13, 0, 1, "CONTEXTIDR_EL1"),
	UNDEF(3, 3, 9, 12, 1, "PMCNTENSET_EL0"),
	UNDEF(3, 3, 9, 13, 1, "PMXEVTYPER_EL0"),
	ROWS(3, 3, 13, 2, 15, 1, "AM<...>_EL0", NULL, NULL),
	ROWS(3, 3, 14, 8, 15, 1, "PMEVCNTR<n>_EL0/PMEVTYPER<n>_EL0", NULL, NULL),
	ID_ROWS(2),
	VM_CONTROL(3, 0, 2, 0, 2, "TCR_EL1"),
	GIVEN(3, 0, 2, 1, 2, 2, pauth_key, "APIBKeyLo_EL1/APDBKeyLo_EL1"),
	ROWS(3, 0, 5, 4, 5, 2, "ERXSTATUS_EL1/ERXMISC2_EL1", NULL, NULL),
	UNDEF(3, 0, 9, 9, 2, "PMSICR_EL1"),
	UNDEF(3, 0, 9, 11, 2, "TRBBASER_EL1"),
	UNDEF(3, 0, 9, 14, 2, "PMINTENCLR_EL1"),
	UNDEF(3, 0, 10, 4, 2, "LORN_EL1"),
	UNDEF(3, 3, 9, 12, 2, "PMCNTENCLR_EL0"),
	UNDEF(3, 3, 9, 13, 2, "PMXEVCNTR_EL0"),
	ROWS(3, 3, 13, 2, 15, 2, "AM<...>_EL0", NULL, NULL),
	ROWS(3, 3, 14, 8, 15, 2, "PMEVCNTR<n>_EL0/PMEVTYPER<n>_EL0", NULL, NULL),
	ID_ROWS(3),
	GIVEN(3, 0, 2, 1, 2, 3, pauth_key, "APIBKeyHi_EL1/APDBKeyHi_EL1"),
	ROWS(3, 0, 5, 4, 5, 3, "ERXADDR_EL1/ERXMISC3_EL1", NULL, NULL),
	UNDEF(3, 0, 9, 9, 3, "PMSIRR_EL1"),
	UNDEF(3, 0, 9, 10, 3, "PMBSR_EL1"),
	UNDEF(3, 0, 9, 11, 3, "TRBSR_EL1"),
	UNDEF(3, 0, 10, 4, 3, "LORC_EL1"),
	UNDEF(3, 3, 9, 12, 3, "PMOVSCLR_EL0"),
	UNDEF(3, 3, 9, 14, 3, "PMOVSSET_EL0"),
	ROWS(3, 3, 13, 2, 15, 3, "AM<...>_EL0", NULL, NULL),
	ROWS(3, 3, 14, 8, 15, 3, "PMEVCNTR<n>_EL0/PMEVTYPER<n>_EL0", NULL, NULL),
	ID_ROWS(4),
	UNDEF(3, 0, 1, 2, 4, "SMPRI_EL1"),
	UNDEF(3, 0, 9, 9, 4, "PMSFCR_EL1"),
	UNDEF(3, 0, 9, 11, 4, "TRBMAR_EL1"),
	UNDEF(3, 0, 10, 4, 4, "MPAMIDR_EL1"),
	UNDEF(3, 1, 0, 0, 4, "GMID_EL1"),
	UNDEF(3, 3, 9, 12, 4, "PMSWINC_EL0"),
	ROWS(3, 3, 13, 2, 15, 4, "AM<...>_EL0", NULL, NULL),
	ROWS(3, 3, 14, 8, 15, 4, "PMEVCNTR<n>_EL0/PMEVTYPER<n>_EL0", NULL, NULL),
	ID_ROWS(5),
	UNDEF(3, 0, 1, 0, 5, "RGSR_EL1"),
	UNDEF(3, 0, 9, 9, 5, "PMSEVFR_EL1"),
	UNDEF(3, 0, 12, 11, 5, "ICC_SGI1R_EL1"),
	UNDEF(3, 0, 12, 12, 5, "ICC_SRE_EL1"),
	UNDEF(3, 3, 9, 12, 5, "PMSELR_EL0"),
	UNDEF(3, 3, 13, 0, 5, "TPIDR2_EL0"),
	ROWS(3, 3, 13, 2, 15, 5, "AM<...>_EL0", NULL, NULL),
	ROWS(3, 3, 14, 8, 15, 5, "PMEVCNTR<n>_EL0/PMEVTYPER<n>_EL0", NULL, NULL),
	ROW(3, 0, 0, 0, 6, "REVIDR_EL1", read_revidr, NULL),
	ID_ROWS(6),
	UNDEF(3, 0, 1, 0, 6, "GCR_EL1"),
	UNDEF(3, 0, 9, 9, 6, "PMSLATFR_EL1"),
	UNDEF(3, 0, 9, 11, 6, "TRBTRG_EL1"),
	UNDEF(3, 0, 9, 14, 6, "PMMIR_EL1"),
	UNDEF(3, 0, 12, 11, 6, "ICC_ASGI1R_EL1"),
	UNDEF(3, 1, 0, 0, 6, "SMIDR_EL1"),
	UNDEF(3, 3, 9, 12, 6, "PMCEID0_EL0"),
	ROWS(3, 3, 13, 2, 15, 6, "AM<...>_EL0", NULL, NULL),
	ROWS(3, 3, 14, 8, 15, 6, "PMEVCNTR<n>_EL0/PMEVTYPER<n>_EL0", NULL, NULL),
	ID_ROWS(7),
	UNDEF(3, 0, 9, 9, 7, "PMSIDR_EL1"),
	UNDEF(3, 0, 9, 10, 7, "PMBIDR_EL1"),
	UNDEF(3, 0, 9, 11, 7, "TRBIDR_EL1"),
	UNDEF(3, 0, 10, 4, 7, "LORID_EL1"),
	UNDEF(3, 0, 12, 11, 7, "ICC_SGI0R_EL1"),
	UNDEF(3, 0, 13, 0, 7, "SCXTNUM_EL1"),
	ROW(3, 1, 0, 0, 7, "AIDR_EL1", read_aidr, NULL),
	UNDEF(3, 3, 9, 12, 7, "PMCEID1_EL0"),
	UNDEF(3, 3, 13, 0, 7, "SCXTNUM_EL0"),
	ROWS(3, 3, 13, 2, 15, 7, "AM<...>_EL0", NULL, NULL),
	ROWS(3, 3, 14, 8, 14, 7, "PMEVCNTR<n>_EL0/PMEVTYPER<n>_EL0", NULL, NULL),
	UNDEF(3, 3, 14, 15, 7, "PMCCFILTR_EL0"),
};

static const struct sysreg_row *sysreg_find(uint32_t addr)
{
	size_t low = 0, high = ARRAY_SIZE(sysreg_table);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct sysreg_row *row = &sysreg_table[middle];

		if (addr < row->first)
			high = middle;
		else if (addr > row->last)
			low = middle + 1;
		else
			return row;
	}
	return NULL;
}

/* The block that ID_ROWS() of all op2 are: op0 3, op1 and CRn 0, CRm 1 to 7. */
static bool is_id(uint32_t addr)
{
	const uint32_t op2_crm = (uint32_t)(ESR_ELx_SYS64_OP2 | ESR_ELx_SYS64_CRM);
	uint64_t crm = FIELD_GET(ESR_ELx_SYS64_CRM, addr);

	return (addr & ~op2_crm) == SYSREG_ADDR(3, 0, 0, 0, 0) && crm - 1 < 7;
}

enum exit_action sysreg_emulate(struct vcpu *vcpu, const struct id_regs *ids)
{
	const struct exit_sysreg *sysreg = &vcpu->exit.sysreg;
	const struct sysreg_row *row;

	/* What a guest reads most often needs no search. */
	if (vcpu->exit.reason == EXIT_SYSREG_READ && is_id(sysreg->addr)) {
		trap_frame_write(&vcpu->frame, sysreg->reg, ids->value[id_slot(sysreg->addr)]);
		return ACTION_ADVANCE;
	}
	row = sysreg_find(sysreg->addr);
	if (row == NULL)
		return ACTION_INJECT_UNDEF;
	if (row->check != NULL) {
		enum exit_action action = row->check(vcpu, ids, sysreg->addr);

		if (action != ACTION_ADVANCE)
			return action;
	}
	if (vcpu->exit.reason == EXIT_SYSREG_READ) {
		if (row->read == NULL)
			return ACTION_INJECT_UNDEF;
		trap_frame_write(&vcpu->frame, sysreg->reg, row->read(vcpu, ids, sysreg->addr));
		return ACTION_ADVANCE;
	}
	if (row->write == NULL)
		return ACTION_INJECT_UNDEF;
	row->write(vcpu, sysreg->addr, sysreg->value);
	return ACTION_ADVANCE;
}

const char *sysreg_name(uint32_t addr)
{
	const struct sysreg_row *row = sysreg_find(addr);

	if (row == NULL)
		return NULL;
	return row->name != NULL ? row->name : idregs_name(id_slot(addr));
}

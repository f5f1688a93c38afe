#include "vcpu/sysreg_trap.h"

#include <stddef.h>

#include "arch/arm64/regs/esr.h"
#include "arch/arm64/regs/mdcr.h"
#include "lib/bits.h"

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

/*
 * Self-hosted debug. The vCPU's own copy is what counts, the machine's is loaded from it (VCPU_REQ_DEBUG): at once,
 * where a change can be felt. [DDI0487 D2.4] The OS lock, while it is held, disables all debug exceptions but BRK's.
 */
static void debug_changed(struct vcpu *vcpu)
{
	struct debug_state *debug = &vcpu->debug;

	debug->mdscr_loaded = debug->mdscr & ~(debug->os_locked ? MDSCR_EL1_SS | MDSCR_EL1_MDE : 0);
	__atomic_fetch_or(&vcpu->requests, (uint32_t)VCPU_REQ_DEBUG, __ATOMIC_RELAXED);
}

static uint64_t read_oslsr(const struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr)
{
	(void)ids, (void)addr;
	return OSLSR_EL1_OSLM_1 | (vcpu->debug.os_locked ? OSLSR_EL1_OSLK : 0);
}

static void write_oslar(struct vcpu *vcpu, uint32_t addr, uint64_t value)
{
	(void)addr;
	vcpu->debug.os_locked = (value & OSLAR_EL1_OSLK) != 0;
	debug_changed(vcpu);
}

static uint64_t read_mdscr(const struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr)
{
	(void)ids, (void)addr;
	return vcpu->debug.mdscr;
}

/* The bits of the external debugger's channel stay 0. */
static void write_mdscr(struct vcpu *vcpu, uint32_t addr, uint64_t value)
{
	(void)addr;
	vcpu->debug.mdscr = value & (MDSCR_EL1_SS | MDSCR_EL1_TDCC | MDSCR_EL1_KDE | MDSCR_EL1_MDE);
	debug_changed(vcpu);
}

/* DBGBVR<n>_EL1, DBGBCR, DBGWVR, DBGWCR: CRm is n, op2 the kind. */
static enum debug_kind point_kind(uint32_t addr)
{
	return (enum debug_kind)(FIELD_GET(ESR_ELx_SYS64_OP2, addr) - 4);
}

static unsigned int point_number(uint32_t addr)
{
	return (unsigned int)FIELD_GET(ESR_ELx_SYS64_CRM, addr);
}

static enum exit_action check_point(struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr)
{
	uint64_t dfr0 = ids->value[ID_AA64DFR0_EL1];
	uint64_t last = point_kind(addr) < DEBUG_WVR ? FIELD_GET(ID_AA64DFR0_EL1_BRPs, dfr0)
						     : FIELD_GET(ID_AA64DFR0_EL1_WRPs, dfr0);

	(void)vcpu;
	return point_number(addr) <= last ? ACTION_ADVANCE : ACTION_INJECT_UNDEF;
}

static uint64_t read_point(const struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr)
{
	(void)ids;
	return vcpu->debug.point[point_kind(addr)][point_number(addr)];
}

static void write_point(struct vcpu *vcpu, uint32_t addr, uint64_t value)
{
	static const uint64_t writable[DEBUG_NR_KINDS] = {
		[DEBUG_BVR] = ~UINT64_C(0), /* the low bits count where it holds a CONTEXTIDR_EL1 */
		[DEBUG_BCR] = DBGBCR_EL1_ALL,
		[DEBUG_WVR] = ~UINT64_C(3),
		[DEBUG_WCR] = DBGWCR_EL1_ALL,
	};
	enum debug_kind kind = point_kind(addr);

	vcpu->debug.point[kind][point_number(addr)] = value & writable[kind];
	if (vcpu->debug.mdscr_loaded & MDSCR_EL1_MDE)
		debug_changed(vcpu);
}

/* Claim tags: debuggers agree on who uses what. SET reads as what can be set. [DDI0487 DBGCLAIMSET_EL1] */
static uint64_t read_claimset(const struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr)
{
	(void)vcpu, (void)ids, (void)addr;
	return DBGCLAIM_TAGS;
}

static uint64_t read_claimclr(const struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr)
{
	(void)ids, (void)addr;
	return vcpu->debug.claim;
}

static void write_claimset(struct vcpu *vcpu, uint32_t addr, uint64_t value)
{
	(void)addr;
	vcpu->debug.claim |= (uint8_t)(value & DBGCLAIM_TAGS);
}

static void write_claimclr(struct vcpu *vcpu, uint32_t addr, uint64_t value)
{
	(void)addr;
	vcpu->debug.claim &= (uint8_t) ~(value & DBGCLAIM_TAGS);
}

/*
 * Set/way operations reach the caches of one PE, and a vCPU may have run on several: passed on they would promise what
 * they do not keep, so they are stepped over. Corbel itself cleans what a guest with its caches off reads
 * (kernel/guest_mem.c).
 */
static void write_set_way(struct vcpu *vcpu, uint32_t addr, uint64_t value)
{
	(void)vcpu, (void)addr, (void)value;
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
/* Known by name, and not there. */
#define UNDEF(op0, op1, crn, crm, op2, name) ROW(op0, op1, crn, crm, op2, name, NULL, NULL)
/* Trapped until the first access gives it to the guest. */
#define GIVEN(op0, op1, crn, crm_first, crm_last, op2, check, name) \
	CHECKED_ROWS(op0, op1, crn, crm_first, crm_last, op2, check, name, NULL, NULL)
/* The ID registers of one op2, CRm 1..7 [DDI0487 D19.2]: read only. Their names are idregs_name()'s. */
#define ID_ROWS(op2) ROWS(3, 0, 0, 1, 7, op2, NULL, read_id, NULL)

/* Sorted by address, which goes by op0, op2, op1, CRn, CRm; a test holds the order. */
static const struct sysreg_row sysreg_table[] = {
	/* Set/way maintenance (HCR_EL2.TSW) [DDI0487 D7.5.9]. */
	ROW(1, 0, 7, 6, 2, "DC ISW", NULL, write_set_way),
	ROW(1, 0, 7, 10, 2, "DC CSW", NULL, write_set_way),
	ROW(1, 0, 7, 14, 2, "DC CISW", NULL, write_set_way),

	/*
	 * Debug (MDCR_EL2.TDA, TDOSA, TDRA) [DDI0487 D19.3]. No external debugger is connected to the DCC, and none of
	 * its registers is real: it would be a channel between guests.
	 */
	ROW(2, 0, 0, 2, 0, "MDCCINT_EL1", read_zero, write_ignored),
	ROW(2, 0, 1, 0, 0, "MDRAR_EL1", read_zero, NULL),
	ROW(2, 3, 0, 1, 0, "MDCCSR_EL0", read_zero, NULL),
	ROW(2, 3, 0, 4, 0, "DBGDTR_EL0", read_zero, write_ignored),
	ROW(2, 3, 0, 5, 0, "DBGDTRRX_EL0/DBGDTRTX_EL0", read_zero, write_ignored),
	ROW(2, 0, 0, 0, 2, "OSDTRRX_EL1", read_zero, write_ignored),
	ROW(2, 0, 0, 2, 2, "MDSCR_EL1", read_mdscr, write_mdscr),
	ROW(2, 0, 0, 3, 2, "OSDTRTX_EL1", read_zero, write_ignored),
	ROW(2, 0, 0, 6, 2, "OSECCR_EL1", read_zero, write_ignored),
	CHECKED_ROWS(2, 0, 0, 0, 15, 4, check_point, "DBGBVR<n>_EL1", read_point, write_point),
	ROW(2, 0, 1, 0, 4, "OSLAR_EL1", NULL, write_oslar),
	ROW(2, 0, 1, 1, 4, "OSLSR_EL1", read_oslsr, NULL),
	ROW(2, 0, 1, 3, 4, "OSDLR_EL1", read_zero, write_ignored),
	ROW(2, 0, 1, 4, 4, "DBGPRCR_EL1", read_zero, write_ignored),
	CHECKED_ROWS(2, 0, 0, 0, 15, 5, check_point, "DBGBCR<n>_EL1", read_point, write_point),
	CHECKED_ROWS(2, 0, 0, 0, 15, 6, check_point, "DBGWVR<n>_EL1", read_point, write_point),
	ROW(2, 0, 7, 8, 6, "DBGCLAIMSET_EL1", read_claimset, write_claimset),
	ROW(2, 0, 7, 9, 6, "DBGCLAIMCLR_EL1", read_claimclr, write_claimclr),
	ROW(2, 0, 7, 14, 6, "DBGAUTHSTATUS_EL1", read_zero, NULL),
	CHECKED_ROWS(2, 0, 0, 0, 15, 7, check_point, "DBGWCR<n>_EL1", read_point, write_point),

	/*
	 * ID registers (HCR_EL2.TID3), and between them by op2: pointer authentication keys (HCR_EL2.APK); RAS (TERR),
	 * LORegions (TLOR), the PMU (MDCR_EL2.TPM, TPMCR), GIC registers that vgic_refine() takes where the VM has a
	 * GICv3: not there.
	 */
	ID_ROWS(0),
	GIVEN(3, 0, 2, 1, 3, 0, pauth_key, "APIAKeyLo_EL1/APDAKeyLo_EL1/APGAKeyLo_EL1"),
	UNDEF(3, 0, 5, 3, 0, "ERRIDR_EL1"),
	ROWS(3, 0, 5, 4, 5, 0, "ERXFR_EL1/ERXMISC0_EL1", NULL, NULL),
	UNDEF(3, 0, 10, 4, 0, "LORSA_EL1"),
	UNDEF(3, 3, 9, 12, 0, "PMCR_EL0"),
	UNDEF(3, 3, 9, 13, 0, "PMCCNTR_EL0"),
	UNDEF(3, 3, 9, 14, 0, "PMUSERENR_EL0"),
	ROWS(3, 3, 14, 8, 15, 0, "PMEVCNTR<n>_EL0/PMEVTYPER<n>_EL0", NULL, NULL),
	ID_ROWS(1),
	/* HCR_EL2.TACR. IMPLEMENTATION DEFINED: nothing in it is the guest's to change. */
	ROW(3, 0, 1, 0, 1, "ACTLR_EL1", read_zero, write_ignored),
	GIVEN(3, 0, 2, 1, 3, 1, pauth_key, "APIAKeyHi_EL1/APDAKeyHi_EL1/APGAKeyHi_EL1"),
	UNDEF(3, 0, 5, 3, 1, "ERRSELR_EL1"),
	ROWS(3, 0, 5, 4, 5, 1, "ERXCTLR_EL1/ERXMISC1_EL1", NULL, NULL),
	UNDEF(3, 0, 9, 14, 1, "PMINTENSET_EL1"),
	UNDEF(3, 0, 10, 4, 1, "LOREA_EL1"),
	UNDEF(3, 3, 9, 12, 1, "PMCNTENSET_EL0"),
	UNDEF(3, 3, 9, 13, 1, "PMXEVTYPER_EL0"),
	ROWS(3, 3, 14, 8, 15, 1, "PMEVCNTR<n>_EL0/PMEVTYPER<n>_EL0", NULL, NULL),
	ID_ROWS(2),
	GIVEN(3, 0, 2, 1, 2, 2, pauth_key, "APIBKeyLo_EL1/APDBKeyLo_EL1"),
	ROWS(3, 0, 5, 4, 5, 2, "ERXSTATUS_EL1/ERXMISC2_EL1", NULL, NULL),
	UNDEF(3, 0, 9, 14, 2, "PMINTENCLR_EL1"),
	UNDEF(3, 0, 10, 4, 2, "LORN_EL1"),
	UNDEF(3, 3, 9, 12, 2, "PMCNTENCLR_EL0"),
	UNDEF(3, 3, 9, 13, 2, "PMXEVCNTR_EL0"),
	ROWS(3, 3, 14, 8, 15, 2, "PMEVCNTR<n>_EL0/PMEVTYPER<n>_EL0", NULL, NULL),
	ID_ROWS(3),
	GIVEN(3, 0, 2, 1, 2, 3, pauth_key, "APIBKeyHi_EL1/APDBKeyHi_EL1"),
	ROWS(3, 0, 5, 4, 5, 3, "ERXADDR_EL1/ERXMISC3_EL1", NULL, NULL),
	UNDEF(3, 0, 10, 4, 3, "LORC_EL1"),
	UNDEF(3, 3, 9, 12, 3, "PMOVSCLR_EL0"),
	UNDEF(3, 3, 9, 14, 3, "PMOVSSET_EL0"),
	ROWS(3, 3, 14, 8, 15, 3, "PMEVCNTR<n>_EL0/PMEVTYPER<n>_EL0", NULL, NULL),
	ID_ROWS(4),
	UNDEF(3, 3, 9, 12, 4, "PMSWINC_EL0"),
	ROWS(3, 3, 14, 8, 15, 4, "PMEVCNTR<n>_EL0/PMEVTYPER<n>_EL0", NULL, NULL),
	ID_ROWS(5),
	UNDEF(3, 0, 12, 11, 5, "ICC_SGI1R_EL1"),
	UNDEF(3, 0, 12, 12, 5, "ICC_SRE_EL1"),
	UNDEF(3, 3, 9, 12, 5, "PMSELR_EL0"),
	ROWS(3, 3, 14, 8, 15, 5, "PMEVCNTR<n>_EL0/PMEVTYPER<n>_EL0", NULL, NULL),
	ID_ROWS(6),
	UNDEF(3, 0, 9, 14, 6, "PMMIR_EL1"),
	UNDEF(3, 0, 12, 11, 6, "ICC_ASGI1R_EL1"),
	UNDEF(3, 3, 9, 12, 6, "PMCEID0_EL0"),
	ROWS(3, 3, 14, 8, 15, 6, "PMEVCNTR<n>_EL0/PMEVTYPER<n>_EL0", NULL, NULL),
	ID_ROWS(7),
	UNDEF(3, 0, 10, 4, 7, "LORID_EL1"),
	UNDEF(3, 0, 12, 11, 7, "ICC_SGI0R_EL1"),
	UNDEF(3, 0, 13, 0, 7, "SCXTNUM_EL1"),
	UNDEF(3, 3, 9, 12, 7, "PMCEID1_EL0"),
	UNDEF(3, 3, 13, 0, 7, "SCXTNUM_EL0"),
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

enum exit_action sysreg_emulate(struct vcpu *vcpu, const struct id_regs *ids)
{
	const struct exit_sysreg *sysreg = &vcpu->exit.sysreg;
	const struct sysreg_row *row = sysreg_find(sysreg->addr);

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

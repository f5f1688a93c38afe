/* Self-hosted debug registers: see debug_regs.h. */
#include "vcpu/debug_regs.h"

#include "arch/arm64/regs/esr.h"
#include "arch/arm64/regs/mdcr.h"
#include "lib/bits.h"

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

uint64_t debug_read_oslsr(const struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr)
{
	(void)ids, (void)addr;
	return OSLSR_EL1_OSLM_1 | (vcpu->debug.os_locked ? OSLSR_EL1_OSLK : 0);
}

void debug_write_oslar(struct vcpu *vcpu, uint32_t addr, uint64_t value)
{
	(void)addr;
	vcpu->debug.os_locked = (value & OSLAR_EL1_OSLK) != 0;
	debug_changed(vcpu);
}

uint64_t debug_read_mdscr(const struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr)
{
	(void)ids, (void)addr;
	return vcpu->debug.mdscr;
}

/* The bits of the external debugger's channel stay 0. */
void debug_write_mdscr(struct vcpu *vcpu, uint32_t addr, uint64_t value)
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

enum exit_action debug_check_point(struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr)
{
	uint64_t dfr0 = ids->value[ID_AA64DFR0_EL1];
	uint64_t last = point_kind(addr) < DEBUG_WVR ? FIELD_GET(ID_AA64DFR0_EL1_BRPs, dfr0)
						     : FIELD_GET(ID_AA64DFR0_EL1_WRPs, dfr0);

	(void)vcpu;
	return point_number(addr) <= last ? ACTION_ADVANCE : ACTION_INJECT_UNDEF;
}

uint64_t debug_read_point(const struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr)
{
	(void)ids;
	return vcpu->debug.point[point_kind(addr)][point_number(addr)];
}

void debug_write_point(struct vcpu *vcpu, uint32_t addr, uint64_t value)
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
uint64_t debug_read_claimset(const struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr)
{
	(void)vcpu, (void)ids, (void)addr;
	return DBGCLAIM_TAGS;
}

uint64_t debug_read_claimclr(const struct vcpu *vcpu, const struct id_regs *ids, uint32_t addr)
{
	(void)ids, (void)addr;
	return vcpu->debug.claim;
}

void debug_write_claimset(struct vcpu *vcpu, uint32_t addr, uint64_t value)
{
	(void)addr;
	vcpu->debug.claim |= (uint8_t)(value & DBGCLAIM_TAGS);
}

void debug_write_claimclr(struct vcpu *vcpu, uint32_t addr, uint64_t value)
{
	(void)addr;
	vcpu->debug.claim &= (uint8_t) ~(value & DBGCLAIM_TAGS);
}

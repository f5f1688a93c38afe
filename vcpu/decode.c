#include "vcpu/decode.h"

#include "arch/arm64/regs/esr.h"
#include "arch/arm64/regs/spsr.h"
#include "lib/bits.h"
#include "vcpu/aarch32.h"
#include "vcpu/insn_plan.h"

/*
 * What a data or instruction abort's fault status means here. HPFAR_EL2 and ISV only say something about the first two.
 * A code that has no row is unallocated, or newer than this table: UNSUPPORTED, the guest gets an external abort. One
 * whose access was a stage 1 walk (S1PTW) becomes an external abort on the walk.
 */
enum fault_kind {
	FAULT_UNSUPPORTED,
	FAULT_MISS,	  /* stage 2 has no mapping: emulated, or no memory there */
	FAULT_DENIED,	  /* stage 2 maps it, but not for this access */
	FAULT_EXTERNAL,	  /* the bus or the memory answered with an error, to the access or to a walk */
	FAULT_OWN,	  /* the guest's own doing, which stage 2 happens to tell: EL1 gets it as it is */
	FAULT_IMPOSSIBLE, /* stage 1's own business, goes to EL1 */
};

#define LEVELS_0_TO_3(first, fault_kind)                                                          \
	[(first) + 0] = (fault_kind), [(first) + 1] = (fault_kind), [(first) + 2] = (fault_kind), \
		   [(first) + 3] = (fault_kind)

/* [DDI0487 ESR_EL2 DFSC, IFSC]: enum fault_kind. */
static const uint8_t fault_status[ESR_FSC_NR] = {
	/* What stage 2 gives, or its own tables, lie beyond PS: Corbel's tables have none such. */
	LEVELS_0_TO_3(ESR_FSC_ADDRESS_SIZE_L0, FAULT_UNSUPPORTED),
	[ESR_FSC_ADDRESS_SIZE_LM1] = FAULT_UNSUPPORTED,
	[ESR_FSC_ADDRESS_SIZE_LM2] = FAULT_UNSUPPORTED,
	LEVELS_0_TO_3(ESR_FSC_TRANSLATION_L0, FAULT_MISS),
	[ESR_FSC_TRANSLATION_LM1] = FAULT_MISS,
	[ESR_FSC_TRANSLATION_LM2] = FAULT_MISS,
	/* Stage 2 entries are made with AF = 1; should one be without, nobody can use it. */
	LEVELS_0_TO_3(ESR_FSC_ACCESS_FLAG_L0, FAULT_MISS),
	LEVELS_0_TO_3(ESR_FSC_PERMISSION_L0, FAULT_DENIED),
	/*
	 * HCR_EL2.TEA is 0: an external abort on a guest's access, or on a walk of its tables, goes to EL1 without an
	 * exit. What comes here met a stage 2 table.
	 */
	[ESR_FSC_EXTERNAL] = FAULT_EXTERNAL,
	[ESR_FSC_TAG_CHECK] = FAULT_IMPOSSIBLE,
	[ESR_FSC_EXTERNAL_WALK_LM2] = FAULT_EXTERNAL,
	[ESR_FSC_EXTERNAL_WALK_LM1] = FAULT_EXTERNAL,
	LEVELS_0_TO_3(ESR_FSC_EXTERNAL_WALK_L0, FAULT_EXTERNAL),
	[ESR_FSC_PARITY] = FAULT_EXTERNAL,
	[ESR_FSC_PARITY_WALK_LM1] = FAULT_EXTERNAL,
	LEVELS_0_TO_3(ESR_FSC_PARITY_WALK_L0, FAULT_EXTERNAL),
	/* Unaligned on memory that stage 2 makes Device (GICV, passthrough). */
	[ESR_FSC_ALIGNMENT] = FAULT_OWN,
	/* Memory that another world took away under a VM. */
	[ESR_FSC_GRANULE_PROTECTION_WALK_LM2] = FAULT_EXTERNAL,
	[ESR_FSC_GRANULE_PROTECTION_WALK_LM1] = FAULT_EXTERNAL,
	LEVELS_0_TO_3(ESR_FSC_GRANULE_PROTECTION_WALK_L0, FAULT_EXTERNAL),
	[ESR_FSC_GRANULE_PROTECTION] = FAULT_EXTERNAL,
	/* The guest changed a live entry's size without break-before-make. */
	[ESR_FSC_TLB_CONFLICT] = FAULT_OWN,
	/* The guest has its tables where hardware cannot update flags, its locks where no exclusives work. */
	[ESR_FSC_UNSUPPORTED_UPDATE] = FAULT_OWN,
	[ESR_FSC_LOCKDOWN] = FAULT_OWN,
	[ESR_FSC_UNSUPPORTED_EXCLUSIVE] = FAULT_OWN,
	/* AArch32 stage 1 with domains: no AArch32 EL1 here. */
	[ESR_FSC_SECTION_DOMAIN] = FAULT_IMPOSSIBLE,
	[ESR_FSC_PAGE_DOMAIN] = FAULT_IMPOSSIBLE,
};

static enum fault_kind kind_of_fault(const struct syndrome *syndrome)
{
	return (enum fault_kind)fault_status[FIELD_GET(ESR_ELx_ABORT_FSC, syndrome->esr)];
}

static void fail_entry(struct vcpu *vcpu, enum fail_why why)
{
	struct vcpu_exit *exit = &vcpu->exit;

	exit->reason = EXIT_FAIL_ENTRY;
	exit->fail_entry.why = why;
	exit->fail_entry.far = vcpu->syndrome.far;
}

/* Nothing to emulate: with insn_len 0 the guest repeats the instruction, else it goes on behind it. */
static void nothing(struct vcpu *vcpu, uint8_t insn_len)
{
	vcpu->exit.reason = EXIT_NOTHING;
	vcpu->exit.insn_len = insn_len;
}

/* A synchronous external abort that the guest is owed. CM and WnR mean nothing on a fetch. */
static void fail_abort(struct vcpu *vcpu, bool insn_abort)
{
	uint64_t iss = FIELD_GET(ESR_ELx_ISS, vcpu->syndrome.esr);
	struct vcpu_exit *exit = &vcpu->exit;

	fail_entry(vcpu, FAIL_EXTERNAL_ABORT);
	exit->fail_entry.insn_abort = insn_abort;
	exit->fail_entry.cm = !insn_abort && (iss & ESR_ELx_ABORT_CM) != 0;
	exit->fail_entry.write = !insn_abort && (iss & ESR_ELx_ABORT_WNR) != 0;
	exit->fail_entry.s1ptw = (iss & ESR_ELx_ABORT_S1PTW) != 0;
	/* Only this code has an FnV [DDI0487 ESR_EL2.FnV]. */
	if ((iss & ESR_ELx_ABORT_FNV) != 0 && FIELD_GET(ESR_ELx_ABORT_FSC, iss) == ESR_FSC_EXTERNAL) {
		exit->fail_entry.fnv = true;
		exit->fail_entry.far = 0;
	}
}

static void nested_page_fault(struct vcpu *vcpu, bool exec)
{
	uint64_t iss = FIELD_GET(ESR_ELx_ISS, vcpu->syndrome.esr);
	struct vcpu_exit *exit = &vcpu->exit;

	exit->reason = EXIT_NESTED_PAGE_FAULT;
	exit->nested_page_fault.addr = vcpu->syndrome.ipa;
	exit->nested_page_fault.far = vcpu->syndrome.far;
	exit->nested_page_fault.exec = exec;
	exit->nested_page_fault.write = !exec && (iss & ESR_ELx_ABORT_WNR) != 0;
	exit->nested_page_fault.cm = !exec && (iss & ESR_ELx_ABORT_CM) != 0;
	exit->nested_page_fault.s1ptw = (iss & ESR_ELx_ABORT_S1PTW) != 0;
	exit->nested_page_fault.permission = kind_of_fault(&vcpu->syndrome) == FAULT_DENIED;
}

/* The access as the ISS describes it. Only with ISV = 1. */
static void mmio_access(struct vcpu *vcpu)
{
	uint64_t iss = FIELD_GET(ESR_ELx_ISS, vcpu->syndrome.esr);
	struct exit_mmio *mmio = &vcpu->exit.mmio;

	mmio->addr = vcpu->syndrome.ipa;
	mmio->far = vcpu->syndrome.far;
	mmio->width = (enum access_width)FIELD_GET(ESR_ELx_ABORT_SAS, iss);
	mmio->reg = (uint8_t)FIELD_GET(ESR_ELx_ABORT_SRT, iss);
	mmio->reg_width = (iss & ESR_ELx_ABORT_SF) != 0 ? ACCESS_QWORD : ACCESS_DWORD;
	mmio->plan.nr_accesses = 1;
	if ((iss & ESR_ELx_ABORT_WNR) != 0) {
		vcpu->exit.reason = EXIT_MMIO_WRITE;
		mmio->data = trap_frame_read(&vcpu->frame, mmio->reg) & access_width_mask(mmio->width);
	} else {
		vcpu->exit.reason = EXIT_MMIO_READ;
		mmio->sign_extend = (iss & ESR_ELx_ABORT_SSE) != 0;
	}
}

/* Pairs, writeback, vectors, DC ZVA: the syndrome does not tell what they do, but the instruction does. */
static void mmio_by_insn(struct vcpu *vcpu)
{
	switch (insn_plan(vcpu)) {
	case INSN_PLAN_READY: break;
	case INSN_PLAN_SKIP: nothing(vcpu, vcpu->exit.insn_len); break;
	case INSN_PLAN_RETRY: nothing(vcpu, 0); break;
	case INSN_PLAN_REFUSED: fail_abort(vcpu, false); break;
	}
}

bool exit_needs_insn(const struct syndrome *syndrome)
{
	uint64_t iss = FIELD_GET(ESR_ELx_ISS, syndrome->esr);

	return FIELD_GET(ESR_ELx_EC, syndrome->esr) == ESR_ELx_EC_DABT_LOW &&
	       (iss & (ESR_ELx_ABORT_ISV | ESR_ELx_ABORT_CM | ESR_ELx_ABORT_S1PTW)) == 0 && syndrome->ipa_valid &&
	       kind_of_fault(syndrome) == FAULT_MISS;
}

struct ec_row {
	_Alignas(32) const char *name; /* so that a row is found by a shift: every exit looks here */
	void (*decode)(struct vcpu *vcpu);
	uint8_t why;	  /* enum fail_why, where there is no decode */
	bool conditional; /* may be an AArch32 instruction that fails its condition */
};

/* The fault kinds that mean the same for data and instructions; false for the two that carry an IPA. */
static bool decode_fault_without_ipa(struct vcpu *vcpu, bool insn_abort)
{
	switch (kind_of_fault(&vcpu->syndrome)) {
	case FAULT_MISS:
	case FAULT_DENIED: return false;
	case FAULT_UNSUPPORTED:
	case FAULT_EXTERNAL: fail_abort(vcpu, insn_abort); return true;
	case FAULT_OWN: fail_entry(vcpu, FAIL_FORWARD); return true;
	case FAULT_IMPOSSIBLE: break;
	}
	fail_entry(vcpu, FAIL_UNEXPECTED);
	return true;
}

/* [DDI0487 ESR_EL2, ISS encoding for an exception from a Data Abort] */
static void decode_data_abort(struct vcpu *vcpu)
{
	uint64_t iss = FIELD_GET(ESR_ELx_ISS, vcpu->syndrome.esr);

	if (decode_fault_without_ipa(vcpu, false))
		return;
	if (!vcpu->syndrome.ipa_valid) {
		nothing(vcpu, 0); /* the guest's tables changed under the AT walk: the next try faults afresh, or not */
		return;
	}
	if ((iss & ESR_ELx_ABORT_S1PTW) != 0 || kind_of_fault(&vcpu->syndrome) == FAULT_DENIED) {
		nested_page_fault(vcpu, false);
		return;
	}
	if ((iss & ESR_ELx_ABORT_CM) != 0) {
		/* Cache maintenance where no memory is: nothing is cached from there, so it is done already. */
		nothing(vcpu, vcpu->exit.insn_len);
		return;
	}
	if ((iss & ESR_ELx_ABORT_ISV) == 0)
		mmio_by_insn(vcpu);
	else
		mmio_access(vcpu);
}

/* Nothing is fetched from a device: every fetch that misses is a page fault. */
static void decode_insn_abort(struct vcpu *vcpu)
{
	if (decode_fault_without_ipa(vcpu, true))
		return;
	if (vcpu->syndrome.ipa_valid)
		nested_page_fault(vcpu, true);
	else
		nothing(vcpu, 0);
}

/* [DDI0487 ESR_EL2, ISS encoding for an exception from a WF* instruction] */
static void decode_wfx(struct vcpu *vcpu)
{
	uint64_t iss = FIELD_GET(ESR_ELx_ISS, vcpu->syndrome.esr);
	uint64_t ti = FIELD_GET(ESR_ELx_WFX_TI, iss);
	struct vcpu_exit *exit = &vcpu->exit;

	exit->reason = EXIT_HALT;
	exit->halt.wfe = ti == ESR_ELx_TI_WFE || ti == ESR_ELx_TI_WFET;
	exit->halt.has_deadline = ti == ESR_ELx_TI_WFIT || ti == ESR_ELx_TI_WFET;
	/* Without RV the register is not known; a deadline that is past ends the wait early, which is allowed. */
	if (exit->halt.has_deadline && (iss & ESR_ELx_WFX_RV) != 0)
		exit->halt.deadline = trap_frame_read(&vcpu->frame, (unsigned int)FIELD_GET(ESR_ELx_WFX_RN, iss));
}

static void hypercall(struct vcpu *vcpu, enum hypercall_conduit conduit)
{
	struct vcpu_exit *exit = &vcpu->exit;

	exit->reason = EXIT_HYPERCALL;
	exit->hypercall.nr = vcpu->frame.x[0];
	exit->hypercall.conduit = conduit;
	exit->hypercall.imm16 = (uint16_t)FIELD_GET(ESR_ELx_IMM16, vcpu->syndrome.esr);
}

/* An HVC is an exception-generating instruction that EL2 owns: the preferred return address is behind it. */
static void decode_hvc(struct vcpu *vcpu)
{
	hypercall(vcpu, CONDUIT_HVC);
	vcpu->exit.insn_len = 0;
}

/* HCR_EL2.TSC traps an SMC before it does anything: ELR is at the instruction. */
static void decode_smc(struct vcpu *vcpu)
{
	hypercall(vcpu, CONDUIT_SMC);
}

/* From AArch32 the syndrome has no immediate: bits 15:0 are RES0. */
static void decode_smc32(struct vcpu *vcpu)
{
	hypercall(vcpu, CONDUIT_SMC);
	vcpu->exit.hypercall.imm16 = 0;
}

/* [DDI0487 ESR_EL2, ISS encoding for an exception from MSR, MRS, or System instruction execution in AArch64 state] */
static void decode_sys64(struct vcpu *vcpu)
{
	uint64_t iss = FIELD_GET(ESR_ELx_ISS, vcpu->syndrome.esr);
	struct exit_sysreg *sysreg = &vcpu->exit.sysreg;

	sysreg->addr = (uint32_t)(iss & ESR_ELx_SYS64_ADDR);
	sysreg->reg = (uint8_t)FIELD_GET(ESR_ELx_SYS64_RT, iss);
	if ((iss & ESR_ELx_SYS64_DIRECTION) != 0) {
		vcpu->exit.reason = EXIT_SYSREG_READ;
	} else {
		vcpu->exit.reason = EXIT_SYSREG_WRITE;
		sysreg->value = trap_frame_read(&vcpu->frame, sysreg->reg);
	}
}

/*
 * All exception classes, each with its outcome. A row without a name is unallocated: a trap that came with a feature
 * newer than this table, so UNDEF, as for an instruction that is not there (FAIL_UNDEFINED is 0).
 */
static const struct ec_row ec_table[ESR_ELx_NR_ECS] = {
	[ESR_ELx_EC_UNKNOWN] = { .name = "Unknown reason", .why = FAIL_UNDEFINED },
	[ESR_ELx_EC_WFx] = { .name = "WFI, WFE, WFIT or WFET", .decode = decode_wfx, .conditional = true },
	/* AArch32 EL0 in the TIDCP, TPM and TDA spaces: what an AArch64 EL0 gets UNDEF for. */
	[ESR_ELx_EC_CP15_32] = { .name = "AArch32 MCR or MRC, CP15", .why = FAIL_UNDEFINED, .conditional = true },
	[ESR_ELx_EC_CP15_64] = { .name = "AArch32 MCRR or MRRC, CP15", .why = FAIL_UNDEFINED, .conditional = true },
	[ESR_ELx_EC_CP14_MR] = { .name = "AArch32 MCR or MRC, CP14", .why = FAIL_UNDEFINED, .conditional = true },
	[ESR_ELx_EC_CP14_LS] = { .name = "AArch32 LDC or STC, CP14", .why = FAIL_UNDEFINED, .conditional = true },
	/* CPTR_EL2.TFP is 0. */
	[ESR_ELx_EC_FP_ASIMD] = { .name = "FP or Advanced SIMD access", .why = FAIL_UNEXPECTED, .conditional = true },
	[ESR_ELx_EC_VMRS] = { .name = "AArch32 VMRS", .why = FAIL_UNDEFINED, .conditional = true },
	/* HCR_EL2.API is 0 until then. */
	[ESR_ELx_EC_PAC] = { .name = "Pointer authentication use", .why = FAIL_POINTER_AUTH },
	[ESR_ELx_EC_LS64] = { .name = "LD64B or ST64B*", .why = FAIL_UNDEFINED },
	[ESR_ELx_EC_CP14_64] = { .name = "AArch32 MRRC, CP14", .why = FAIL_UNDEFINED, .conditional = true },
	/* EL1's own exceptions, should they ever be routed here: EL1 gets what it would have had. */
	[ESR_ELx_EC_BTI] = { .name = "Branch Target exception", .why = FAIL_FORWARD },
	[ESR_ELx_EC_ILLEGAL_STATE] = { .name = "Illegal Execution state", .why = FAIL_ILLEGAL_STATE },
	/* HCR_EL2.TGE is 0: SVC goes to EL1. */
	[ESR_ELx_EC_SVC32] = { .name = "AArch32 SVC", .why = FAIL_UNEXPECTED },
	[ESR_ELx_EC_HVC32] = { .name = "AArch32 HVC", .decode = decode_hvc },
	[ESR_ELx_EC_SMC32] = { .name = "AArch32 SMC", .decode = decode_smc32, .conditional = true },
	[ESR_ELx_EC_SYS128] = { .name = "MSRR, MRRS or 128-bit System instruction", .why = FAIL_UNDEFINED },
	[ESR_ELx_EC_SVC64] = { .name = "SVC", .why = FAIL_UNEXPECTED },
	[ESR_ELx_EC_HVC64] = { .name = "HVC", .decode = decode_hvc },
	[ESR_ELx_EC_SMC64] = { .name = "SMC", .decode = decode_smc },
	[ESR_ELx_EC_SYS64] = { .name = "MSR, MRS or System instruction", .decode = decode_sys64 },
	/* CPTR_EL2.TZ and TSM: not switched, not shown. */
	[ESR_ELx_EC_SVE] = { .name = "SVE access", .why = FAIL_UNDEFINED },
	/* HCR_EL2.NV is 0. */
	[ESR_ELx_EC_ERET] = { .name = "ERET", .why = FAIL_UNEXPECTED },
	[ESR_ELx_EC_TSTART] = { .name = "TSTART", .why = FAIL_UNDEFINED },
	[ESR_ELx_EC_PAC_FAIL] = { .name = "Pointer authentication failure", .why = FAIL_FORWARD },
	[ESR_ELx_EC_SME] = { .name = "SME access", .why = FAIL_UNDEFINED },
	/* Taken to EL3 only. */
	[ESR_ELx_EC_GPC] = { .name = "Granule Protection Check", .why = FAIL_UNEXPECTED },
	[ESR_ELx_EC_IMP_DEF_EL3] = { .name = "IMPLEMENTATION DEFINED to EL3", .why = FAIL_UNEXPECTED },
	[ESR_ELx_EC_IABT_LOW] = { .name = "Instruction Abort from a lower Exception level",
				  .decode = decode_insn_abort },
	/* "Same Exception level" is EL2: it goes through another vector, never through a guest's exit. */
	[ESR_ELx_EC_IABT_CUR] = { .name = "Instruction Abort from the same Exception level", .why = FAIL_UNEXPECTED },
	[ESR_ELx_EC_PC_ALIGNMENT] = { .name = "PC alignment fault", .why = FAIL_FORWARD },
	[ESR_ELx_EC_DABT_LOW] = { .name = "Data Abort from a lower Exception level", .decode = decode_data_abort },
	[ESR_ELx_EC_DABT_CUR] = { .name = "Data Abort from the same Exception level", .why = FAIL_UNEXPECTED },
	[ESR_ELx_EC_SP_ALIGNMENT] = { .name = "SP alignment fault", .why = FAIL_FORWARD },
	[ESR_ELx_EC_MOPS] = { .name = "Memory Operation exception", .why = FAIL_FORWARD },
	[ESR_ELx_EC_FP_EXC32] = { .name = "AArch32 floating-point exception", .why = FAIL_FORWARD },
	[ESR_ELx_EC_FP_EXC64] = { .name = "Floating-point exception", .why = FAIL_FORWARD },
	[ESR_ELx_EC_GCS] = { .name = "Guarded Control Stack exception", .why = FAIL_UNDEFINED },
	[ESR_ELx_EC_SERROR] = { .name = "SError exception", .why = FAIL_SERROR },
	/* MDCR_EL2.TDE is 0: EL1 debugs itself. */
	[ESR_ELx_EC_BREAKPT_LOW] = { .name = "Breakpoint from a lower Exception level", .why = FAIL_FORWARD },
	[ESR_ELx_EC_BREAKPT_CUR] = { .name = "Breakpoint from the same Exception level", .why = FAIL_UNEXPECTED },
	[ESR_ELx_EC_SOFTSTP_LOW] = { .name = "Software Step from a lower Exception level", .why = FAIL_FORWARD },
	[ESR_ELx_EC_SOFTSTP_CUR] = { .name = "Software Step from the same Exception level", .why = FAIL_UNEXPECTED },
	[ESR_ELx_EC_WATCHPT_LOW] = { .name = "Watchpoint from a lower Exception level", .why = FAIL_FORWARD },
	[ESR_ELx_EC_WATCHPT_CUR] = { .name = "Watchpoint from the same Exception level", .why = FAIL_UNEXPECTED },
	[ESR_ELx_EC_BKPT32] = { .name = "AArch32 BKPT", .why = FAIL_FORWARD },
	[ESR_ELx_EC_VECTOR32] = { .name = "AArch32 Vector Catch", .why = FAIL_FORWARD },
	[ESR_ELx_EC_BRK64] = { .name = "BRK", .why = FAIL_FORWARD },
	/* No PMU is shown, its exceptions are not enabled. */
	[ESR_ELx_EC_PMU] = { .name = "PMU exception", .why = FAIL_UNEXPECTED },
};

static bool condition_failed(const struct vcpu *vcpu)
{
	return (vcpu->frame.spsr & SPSR_M_AARCH32) != 0 &&
	       !aarch32_condition_passed(FIELD_GET(ESR_ELx_ISS, vcpu->syndrome.esr), vcpu->frame.spsr);
}

void handle_exception_sync(struct vcpu *vcpu)
{
	const struct ec_row *row = &ec_table[FIELD_GET(ESR_ELx_EC, vcpu->syndrome.esr)];
	uint8_t insn_len = (vcpu->syndrome.esr & ESR_ELx_IL) != 0 ? 4 : 2;

	vcpu_exit_begin(&vcpu->exit, insn_len);
	if (row->conditional && condition_failed(vcpu))
		nothing(vcpu, insn_len); /* exit_apply() steps over it and advances ITSTATE */
	else if (row->decode != NULL)
		/*@ calls decode_wfx, decode_hvc, decode_smc32, decode_smc, decode_sys64, decode_insn_abort,
		    decode_data_abort; */
		row->decode(vcpu);
	else
		fail_entry(vcpu, (enum fail_why)row->why);
}

void handle_exception_async(struct vcpu *vcpu, enum exit_kind kind)
{
	vcpu_exit_begin(&vcpu->exit, 0);
	switch (kind) {
	case EXIT_KIND_IRQ:
	case EXIT_KIND_FIQ: vcpu->exit.reason = EXIT_EXTERNAL_INTERRUPT; return;
	case EXIT_KIND_SERROR:
		vcpu->exit.reason = EXIT_FAIL_ENTRY;
		vcpu->exit.fail_entry.why = FAIL_SERROR;
		return;
	case EXIT_KIND_SYNC: break;
	}
	/* Has a syndrome, or is no kind at all: not for here. */
	vcpu->exit.reason = EXIT_FAIL_ENTRY;
	vcpu->exit.fail_entry.why = FAIL_UNEXPECTED;
}

const char *exception_class_name(unsigned int ec)
{
	const char *name = ec < ESR_ELx_NR_ECS ? ec_table[ec].name : NULL;

	return name != NULL ? name : "unallocated exception class";
}

const char *exit_reason_name(enum exit_reason reason)
{
	static const char *const names[EXIT_NR_REASONS] = {
		[EXIT_HYPERCALL] = "HYPERCALL",
		[EXIT_MMIO_READ] = "MMIO_READ",
		[EXIT_MMIO_WRITE] = "MMIO_WRITE",
		[EXIT_SYSREG_READ] = "SYSREG_READ",
		[EXIT_SYSREG_WRITE] = "SYSREG_WRITE",
		[EXIT_IO_READ] = "IO_READ",
		[EXIT_IO_WRITE] = "IO_WRITE",
		[EXIT_EXTERNAL_INTERRUPT] = "EXTERNAL_INTERRUPT",
		[EXIT_NESTED_PAGE_FAULT] = "NESTED_PAGE_FAULT",
		[EXIT_HALT] = "HALT",
		[EXIT_CPU_UP] = "CPU_UP",
		[EXIT_CPU_DOWN] = "CPU_DOWN",
		[EXIT_SYSTEM_DOWN] = "SYSTEM_DOWN",
		[EXIT_NOTHING] = "NOTHING",
		[EXIT_FAIL_ENTRY] = "FAIL_ENTRY",
		[EXIT_SEND_IPI] = "SEND_IPI",
	};

	return (unsigned int)reason < EXIT_NR_REASONS ? names[reason] : "no such reason";
}

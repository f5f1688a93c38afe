/*
 * The exit vocabulary: why a vCPU came back from arch_enter_guest(). ArceOS axvcpu's AxVCpuExitReason, whole, in C.
 * Pure data: decode.c makes it, the refine steps of smc/, psci/ and dev/ sharpen it, kernel/exit.c consumes it.
 */
#ifndef VCPU_EXIT_H
#define VCPU_EXIT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

/* How wide an access is. The value is log2 of the bytes, as ESR_EL2's SAS field has it. */
enum access_width { ACCESS_BYTE, ACCESS_WORD, ACCESS_DWORD, ACCESS_QWORD };

/* Bytes of an access: 1, 2, 4, 8. */
static inline unsigned int access_width_bytes(enum access_width width)
{
	return 1U << width;
}

/* The width of so many bytes; false when it is none of 1, 2, 4, 8. */
static inline bool access_width_from_bytes(unsigned int bytes, enum access_width *width)
{
	switch (bytes) {
	case 1: *width = ACCESS_BYTE; return true;
	case 2: *width = ACCESS_WORD; return true;
	case 4: *width = ACCESS_DWORD; return true;
	case 8: *width = ACCESS_QWORD; return true;
	default: return false;
	}
}

/* The value cut to what an access of this width carries. */
static inline uint64_t access_width_mask(enum access_width width)
{
	return ~UINT64_C(0) >> (64 - 8 * access_width_bytes(width));
}

/* Ordered as axvcpu orders them. The rows of docs/exits.md follow this enum; a test compares the two. */
enum exit_reason {
	EXIT_HYPERCALL,		 /* HVC or SMC that nobody refined further */
	EXIT_MMIO_READ,		 /* load from an IPA that no RAM backs */
	EXIT_MMIO_WRITE,	 /* store to such an IPA */
	EXIT_SYSREG_READ,	 /* trapped MRS */
	EXIT_SYSREG_WRITE,	 /* trapped MSR */
	EXIT_IO_READ,		 /* port I/O: never on arm64 */
	EXIT_IO_WRITE,		 /* port I/O: never on arm64 */
	EXIT_EXTERNAL_INTERRUPT, /* a physical IRQ or FIQ took the pCPU */
	EXIT_NESTED_PAGE_FAULT,	 /* an access to guest memory that stage 2 did not allow */
	EXIT_HALT,		 /* WFI, WFE, CPU_SUSPEND */
	EXIT_CPU_UP,		 /* PSCI CPU_ON */
	EXIT_CPU_DOWN,		 /* PSCI CPU_OFF */
	EXIT_SYSTEM_DOWN,	 /* PSCI SYSTEM_OFF, SYSTEM_RESET */
	EXIT_NOTHING,		 /* run again: the answer is in the frame, or nothing was to do */
	EXIT_FAIL_ENTRY,	 /* the guest did something that has no emulation; `why` says what it is owed */
	EXIT_SEND_IPI,		 /* software-generated interrupt to other vCPUs */
	EXIT_NR_REASONS
};

/* Which instruction made a hypercall. ELR is already past an HVC; a trapped SMC must be stepped over. */
enum hypercall_conduit { CONDUIT_HVC, CONDUIT_SMC };

/* Why EXIT_FAIL_ENTRY, which decides what the guest sees. */
enum fail_why {
	FAIL_UNDEFINED,	     /* inject UNDEF (EC 0) at the faulting instruction */
	FAIL_EXTERNAL_ABORT, /* inject a synchronous external abort with the FAR of the access */
	FAIL_ILLEGAL_STATE,  /* PSTATE.IL was set: pass the illegal-execution exception on to EL1 */
	FAIL_POINTER_AUTH,   /* the first use of pointer authentication: its keys are loaded, and it runs again */
	FAIL_FORWARD,	     /* what is EL1's own business: pass it on with its ESR and FAR */
	FAIL_SERROR,	     /* an SError that this vCPU is charged with: the VM stops with a report */
	FAIL_UNEXPECTED,     /* an exit that this configuration cannot produce: the VM stops with a report */
};

enum system_down_kind { SYSTEM_DOWN_OFF, SYSTEM_DOWN_RESET };

/*
 * For what one access cannot say (ISV = 0, planned by insn_plan.c): several accesses of the same width, upwards without
 * a gap; two registers, V registers; writeback of the base. Registers change when all accesses have succeeded. Where
 * the syndrome says everything, nr_accesses = 1 and all else is 0.
 */
struct mmio_plan {
	uint16_t nr_accesses; /* 1..4; up to 256 for a block */
	uint16_t next_access; /* those before it are done; addr and far are this one's */
	bool from_insn;	      /* the instruction made this plan: a store's data are in the registers */
	bool zero_block;      /* DC ZVA: zeroes are stored, no register is named */
	bool to_vreg;	      /* `reg` and `reg2` name V registers */
	bool quad;	      /* two accesses for each register */
	uint8_t reg2;	      /* second register of a pair */
	bool writeback;
	uint8_t base_reg;    /* 31 is SP */
	uint64_t base_value; /* what the base register holds afterwards */
};

struct exit_mmio {
	ipa_t addr;
	uint64_t far; /* the guest's VA of it, for an abort that answers it */
	enum access_width width;
	uint8_t reg;		     /* read: destination, 31 is XZR */
	enum access_width reg_width; /* read: DWORD for Wt, QWORD for Xt */
	bool sign_extend;	     /* read: to reg_width */
	uint8_t fsc;		     /* by kernel/mmio.c: status of the abort, where nobody answered (enum esr_fsc) */
	uint64_t data;		     /* write: value, cut to width */
	struct mmio_plan plan;
};

struct exit_sysreg {
	uint32_t addr;	/* ESR_EL2.ISS form with Rt and direction zero: op0[21:20] op2[19:17] op1[16:14] CRn[13:10]
			   CRm[4:1] */
	uint8_t reg;	/* Rt: 31 is XZR */
	uint64_t value; /* write */
};

struct vcpu_exit {
	enum exit_reason reason;
	uint8_t insn_len; /* bytes that ADVANCE adds to ELR: 0 (HVC), 2 or 4 */
	union {
		struct {
			uint64_t nr; /* x0 (w0 by the callee's convention): the function; arguments are the frame's
					x1..x17 */
			enum hypercall_conduit conduit;
			uint16_t imm16;
			bool forward; /* smccc_refine(): the VM's policy sends it on to EL3 */
		} hypercall;
		struct exit_mmio mmio;
		struct exit_sysreg sysreg;
		struct {
			uint16_t port;
			enum access_width width;
			uint64_t data;
		} io;
		struct {
			uint32_t vector; /* INTID where known at decode time, else 0: the IRQ handler acknowledges */
		} external_interrupt;
		struct {
			ipa_t addr;
			uint64_t far;
			bool write, exec;
			bool cm;    /* by cache maintenance, or an AT instruction */
			bool s1ptw; /* on the guest's own table walk: an abort that answers it is one on the walk */
			bool permission;    /* mapped, but not for this kind of access */
			uint8_t walk_level; /* s1ptw: of the guest's table; kernel/exit.c finds it */
		} nested_page_fault;
		struct {
			bool wfe; /* WFE/WFET, not WFI/WFIT */
			/* WFIT/WFET [DDI0487 FEAT_WFxT]: give up at this CNTVCT value; valid when has_deadline */
			bool has_deadline;
			uint64_t deadline;
		} halt;
		struct {
			uint64_t target_mpidr, entry, arg;
		} cpu_up;
		struct {
			uint32_t state;
		} cpu_down;
		struct {
			enum system_down_kind kind;
		} system_down;
		struct {
			enum fail_why why;
			uint64_t far;
			/* Of EXTERNAL_ABORT: */
			bool insn_abort;    /* on an instruction fetch */
			bool cm;	    /* by cache maintenance, or an AT instruction */
			bool write;	    /* WnR of the access */
			bool fnv;	    /* nobody knows its address */
			bool s1ptw;	    /* on a stage 1 table walk */
			uint8_t walk_level; /* s1ptw: of the guest's table; kernel/exit.c finds it */
		} fail_entry;
		struct {
			uint64_t target; /* v3: Aff3.2.1 in MPIDR form; v2: bit mask of vCPUs */
			uint64_t aux;	 /* v3: TargetList[15:0] already shifted by 16*RS, bit n = Aff0 n; v2: 0 */
			bool to_all;	 /* all but self */
			bool to_self;
			uint32_t vector; /* INTID 0..15 */
			uint8_t group; /* 0: SGI0R, 1: SGI1R/ASGI1R as the GIC spec routes them with one security state
					*/
			bool is_mmio;  /* v2: a write to GICD_SGIR */
		} send_ipi;
	};
};

/* A fresh exit: all zero but the length of the instruction. */
static inline void vcpu_exit_begin(struct vcpu_exit *exit, uint8_t insn_len)
{
	*exit = (struct vcpu_exit){ .insn_len = insn_len };
}

/* What exit_apply() does: the only place that moves the guest's PC or injects. */
enum exit_action {
	ACTION_ADVANCE, /* step over the instruction and go on */
	ACTION_RETRY,	/* go on at the same PC */
	ACTION_INJECT_UNDEF,
	ACTION_INJECT_ABORT, /* an abort, or what FAIL_ENTRY passes on; vcpu/el1_exception.h makes it of the exit */
	ACTION_BLOCK,	     /* step over, then park until an interrupt */
	ACTION_YIELD,	     /* step over, and give the rest of the turn to an equal that waits */
	ACTION_PENDING,	     /* park until vcpu_complete(): the exit is answered later */
	ACTION_VCPU_OFF,
	ACTION_VCPU_SUSPEND, /* park until an interrupt, then enter anew: on_entry, on_context_id */
	ACTION_VM_OFF,
};

#endif

/*
 * What start.S, capture.c and the table that capture.py writes agree on. Nothing here comes from Corbel's sources: the
 * rows are to test those.
 */
#ifndef VECTORS_CAPTURE_H
#define VECTORS_CAPTURE_H

/* Memory of QEMU's virt. The program is linked for the first of these; instructions to try are put at CODE. */
#define CODE	0x40600000 /* where a guest's instruction lies, VA = IPA = PA; 2 MiB are its */
#define SCRATCH 0x40800000 /* 2 MiB of normal memory, then 2 MiB that stage 1 says are a device */
#define LIMITED 0x40c00000 /* 2 MiB: what stage 2 maps with too few rights */

/* The hvc that the vectors of EL1 consist of, and the ends of an instruction that did not trap. */
#define HVC_FROM_EL1 0xee1
#define SENTINEL     0xfff

/* struct trap, in bytes */
#define TRAP_SLOT 248
#define TRAP_ESR  256

#ifndef __ASSEMBLY__

#include <stdint.h>

/* Beside the trap bits that are always set. cases.py has the same, in this order. */
enum flag {
	FLAG_TFP = 1 << 0,	/* CPTR_EL2.TFP */
	FLAG_TGE = 1 << 1,	/* HCR_EL2.TGE: what EL0 would take at EL1 comes to EL2 */
	FLAG_TDE = 1 << 2,	/* MDCR_EL2.TDE: debug exceptions, likewise */
	FLAG_STEP = 1 << 3,	/* MDSCR_EL1.SS */
	FLAG_BREAK = 1 << 4,	/* a breakpoint on the instruction */
	FLAG_WATCH = 1 << 5,	/* a watchpoint on x2 */
	FLAG_THUMB = 1 << 6,	/* the sentinel is T32's */
	FLAG_ON_RAM = 1 << 7,	/* runs again with memory where the hole was */
	FLAG_FETCH = 1 << 8,	/* no instruction is put anywhere: pc is what faults */
	FLAG_AARCH32 = 1 << 9,	/* the sentinel is A32's */
	FLAG_NO_SPAN = 1 << 10, /* SCTLR_EL1.SPAN = 0 */
	FLAG_DSSBS = 1 << 11,	/* SCTLR_EL1.DSSBS = 1 */
};

struct vector_case {
	uint64_t pc, base; /* base: see capture.c:set_registers() */
	uint32_t insn, nr_bytes;
	uint32_t spsr, flags;
};

struct trap {
	uint64_t x[31];
	uint64_t slot; /* 0 to 15 of EL2's vectors */
	uint64_t esr, far, hpfar, elr, spsr, sp_el0, sp_el1;
};

extern const struct vector_case cases[];
extern const uint32_t nr_cases;

/* start.S: enters at ELR_EL2, SPSR_EL2 with these x0-x30, and returns with what came back. */
void run_until_trap(const uint64_t x[31], struct trap *trap);
/* start.S: V0-V31. */
void load_vectors(const uint8_t bytes[512]);
void capture_main(void);
/* An exception of EL2's own. */
void capture_fault(uint64_t esr, uint64_t elr, uint64_t far);

#endif
#endif

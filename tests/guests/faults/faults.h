/* What the guest's parts agree on: one instruction run in a chosen state, and the exception that it takes. */
#ifndef GUESTS_FAULTS_H
#define GUESTS_FAULTS_H

/* struct taken, in bytes. */
#define TAKEN_SLOT   0
#define TAKEN_ESR    8
#define TAKEN_FAR    16
#define TAKEN_ELR    24
#define TAKEN_SPSR   32
#define TAKEN_NZCV   40
#define TAKEN_DAIF   48
#define TAKEN_EL     56
#define TAKEN_SPSEL  64
#define TAKEN_PAN    72
#define TAKEN_UAO    80
#define TAKEN_DIT    88
#define TAKEN_SSBS   96
#define TAKEN_TCO    104
#define TAKEN_X0     112
#define TAKEN_X2     128
#define TAKEN_HAS    144 /* which of PAN, UAO, DIT, SSBS, TCO the CPU has, bits 0 to 4 */
#define TAKEN_VBAR   152
#define HAS_PAN_BIT  0
#define HAS_UAO_BIT  1
#define HAS_DIT_BIT  2
#define HAS_SSBS_BIT 3
#define HAS_TCO_BIT  4

#ifndef __ASSEMBLY__
#include <stdbool.h>
#include <stdint.h>

/* What the exception leaves: registers, and PSTATE at the first instruction of its vector. */
struct taken {
	uint64_t slot; /* of the vector table: 4 * where from + kind */
	uint64_t esr, far, elr, spsr;
	uint64_t nzcv, daif, el, spsel;
	uint64_t pan, uao, dit, ssbs, tco; /* 0 where the CPU has none */
	uint64_t x[4];
	uint64_t has, vbar; /* the guest's: see TAKEN_HAS */
};

/* Where to begin, in which state, with what in x0, x1 and SP_EL0; x2 and x3 are 0. */
struct probe {
	uint64_t pc, spsr, x0, x1, sp_el0;
};

/* Runs it until an exception of any kind comes. EL0's code and EL1's: see at(). */
struct taken run_probe(const struct probe *probe);

/* The address at which both EL1 and EL0 may execute what the guest has at a label. */
uint64_t at(const char *label);

/* SPSR of what runs. */
#define EL1T	  0x004UL
#define EL1H	  0x005UL
#define EL0	  0x000UL
#define A32	  0x010UL
#define T32	  0x030UL
#define MASKS	  0x3c0UL /* D, A, I, F; of AArch32 E, A, I, F: use 0x1c0 */
#define IT(state) ((uint64_t)((state) >> 2) << 10 | (uint64_t)((state)&3) << 25)

/* Nobody's address: no device, no RAM. */
#define NOBODY 0x0b000000UL

/* ESR_EL1 of an abort of EL1's own, and what to take off for EL0's. */
#define DATA_ABORT	     0x96000000UL
#define FETCH_ABORT	     0x86000000UL
#define FROM_LOWER	     0x04000000UL
#define WNR		     0x040UL
#define CM		     0x100UL
#define EXTERNAL	     0x10UL
#define EXTERNAL_WALK(level) (0x14UL + (level))

/* A page of MMU_PAGES that EL1 alone has, and one of EL0's: whatever a test maps there. */
#define PAGE_EL1 (MMU_PAGES + 4 * PAGE_BYTES)
#define PAGE_EL0 (MMU_PAGES + 6 * PAGE_BYTES)

void test_entry(void);	 /* entry.c */
void test_aarch32(void); /* aarch32.c */
void test_aborts(void);	 /* aborts.c */
void test_aborts_mmu_off(void);
void test_step(void);	/* step.c */
void test_tables(void); /* tables.c */
void test_racing_tables(void);
#endif

#endif

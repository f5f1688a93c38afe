/* Exceptions: what the vectors save, and how a test catches one that it provokes. */
#ifndef GUESTS_EXCEPTION_H
#define GUESTS_EXCEPTION_H

#include <stdbool.h>
#include <stdint.h>

/* Laid out as vectors.S stores it (layout.h). */
struct frame {
	uint64_t x[31];
	uint64_t sp_el0, elr, spsr, esr, far;
};

/* Slots of the vector table: 4 * where from + what. */
enum exception_kind { KIND_SYNC = 0, KIND_IRQ = 1, KIND_FIQ = 2, KIND_SERROR = 3 };
enum exception_from { FROM_EL1_SP0 = 0, FROM_EL1 = 1, FROM_EL0 = 2, FROM_EL0_32 = 3 };

#define ESR_EC(esr)  (((esr) >> 26) & 0x3f)
#define ESR_IL(esr)  (((esr) >> 25) & 1)
#define ESR_ISS(esr) ((esr)&0x1ffffff)
enum {
	EC_UNKNOWN = 0x00,
	EC_ILLEGAL = 0x0e,
	EC_SVC64 = 0x15,
	EC_SYSREG = 0x18,
	EC_IABT_SAME = 0x21,
	EC_DABT_SAME = 0x25,
	EC_BRK = 0x3c
};

/* A synchronous exception that was provoked between catch_begin() and catch_end(). */
struct caught {
	unsigned int count;
	unsigned int from; /* enum exception_from */
	uint64_t esr, elr, far, spsr;
	uint64_t daif; /* in the handler */
	uint64_t x0;   /* in the frame; after EL0 code, what it left with */
};

/* What EL0 code leaves with, to the resume address of catch_begin(). */
#define SVC_LEAVE 0xfff

/*
 * From now on this CPU's synchronous exceptions are recorded (the first one, and a count) and the instruction stepped
 * over; with resume != 0 execution goes on there instead, at EL1. EL0 code is always stepped on until SVC_LEAVE, which
 * is not counted.
 */
void catch_begin(uint64_t resume);
struct caught catch_end(void);

/* Sees each caught exception first, where a guest has set it; with true it has dealt with the frame itself. */
extern bool (*catch_hook)(unsigned int from, struct frame *frame);

/* Called by the vectors. */
void on_exception(unsigned int slot, struct frame *frame);
/* Defined by irq.c; a guest that takes interrupts otherwise defines its own. */
void on_irq(struct frame *frame, bool fiq);

#endif

/* Breakpoint and watchpoint registers by number, and what a debug exception left behind. */
#ifndef GUESTS_DEBUG_POINTS_H
#define GUESTS_DEBUG_POINTS_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/guests/common/exception.h"

enum point { BVR, BCR, WVR, WCR };

uint64_t point_read(enum point kind, unsigned int n);
void point_write(enum point kind, unsigned int n, uint64_t value);
/* As ID_AA64DFR0_EL1 has it. */
unsigned int nr_breakpoints(void);
unsigned int nr_watchpoints(void);
/* All of them off. */
void points_clear(void);

/* DBGBCR and DBGWCR [DDI0487 DBGBCR<n>_EL1, DBGWCR<n>_EL1]: PMC and PAC say at which EL. */
#define BCR_ON	   (1UL | 0xfUL << 5)
#define WCR_ON	   (1UL | 0xffUL << 5)
#define AT_EL1	   (1UL << 1)
#define AT_EL0	   (2UL << 1)
#define WCR_LOADS  (1UL << 3)
#define WCR_STORES (2UL << 3)

#define MDSCR_SS  (1UL << 0)
#define MDSCR_KDE (1UL << 13)
#define MDSCR_MDE (1UL << 15)
#define SPSR_SS	  (1UL << 21)

enum { EC_BREAKPOINT_EL0 = 0x30, EC_BREAKPOINT, EC_STEP_EL0, EC_STEP, EC_WATCHPOINT_EL0, EC_WATCHPOINT };

#endif

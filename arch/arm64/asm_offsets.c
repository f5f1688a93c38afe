/* Numbers that assembly needs from C: compiled to assembly, and turned into asm_offsets.h by the Makefile. */
#include <stddef.h>

#include "arch/arm64/trap_frame.h"

#define DEFINE(name, value) __asm__ volatile("\n->" #name " %0 " : : "i"(value))

_Static_assert(offsetof(struct trap_frame, x) == 0, "entry.S: FRAME_X(n) is n * 8");
_Static_assert(offsetof(struct trap_frame, spsr) == offsetof(struct trap_frame, elr) + 8,
	       "entry.S: ELR, SPSR are a pair");

void asm_offsets(void);

void asm_offsets(void)
{
	DEFINE(FRAME_ELR, offsetof(struct trap_frame, elr));
	DEFINE(FRAME_SP_EL0, offsetof(struct trap_frame, sp_el0));
	DEFINE(FRAME_BYTES, sizeof(struct trap_frame));
	DEFINE(EXIT_KIND_SYNC, EXIT_KIND_SYNC);
	DEFINE(EXIT_KIND_IRQ, EXIT_KIND_IRQ);
	DEFINE(EXIT_KIND_FIQ, EXIT_KIND_FIQ);
	DEFINE(EXIT_KIND_SERROR, EXIT_KIND_SERROR);
}

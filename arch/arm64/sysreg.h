/* Access to system registers by their assembler names: read_sysreg(esr_el2), write_sysreg(value, hcr_el2). */
#ifndef ARCH_ARM64_SYSREG_H
#define ARCH_ARM64_SYSREG_H

#include <stdint.h>

#define read_sysreg(name)                                               \
	({                                                              \
		uint64_t sysreg_read;                                   \
		__asm__ volatile("mrs %0, " #name : "=r"(sysreg_read)); \
		sysreg_read;                                            \
	})

/* No ISB: who needs the write to be seen at once says so with isb(). */
#define write_sysreg(value, name)                                                       \
	do {                                                                            \
		uint64_t sysreg_value = (value);                                        \
		__asm__ volatile("msr " #name ", %0" : : "r"(sysreg_value) : "memory"); \
	} while (0)

#endif

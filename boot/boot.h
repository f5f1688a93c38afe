/* The parts of the boot path and what start.S hands to C. Read boot/boot_main.c first. */
#ifndef BOOT_BOOT_H
#define BOOT_BOOT_H

/* How Corbel was entered, as start.S found it: the values are the EL, or 0 when all is as the boot protocol has it. */
#define BOOT_AGREED 0
#define BOOT_AT_EL1 1
#define BOOT_MMU_ON 2 /* at EL2, but with somebody else's MMU on */
#define BOOT_AT_EL3 3
/* As EL2 with the MMU off, but x0 is not what the protocol wants: found by C. */
#define BOOT_NO_FDT  4
#define BOOT_BIG_FDT 5

#define BOOT_NR_PERCPU 16 /* HW_MAX_CPUS, for assembly */

#ifndef __ASSEMBLER__

#include <stdbool.h>

#include "arch/arm64/percpu.h"
#include "lib/err.h"
#include "lib/types.h"
#include "platform/hw_info.h"

/* Affinity fields of MPIDR_EL1. */
#define MPIDR_AFFINITY UINT64_C(0xff00ffffff)

/* From start.S: on the boot CPU's stack, .bss zero, relocated; MMU off (unless entry is BOOT_MMU_ON). Never returns. */
void boot_main(const void *fdt, unsigned int entry, uint64_t loader_sp) __attribute__((noreturn));
/* From start.S, each secondary: MMU on, on its own stack. */
void boot_secondary_main(struct percpu *percpu) __attribute__((noreturn));

/* boot_map.c: what EL2 sees. Each stops with a sentence when the tables run out. */
void boot_map_image(void);
void boot_map_fdt(const void *fdt);
void boot_map_machine(const struct hw_info *hw);

/* Prints the sentence on the machine's console (polled), and stops. Works with the MMU on or off, at any EL. */
void boot_refuse(const char *message) __attribute__((noreturn));
/*
 * The same, MMU not Corbel's, when entry was otherwise than agreed (BOOT_*). fdt may be anything. loader_sp: where the
 * loader's stack was, or 0 where no loader is known to have had one.
 */
void boot_refuse_entry(const void *fdt, unsigned int entry, uint64_t loader_sp) __attribute__((noreturn));
/* From now on boot_refuse() looks for the console in hw, and maps it first when mmu is Corbel's own. */
void boot_refuse_use(const struct hw_info *hw, bool own_mmu);

/* Does a device tree begin there? NULL and what is not aligned is none. */
bool boot_is_fdt(const void *fdt);

/* secondary.c: asks one CPU to come up; struct boot_ops. */
enum hv_err boot_start_secondary(const struct hw_info *hw, unsigned int cpu);

#endif
#endif

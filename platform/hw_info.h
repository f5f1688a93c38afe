/* What the machine is, as its device tree tells it. Filled in once by boot/fdt_scan.c, read by everybody. Pure data. */
#ifndef PLATFORM_HW_INFO_H
#define PLATFORM_HW_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/types.h"

#define HW_MAX_CPUS	16
#define HW_MAX_MEMORY	8
#define HW_MAX_RESERVED 32
#define HW_MAX_GICR	4
#define HW_BOOTARGS_MAX 512

struct hw_range {
	pa_t base;
	uint64_t size_bytes;
};

enum hw_gic_version { HW_GIC_NONE = 0, HW_GIC_V2 = 2, HW_GIC_V3 = 3 };
enum hw_uart_kind { HW_UART_NONE, HW_UART_PL011, HW_UART_BCM2835_AUX };
enum hw_power_kind { HW_POWER_NONE, HW_POWER_BCM2835_PM };
enum hw_enable_method { HW_ENABLE_NONE, HW_ENABLE_PSCI, HW_ENABLE_SPIN_TABLE };
enum hw_psci_method { HW_PSCI_NONE, HW_PSCI_SMC, HW_PSCI_HVC };

/* An interrupt as a GIC binding names it: INTID (16.. PPI, 32.. SPI) and trigger. INTID 0: none. */
struct hw_irq {
	uint32_t intid;
	bool edge;
};

struct hw_cpu {
	uint64_t mpidr; /* affinity fields only */
	enum hw_enable_method enable;
	pa_t release_addr; /* spin table */
};

struct hw_uart {
	enum hw_uart_kind kind;
	pa_t base;
	uint64_t size_bytes;
	struct hw_irq irq;
	uint32_t reg_shift; /* registers are 1 << reg_shift bytes apart */
	char path[96];	    /* the node, for messages */
};

struct hw_info {
	const void *fdt;
	size_t fdt_size_bytes;
	char model[64]; /* /model or the first compatible */

	struct hw_range memory[HW_MAX_MEMORY]; /* sorted, merged */
	unsigned int nr_memory;
	struct hw_range reserved[HW_MAX_RESERVED]; /* /memreserve/, /reserved-memory, the DTB, the initrd */
	unsigned int nr_reserved;
	struct hw_range no_map[HW_MAX_RESERVED]; /* of those, what EL2 must not map either [DTSpec 3.5.4] */
	unsigned int nr_no_map;

	struct hw_cpu cpus[HW_MAX_CPUS]; /* as listed; the boot CPU knows itself by its MPIDR */
	unsigned int nr_cpus;

	struct {
		enum hw_gic_version version;
		uint32_t phandle, irq_cells;		/* of its node: how others name it, and #interrupt-cells */
		struct hw_range gicd, gicc, gich, gicv; /* v3: gicc, gich and gicv size 0 where absent */
		struct hw_range gicr[HW_MAX_GICR];
		unsigned int nr_gicr;
		uint64_t gicr_stride_bytes; /* 0: the architecture's (2 or 4 frames by GICR_TYPER.VLPIS) */
		struct hw_irq maintenance;
	} gic;

	struct hw_irq timer_phys_s, timer_phys_ns, timer_virt, timer_hyp;

	struct hw_uart uarts[4]; /* every one that Corbel can drive */
	unsigned int nr_uarts;
	unsigned int console;  /* index into uarts[] by stdout-path, the first one else; nr_uarts when there is none */
	bool console_is_named; /* by stdout-path */

	enum hw_psci_method psci;
	struct {
		enum hw_power_kind kind;
		struct hw_range registers;
	} power;		/* the board's own way off and round, where there is no PSCI */
	struct hw_range initrd; /* size 0: none */
	char bootargs[HW_BOOTARGS_MAX];
	uint8_t rng_seed[64];
	unsigned int rng_seed_bytes;
};

/* Where a scan says what it found wrong: one sentence, e.g. "host DT: /cpus/cpu@2 has no reg". */
#define HW_MESSAGE_MAX 160

/*
 * Scans the host tree (libfdt; pure; defined in boot/fdt_scan.c).
 * Returns HV_EINVAL with a sentence in message (else "") for a tree that is none, has no memory, or reserves more
 * regions than fit: uarts[] are found all the same where there is a tree. Everything else is best effort: what is
 * missing stays zero, what is beyond a table's end is left out. Needs no locks, works with the MMU off.
 */
enum hv_err fdt_scan(const void *fdt, struct hw_info *hw, char message[HW_MESSAGE_MAX]);

#endif

/* What the device tree says, found by one walk at start. */
#ifndef GUESTS_PLATFORM_H
#define GUESTS_PLATFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/guests/common/layout.h"

struct platform {
	unsigned int nr_cpus;
	uint64_t mpidr[16];
	unsigned int gic_version;  /* 2 or 3 */
	uint64_t gicd, gicc, gicr; /* gicc on v2, gicr on v3 */
	uint64_t ram_base, ram_bytes;
	uint64_t uart; /* the first PL011, or SBSA UART; 0: none was found, or not looked for yet */
	bool psci_by_smc;
	bool under_corbel; /* bootargs have "under=corbel": what only a hypervisor promises is tested */
	bool no_tidcp;	   /* bootargs have "no-tidcp": this QEMU cannot trap IMPLEMENTATION DEFINED registers */
	char bootargs[128];
};
extern struct platform platform;

/* x0-x3 as the guest was entered. */
extern uint64_t boot_args[4];

#define RTC_BASE 0x09010000UL

/* False when there is no tree or it lacks what a guest needs. */
bool platform_scan(uint64_t dtb);

/* Each guest's own: runs on the boot CPU, MMU on, interrupts masked. Afterwards the machine goes off. */
void guest_main(void);
/* A guest that wants the MMU off defines it as false. */
extern bool guest_wants_mmu;

#endif

/* The smallest guest: one line, and off. */
#include "tests/guests/common/platform.h"
#include "tests/guests/common/print.h"

/* Nothing but the console and PSCI: no MMU. */
bool guest_wants_mmu = false;

void guest_main(void)
{
	print("hello from EL1: %u cpus, GICv%u, %lu MiB, x1-x3 %s, bootargs \"%s\"\n", platform.nr_cpus,
	      platform.gic_version, platform.ram_bytes >> 20,
	      boot_args[1] | boot_args[2] | boot_args[3] ? "not zero" : "zero", platform.bootargs);
	print_flush();
}

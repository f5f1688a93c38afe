/* From start.S to the guest's own guest_main() and off. */
#include "tests/guests/common/mmu.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/psci.h"
#include "tests/guests/common/tap.h"

void guest_start(uint64_t dtb);

/* Not const: a compiler would take the weak value for the value. */
bool guest_wants_mmu __attribute__((weak)) = true;

void guest_start(uint64_t dtb)
{
	if (!platform_scan(dtb))
		tap_bail("no usable device tree at x0=%lx (gic %u, %u cpus)", dtb, platform.gic_version,
			 platform.nr_cpus);
	if (guest_wants_mmu) {
		mmu_make_tables();
		mmu_on();
	}
	guest_main();
	psci_system_off();
}

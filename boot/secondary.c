/* The other CPUs: how each is woken, and its first lines of C. The kernel says when. */
#include "arch/arm64/barrier.h"
#include "arch/arm64/cache.h"
#include "arch/arm64/el2_init.h"
#include "arch/arm64/mmio.h"
#include "boot/boot.h"
#include "kernel/main.h"
#include "psci/psci_host.h"

/* start.S: entry points by physical address, which is the virtual one. */
extern const char secondary_start[] __attribute__((visibility("hidden")));
extern const char secondary_start_spin[] __attribute__((visibility("hidden")));

static uint64_t entry_pa(const char *entry)
{
	return (uint64_t)(uintptr_t)entry;
}

/* [Linux booting.rst]: the CPU polls the word with its caches off and wakes from WFE when it is not 0. */
static enum hv_err release_from_spin_table(pa_t release_addr)
{
	if (release_addr.raw == 0)
		return HV_EINVAL;
	mmio_write64(release_addr, 0, entry_pa(secondary_start_spin));
	cache_clean_to_poc((const void *)(uintptr_t)release_addr.raw, sizeof(uint64_t));
	sev();
	return HV_OK;
}

enum hv_err boot_start_secondary(const struct hw_info *hw, unsigned int cpu)
{
	struct percpu *percpu = &percpu_areas[cpu];

	/* It reads its area (all of them, from a spin table) before its caches are on. */
	cache_clean_to_poc(percpu_areas, HW_MAX_CPUS * sizeof(*percpu));
	switch (hw->cpus[cpu].enable) {
	case HW_ENABLE_PSCI:
		return psci_host_cpu_on(hw->cpus[cpu].mpidr, entry_pa(secondary_start), (uint64_t)(uintptr_t)percpu);
	case HW_ENABLE_SPIN_TABLE: return release_from_spin_table(hw->cpus[cpu].release_addr);
	case HW_ENABLE_NONE: return HV_EUNSUP;
	}
	return HV_EUNSUP;
}

void boot_secondary_main(struct percpu *percpu)
{
	el2_init();
	kernel_secondary_main(percpu->cpu);
}

#include "kernel/vm_plan.h"

#include "lib/bits.h"

struct bundle_host vm_plan_host(const struct hw_info *hw, const struct guest_map *map, uint64_t free_bytes,
				uint64_t ipa_bytes, bool has_firmware)
{
	return (struct bundle_host){
		.gic_version = hw->gic.version,
		.nr_cpus = hw->nr_cpus,
		.free_bytes = free_bytes - min_u64(free_bytes, VM_OVERHEAD_BYTES),
		.ram_base = map->ram_base,
		.max_ram_bytes = ipa_bytes - map->ram_base.raw,
		.has_firmware = has_firmware,
	};
}

/* Is pCPU a a better home than b? */
static bool is_better(const struct vm_plan_cpus *cpus, unsigned int a, unsigned int b, bool is_first)
{
	if (cpus->nr_assigned[a] != cpus->nr_assigned[b])
		return cpus->nr_assigned[a] < cpus->nr_assigned[b];
	return is_first && cpus->nr_first[a] < cpus->nr_first[b];
}

unsigned int vm_plan_choose_home(const struct vm_plan_cpus *cpus, uint64_t affinity, bool is_first)
{
	unsigned int best = MAX_CPUS;

	for (unsigned int id = 0; id < MAX_CPUS; id++) {
		if ((cpus->online & affinity & BIT(id)) == 0)
			continue;
		if (best == MAX_CPUS || is_better(cpus, id, best, is_first))
			best = id;
	}
	return best;
}

void vm_plan_move_ram(struct vm_config *config, struct guest_map *map, pa_t base)
{
	uint64_t distance = base.raw - map->ram_base.raw;

	map->ram_base.raw += distance;
	config->kernel_load.raw += distance;
	config->kernel_entry.raw += distance;
}

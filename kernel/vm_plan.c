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

unsigned int vm_plan_choose_home(const struct vm_plan_cpus *cpus, uint64_t affinity)
{
	unsigned int best = MAX_CPUS;

	for (unsigned int id = 0; id < MAX_CPUS; id++) {
		if ((cpus->online & affinity & BIT(id)) == 0)
			continue;
		if (best == MAX_CPUS || cpus->nr_assigned[id] < cpus->nr_assigned[best])
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

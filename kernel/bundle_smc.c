/* `corbel,smc-allow`: which of a VM's SMCs go on to the firmware. [DESIGN section 4] */
#include "kernel/bundle_parse.h"
#include "lib/fdt_blob.h"
#include "smc/smc_filter.h"

#define CELL_BYTES  4U
#define RANGE_BYTES (2 * CELL_BYTES)

/* Returns false after saying what is wrong with the range. */
static bool check_range(struct bundle_vm *vm, const char *property, const struct smc_range *range)
{
	uint32_t psci;

	if (range->last < range->first)
		bundle_vm_refuse(vm, property, "0x%x to 0x%x: the last function is before the first",
				 (unsigned int)range->first, (unsigned int)range->last);
	else if (smc_range_meets_psci(range, &psci))
		bundle_vm_refuse(
			vm, property,
			"0x%x to 0x%x: PSCI's functions 0x%x to 0x%x are in it, which never reach the firmware",
			(unsigned int)range->first, (unsigned int)range->last, (unsigned int)psci,
			(unsigned int)psci + 0x1f);
	else
		return true;
	return false;
}

void bundle_smc_take(struct bundle_vm *vm, const char *property, const uint8_t *data, unsigned int length)
{
	unsigned int nr_ranges = length / RANGE_BYTES;
	bool good = true;

	if (nr_ranges == 0 || length % RANGE_BYTES != 0) {
		bundle_vm_refuse(vm, property, "wants pairs of cells, first and last function, has %u bytes", length);
		return;
	}
	if (nr_ranges > MAX_SMC_RANGES) {
		bundle_vm_refuse(vm, property, "has %u ranges, %u are possible", nr_ranges, MAX_SMC_RANGES);
		return;
	}
	for (unsigned int n = 0; n < nr_ranges; n++, data += RANGE_BYTES) {
		struct smc_range *range = &vm->config->smc_allow[n];

		range->first = (uint32_t)fdt_blob_cells(data, 1);
		range->last = (uint32_t)fdt_blob_cells(data + CELL_BYTES, 1);
		good &= check_range(vm, property, range);
	}
	if (good && !vm->bundle->host->has_firmware)
		bundle_vm_say(vm, false, property,
			      "is ignored, and these calls are NOT_SUPPORTED: the host's device tree names no firmware "
			      "that answers SMC");
	else if (good)
		vm->config->nr_smc_allow = nr_ranges;
}

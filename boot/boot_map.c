/* What EL2 sees, and as what. The first mapping of a page wins: so from the most particular to the widest. */
#include <stddef.h>

#include "arch/arm64/barrier.h"
#include "arch/arm64/el2_mmu.h"
#include "arch/arm64/sections.h"
#include "boot/boot.h"
#include "lib/bits.h"

#define FDT_MAGIC     UINT32_C(0xd00dfeed)
#define FDT_MAX_BYTES SZ_2M /* the boot protocol's limit */

/* Rounds outward to pages. Nothing of size 0 is mapped. */
static void map(uint64_t base, uint64_t size_bytes, enum el2_memory memory)
{
	uint64_t start = align_down(base, PAGE_SIZE);

	if (size_bytes == 0)
		return;
	if (!range_is_sane(base, size_bytes))
		boot_refuse("the host's device tree has a region that wraps around the end of the address space");
	enum hv_err err = el2_mmu_map(pa(start), align_up(base + size_bytes, PAGE_SIZE) - start, memory);

	if (err == HV_ERANGE)
		boot_refuse("the host's device tree has a region beyond 48 bits of address, which is Corbel's limit");
	if (err != HV_OK)
		boot_refuse("EL2's page tables are used up: the host's device tree names too many scattered regions");
	/* Walks see it before the first access does. */
	dsb(ishst);
	isb();
}

static void map_section(const char *start, const char *end, enum el2_memory memory)
{
	map((uint64_t)(uintptr_t)start, (uint64_t)(end - start), memory);
}

void boot_map_image(void)
{
	const uint64_t stride = (uint64_t)(__stacks_end - __stacks_start) / HW_MAX_CPUS;

	map_section(__image_start, __text_end, EL2_TEXT);
	map_section(__rodata_start, __rodata_end, EL2_RODATA);
	map_section(__data_start, __bss_end, EL2_DATA);
	/* A stack that runs over ends in an abort, not in its neighbour. */
	for (unsigned int cpu = 0; cpu < HW_MAX_CPUS; cpu++) {
		uint64_t guard = (uint64_t)(uintptr_t)__stacks_start + cpu * stride;

		map(guard, PAGE_SIZE, EL2_GUARD);
		map(guard + PAGE_SIZE, stride - PAGE_SIZE, EL2_DATA);
	}
}

/* A big-endian cell of the FDT header [DTSpec 5.2]: read before libfdt may touch the tree. */
static uint32_t fdt_header_cell(const void *fdt, unsigned int index)
{
	return __builtin_bswap32(((const uint32_t *)fdt)[index]);
}

bool boot_is_fdt(const void *fdt)
{
	return fdt != NULL && is_aligned((uintptr_t)fdt, 8) && fdt_header_cell(fdt, 0) == FDT_MAGIC;
}

void boot_map_fdt(const void *fdt)
{
	if (!boot_is_fdt(fdt))
		boot_refuse_entry(fdt, BOOT_NO_FDT, 0);
	if (fdt_header_cell(fdt, 1) > FDT_MAX_BYTES)
		boot_refuse_entry(fdt, BOOT_BIG_FDT, 0);
	map((uint64_t)(uintptr_t)fdt, fdt_header_cell(fdt, 1), EL2_RODATA);
}

static void map_range(const struct hw_range *range, enum el2_memory memory)
{
	map(range->base.raw, range->size_bytes, memory);
}

static void map_devices(const struct hw_info *hw)
{
	map_range(&hw->gic.gicd, EL2_DEVICE);
	map_range(&hw->gic.gicc, EL2_DEVICE);
	map_range(&hw->gic.gich, EL2_DEVICE);
	map_range(&hw->gic.gicv, EL2_DEVICE);
	for (unsigned int i = 0; i < hw->gic.nr_gicr; i++)
		map_range(&hw->gic.gicr[i], EL2_DEVICE);
	for (unsigned int i = 0; i < hw->nr_uarts; i++)
		map(hw->uarts[i].base.raw, hw->uarts[i].size_bytes, EL2_DEVICE);
	map_range(&hw->power.registers, EL2_DEVICE);
}

void boot_map_machine(const struct hw_info *hw)
{
	map_devices(hw);
	/* A spin table may lie in memory that the tree does not list as RAM, or says not to map. */
	for (unsigned int cpu = 0; cpu < hw->nr_cpus; cpu++)
		if (hw->cpus[cpu].enable == HW_ENABLE_SPIN_TABLE)
			map(hw->cpus[cpu].release_addr.raw, sizeof(uint64_t), EL2_DATA);
	/* The firmware's own: where it is secure, even a speculative read may end in an SError. */
	for (unsigned int i = 0; i < hw->nr_no_map; i++)
		map_range(&hw->no_map[i], EL2_GUARD);
	for (unsigned int i = 0; i < hw->nr_memory; i++) {
		/* Inward: half a page of RAM is of no use, and its other half is who knows what. */
		uint64_t start = align_up(hw->memory[i].base.raw, PAGE_SIZE);
		uint64_t end = align_down(hw->memory[i].base.raw + hw->memory[i].size_bytes, PAGE_SIZE);

		if (start < end)
			map(start, end - start, EL2_DATA);
	}
}

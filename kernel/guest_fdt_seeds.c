/* Which seeds of a guest's tree are Corbel's to renew. */
#include <libfdt.h>
#include <string.h>

#include "kernel/guest_fdt.h"

/* The property's offset in the tree when it still holds these bytes, else 0. */
static uint32_t offset_of(const void *fdt, int chosen, const char *name, const void *bytes, size_t size_bytes)
{
	int length;
	const void *value = fdt_getprop(fdt, chosen, name, &length);

	if (value == NULL || length != (int)size_bytes || memcmp(value, bytes, size_bytes) != 0)
		return 0;
	return (uint32_t)((const uint8_t *)value - (const uint8_t *)fdt);
}

void guest_fdt_find_seeds(const void *fdt, const struct guest_fdt_facts *facts, struct guest_fdt_seeds *seeds)
{
	fdt64_t kaslr_seed = cpu_to_fdt64(facts->kaslr_seed);
	int chosen = fdt_path_offset(fdt, "/chosen");

	*seeds = (struct guest_fdt_seeds){ 0 };
	if (chosen < 0)
		return;
	seeds->rng_offset = offset_of(fdt, chosen, "rng-seed", facts->rng_seed, sizeof(facts->rng_seed));
	seeds->kaslr_offset = offset_of(fdt, chosen, "kaslr-seed", &kaslr_seed, sizeof(kaslr_seed));
}

/* A whole tree of the user's: memory, chosen and seeds are filled in, the rest is left alone. */
#include "kernel/guest_fdt_image.h"

#include <libfdt.h>
#include <stdio.h>
#include <string.h>

/* libfdt's own macro of this name takes strlen() for an int. */
static int set_string(void *fdt, int node, const char *name, const char *text)
{
	return fdt_setprop(fdt, node, name, text, (int)strlen(text) + 1);
}

/* Every memory node goes: what they say was true of another machine. */
static int replace_memory(void *fdt, const struct guest_window *ram)
{
	int node, address_cells = fdt_address_cells(fdt, 0), size_cells = fdt_size_cells(fdt, 0);
	char name[32];
	int err;

	for (;;) {
		node = fdt_node_offset_by_prop_value(fdt, -1, "device_type", "memory", sizeof("memory"));
		if (node < 0)
			break;
		err = fdt_del_node(fdt, node);
		if (err != 0)
			return err;
	}
	if (address_cells < 1 || address_cells > 2 || size_cells < 1 || size_cells > 2)
		return -FDT_ERR_BADNCELLS;
	snprintf(name, sizeof(name), "memory@%lx", (unsigned long)ram->base.raw);
	node = fdt_add_subnode(fdt, 0, name);
	if (node < 0)
		return node;
	err = set_string(fdt, node, "device_type", "memory");
	return err != 0 ? err : fdt_appendprop_addrrange(fdt, 0, node, "reg", ram->base.raw, ram->size_bytes);
}

/* Zero, or libfdt's error. */
static int set_initrd(void *fdt, int chosen, const struct guest_fdt_facts *facts)
{
	int err;

	/* The tree's own would point at what is not there. */
	(void)fdt_delprop(fdt, chosen, "linux,initrd-start");
	(void)fdt_delprop(fdt, chosen, "linux,initrd-end");
	if (facts->initrd_bytes == 0)
		return 0;
	err = fdt_setprop_u64(fdt, chosen, "linux,initrd-start", facts->initrd_base.raw);
	if (err != 0)
		return err;
	return fdt_setprop_u64(fdt, chosen, "linux,initrd-end", facts->initrd_base.raw + facts->initrd_bytes);
}

static int fill_chosen(void *fdt, const struct vm_config *config, const struct guest_fdt_facts *facts)
{
	int chosen = fdt_subnode_offset(fdt, 0, "chosen"), err;

	if (chosen < 0)
		chosen = fdt_add_subnode(fdt, 0, "chosen");
	if (chosen < 0)
		return chosen;
	err = set_initrd(fdt, chosen, facts);
	/* A tree that brings its own command line keeps it where the bundle gives none. */
	if (err == 0 && config->bootargs[0] != '\0')
		err = set_string(fdt, chosen, "bootargs", config->bootargs);
	if (err == 0)
		err = fdt_setprop(fdt, chosen, "rng-seed", facts->rng_seed, sizeof(facts->rng_seed));
	return err != 0 ? err : fdt_setprop_u64(fdt, chosen, "kaslr-seed", facts->kaslr_seed);
}

int guest_fdt_adopt(const struct vm_config *config, const struct guest_map *map, const struct guest_fdt_facts *facts,
		    void *buffer, const void *image, size_t size_bytes)
{
	struct guest_window ram = { map->ram_base, config->memory_bytes };
	int err = fdt_open_into(image, buffer, (int)size_bytes);

	if (err == 0)
		err = replace_memory(buffer, &ram);
	if (err == 0)
		err = fill_chosen(buffer, config, facts);
	return err != 0 ? err : fdt_pack(buffer);
}

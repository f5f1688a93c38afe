/* The power key in a guest's tree: see guest_fdt_power_key.h. */
#include "kernel/guest_fdt_power_key.h"

#include <libfdt.h>
#include <stdio.h>

#include "lib/bits.h"

/* Cells of specifiers. [Linux bindings: arm,gic.yaml, gpio.txt] */
#define IRQ_SPI		 0
#define IRQ_LEVEL_HIGH	 4
#define GPIO_ACTIVE_HIGH 0

#define KEY_POWER 116 /* [Linux input-event-codes.h] */

static int put(void *fdt, const char *name, const void *data, size_t size_bytes)
{
	return fdt_property(fdt, name, data, (int)size_bytes);
}

static int put_cells(void *fdt, const char *name, const uint32_t *cells, unsigned int nr_cells)
{
	void *at;
	int err = fdt_property_placeholder(fdt, name, (int)(nr_cells * sizeof(*cells)), &at);

	for (unsigned int n = 0; err == 0 && n < nr_cells; n++)
		fdt32_st((fdt32_t *)at + n, cells[n]);
	return err;
}

#define PUT_STRINGS(fdt, name, list) put(fdt, name, list, sizeof(list))
#define PUT_CELLS(fdt, name, ...)                               \
	put_cells(fdt, name, (const uint32_t[]){ __VA_ARGS__ }, \
		  (unsigned int)(sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t)))

static int put_pl061(void *fdt, const struct guest_map *map, uint32_t clock_phandle, uint32_t phandle)
{
	const uint64_t base = map->gpio.base.raw, bytes = map->gpio.size_bytes;
	char name[32];
	int err;

	(void)snprintf(name, sizeof(name), "pl061@%lx", (unsigned long)base);
	err = fdt_begin_node(fdt, name);
	if (err == 0)
		err = PUT_STRINGS(fdt, "compatible", "arm,pl061\0arm,primecell");
	if (err == 0)
		err = PUT_CELLS(fdt, "reg", (uint32_t)(base >> 32), (uint32_t)base, (uint32_t)(bytes >> 32),
				(uint32_t)bytes);
	if (err == 0)
		err = PUT_CELLS(fdt, "interrupts", IRQ_SPI, map->gpio_intid - 32, IRQ_LEVEL_HIGH);
	if (err == 0)
		err = PUT_CELLS(fdt, "clocks", clock_phandle);
	if (err == 0)
		err = PUT_STRINGS(fdt, "clock-names", "apb_pclk");
	if (err == 0)
		err = put(fdt, "gpio-controller", "", 0);
	if (err == 0)
		err = PUT_CELLS(fdt, "#gpio-cells", 2);
	if (err == 0)
		err = PUT_CELLS(fdt, "phandle", phandle);
	return err != 0 ? err : fdt_end_node(fdt);
}

static int put_keys(void *fdt, uint32_t gpio_phandle)
{
	int err = fdt_begin_node(fdt, "gpio-keys");

	if (err == 0)
		err = PUT_STRINGS(fdt, "compatible", "gpio-keys");
	if (err == 0)
		err = fdt_begin_node(fdt, "poweroff");
	if (err == 0)
		err = PUT_STRINGS(fdt, "label", "Power key");
	if (err == 0)
		err = PUT_CELLS(fdt, "linux,code", KEY_POWER);
	if (err == 0)
		err = PUT_CELLS(fdt, "gpios", gpio_phandle, GUEST_POWER_KEY_LINE, GPIO_ACTIVE_HIGH);
	if (err == 0)
		err = fdt_end_node(fdt);
	return err != 0 ? err : fdt_end_node(fdt);
}

int guest_fdt_put_power_key(void *fdt, const struct guest_map *map, uint32_t clock_phandle, uint32_t phandle)
{
	int err = put_pl061(fdt, map, clock_phandle, phandle);

	return err != 0 ? err : put_keys(fdt, phandle);
}

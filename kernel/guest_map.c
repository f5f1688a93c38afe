#include "kernel/guest_map.h"

#include "lib/bits.h"

/* QEMU's `virt`, as far as Corbel carries it. [DESIGN section 5] */
const struct guest_map guest_map_virt = {
	.gicd = { { 0x08000000 }, 0x10000 },
	/* The architecture's 8 KiB, not virt's 64: the first page is the host's GICV; behind it lies the host. */
	.gicc = { { 0x08010000 }, 0x2000 },
	.gicr = { { 0x080A0000 }, 0x00F60000 }, /* up to the UART */
	.uart = { { 0x09000000 }, 0x1000 },
	.rtc = { { 0x09010000 }, 0x1000 },
	.gpio = { { 0x09030000 }, 0x1000 },
	.corbel = { { 0x0C000000 }, 0x02000000 },
	.ram_base = { 0x40000000 },
	.uart_intid = 33,
	.rtc_intid = 34,
	.gpio_intid = 39,
	.timer_intids = { 29, 30, 27, 26 },
};

pa_t guest_map_end_of_devices(const struct guest_map *map)
{
	const struct guest_window *const windows[] = { &map->gicd, &map->gicc, &map->gicr,  &map->uart,
						       &map->rtc,  &map->gpio, &map->corbel };
	uint64_t end = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(windows); i++)
		end = max_u64(end, windows[i]->base.raw + windows[i]->size_bytes);
	return pa(align_up(end, UINT64_C(256) << 20));
}

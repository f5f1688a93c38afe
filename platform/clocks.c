#include "platform/clocks.h"

#include <libfdt.h>

#include "lib/bits.h"
#include "lib/fdt_blob.h"

/* As the BCM2711's firmware leaves them. [Linux bindings: bcm2835-clock.h, bcm2835-aux-clock.h; FACTS 6] */
static const struct {
	const char *compatible;
	uint32_t index, hz;
} board_clocks[] = {
	{ "brcm,bcm2711-cprman", 19, 48000000 },  /* UART */
	{ "brcm,bcm2711-cprman", 20, 500000000 }, /* VPU, the core clock */
	{ "brcm,bcm2711-cprman", 28, 250000000 }, /* EMMC */
	{ "brcm,bcm2711-cprman", 51, 100000000 }, /* EMMC2 */
	{ "brcm,bcm2835-aux", 0, 500000000 },	  /* the mini UART's, which is the core clock */
};

uint32_t plat_clock_hz(const void *fdt, int provider, const uint8_t *specifier, uint32_t nr_cells)
{
	uint32_t index = nr_cells == 1 ? (uint32_t)fdt_blob_cells(specifier, 1) : 0, hz = 0;

	if (fdt_blob_u32(fdt, provider, "clock-frequency", &hz))
		return hz;
	for (unsigned int i = 0; nr_cells == 1 && i < ARRAY_SIZE(board_clocks); i++)
		if (board_clocks[i].index == index &&
		    fdt_node_check_compatible(fdt, provider, board_clocks[i].compatible) == 0)
			return board_clocks[i].hz;
	return 0;
}

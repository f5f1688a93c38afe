/* What a board does its own way, found by its device tree's compatible. virt has none. */
#ifndef PLATFORM_QUIRKS_H
#define PLATFORM_QUIRKS_H

#include "platform/hw_info.h"

struct plat_quirk {
	const char *compatible;	   /* of the root node */
	struct hw_range registers; /* mapped by boot as a device, given to the functions */
	void (*power_off)(const struct hw_range *registers);
	void (*reset)(const struct hw_range *registers);
};

/* The board's row, or NULL. Reads hw->fdt; no locks, MMU on or off. */
const struct plat_quirk *plat_quirk_find(const struct hw_info *hw);

#endif

#include "platform/quirks.h"

#include <libfdt.h>

#include "lib/bits.h"
#include "platform/platform.h"
#include "platform/rpi4/bcm2711_pm.h"

static const struct plat_quirk quirks[] = {
	/* No PSCI without TF-A: the watchdog is the way off and round. [FACTS 5] */
	{
		.compatible = "brcm,bcm2711",
		.registers = { .base = { 0xfe100000 }, .size_bytes = 0x1000 },
		.power_off = bcm2711_pm_power_off,
		.reset = bcm2711_pm_reset,
	},
};

const struct plat_quirk *plat_quirk_find(const struct hw_info *hw)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(quirks); i++)
		if (fdt_node_check_compatible(hw->fdt, 0, quirks[i].compatible) == 0)
			return &quirks[i];
	return NULL;
}

void plat_power_off(const struct hw_info *hw)
{
	const struct plat_quirk *quirk = plat_quirk_find(hw);

	if (quirk != NULL)
		quirk->power_off(&quirk->registers);
}

void plat_reset(const struct hw_info *hw)
{
	const struct plat_quirk *quirk = plat_quirk_find(hw);

	if (quirk != NULL)
		quirk->reset(&quirk->registers);
}

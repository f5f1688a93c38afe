/* A board's own way off and round, by what its device tree names. virt has none: it has PSCI. */
#include "platform/platform.h"
#include "platform/rpi4/bcm2711_pm.h"

void plat_power_off(const struct hw_info *hw)
{
	switch (hw->power.kind) {
	case HW_POWER_BCM2835_PM: bcm2711_pm_power_off(&hw->power.registers); break;
	case HW_POWER_NONE: break;
	}
}

void plat_reset(const struct hw_info *hw)
{
	switch (hw->power.kind) {
	case HW_POWER_BCM2835_PM: bcm2711_pm_reset(&hw->power.registers); break;
	case HW_POWER_NONE: break;
	}
}

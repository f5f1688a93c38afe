#include "platform/rpi4/bcm2711_pm.h"

#include "arch/arm64/mmio.h"
#include "lib/bits.h"

#define PM_RSTC 0x1c
#define PM_RSTS 0x20
#define PM_WDOG 0x24

#define PM_PASSWORD		 UINT32_C(0x5a000000) /* every write has it in its top byte */
#define PM_RSTC_WRCFG		 UINT32_C(0x30)
#define PM_RSTC_WRCFG_FULL_RESET UINT32_C(0x20)
#define PM_RSTS_PARTITION	 UINT32_C(0x555) /* which boot partition next, in every other bit: all ones is "halt" */
#define PM_WDOG_TICKS		 UINT32_C(10)	 /* of 16 us */

static void fire_watchdog(const struct hw_range *registers, uint32_t partition)
{
	uint32_t rsts = mmio_read32(registers->base, PM_RSTS) & ~(PM_RSTS_PARTITION | UINT32_C(0xff000000));
	uint32_t rstc = mmio_read32(registers->base, PM_RSTC) & ~(PM_RSTC_WRCFG | UINT32_C(0xff000000));

	mmio_write32(registers->base, PM_RSTS, PM_PASSWORD | rsts | partition);
	mmio_write32(registers->base, PM_WDOG, PM_PASSWORD | PM_WDOG_TICKS);
	mmio_write32(registers->base, PM_RSTC, PM_PASSWORD | rstc | PM_RSTC_WRCFG_FULL_RESET);
}

void bcm2711_pm_power_off(const struct hw_range *registers)
{
	fire_watchdog(registers, PM_RSTS_PARTITION);
}

void bcm2711_pm_reset(const struct hw_range *registers)
{
	fire_watchdog(registers, 0);
}

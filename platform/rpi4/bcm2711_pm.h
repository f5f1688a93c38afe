/*
 * The power management block of the BCM2711: the watchdog that resets it, and the word that tells its firmware to stay
 * off.
 */
#ifndef PLATFORM_RPI4_BCM2711_PM_H
#define PLATFORM_RPI4_BCM2711_PM_H

#include "platform/hw_info.h"

void bcm2711_pm_power_off(const struct hw_range *registers);
void bcm2711_pm_reset(const struct hw_range *registers);

#endif

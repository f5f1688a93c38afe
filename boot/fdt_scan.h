/* What the parts of the scan of the host's tree share: fdt_scan.c, fdt_scan_dev.c. Pure. */
#ifndef BOOT_FDT_SCAN_H
#define BOOT_FDT_SCAN_H

#include "platform/fdt_bus.h"
#include "platform/hw_info.h"

struct scan {
	const void *fdt; /* bus.fdt */
	struct fdt_bus bus;
	struct hw_info *hw;
	int stdout_node; /* -1: none */
	bool reserved_is_full;
};

/* fdt_scan_dev.c: GIC, timer, UARTs, PSCI. stdout_node must be known. */
void scan_devices(struct scan *scan);

#endif

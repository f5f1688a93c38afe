#include "arch/arm64/gic/gic.h"

const struct gic_driver *gic;

enum hv_err gic_select(const struct gic_config *config)
{
	switch (config->version) {
	case 2: gic = &gic_v2_driver; return HV_OK;
	case 3: gic = &gic_v3_driver; return HV_OK;
	default: return HV_EUNSUP;
	}
}

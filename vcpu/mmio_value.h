/* How the value of an emulated load lands in its register. Pure. [DDI0487 ESR_EL2 SAS, SSE, SF] */
#ifndef VCPU_MMIO_VALUE_H
#define VCPU_MMIO_VALUE_H

#include "lib/bits.h"
#include "vcpu/exit.h"

/* The register's new 64-bit value: cut to width, sign- or zero-extended to reg_width, upper half of a W register zero.
 */
static inline uint64_t mmio_read_value(const struct exit_mmio *mmio, uint64_t value)
{
	value &= access_width_mask(mmio->width);
	if (mmio->sign_extend)
		value = sign_extend(value, 8 * access_width_bytes(mmio->width));
	return value & access_width_mask(mmio->reg_width);
}

#endif

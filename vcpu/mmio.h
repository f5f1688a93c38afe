/* What a device model is asked and how it answers: the contract between the MMIO bus (kernel/mmio_bus.h) and dev/. */
#ifndef VCPU_MMIO_H
#define VCPU_MMIO_H

#include <stdint.h>

#include "vcpu/exit.h"

struct vcpu;

/* What a device answers an access with. */
enum mmio_result {
	MMIO_OK,
	MMIO_FAULT, /* the guest gets a synchronous external abort */
	/*
	 * The answer is not known yet: the vCPU parks, and the same access is made again. Not for one of several that
	 * an instruction makes (vcpu->exit.mmio.plan.nr_accesses): what was loaded so far would be lost.
	 */
	MMIO_WAIT,
};

/* One access: offset is from the device's base, naturally aligned or not as the guest made it; value is in and out. */
struct mmio_access {
	struct vcpu *vcpu;
	uint64_t offset;
	enum access_width width;
	uint64_t value; /* write: cut to width; read: the answer */
};

struct mmio_ops {
	enum mmio_result (*read)(void *ctx, struct mmio_access *access);
	enum mmio_result (*write)(void *ctx, struct mmio_access *access);
};

#endif

/* FEAT_RNG: RNDR. [DDI0487 RNDR] */
#ifndef ARCH_ARM64_RNG_H
#define ARCH_ARM64_RNG_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/arm64/sysreg.h"
#include "lib/bits.h"

#define ID_AA64ISAR0_EL1_RNDR GENMASK(63, 60)

/* A random word; false where the CPU has no RNDR, or it has nothing to give now. */
static inline bool rng_read(uint64_t *word)
{
	uint32_t got;

	if (FIELD_GET(ID_AA64ISAR0_EL1_RNDR, read_sysreg(id_aa64isar0_el1)) == 0)
		return false;
	/* Failure is told in PSTATE.NZCV: Z set. */
	__asm__ volatile("mrs %0, s3_3_c2_c4_0\n\tcset %w1, ne" : "=r"(*word), "=r"(got) : : "cc", "memory");
	return got != 0;
}

#endif

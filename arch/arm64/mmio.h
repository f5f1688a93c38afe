/*
 * Device registers: one access of exactly that width, ordered against each other by the Device memory type; a read is
 * ordered before what follows where the caller says dsb/dmb. The instructions are plain LDR/STR with ISV-friendly
 * forms.
 */
#ifndef ARCH_ARM64_MMIO_H
#define ARCH_ARM64_MMIO_H

#include <stdint.h>

#include "lib/types.h"

static inline uint32_t mmio_read32(pa_t base, uint64_t offset)
{
	uint32_t value;

	__asm__ volatile("ldr %w0, [%1]" : "=r"(value) : "r"(base.raw + offset) : "memory");
	return value;
}

static inline void mmio_write32(pa_t base, uint64_t offset, uint32_t value)
{
	__asm__ volatile("str %w0, [%1]" : : "r"(value), "r"(base.raw + offset) : "memory");
}

static inline uint64_t mmio_read64(pa_t base, uint64_t offset)
{
	uint64_t value;

	__asm__ volatile("ldr %0, [%1]" : "=r"(value) : "r"(base.raw + offset) : "memory");
	return value;
}

static inline void mmio_write64(pa_t base, uint64_t offset, uint64_t value)
{
	__asm__ volatile("str %0, [%1]" : : "r"(value), "r"(base.raw + offset) : "memory");
}

static inline void mmio_write8(pa_t base, uint64_t offset, uint8_t value)
{
	__asm__ volatile("strb %w0, [%1]" : : "r"(value), "r"(base.raw + offset) : "memory");
}

#endif

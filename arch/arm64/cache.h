/* Cache maintenance by virtual address (EL2's, the identity of the physical one). [DDI0487 D7.5] */
#ifndef ARCH_ARM64_CACHE_H
#define ARCH_ARM64_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "arch/arm64/barrier.h"
#include "arch/arm64/sysreg.h"

/* Data cache line in bytes: CTR_EL0.DminLine. */
static inline uintptr_t cache_dline_bytes(void)
{
	return (uintptr_t)4 << ((read_sysreg(ctr_el0) >> 16) & 0xf);
}

/* Clean [start, start+size) to the Point of Coherency: seen by those who read with caches off. Ends with DSB SY. */
static inline void cache_clean_to_poc(const void *start, size_t size_bytes)
{
	uintptr_t line = cache_dline_bytes();
	uintptr_t end = (uintptr_t)start + size_bytes;

	for (uintptr_t at = (uintptr_t)start & ~(line - 1); at < end; at += line)
		__asm__ volatile("dc cvac, %0" : : "r"(at) : "memory");
	dsb(sy);
}

/* Clean and invalidate to the Point of Coherency. Ends with DSB SY. */
static inline void cache_clean_invalidate_to_poc(const void *start, size_t size_bytes)
{
	uintptr_t line = cache_dline_bytes();
	uintptr_t end = (uintptr_t)start + size_bytes;

	for (uintptr_t at = (uintptr_t)start & ~(line - 1); at < end; at += line)
		__asm__ volatile("dc civac, %0" : : "r"(at) : "memory");
	dsb(sy);
}

/* All instruction caches of the inner shareable domain, after code was written and cleaned. */
static inline void cache_invalidate_instructions(void)
{
	__asm__ volatile("ic ialluis" : : : "memory");
	dsb(ish);
	isb();
}

#endif

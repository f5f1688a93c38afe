/* System registers, barriers, plain accesses and the interrupt mask, for the test guests. */
#ifndef GUESTS_CPU_H
#define GUESTS_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/guests/common/layout.h"

#define READ_REG(name)                                                       \
	({                                                                   \
		uint64_t value_;                                             \
		__asm__ volatile("mrs %0, " #name : "=r"(value_)::"memory"); \
		value_;                                                      \
	})
#define WRITE_REG(name, value) __asm__ volatile("msr " #name ", %0" ::"r"((uint64_t)(value)) : "memory")

static inline void isb(void)
{
	__asm__ volatile("isb" ::: "memory");
}

static inline void dsb(void)
{
	__asm__ volatile("dsb sy" ::: "memory");
}

static inline void wfi(void)
{
	__asm__ volatile("dsb sy\n\twfi" ::: "memory");
}

static inline void irq_mask(void)
{
	__asm__ volatile("msr daifset, #3" ::: "memory");
}

/* The ISB lets a pending interrupt in before the next instruction. */
static inline void irq_unmask(void)
{
	__asm__ volatile("msr daifclr, #3\n\tisb" ::: "memory");
}

/* Takes what is pending now and masks again. */
static inline void irq_window(void)
{
	irq_unmask();
	irq_mask();
}

static inline unsigned int cpu_index(void)
{
	return (unsigned int)(READ_REG(mpidr_el1) & 0xff);
}

/* Exactly these instructions: a compiler might choose forms without a valid syndrome. [DDI0487 ESR_EL2 ISV] */
static inline uint32_t read32(uint64_t address)
{
	uint32_t value;

	__asm__ volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
	return value;
}

static inline void write32(uint64_t address, uint32_t value)
{
	__asm__ volatile("str %w0, [%1]" ::"r"(value), "r"(address) : "memory");
}

static inline uint64_t read64(uint64_t address)
{
	uint64_t value;

	__asm__ volatile("ldr %0, [%1]" : "=r"(value) : "r"(address) : "memory");
	return value;
}

static inline void write64(uint64_t address, uint64_t value)
{
	__asm__ volatile("str %0, [%1]" ::"r"(value), "r"(address) : "memory");
}

static inline uint8_t read8(uint64_t address)
{
	uint32_t value;

	__asm__ volatile("ldrb %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
	return (uint8_t)value;
}

static inline void write8(uint64_t address, uint8_t value)
{
	__asm__ volatile("strb %w0, [%1]" ::"r"((uint32_t)value), "r"(address) : "memory");
}

/* What two CPUs exchange. */
#define LOAD(var)	  __atomic_load_n(&(var), __ATOMIC_ACQUIRE)
#define STORE(var, value) __atomic_store_n(&(var), (value), __ATOMIC_RELEASE)

#endif

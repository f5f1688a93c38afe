/* What C cannot say: system registers, device registers, and turning the machine off. */
#ifndef GUESTS_CPU_H
#define GUESTS_CPU_H

#include <stdint.h>

#define READ_REG(name)                                                       \
	({                                                                   \
		uint64_t value_;                                             \
		__asm__ volatile("mrs %0, " #name : "=r"(value_)::"memory"); \
		value_;                                                      \
	})
#define WRITE_REG(name, value) __asm__ volatile("msr " #name ", %0" ::"r"((uint64_t)(value)) : "memory")

/* After a write to a system register: what follows sees its effect. */
static inline void isb(void)
{
	__asm__ volatile("isb" ::: "memory");
}

static inline uint32_t device_read(uintptr_t address)
{
	return *(volatile uint32_t *)address;
}

static inline void device_write(uintptr_t address, uint32_t value)
{
	*(volatile uint32_t *)address = value;
}

/* start.S: PSCI SYSTEM_OFF. */
_Noreturn void power_off(void);

#endif

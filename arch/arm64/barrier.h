/* Barriers and hints, by the Arm ARM's names. */
#ifndef ARCH_ARM64_BARRIER_H
#define ARCH_ARM64_BARRIER_H

#define isb()	 __asm__ volatile("isb" : : : "memory")
#define dsb(dom) __asm__ volatile("dsb " #dom : : : "memory")
#define dmb(dom) __asm__ volatile("dmb " #dom : : : "memory")
#define sev()	 __asm__ volatile("sev" : : : "memory")
#define wfe()	 __asm__ volatile("wfe" : : : "memory")
#define wfi()	 __asm__ volatile("wfi" : : : "memory")

#endif

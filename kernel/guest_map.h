/* The guest platform: where a guest finds what (DESIGN section 5, a subset of QEMU's virt). Data, never constants in
 * dev/. */
#ifndef KERNEL_GUEST_MAP_H
#define KERNEL_GUEST_MAP_H

#include <stdint.h>

#include "lib/types.h"

struct guest_window {
	ipa_t base;
	uint64_t size_bytes;
};

/* Indices into timer_intids, in the order of the timer node's interrupts. */
enum guest_timer { GUEST_TIMER_PHYS_S, GUEST_TIMER_PHYS_NS, GUEST_TIMER_VIRT, GUEST_TIMER_HYP, GUEST_NR_TIMERS };

struct guest_map {
	struct guest_window gicd, gicc, gicr; /* gicr: one 128 KiB pair of frames a vCPU */
	struct guest_window uart, rtc;
	struct guest_window gpio;   /* only of a VM with corbel,power-key */
	struct guest_window corbel; /* Corbel's own windows: PV time, shared memory, doorbells */
	ipa_t ram_base;
	uint32_t uart_intid, rtc_intid, gpio_intid; /* SPIs */
	uint32_t timer_intids[GUEST_NR_TIMERS];	    /* secure, non-secure physical, virtual, hyp */
};

#define GUEST_POWER_KEY_LINE 3 /* of the GPIO port, as on virt */

extern const struct guest_map guest_map_virt;

/* The first address, 256 MiB-aligned, behind every window of devices. */
pa_t guest_map_end_of_devices(const struct guest_map *map);

#endif

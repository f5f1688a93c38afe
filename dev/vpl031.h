/*
 * PL031 real-time clock as a guest sees it [DDI0224]. Pure: the time comes in with each access. Counts seconds from
 * what the guest wrote to RTCLR (0 at reset); RTCMR match raises the interrupt line as level. Locks: the caller holds
 * the device's LOCK_DEV.
 */
#ifndef DEV_VPL031_H
#define DEV_VPL031_H

#include <stdbool.h>
#include <stdint.h>

#include "vcpu/mmio.h"

struct vpl031_state {
	uint64_t offset_seconds; /* RTCDR = now + offset, modulo 2^32 */
	uint64_t match_seconds;	 /* armed: when, in the time that comes in with the accesses, RTCDR reaches RTCMR */
	uint32_t match, load, imsc, ris;
	bool armed; /* RTCMR was written and has not matched yet */
};

void vpl031_reset(struct vpl031_state *rtc);
/* now_seconds is monotonic. The level of the interrupt line after the access is in *irq_level. */
enum mmio_result vpl031_access(struct vpl031_state *rtc, uint64_t now_seconds, struct mmio_access *access, bool write,
			       bool *irq_level);
/* Seconds from now until the match raises RTCINTR: false when none is due. */
bool vpl031_next_match(const struct vpl031_state *rtc, uint64_t now_seconds, uint64_t *in_seconds);
/* Lets time pass: returns the level of the line at now_seconds. */
bool vpl031_tick(struct vpl031_state *rtc, uint64_t now_seconds);

#endif

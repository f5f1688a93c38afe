/*
 * Stolen time: how long each vCPU wanted its pCPU and did not have it, in a record that the guest reads without an exit
 * [DEN0057 PV_TIME_ST]. The scheduler counts, from the moment that a guest asks on; nobody else pays for it. The
 * records of a VM share a page at the start of the guest platform's window for Corbel, which the guest can only read.
 */
#ifndef KERNEL_PV_TIME_H
#define KERNEL_PV_TIME_H

#include <stdint.h>

#include "lib/err.h"
#include "lib/types.h"

struct vm;
struct vcpu;

/* [DEN0057 "Stolen time record"], little-endian; 64-byte aligned, so one each, with room. */
struct pv_time_record {
	uint32_t revision, attributes; /* 0, 0 */
	uint64_t stolen_ns;
	uint8_t reserved[48];
};

/* The VM's page, mapped, all zero; HV_ENOMEM and what stage2_map() has. Once, at creation. */
enum hv_err pv_time_create(struct vm *vm);
/* Gives the page back. Stage 2 is gone already. */
void pv_time_destroy(struct vm *vm);
/* A new life: nobody has asked, nothing was stolen. All vCPUs are offline. */
void pv_time_reset(struct vm *vm);
/* The vCPU's guest asks for its record, and from now on it counts. Returns its IPA. Its own pCPU. */
ipa_t pv_time_ask(struct vcpu *vcpu);
/* The record follows what the scheduler has counted. Its own pCPU, before the vCPU enters. */
void pv_time_update(struct vcpu *vcpu);

#endif

/*
 * VMIDs by generation. A VM holds (generation, vmid); when the space is used up, a new generation begins: those live on
 * other pCPUs are kept (reserved), everything else is flushed by TLBI ALLE1IS + IC IALLUIS. Pure: the flush is a
 * callback. VMID 0 is never given out. Locks: takes LOCK_VMID.
 *
 * Races: a pCPU publishes the VMID it is about to run under its slot in `active` under the lock, so a rollover that
 * another pCPU makes sees it and reserves it: the same VM keeps its VMID in the new generation and no other VM gets it.
 *
 * What the caller owes: before it loads another VM on a pCPU it clears VTTBR_EL2 (VMID 0; isb). Otherwise the pCPU
 * could still walk speculatively for the VM before, whose VMID a rollover no longer sees as live. The VMIDs outnumber
 * the pCPUs.
 */
#ifndef ARCH_ARM64_VMID_H
#define ARCH_ARM64_VMID_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/spinlock.h"

#define VMID_MAX_CPUS 16
#define VMID_MAX      65536

struct vmid {
	uint64_t generation; /* 0: never had one */
	uint32_t id;
	uint8_t last_vcpu[VMID_MAX_CPUS]; /* 1 + which of the VM's vCPUs ran last on each pCPU; by that pCPU alone */
};

struct vmid_space {
	struct spinlock lock;
	unsigned int bits; /* 2 (tests), 8 or 16 */
	uint64_t generation;
	uint32_t next;
	uint32_t nr_left; /* VMIDs that this generation has not given out */
	/* Whose VMID each pCPU has in VTTBR_EL2: written under the lock, its own slot read by a pCPU without it. */
	struct vmid *active[VMID_MAX_CPUS];
	void (*flush_all)(void);      /* TLBI ALLE1IS, IC IALLUIS, barriers */
	uint64_t used[VMID_MAX / 64]; /* given out in this generation, or live through the rollover */
};

void vmid_space_init(struct vmid_space *space, unsigned int bits, void (*flush_all)(void));
/* Returns the VMID with which `vmid`'s VM runs on `cpu` from now on; takes a new one where its generation is past.
 * Lock-free where the same VM was loaded there last, so it may be called at every entry. */
uint32_t vmid_load(struct vmid_space *space, unsigned int cpu, struct vmid *vmid);
/*
 * This vCPU of the VM is about to run on `cpu`, the calling one. Returns true unless it was the last one of the VM that
 * ran there: two of them share the VMID and may use the same ASID for different tables, so the caller flushes this
 * pCPU's stage 1 entries of the VMID, and its instruction cache. After vmid_load().
 */
bool vmid_switch_vcpu(struct vmid *vmid, unsigned int cpu, unsigned int vcpu);
/* The pCPU runs no guest any more (VTTBR_EL2 was cleared). */
void vmid_unload(struct vmid_space *space, unsigned int cpu);
/* A VM is gone: its VMID may be given out again after the next rollover only; the caller has flushed its TLB entries
 * and runs it nowhere. The struct may be freed, or be loaded again as that of a new VM. */
void vmid_release(struct vmid_space *space, struct vmid *vmid);

#endif

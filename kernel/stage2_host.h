/*
 * Stage 2 on the machine: table pages from palloc, TLB maintenance by VMID, VTTBR_EL2 and VTCR_EL2 of the calling pCPU.
 * The pure part is arch/arm64/stage2.c.
 */
#ifndef KERNEL_STAGE2_HOST_H
#define KERNEL_STAGE2_HOST_H

#include <stdint.h>

#include "lib/err.h"

struct vm;

/* The boot CPU, once: VMID width and IPA size by what all CPUs here have. */
void stage2_host_init(void);
/* Bytes of IPA space. */
uint64_t stage2_host_ipa_bytes(void);
/* An empty tree for the VM; HV_ENOMEM. */
enum hv_err stage2_host_create(struct vm *vm);
/* Gives its tables and the root back. Nobody runs it. */
void stage2_host_destroy(struct vm *vm);
/* Makes the VM's stage 2 the one of this pCPU, with a VMID of the current generation. */
void stage2_host_load(struct vm *vm, unsigned int cpu);

#endif

/*
 * Guest memory, reached by guest physical address: the one place that turns an IPA of a VM into a pointer. Ranges are
 * checked here; who reads a guest's data copies it once and decides on the copy.
 */
#ifndef KERNEL_GUEST_MEM_H
#define KERNEL_GUEST_MEM_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/types.h"

struct vm;

/* Where an IPA of guest RAM lies, and how many bytes follow it in one piece; NULL when it is not RAM. */
void *guest_mem_at(const struct vm *vm, ipa_t address, uint64_t *contiguous_bytes);
/* Copies into guest RAM and cleans it to the Point of Coherency, for a vCPU with its caches off. HV_ERANGE: not all of
 * it is RAM. */
enum hv_err guest_mem_write(const struct vm *vm, ipa_t to, const void *from, uint64_t bytes);
/* Copies out of guest RAM. HV_ERANGE as above. */
enum hv_err guest_mem_read(const struct vm *vm, ipa_t from, void *to, uint64_t bytes);

#endif

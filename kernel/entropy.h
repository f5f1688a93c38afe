/*
 * Randomness for guests' seeds: the host's rng-seed and FEAT_RNG, where there is one, into a DRBG. None of them: said
 * aloud at init. Any pCPU; takes LOCK_ENTROPY inside.
 */
#ifndef KERNEL_ENTROPY_H
#define KERNEL_ENTROPY_H

#include <stddef.h>

#include "platform/hw_info.h"

void entropy_init(const struct hw_info *hw);
void entropy_get(void *out, size_t bytes);

#endif

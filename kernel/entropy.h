/*
 * Randomness for guests' seeds: the host's rng-seed and FEAT_RNG, where there is one, into a DRBG. None of them: said
 * aloud at init. Any pCPU; takes LOCK_ENTROPY inside.
 */
#ifndef KERNEL_ENTROPY_H
#define KERNEL_ENTROPY_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/hw_info.h"

void entropy_init(const struct hw_info *hw);
void entropy_get(void *out, size_t bytes);
/* Was there as much to begin with as the generator holds, 256 bits? What it gives can stand for entropy then. */
bool entropy_is_good(void);

#endif

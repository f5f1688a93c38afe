/* The rates of a board's clocks, for trees in which they become fixed ones. Pure. */
#ifndef PLATFORM_CLOCKS_H
#define PLATFORM_CLOCKS_H

#include <stdint.h>

/*
 * The rate in Hz of the clock that `provider`, a node of the host's tree, gives for `specifier` (nr_cells of it, as
 * they stand in the tree): a fixed clock's own, or what the board's firmware sets and leaves. 0: not known.
 */
uint32_t plat_clock_hz(const void *fdt, int provider, const uint8_t *specifier, uint32_t nr_cells);

#endif

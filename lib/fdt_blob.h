/*
 * Flattened device trees that Corbel did not write itself (the host's, the bundle, a VM's): checked once as a whole, so
 * that libfdt's own functions are safe on them afterwards, and read by helpers that never trust a length. Pure.
 */
#ifndef LIB_FDT_BLOB_H
#define LIB_FDT_BLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Deeper trees are refused: libfdt's overlay code recurses, and no real tree comes near. */
#define FDT_BLOB_MAX_DEPTH 16

/*
 * What is wrong with `blob` as a device tree of at most size_bytes, as a clause ("it is truncated"), or NULL: 8-byte
 * aligned, header, every block within size_bytes, every tag and name in order, nesting bounded.
 */
const char *fdt_blob_fault(const void *blob, size_t size_bytes);

/* The big-endian number in `nr_cells` (0..2) cells at `cells`. */
uint64_t fdt_blob_cells(const void *cells, unsigned int nr_cells);
/* A property of one cell, or of one or two: false (and *value kept) when it is absent or has another length. */
bool fdt_blob_u32(const void *fdt, int node, const char *name, uint32_t *value);
bool fdt_blob_u32_or_u64(const void *fdt, int node, const char *name, uint64_t *value);
/* The first string of a property; NULL when it is absent or does not end in NUL. */
const char *fdt_blob_string(const void *fdt, int node, const char *name);
/* The node of a path or alias of `length` bytes; negative when there is none. libfdt's own look-up of an alias
 * recurses. */
int fdt_blob_find(const void *fdt, const char *path, size_t length);
/* True when the node has no status, or one that says it can be used. */
bool fdt_blob_is_enabled(const void *fdt, int node);

#endif

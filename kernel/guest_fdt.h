/* The device tree of a guest, generated with libfdt from its configuration and map. Pure. [DESIGN section 5] */
#ifndef KERNEL_GUEST_FDT_H
#define KERNEL_GUEST_FDT_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/bundle.h"
#include "kernel/guest_map.h"
#include "kernel/passthrough.h"

#define GUEST_FDT_MAX_BYTES	 (64 * 1024)
#define GUEST_FDT_RNG_SEED_BYTES 32

/* What differs from start to start, and where the loader put things. */
struct guest_fdt_facts {
	ipa_t initrd_base;
	uint64_t initrd_bytes; /* 0: no ramdisk */
	uint8_t rng_seed[GUEST_FDT_RNG_SEED_BYTES];
	uint64_t kaslr_seed;
	const uint64_t *mpidrs; /* nr_vcpus of them */
	const void *host_fdt;	/* the host's tree, of which `devices` has nodes; both NULL: none */
	const struct passthrough *devices;
};

/*
 * Writes the tree into buffer (8-byte aligned, size_bytes at least GUEST_FDT_MAX_BYTES). config->fdt: an overlay (has
 * fragments or `/plugin/`) is copied to scratch (same size and alignment) and merged; a whole tree replaces the
 * generated one, with memory, chosen and seeds filled in. Overlay nesting is bounded. Returns HV_OK, HV_ENOMEM when it
 * does not fit, HV_EINVAL for a bad fdt image, with one sentence in message. The whole buffer is written, so that
 * nothing older leaks.
 */
enum hv_err guest_fdt_build(const struct vm_config *config, const struct guest_map *map,
			    const struct guest_fdt_facts *facts, void *buffer, void *scratch, size_t size_bytes,
			    char message[160]);

/* Where the seeds of a built tree stand, as offsets from its start; 0: not there, or the fdt image has set its own. */
struct guest_fdt_seeds {
	uint32_t rng_offset, kaslr_offset;
};
/* Finds the seeds that guest_fdt_build() put in from these facts, so that a start can renew them in place. */
void guest_fdt_find_seeds(const void *fdt, const struct guest_fdt_facts *facts, struct guest_fdt_seeds *seeds);

#endif

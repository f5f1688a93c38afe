/*
 * The bundle: a FIT whose `corbel,vm` configurations become struct vm_config. Pure: reads only what it is given.
 * The interface is DESIGN section 4; docs/bundle.md is its manual. Trust: the loader's own file, but every offset and
 * size in it is checked, and one bad VM never keeps the good ones from starting.
 */
#ifndef KERNEL_BUNDLE_H
#define KERNEL_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/config.h"
#include "lib/err.h"
#include "lib/types.h"
#include "smc/smccc.h"

#define VM_NAME_MAX 16

/* Bytes within the bundle. Only 4-byte aligned: copy before libfdt works on it. size 0: absent. */
struct bundle_blob {
	const uint8_t *data;
	uint64_t size_bytes;
};

enum vm_policy { VM_POLICY_STOP, VM_POLICY_RESTART };

struct vm_config {
	char name[VM_NAME_MAX];
	struct bundle_blob kernel, ramdisk, fdt;
	bool kernel_is_image; /* has an arm64 Image header */
	ipa_t kernel_load; /* where it is copied: Image: RAM base + text_offset (or 2 MiB-aligned base when flagged any)
			    */
	uint64_t kernel_bytes; /* kept free from kernel_load on: Image: image_size; raw: its size */
	ipa_t kernel_entry;
	const char *bootargs; /* within the bundle; never NULL */
	uint32_t nr_vcpus;
	uint64_t memory_bytes;
	uint64_t affinity[MAX_VCPUS_PER_VM];
	uint32_t priority, weight, budget_us, period_us;
	uint32_t gic_version; /* 2 or 3, the host's when not said */
	bool autostart, direct_map, power_key;
	const char *passthrough; /* within the bundle: names of host devices, each with its NUL */
	uint32_t passthrough_bytes;
	enum vm_policy on_crash, on_reset;
	struct smc_range smc_allow[MAX_SMC_RANGES]; /* none where no firmware answers */
	unsigned int nr_smc_allow;
};

/* What the host can give, for the checks. */
struct bundle_host {
	uint32_t gic_version; /* the host's: 2 or 3; 0: not known, a VM may ask for either */
	unsigned int nr_cpus;
	uint64_t free_bytes;	/* memory that VMs may have, all together */
	ipa_t ram_base;		/* of the guest platform */
	uint64_t max_ram_bytes; /* IPA space above ram_base */
	bool has_firmware;	/* that answers SMC */
};

/*
 * One sentence of the report: vm is "" for the bundle as a whole, property "" where none is to blame. is_error: that VM
 * (or the bundle) is refused; otherwise it was ignored and the rest goes on.
 */
typedef void (*bundle_report_fn)(void *ctx, bool is_error, const char *vm, const char *property, const char *text);

/*
 * Accepts a FIT, also behind a legacy U-Boot ramdisk header. Fills configs with the good VMs in file order and
 * *nr_configs. Returns HV_EINVAL for what is no bundle at all, HV_ENOENT when no VM in it is good; every problem has
 * been reported. Hashes (crc32, md5, sha1, sha256) are verified where present.
 */
enum hv_err bundle_parse(const void *data, size_t size_bytes, const struct bundle_host *host,
			 struct vm_config configs[MAX_VMS], unsigned int *nr_configs, bundle_report_fn report,
			 void *ctx);

#endif

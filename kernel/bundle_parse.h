/* What the parts of the bundle's parser share: bundle.c, bundle_vm.c, bundle_image.c, bundle_hash.c. */
#ifndef KERNEL_BUNDLE_PARSE_H
#define KERNEL_BUNDLE_PARSE_H

#include "kernel/bundle.h"

#define BUNDLE_DIGEST_MAX   32
#define BUNDLE_MAX_VERIFIED (3 * MAX_VMS) /* kernel, ramdisk and fdt of each */

struct bundle {
	const uint8_t *fit;
	size_t size_bytes;
	const struct bundle_host *host;
	bundle_report_fn report;
	void *ctx;
	int images;	     /* the node /images */
	uint64_t free_bytes; /* what the VMs so far left */
	unsigned int free_vcpus;
	int verified[BUNDLE_MAX_VERIFIED]; /* images whose hashes are right: VMs may share one */
	unsigned int nr_verified;
};

/* One `corbel,vm` configuration as it is read. */
struct bundle_vm {
	struct bundle *bundle;
	const char *name;
	int node;
	bool is_bad;
	struct vm_config *config;
};

/* Says one sentence about the VM; an error makes it bad. property: "" where none is to blame. */
void bundle_vm_say(struct bundle_vm *vm, bool is_error, const char *property, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
#define bundle_vm_refuse(vm, ...) bundle_vm_say(vm, true, __VA_ARGS__)

/* Reads the configuration at vm->node into vm->config; vm->is_bad tells. */
void bundle_vm_parse(struct bundle_vm *vm);

/*
 * Finds the image that the VM's `property` names and checks all of it. Returns its node, or -1 when there is none,
 * which is no error, or when it is bad, which has been said.
 */
int bundle_image_find(struct bundle_vm *vm, const char *property, struct bundle_blob *blob);
/* Fills in kernel_* of the configuration from the kernel's own header, or from load and entry of its node. */
void bundle_image_place_kernel(struct bundle_vm *vm, int image);

/* Takes corbel,smc-allow: pairs of cells, the first and the last function. Refuses what is no range, and PSCI's. */
void bundle_smc_take(struct bundle_vm *vm, const char *property, const uint8_t *data, unsigned int length);

/* The digest of data; its length is *digest_bytes. HV_EUNSUP for an algorithm that is not known. */
enum hv_err bundle_hash(const char *algo, const uint8_t *data, size_t size_bytes, uint8_t digest[BUNDLE_DIGEST_MAX],
			unsigned int *digest_bytes);

#endif

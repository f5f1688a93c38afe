#include "kernel/bundle.h"

#include <libfdt.h>
#include <stdio.h>

#include "kernel/bundle_parse.h"
#include "lib/bits.h"
#include "lib/fdt_blob.h"

/* The header that `mkimage -T ramdisk` puts in front, big-endian; U-Boot and QEMU strip it, other loaders may not. */
#define LEGACY_MAGIC	    UINT32_C(0x27051956)
#define LEGACY_SIZE	    12 /* ih_size */
#define LEGACY_COMP	    31 /* ih_comp, 0: none */
#define LEGACY_HEADER_BYTES 64

static void complain(const struct bundle *bundle, const char *property, const char *text)
{
	bundle->report(bundle->ctx, true, "", property, text);
}

/* Steps over a legacy header. Returns false after saying what is wrong with it. */
static bool unwrap(struct bundle *bundle)
{
	uint64_t payload;

	if (bundle->size_bytes < LEGACY_HEADER_BYTES || fdt_blob_cells(bundle->fit, 1) != LEGACY_MAGIC)
		return true;
	payload = fdt_blob_cells(bundle->fit + LEGACY_SIZE, 1);
	if (bundle->fit[LEGACY_COMP] != 0) {
		complain(bundle, "", "the bundle's U-Boot header says that it is compressed: use mkimage -C none");
		return false;
	}
	if (payload > bundle->size_bytes - LEGACY_HEADER_BYTES) {
		char text[160];

		snprintf(text, sizeof(text), "the bundle is truncated: its U-Boot header says %lu bytes, %lu are there",
			 (unsigned long)payload, (unsigned long)(bundle->size_bytes - LEGACY_HEADER_BYTES));
		complain(bundle, "", text);
		return false;
	}
	bundle->fit += LEGACY_HEADER_BYTES;
	bundle->size_bytes = payload;
	return true;
}

/* Is there a sound tree with /images and /configurations? */
static bool open_fit(struct bundle *bundle, int *configurations)
{
	const char *fault = fdt_blob_fault(bundle->fit, bundle->size_bytes);
	char text[128];

	if (fault) {
		snprintf(text, sizeof(text), "the bundle of %lu bytes is no FIT image: %s",
			 (unsigned long)bundle->size_bytes, fault);
		complain(bundle, "", text);
		return false;
	}
	bundle->images = fdt_subnode_offset(bundle->fit, 0, "images");
	*configurations = fdt_subnode_offset(bundle->fit, 0, "configurations");
	if (bundle->images < 0 || *configurations < 0) {
		complain(bundle, bundle->images < 0 ? "/images" : "/configurations", "is missing from the bundle");
		return false;
	}
	return true;
}

/* Reads one VM into configs[*nr_configs], which is counted when it is good. */
static void take_vm(struct bundle *bundle, int node, struct vm_config configs[MAX_VMS], unsigned int *nr_configs)
{
	struct bundle_vm vm = { .bundle = bundle, .name = fdt_get_name(bundle->fit, node, NULL), .node = node };

	if (*nr_configs == MAX_VMS) {
		bundle_vm_refuse(&vm, "", "is one too many: at most %u VMs are possible", MAX_VMS);
		return;
	}
	vm.config = &configs[*nr_configs];
	bundle_vm_parse(&vm);
	if (!vm.is_bad)
		++*nr_configs;
}

enum hv_err bundle_parse(const void *data, size_t size_bytes, const struct bundle_host *host,
			 struct vm_config configs[MAX_VMS], unsigned int *nr_configs, bundle_report_fn report,
			 void *ctx)
{
	struct bundle bundle = {
		.fit = data,
		.size_bytes = size_bytes,
		.host = host,
		.report = report,
		.ctx = ctx,
		.free_bytes = host->free_bytes,
		.free_vcpus = MAX_VCPUS,
	};
	unsigned int nr_vms = 0;
	int configurations, node;

	*nr_configs = 0;
	if (!unwrap(&bundle) || !open_fit(&bundle, &configurations))
		return HV_EINVAL;
	fdt_for_each_subnode(node, bundle.fit, configurations)
	{
		if (fdt_node_check_compatible(bundle.fit, node, "corbel,vm") != 0)
			continue;
		nr_vms++;
		take_vm(&bundle, node, configs, nr_configs);
	}
	if (nr_vms == 0)
		complain(&bundle, "/configurations", "holds no VM: none has compatible = \"corbel,vm\"");
	return *nr_configs != 0 ? HV_OK : HV_ENOENT;
}

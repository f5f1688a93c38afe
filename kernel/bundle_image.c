/* The images of a bundle: where their bytes are, whether the hashes are right, and where a kernel wants to be. */
#include <libfdt.h>
#include <string.h>

#include "kernel/bundle_parse.h"
#include "lib/bits.h"
#include "lib/fdt_blob.h"

#define GZIP_MAGIC "\x1f\x8b"

/*
 * The bytes of an image, in U-Boot's order: at data-position from the start of the FIT, at data-offset from its end
 * rounded up to 4 (both made by mkimage -E), or in the tree itself. Returns what is wrong, or NULL.
 */
static const char *find_data(const struct bundle *bundle, int image, struct bundle_blob *blob)
{
	uint32_t at = 0, size = 0;
	uint64_t start = 0;
	int length;
	const void *data;

	if (fdt_blob_u32(bundle->fit, image, "data-position", &at)) {
		start = at;
	} else if (fdt_blob_u32(bundle->fit, image, "data-offset", &at)) {
		start = align_up(fdt_totalsize(bundle->fit), 4) + at;
	} else {
		data = fdt_getprop(bundle->fit, image, "data", &length);
		if (!data)
			return "has no data";
		*blob = (struct bundle_blob){ data, (uint64_t)length };
		return length == 0 ? "is empty" : NULL;
	}
	if (!fdt_blob_u32(bundle->fit, image, "data-size", &size))
		return "has no data-size";
	if (size == 0)
		return "is empty";
	if (start > bundle->size_bytes || size > bundle->size_bytes - start)
		return "reaches past the end of the bundle";
	*blob = (struct bundle_blob){ bundle->fit + start, size };
	return NULL;
}

static bool is_hash_node(const char *name)
{
	return strncmp(name, "hash", 4) == 0 && (name[4] == '\0' || name[4] == '-' || name[4] == '@');
}

static bool verify_hash(struct bundle_vm *vm, const char *property, const char *image_name, int hash,
			const struct bundle_blob *blob)
{
	const void *fit = vm->bundle->fit;
	const char *algo = fdt_blob_string(fit, hash, "algo");
	uint8_t digest[BUNDLE_DIGEST_MAX];
	unsigned int digest_bytes;
	int length;
	const void *value = fdt_getprop(fit, hash, "value", &length);

	if (!algo || !value) {
		bundle_vm_refuse(vm, property, "image \"%s\": its hash has no algo or no value", image_name);
		return false;
	}
	if (bundle_hash(algo, blob->data, blob->size_bytes, digest, &digest_bytes) != HV_OK) {
		bundle_vm_refuse(vm, property, "image \"%s\": hash algorithm \"%s\" is not known", image_name, algo);
		return false;
	}
	if (length != (int)digest_bytes || memcmp(value, digest, digest_bytes) != 0) {
		bundle_vm_refuse(vm, property, "image \"%s\": its %s hash is wrong", image_name, algo);
		return false;
	}
	return true;
}

static bool verify_hashes(struct bundle_vm *vm, const char *property, const char *image_name, int image,
			  const struct bundle_blob *blob)
{
	struct bundle *bundle = vm->bundle;
	int node;

	for (unsigned int i = 0; i < bundle->nr_verified; i++)
		if (bundle->verified[i] == image)
			return true;
	fdt_for_each_subnode(node, bundle->fit,
			     image) if (is_hash_node(fdt_get_name(bundle->fit, node, NULL)) &&
					!verify_hash(vm, property, image_name, node, blob)) return false;
	if (bundle->nr_verified < BUNDLE_MAX_VERIFIED)
		bundle->verified[bundle->nr_verified++] = image;
	return true;
}

/* The node of the image that the property names; -1 when the property is absent, or after saying what is wrong. */
static int find_node(struct bundle_vm *vm, const char *property, const char **image_name)
{
	const void *fit = vm->bundle->fit;
	int length, image;

	if (!fdt_getprop(fit, vm->node, property, &length))
		return -1;
	*image_name = fdt_blob_string(fit, vm->node, property);
	if (!*image_name || strlen(*image_name) + 1 != (size_t)length) {
		bundle_vm_refuse(vm, property, "wants the name of one image");
		return -1;
	}
	image = fdt_subnode_offset(fit, vm->bundle->images, *image_name);
	if (image < 0)
		bundle_vm_refuse(vm, property, "there is no image \"%s\"", *image_name);
	return image < 0 ? -1 : image;
}

int bundle_image_find(struct bundle_vm *vm, const char *property, struct bundle_blob *blob)
{
	const char *image_name = NULL, *compression, *fault;
	int image = find_node(vm, property, &image_name);

	if (image < 0)
		return -1;
	compression = fdt_blob_string(vm->bundle->fit, image, "compression");
	if (compression && strcmp(compression, "none") != 0) {
		bundle_vm_refuse(vm, property, "image \"%s\": compression \"%s\" is not supported, only \"none\"",
				 image_name, compression);
		return -1;
	}
	fault = find_data(vm->bundle, image, blob);
	if (fault) {
		bundle_vm_refuse(vm, property, "image \"%s\" %s", image_name, fault);
		return -1;
	}
	return verify_hashes(vm, property, image_name, image, blob) ? image : -1;
}

/* The header of an arm64 Image, little-endian. [Linux Documentation/arch/arm64/booting.rst] */
#define IMAGE_TEXT_OFFSET     8
#define IMAGE_SIZE	      16
#define IMAGE_FLAGS	      24
#define IMAGE_MAGIC	      56
#define IMAGE_HEADER_BYTES    64
#define IMAGE_FLAG_BIG_ENDIAN BIT(0)
#define IMAGE_MAGIC_VALUE     UINT64_C(0x644d5241) /* "ARM\x64" */
/* "Where image_size is zero, text_offset can be assumed to be 0x80000": kernels before 3.17. */
#define IMAGE_OLD_TEXT_OFFSET UINT64_C(0x80000)

/* Byte by byte: the bundle's data is 4-byte aligned only. */
static uint64_t load_le(const uint8_t *bytes, unsigned int width)
{
	uint64_t value = 0;

	while (width-- > 0)
		value = value << 8 | bytes[width];
	return value;
}

/*
 * RAM base + text_offset suits every Image: "as close as possible to the base of DRAM" where flags bit 3 is clear, any
 * 2 MiB-aligned base where it is set.
 */
static void place_image(struct bundle_vm *vm)
{
	struct vm_config *config = vm->config;
	const uint8_t *header = config->kernel.data;
	uint64_t text_offset = load_le(header + IMAGE_TEXT_OFFSET, 8);
	uint64_t image_size = load_le(header + IMAGE_SIZE, 8);

	/* A guest starts with SCTLR_EL1.EE clear, and nothing here says that it would be switched. */
	if (load_le(header + IMAGE_FLAGS, 8) & IMAGE_FLAG_BIG_ENDIAN)
		bundle_vm_refuse(vm, "kernel", "its Image header says big-endian, guests start little-endian");
	if (image_size == 0)
		text_offset = IMAGE_OLD_TEXT_OFFSET;
	config->kernel_is_image = true;
	if (!is_aligned(text_offset, 4))
		bundle_vm_refuse(vm, "kernel", "its Image header has text_offset 0x%lx, where no instruction can lie",
				 (unsigned long)text_offset);
	config->kernel_load = ipa(vm->bundle->host->ram_base.raw + text_offset);
	config->kernel_bytes = max_u64(image_size, config->kernel.size_bytes);
	config->kernel_entry = config->kernel_load;
}

static void place_raw(struct bundle_vm *vm, int image)
{
	const void *fit = vm->bundle->fit;
	struct vm_config *config = vm->config;
	uint64_t ram_base = vm->bundle->host->ram_base.raw;

	if (config->kernel.size_bytes >= 2 && memcmp(config->kernel.data, GZIP_MAGIC, 2) == 0) {
		bundle_vm_refuse(vm, "kernel", "it is compressed by gzip: unpack it first");
		return;
	}
	if (!fdt_blob_u32_or_u64(fit, image, "load", &config->kernel_load.raw) ||
	    !fdt_blob_u32_or_u64(fit, image, "entry", &config->kernel_entry.raw)) {
		bundle_vm_refuse(vm, "kernel", "it has no arm64 Image header, so its image needs load and entry");
		return;
	}
	config->kernel_bytes = config->kernel.size_bytes;
	if (!range_contains(ram_base, config->memory_bytes, config->kernel_entry.raw, 4) ||
	    !is_aligned(config->kernel_entry.raw, 4))
		bundle_vm_refuse(vm, "kernel", "entry 0x%lx is no instruction's place in the guest's RAM",
				 (unsigned long)config->kernel_entry.raw);
}

void bundle_image_place_kernel(struct bundle_vm *vm, int image)
{
	const struct bundle_blob *kernel = &vm->config->kernel;
	const char *arch = fdt_blob_string(vm->bundle->fit, image, "arch");

	if (arch && strcmp(arch, "arm64") != 0) {
		bundle_vm_refuse(vm, "kernel", "its arch is \"%s\", not \"arm64\"", arch);
		return;
	}
	if (kernel->size_bytes >= IMAGE_HEADER_BYTES && load_le(kernel->data + IMAGE_MAGIC, 4) == IMAGE_MAGIC_VALUE)
		place_image(vm);
	else
		place_raw(vm, image);
}

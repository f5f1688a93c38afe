/* One `corbel,vm` configuration: its properties, by one table, and whether it all fits together. [DESIGN section 4] */
#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernel/bundle_parse.h"
#include "kernel/guest_fdt.h"
#include "kernel/vm_layout.h"
#include "lib/bits.h"
#include "lib/fdt_blob.h"

#define TEXT_MAX   160
#define OUR_PREFIX "corbel,"
#define MIB_SHIFT  20

#define DEFAULT_MEMORY_MIB 128

/* A GICv2 has eight CPU interfaces [IHI0048 1.1]: as long as no VM has more vCPUs, none needs to be told. */
_Static_assert(MAX_VCPUS_PER_VM <= 8, "corbel,gic = <2> needs a check of corbel,vcpus");

void bundle_vm_say(struct bundle_vm *vm, bool is_error, const char *property, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	vm->is_bad |= is_error;
	vm->bundle->report(vm->bundle->ctx, is_error, vm->name, property, text);
}

struct vm_property {
	const char *name;
	/* Takes the value into vm->config. NULL: known, not supported yet. */
	void (*apply)(struct bundle_vm *vm, const struct vm_property *property, const uint8_t *data,
		      unsigned int length);
	size_t offset; /* apply_number: into vm_config; from min to max */
	uint32_t min, max;
};

static bool take_cell(struct bundle_vm *vm, const struct vm_property *property, const uint8_t *data,
		      unsigned int length, uint32_t *value)
{
	if (length != 4) {
		bundle_vm_refuse(vm, property->name, "wants one cell, has %u bytes", length);
		return false;
	}
	*value = (uint32_t)fdt_blob_cells(data, 1);
	if (*value == 0 && property->min != 0 && property->max != 0) {
		bundle_vm_refuse(vm, property->name, "is 0: leave it out for its default; %u to %u are possible",
				 property->min, property->max);
		return false;
	}
	if (property->max != 0 && (*value < property->min || *value > property->max)) {
		bundle_vm_refuse(vm, property->name, "wants %u, %u to %u are possible", *value, property->min,
				 property->max);
		return false;
	}
	return true;
}

static void apply_number(struct bundle_vm *vm, const struct vm_property *property, const uint8_t *data,
			 unsigned int length)
{
	uint32_t value;

	if (take_cell(vm, property, data, length, &value))
		memcpy((uint8_t *)vm->config + property->offset, &value, sizeof(value));
}

static void apply_bool(struct bundle_vm *vm, const struct vm_property *property, const uint8_t *data,
		       unsigned int length)
{
	uint32_t value;

	if (take_cell(vm, property, data, length, &value))
		*(bool *)((uint8_t *)vm->config + property->offset) = value != 0;
}

static void apply_smc_allow(struct bundle_vm *vm, const struct vm_property *property, const uint8_t *data,
			    unsigned int length)
{
	bundle_smc_take(vm, property->name, data, length);
}

static void apply_memory(struct bundle_vm *vm, const struct vm_property *property, const uint8_t *data,
			 unsigned int length)
{
	uint32_t mib;

	if (take_cell(vm, property, data, length, &mib))
		vm->config->memory_bytes = (uint64_t)mib << MIB_SHIFT;
}

/* Is it a string of exactly `length` bytes? */
static const char *take_string(struct bundle_vm *vm, const struct vm_property *property, const uint8_t *data,
			       unsigned int length)
{
	if (length != 0 && memchr(data, 0, length) == data + length - 1)
		return (const char *)data;
	bundle_vm_refuse(vm, property->name, "wants one string");
	return NULL;
}

static void apply_bootargs(struct bundle_vm *vm, const struct vm_property *property, const uint8_t *data,
			   unsigned int length)
{
	const char *text = take_string(vm, property, data, length);

	if (text)
		vm->config->bootargs = text;
}

static void apply_policy(struct bundle_vm *vm, const struct vm_property *property, const uint8_t *data,
			 unsigned int length)
{
	const char *text = take_string(vm, property, data, length);
	enum vm_policy policy;

	if (!text)
		return;
	if (strcmp(text, "stop") != 0 && strcmp(text, "restart") != 0) {
		bundle_vm_refuse(vm, property->name, "wants \"%s\", \"stop\" and \"restart\" are possible", text);
		return;
	}
	policy = strcmp(text, "stop") == 0 ? VM_POLICY_STOP : VM_POLICY_RESTART;
	memcpy((uint8_t *)vm->config + property->offset, &policy, sizeof(policy));
}

/* Names, each with its NUL, none empty: whether the host has such devices is seen when the VM is created. */
static void apply_passthrough(struct bundle_vm *vm, const struct vm_property *property, const uint8_t *data,
			      unsigned int length)
{
	bool is_list = length != 0 && data[length - 1] == '\0' && data[0] != '\0';

	for (unsigned int i = 1; i < length && is_list; i++)
		is_list = data[i] != '\0' || data[i - 1] != '\0';
	if (!is_list) {
		bundle_vm_refuse(vm, property->name, "wants strings: paths or aliases of the host's device tree");
		return;
	}
	vm->config->passthrough = (const char *)data;
	vm->config->passthrough_bytes = length;
}

static uint64_t all_cpus(const struct bundle_vm *vm)
{
	return GENMASK(vm->bundle->host->nr_cpus - 1, 0);
}

static void apply_affinity(struct bundle_vm *vm, const struct vm_property *property, const uint8_t *data,
			   unsigned int length)
{
	uint32_t nr_vcpus = vm->config->nr_vcpus;

	if (length != 4 && length != 4 * nr_vcpus) {
		bundle_vm_refuse(vm, property->name, "wants one cell or one for each of %u vCPUs, has %u bytes",
				 nr_vcpus, length);
		return;
	}
	for (unsigned int i = 0; i < nr_vcpus; i++) {
		uint64_t mask = fdt_blob_cells(length == 4 ? data : data + 4 * i, 1);

		if ((mask & all_cpus(vm)) == 0) {
			bundle_vm_refuse(vm, property->name, "mask 0x%lx names none of the host's %u CPUs",
					 (unsigned long)mask, vm->bundle->host->nr_cpus);
			return;
		}
		vm->config->affinity[i] = mask & all_cpus(vm);
	}
}

static void apply_gic(struct bundle_vm *vm, const struct vm_property *property, const uint8_t *data,
		      unsigned int length)
{
	uint32_t host = vm->bundle->host->gic_version, value;

	if (!take_cell(vm, property, data, length, &value))
		return;
	if (value == 3 && host == 2)
		bundle_vm_refuse(vm, property->name, "wants 3, the host has a GICv2: 3 needs a GICv3");
	else if (value == 2 && host == 3)
		bundle_vm_refuse(vm, property->name,
				 "wants 2, the host has a GICv3 and no GICv2 virtual CPU interface (GICV)");
	vm->config->gic_version = value;
}

/* In the order in which they are applied: the affinity needs the number of vCPUs. */
#define FIELD(field) offsetof(struct vm_config, field)
static const struct vm_property property_table[] = {
	{ "corbel,vcpus", apply_number, FIELD(nr_vcpus), 1, MAX_VCPUS_PER_VM },
	{ "corbel,memory-mib", apply_memory, 0, 1, UINT32_MAX },
	{ "corbel,bootargs", apply_bootargs, 0, 0, 0 },
	{ "corbel,affinity", apply_affinity, 0, 0, 0 },
	{ "corbel,priority", apply_number, FIELD(priority), 0, UINT32_MAX },
	{ "corbel,gic", apply_gic, 0, 2, 3 },
	{ "corbel,autostart", apply_bool, FIELD(autostart), 0, 1 },
	{ "corbel,on-crash", apply_policy, FIELD(on_crash), 0, 0 },
	{ "corbel,on-reset", apply_policy, FIELD(on_reset), 0, 0 },
	{ "corbel,weight", apply_number, FIELD(weight), WEIGHT_MIN, WEIGHT_MAX },
	{ "corbel,budget-us", apply_number, FIELD(budget_us), BUDGET_MIN_US, PERIOD_MAX_US },
	{ "corbel,period-us", apply_number, FIELD(period_us), BUDGET_MIN_US, PERIOD_MAX_US },
	{ "corbel,smc-allow", apply_smc_allow, 0, 0, 0 },
	{ "corbel,passthrough", apply_passthrough, 0, 0, 0 },
	{ "corbel,direct-map", apply_bool, FIELD(direct_map), 0, 1 },
	{ "corbel,power-key", apply_bool, FIELD(power_key), 0, 1 },
};

static bool is_known(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(property_table); i++)
		if (strcmp(name, property_table[i].name) == 0)
			return true;
	return false;
}

/* Each property that is ours must be known. */
static void check_names(struct bundle_vm *vm)
{
	int at;

	fdt_for_each_property_offset(at, vm->bundle->fit, vm->node)
	{
		const char *name = NULL;

		if (!fdt_getprop_by_offset(vm->bundle->fit, at, &name, NULL) ||
		    strncmp(name, OUR_PREFIX, strlen(OUR_PREFIX)) != 0)
			continue;
		if (!is_known(name))
			bundle_vm_refuse(vm, name, "is not known");
	}
}

static void apply_properties(struct bundle_vm *vm)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(property_table); i++) {
		const struct vm_property *property = &property_table[i];
		int length;
		const void *data = fdt_getprop(vm->bundle->fit, vm->node, property->name, &length);

		if (data)
			property->apply(vm, property, data, (unsigned int)length);
	}
}

static void set_defaults(struct bundle_vm *vm)
{
	*vm->config = (struct vm_config){
		.bootargs = "",
		.nr_vcpus = 1,
		.memory_bytes = (uint64_t)DEFAULT_MEMORY_MIB << MIB_SHIFT,
		.weight = WEIGHT_DEFAULT,
		.gic_version = vm->bundle->host->gic_version,
		.autostart = true,
		.on_crash = VM_POLICY_STOP,
		.on_reset = VM_POLICY_RESTART,
	};
	for (unsigned int i = 0; i < MAX_VCPUS_PER_VM; i++)
		vm->config->affinity[i] = all_cpus(vm);
}

static void check_name(struct bundle_vm *vm)
{
	if (strlen(vm->name) >= VM_NAME_MAX)
		bundle_vm_refuse(vm, "", "its name has more than %u characters", VM_NAME_MAX - 1);
	else
		strcpy(vm->config->name, vm->name);
}

static void take_images(struct bundle_vm *vm)
{
	struct vm_config *config = vm->config;
	int kernel = bundle_image_find(vm, "kernel", &config->kernel);

	if (kernel >= 0)
		bundle_image_place_kernel(vm, kernel);
	else if (!fdt_getprop(vm->bundle->fit, vm->node, "kernel", NULL))
		bundle_vm_refuse(vm, "kernel", "is missing");
	bundle_image_find(vm, "ramdisk", &config->ramdisk);
	bundle_image_find(vm, "fdt", &config->fdt);
	if (config->fdt.size_bytes > GUEST_FDT_MAX_BYTES)
		bundle_vm_refuse(vm, "fdt", "has %lu bytes, at most %u are possible",
				 (unsigned long)config->fdt.size_bytes, GUEST_FDT_MAX_BYTES);
}

/* What all VMs share: the host's free memory and the number of vCPUs. */
static void check_shares(struct bundle_vm *vm)
{
	const struct bundle *bundle = vm->bundle;
	uint64_t wants = vm->config->memory_bytes;

	if (wants > bundle->host->max_ram_bytes)
		bundle_vm_refuse(vm, "corbel,memory-mib", "wants %lu MiB, a guest's address space has room for %lu MiB",
				 (unsigned long)(wants >> MIB_SHIFT),
				 (unsigned long)(bundle->host->max_ram_bytes >> MIB_SHIFT));
	else if (wants > bundle->free_bytes)
		bundle_vm_refuse(vm, "corbel,memory-mib", "wants %lu MiB, %lu MiB are free",
				 (unsigned long)(wants >> MIB_SHIFT), (unsigned long)(bundle->free_bytes >> MIB_SHIFT));
	if (vm->config->nr_vcpus > bundle->free_vcpus)
		bundle_vm_refuse(vm, "corbel,vcpus", "wants %u, %u are left of %u for all VMs", vm->config->nr_vcpus,
				 bundle->free_vcpus, MAX_VCPUS);
}

/* A budget is of a period, which has a default; a period alone limits nothing. */
static void check_budget(struct bundle_vm *vm)
{
	struct vm_config *config = vm->config;

	if (config->budget_us == 0 && config->period_us != 0)
		bundle_vm_refuse(vm, "corbel,period-us", "is of a budget, and there is no corbel,budget-us");
	if (config->period_us == 0)
		config->period_us = PERIOD_DEFAULT_US;
	if (config->budget_us > config->period_us)
		bundle_vm_refuse(vm, "corbel,budget-us", "is %u, the period has %u", config->budget_us,
				 config->period_us);
}

/* RAM with IPA = PA is one block of the page allocator's, and where it lies is known only when the VM is created. */
static void check_direct_map(struct bundle_vm *vm)
{
	const struct vm_config *config = vm->config;
	uint64_t bytes = config->memory_bytes;

	if (!config->direct_map)
		return;
	if ((bytes & (bytes - 1)) != 0 || bytes > DIRECT_MAP_MAX_BYTES)
		bundle_vm_refuse(vm, "corbel,memory-mib",
				 "wants %lu MiB: with corbel,direct-map a power of two up to %lu is possible",
				 (unsigned long)(bytes >> MIB_SHIFT),
				 (unsigned long)(DIRECT_MAP_MAX_BYTES >> MIB_SHIFT));
	if (config->kernel.size_bytes != 0 && !config->kernel_is_image)
		bundle_vm_refuse(vm, "corbel,direct-map",
				 "needs a kernel with an Image header, which runs at any address");
}

static void check_layout(struct bundle_vm *vm)
{
	struct vm_layout layout;
	const char *property;
	char message[VM_LAYOUT_MESSAGE_MAX];

	if (vm_layout_plan(vm->config, vm->bundle->host->ram_base, &layout, &property, message) != HV_OK)
		bundle_vm_refuse(vm, property, "%s", message);
}

void bundle_vm_parse(struct bundle_vm *vm)
{
	set_defaults(vm);
	check_name(vm);
	check_names(vm);
	apply_properties(vm);
	check_shares(vm);
	take_images(vm);
	check_budget(vm);
	check_direct_map(vm);
	/* Only what is right so far can be laid out; anything else would be blamed twice. */
	if (!vm->is_bad)
		check_layout(vm);
	if (vm->is_bad)
		return;
	vm->bundle->free_bytes -= vm->config->memory_bytes;
	vm->bundle->free_vcpus -= vm->config->nr_vcpus;
}

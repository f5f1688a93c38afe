#include "kernel/guest_fdt.h"

#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernel/guest_fdt_devices.h"
#include "kernel/guest_fdt_image.h"
#include "kernel/guest_fdt_power_key.h"
#include "lib/bits.h"
#include "lib/fdt_blob.h"

#define MESSAGE_MAX	160
#define APB_CLOCK_HZ	24000000
#define GICR_PAIR_BYTES 0x20000 /* RD_base and SGI_base of one vCPU [IHI0069 12.10] */
/* Each node with a label has one, for overlays to refer to. */
enum phandle {
	PHANDLE_GIC = 1,
	PHANDLE_CLOCK,
	PHANDLE_UART,
	PHANDLE_RTC,
	PHANDLE_GPIO,
	PHANDLE_TIMER,
	PHANDLE_PSCI,
	PHANDLE_CPUS,
	PHANDLE_CPU0
};

/* Cells of an interrupt specifier. [Linux bindings: arm,gic.yaml] */
#define IRQ_SPI	       0
#define IRQ_PPI	       1
#define IRQ_LEVEL_HIGH 4

/* --- a tree being written in one go: the first error sticks --- */

struct writer {
	void *fdt;
	int err;
	const struct vm_config *config;
	const struct guest_map *map;
	const struct guest_fdt_facts *facts;
};

static void keep_error(struct writer *w, int err)
{
	if (w->err == 0)
		w->err = err;
}

static void begin(struct writer *w, const char *name)
{
	keep_error(w, fdt_begin_node(w->fdt, name));
}

/* A node named by where it is. */
static void begin_at(struct writer *w, const char *name, uint64_t unit_address)
{
	char text[32];

	snprintf(text, sizeof(text), "%s@%lx", name, (unsigned long)unit_address);
	begin(w, text);
}

static void end(struct writer *w)
{
	keep_error(w, fdt_end_node(w->fdt));
}

static void put(struct writer *w, const char *name, const void *data, size_t size_bytes)
{
	keep_error(w, fdt_property(w->fdt, name, data, (int)size_bytes));
}

static void put_string(struct writer *w, const char *name, const char *text)
{
	put(w, name, text, strlen(text) + 1);
}

/* A property that says all by being there. */
static void put_flag(struct writer *w, const char *name)
{
	put(w, name, "", 0);
}

static void put_cell(struct writer *w, const char *name, uint32_t value)
{
	keep_error(w, fdt_property_u32(w->fdt, name, value));
}

static void put_u64(struct writer *w, const char *name, uint64_t value)
{
	keep_error(w, fdt_property_u64(w->fdt, name, value));
}

/* One or two windows, in two cells an address and two a size. */
static void put_reg(struct writer *w, const struct guest_window *windows, unsigned int nr_windows)
{
	fdt64_t reg[2][2];

	for (unsigned int i = 0; i < nr_windows; i++) {
		reg[i][0] = cpu_to_fdt64(windows[i].base.raw);
		reg[i][1] = cpu_to_fdt64(windows[i].size_bytes);
	}
	put(w, "reg", reg, nr_windows * sizeof(reg[0]));
}

static void put_interrupts(struct writer *w, const uint32_t *intids, unsigned int nr_intids)
{
	fdt32_t cells[4][3];

	for (unsigned int i = 0; i < nr_intids; i++) {
		bool is_spi = intids[i] >= 32;

		cells[i][0] = cpu_to_fdt32(is_spi ? IRQ_SPI : IRQ_PPI);
		cells[i][1] = cpu_to_fdt32(is_spi ? intids[i] - 32 : intids[i] - 16);
		cells[i][2] = cpu_to_fdt32(IRQ_LEVEL_HIGH);
	}
	put(w, "interrupts", cells, nr_intids * sizeof(cells[0]));
}

/* A list of strings is given whole, with its NULs: "a\0b". */
#define put_strings(w, name, list) put(w, name, list, sizeof(list))

/* --- the nodes --- */

static void write_root(struct writer *w)
{
	put_cell(w, "interrupt-parent", PHANDLE_GIC);
	put_string(w, "model", "linux,dummy-virt");
	put_cell(w, "#size-cells", 2);
	put_cell(w, "#address-cells", 2);
	put_string(w, "compatible", "linux,dummy-virt");
}

/* Linux without rng-seed has no entropy for minutes, and with an unseeded pool every system call costs more. */
static void write_chosen(struct writer *w)
{
	const struct guest_fdt_facts *facts = w->facts;
	char path[32];

	begin(w, "chosen");
	put_string(w, "bootargs", w->config->bootargs);
	snprintf(path, sizeof(path), "/pl011@%lx", (unsigned long)w->map->uart.base.raw);
	put_string(w, "stdout-path", path);
	if (facts->initrd_bytes != 0) {
		put_u64(w, "linux,initrd-start", facts->initrd_base.raw);
		put_u64(w, "linux,initrd-end", facts->initrd_base.raw + facts->initrd_bytes);
	}
	put(w, "rng-seed", facts->rng_seed, sizeof(facts->rng_seed));
	put_u64(w, "kaslr-seed", facts->kaslr_seed);
	end(w);
	begin(w, "aliases");
	put_string(w, "serial0", path);
	end(w);
}

static void write_memory(struct writer *w)
{
	struct guest_window ram = { w->map->ram_base, w->config->memory_bytes };

	begin_at(w, "memory", ram.base.raw);
	put_string(w, "device_type", "memory");
	put_reg(w, &ram, 1);
	end(w);
}

static void write_cpus(struct writer *w)
{
	begin(w, "cpus");
	put_cell(w, "#address-cells", 1); /* no vCPU has an Aff3 */
	put_cell(w, "#size-cells", 0);
	put_cell(w, "phandle", PHANDLE_CPUS);
	for (uint32_t i = 0; i < w->config->nr_vcpus; i++) {
		uint32_t affinity = (uint32_t)w->facts->mpidrs[i] & 0xffffff;

		begin_at(w, "cpu", affinity);
		put_string(w, "device_type", "cpu");
		put_string(w, "compatible", "arm,armv8");
		put_cell(w, "reg", affinity);
		put_string(w, "enable-method", "psci");
		put_cell(w, "phandle", PHANDLE_CPU0 + i);
		end(w);
	}
	end(w);
}

static void write_psci(struct writer *w)
{
	begin(w, "psci");
	put_strings(w, "compatible", "arm,psci-1.0\0arm,psci-0.2");
	put_string(w, "method", "hvc");
	put_cell(w, "phandle", PHANDLE_PSCI);
	end(w);
}

/* always-on: a parked vCPU's timer wakes it, there is no power state that would lose it. */
static void write_timer(struct writer *w)
{
	begin(w, "timer");
	put_strings(w, "compatible", "arm,armv8-timer\0arm,armv7-timer");
	put_flag(w, "always-on");
	put_interrupts(w, w->map->timer_intids, ARRAY_SIZE(w->map->timer_intids));
	put_cell(w, "phandle", PHANDLE_TIMER);
	end(w);
}

static void write_gic(struct writer *w)
{
	const struct guest_map *map = w->map;
	struct guest_window windows[2] = { map->gicd, map->gicc };
	bool is_v3 = w->config->gic_version == 3;

	if (is_v3)
		windows[1] = (struct guest_window){ map->gicr.base, (uint64_t)w->config->nr_vcpus * GICR_PAIR_BYTES };
	begin_at(w, "intc", map->gicd.base.raw);
	put_string(w, "compatible", is_v3 ? "arm,gic-v3" : "arm,cortex-a15-gic");
	put_flag(w, "interrupt-controller");
	put_cell(w, "#interrupt-cells", 3);
	/* As on virt: what an overlay puts below (a frame of its own) has the root's addresses. */
	put_cell(w, "#address-cells", 2);
	put_cell(w, "#size-cells", 2);
	put_flag(w, "ranges");
	put_reg(w, windows, 2);
	if (is_v3)
		put_cell(w, "#redistributor-regions", 1);
	put_cell(w, "phandle", PHANDLE_GIC);
	end(w);
}

static void write_clock(struct writer *w)
{
	begin(w, "apb-pclk");
	put_string(w, "compatible", "fixed-clock");
	put_cell(w, "#clock-cells", 0);
	put_cell(w, "clock-frequency", APB_CLOCK_HZ);
	put_string(w, "clock-output-names", "clk24mhz");
	put_cell(w, "phandle", PHANDLE_CLOCK);
	end(w);
}

static void write_uart(struct writer *w)
{
	const fdt32_t clocks[2] = { cpu_to_fdt32(PHANDLE_CLOCK), cpu_to_fdt32(PHANDLE_CLOCK) };

	begin_at(w, "pl011", w->map->uart.base.raw);
	put_strings(w, "compatible", "arm,pl011\0arm,primecell");
	put_reg(w, &w->map->uart, 1);
	put_interrupts(w, &w->map->uart_intid, 1);
	put(w, "clocks", clocks, sizeof(clocks));
	put_strings(w, "clock-names", "uartclk\0apb_pclk");
	put_cell(w, "phandle", PHANDLE_UART);
	end(w);
}

static void write_rtc(struct writer *w)
{
	begin_at(w, "pl031", w->map->rtc.base.raw);
	put_strings(w, "compatible", "arm,pl031\0arm,primecell");
	put_reg(w, &w->map->rtc, 1);
	put_interrupts(w, &w->map->rtc_intid, 1);
	put_cell(w, "clocks", PHANDLE_CLOCK);
	put_string(w, "clock-names", "apb_pclk");
	put_cell(w, "phandle", PHANDLE_RTC);
	end(w);
}

static void put_symbol_at(struct writer *w, const char *label, const char *node, uint64_t unit_address)
{
	char path[32];

	snprintf(path, sizeof(path), "/%s@%lx", node, (unsigned long)unit_address);
	put_string(w, label, path);
}

/* The labels that an overlay may refer to; part of docs/bundle.md. */
static void write_symbols(struct writer *w)
{
	begin(w, "__symbols__");
	put_symbol_at(w, "gic", "intc", w->map->gicd.base.raw);
	put_symbol_at(w, "uart0", "pl011", w->map->uart.base.raw);
	put_symbol_at(w, "rtc", "pl031", w->map->rtc.base.raw);
	put_string(w, "apb_pclk", "/apb-pclk");
	put_string(w, "timer", "/timer");
	put_string(w, "psci", "/psci");
	put_string(w, "cpus", "/cpus");
	for (uint32_t i = 0; i < w->config->nr_vcpus; i++) {
		char label[16];

		snprintf(label, sizeof(label), "cpu%u", (unsigned int)i);
		put_symbol_at(w, label, "cpus/cpu", w->facts->mpidrs[i] & 0xffffff);
	}
	end(w);
}

static int generate(struct writer *w, size_t size_bytes)
{
	keep_error(w, fdt_create(w->fdt, (int)size_bytes));
	keep_error(w, fdt_finish_reservemap(w->fdt));
	begin(w, "");
	write_root(w);
	write_chosen(w);
	write_memory(w);
	write_cpus(w);
	write_psci(w);
	write_timer(w);
	write_gic(w);
	write_clock(w);
	write_uart(w);
	write_rtc(w);
	if (w->config->power_key)
		keep_error(w, guest_fdt_put_power_key(w->fdt, w->map, PHANDLE_CLOCK, PHANDLE_GPIO));
	if (w->facts->devices != NULL)
		keep_error(w, guest_fdt_put_devices(w->fdt, w->facts->host_fdt, w->facts->devices, PHANDLE_GIC,
						    PHANDLE_CPU0 + w->config->nr_vcpus));
	write_symbols(w);
	end(w);
	keep_error(w, fdt_finish(w->fdt));
	return w->err;
}

/* --- the whole --- */

/* The VM's own image as a checked, aligned copy in scratch. */
static enum hv_err copy_image(const struct bundle_blob *image, void *scratch, size_t size_bytes,
			      char message[MESSAGE_MAX])
{
	const char *fault;

	if (image->size_bytes > size_bytes) {
		snprintf(message, MESSAGE_MAX, "the fdt image has %lu bytes, at most %lu are possible",
			 (unsigned long)image->size_bytes, (unsigned long)size_bytes);
		return HV_ENOMEM;
	}
	memcpy(scratch, image->data, image->size_bytes);
	fault = fdt_blob_fault(scratch, image->size_bytes);
	if (!fault && guest_fdt_is_overlay(scratch))
		fault = guest_fdt_overlay_fault(scratch);
	if (!fault)
		return HV_OK;
	snprintf(message, MESSAGE_MAX, "the fdt image is no usable device tree: %s", fault);
	return HV_EINVAL;
}

/* libfdt's errors in words; those that a user's fdt image can cause have a sentence of their own. */
static enum hv_err explain(int err, const char *what, char message[MESSAGE_MAX])
{
	const char *why = fdt_strerror(err);

	if (err == 0)
		return HV_OK;
	if (err == -FDT_ERR_NOSPACE)
		why = "the guest's device tree becomes too large";
	else if (err == -FDT_ERR_NOTFOUND)
		why = "it refers to a label or path that the generated tree does not have";
	snprintf(message, MESSAGE_MAX, "%s: %s", what, why);
	return err == -FDT_ERR_NOSPACE ? HV_ENOMEM : HV_EINVAL;
}

static int apply_overlay(void *fdt, void *overlay, size_t size_bytes)
{
	int err = fdt_open_into(fdt, fdt, (int)size_bytes);

	if (err == 0)
		err = fdt_overlay_apply(fdt, overlay);
	return err != 0 ? err : fdt_pack(fdt);
}

enum hv_err guest_fdt_build(const struct vm_config *config, const struct guest_map *map,
			    const struct guest_fdt_facts *facts, void *buffer, void *scratch, size_t size_bytes,
			    char message[MESSAGE_MAX])
{
	struct writer w = { .fdt = buffer, .config = config, .map = map, .facts = facts };
	bool has_image = config->fdt.size_bytes != 0;
	enum hv_err result;

	message[0] = '\0';
	/* All of the buffer goes to the guest: what was in this memory before must not. */
	memset(buffer, 0, size_bytes);
	if (has_image) {
		result = copy_image(&config->fdt, scratch, size_bytes, message);
		if (result != HV_OK)
			return result;
		if (!guest_fdt_is_overlay(scratch))
			return explain(guest_fdt_adopt(config, map, facts, buffer, scratch, size_bytes),
				       "the fdt image", message);
	}
	result = explain(generate(&w, size_bytes), "the generated tree", message);
	if (result == HV_OK && has_image)
		result = explain(apply_overlay(buffer, scratch, size_bytes), "the fdt image, an overlay", message);
	return result;
}

/* The scan of the host's tree: what it reads of four machines, of trees made here, and that no broken one harms it. */
#include <check.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bits.h"
#include "platform/hw_info.h"
#include "tests/fakes/prng.h"

static _Alignas(4096) uint8_t tree[16384];
static struct hw_info hw;
static char message[HW_MESSAGE_MAX];

static enum hv_err scan(const void *fdt)
{
	memset(&hw, 0xee, sizeof(hw));
	memset(message, 0xee, sizeof(message));
	return fdt_scan(fdt, &hw, message);
}

static size_t read_tree(const char *name)
{
	const char *dir = getenv("TEST_DTB_DIR");
	char path[256];
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir ? dir : "build/host/dtb", name);
	file = fopen(path, "rb");
	ck_assert_msg(file != NULL, "%s: no such file (make test-dtbs)", path);
	size = fread(tree, 1, sizeof(tree), file);
	fclose(file);
	return size;
}

static void scan_file(const char *name)
{
	read_tree(name);
	ck_assert_msg(scan(tree) == HV_OK, "%s", message);
	ck_assert_str_eq(message, "");
	ck_assert_ptr_eq(hw.fdt, tree);
	ck_assert_uint_eq(hw.fdt_size_bytes, fdt_totalsize(tree));
}

static void expect_range(const struct hw_range *range, uint64_t base, uint64_t size)
{
	ck_assert_uint_eq(range->base.raw, base);
	ck_assert_uint_eq(range->size_bytes, size);
}

static void expect_irq(struct hw_irq irq, uint32_t intid, bool edge)
{
	ck_assert_uint_eq(irq.intid, intid);
	ck_assert_int_eq(irq.edge, edge);
}

static bool is_reserved(uint64_t base, uint64_t size)
{
	for (unsigned int i = 0; i < hw.nr_reserved; i++)
		if (hw.reserved[i].base.raw == base && hw.reserved[i].size_bytes == size)
			return true;
	return false;
}

static bool dtb_is_reserved(void)
{
	return is_reserved((uintptr_t)tree, align_up(fdt_totalsize(tree), 4096));
}

/* --- four machines --- */

START_TEST(virt_gicv2)
{
	static const uint8_t seed[] = { 0x00, 0x11, 0x22, 0x33 };

	scan_file("virt-gicv2.dtb");
	ck_assert_str_eq(hw.model, "linux,dummy-virt");
	ck_assert_uint_eq(hw.nr_memory, 1);
	expect_range(&hw.memory[0], 0x40000000, 0x40000000);
	ck_assert_uint_eq(hw.nr_reserved, 3);
	ck_assert(is_reserved(0x48000000, 0x100000));
	ck_assert(is_reserved(0x48200000, 0x13000)); /* the initrd, in whole pages */
	ck_assert(dtb_is_reserved());
	expect_range(&hw.initrd, 0x48200000, 0x12345);
	ck_assert_uint_eq(hw.nr_cpus, 2);
	ck_assert_uint_eq(hw.cpus[1].mpidr, 1);
	ck_assert_int_eq(hw.cpus[1].enable, HW_ENABLE_PSCI);
	ck_assert_int_eq(hw.gic.version, HW_GIC_V2);
	expect_range(&hw.gic.gicd, 0x08000000, 0x10000);
	expect_range(&hw.gic.gicc, 0x08010000, 0x10000);
	expect_range(&hw.gic.gich, 0x08030000, 0x10000);
	expect_range(&hw.gic.gicv, 0x08040000, 0x10000);
	ck_assert_uint_eq(hw.gic.nr_gicr, 0);
	expect_irq(hw.gic.maintenance, 25, false);
	expect_irq(hw.timer_phys_s, 29, false);
	expect_irq(hw.timer_phys_ns, 30, false);
	expect_irq(hw.timer_virt, 27, false);
	expect_irq(hw.timer_hyp, 26, false);
	ck_assert_int_eq(hw.psci, HW_PSCI_SMC);
	ck_assert_uint_eq(hw.nr_uarts, 1);
	ck_assert_uint_eq(hw.console, 0);
	ck_assert_int_eq(hw.uarts[0].kind, HW_UART_PL011);
	ck_assert_uint_eq(hw.uarts[0].base.raw, 0x09000000);
	ck_assert_uint_eq(hw.uarts[0].size_bytes, 0x1000);
	expect_irq(hw.uarts[0].irq, 33, false);
	ck_assert_str_eq(hw.uarts[0].path, "/pl011@9000000");
	ck_assert_str_eq(hw.bootargs, "loglevel=debug on-idle=monitor");
	ck_assert_uint_eq(hw.rng_seed_bytes, 32);
	ck_assert_mem_eq(hw.rng_seed, seed, sizeof(seed));
}
END_TEST

START_TEST(virt_gicv3)
{
	scan_file("virt-gicv3.dtb");
	ck_assert_str_eq(hw.model, "linux,dummy-virt"); /* the first compatible: there is no model */
	ck_assert_uint_eq(hw.nr_memory, 2);
	expect_range(&hw.memory[0], 0x40000000, 0x80000000);
	expect_range(&hw.memory[1], 0x880000000, 0x100000000);
	ck_assert_uint_eq(hw.nr_reserved, 4);
	ck_assert(is_reserved(0x10000f000, 0x1000)); /* a spin table */
	ck_assert(is_reserved(0x47ff0000, 0x2000));  /* 0x47ff0800 to 0x47ff1800 */
	ck_assert(is_reserved(0x48000000, 0x1000));
	ck_assert(dtb_is_reserved());
	expect_range(&hw.initrd, 0x48000000, 4);
	ck_assert_uint_eq(hw.rng_seed_bytes, 0);
	ck_assert_str_eq(hw.bootargs, "");
	ck_assert_int_eq(hw.psci, HW_PSCI_HVC);

	ck_assert_uint_eq(hw.nr_cpus, 3); /* the one that failed and the one without reg are none */
	ck_assert_uint_eq(hw.cpus[0].mpidr, 0);
	ck_assert_uint_eq(hw.cpus[1].mpidr, 0x100000001);
	ck_assert_int_eq(hw.cpus[1].enable, HW_ENABLE_SPIN_TABLE);
	ck_assert_uint_eq(hw.cpus[1].release_addr.raw, 0x10000fff8);
	ck_assert_uint_eq(hw.cpus[2].mpidr, 3);

	ck_assert_int_eq(hw.gic.version, HW_GIC_V3);
	expect_range(&hw.gic.gicd, 0x08000000, 0x10000);
	ck_assert_uint_eq(hw.gic.nr_gicr, 2);
	expect_range(&hw.gic.gicr[0], 0x080a0000, 0xf60000);
	expect_range(&hw.gic.gicr[1], UINT64_C(0x4000000000), 0x4000000);
	ck_assert_uint_eq(hw.gic.gicr_stride_bytes, 0x40000);
	expect_range(&hw.gic.gicc, 0x2c000000, 0x2000);
	expect_range(&hw.gic.gich, 0x2c010000, 0x2000);
	expect_range(&hw.gic.gicv, 0x2c020000, 0x2000);
	expect_irq(hw.gic.maintenance, 25, false);
	expect_irq(hw.timer_phys_ns, 30, false); /* by interrupts-extended */
	expect_irq(hw.timer_virt, 27, true);
}
END_TEST

/* Of six only two can be reached: not those outside of ranges, on a disabled bus, or on a bus without ranges. */
START_TEST(uarts_behind_buses)
{
	scan_file("virt-gicv3.dtb");
	ck_assert_uint_eq(hw.nr_uarts, 2);
	ck_assert_uint_eq(hw.console, 0);
	ck_assert_str_eq(hw.uarts[0].path, "/bus/uart@1000");
	ck_assert_uint_eq(hw.uarts[0].base.raw, 0x100001000);
	expect_irq(hw.uarts[0].irq, 0, false); /* another controller's */
	ck_assert_str_eq(hw.uarts[1].path, "/uart@9300000");
	expect_irq(hw.uarts[1].irq, 72, true);
	ck_assert_uint_eq(hw.uarts[1].reg_shift, 3);
}
END_TEST

START_TEST(pi4_shape)
{
	scan_file("pi4-shape.dtb");
	ck_assert_str_eq(hw.model, "Raspberry Pi 4 Model B, in shape");
	ck_assert_uint_eq(hw.nr_memory, 2);
	expect_range(&hw.memory[0], 0, 0x3b400000);
	expect_range(&hw.memory[1], 0x40000000, 0x40000000);
	ck_assert(is_reserved(0, 0x1000)); /* the spin table */
	ck_assert_uint_eq(hw.nr_cpus, 4);
	for (unsigned int i = 0; i < 4; i++) {
		ck_assert_uint_eq(hw.cpus[i].mpidr, i);
		ck_assert_int_eq(hw.cpus[i].enable, HW_ENABLE_SPIN_TABLE);
		ck_assert_uint_eq(hw.cpus[i].release_addr.raw, 0xd8 + 8 * i);
	}
	ck_assert_int_eq(hw.psci, HW_PSCI_NONE);
	ck_assert_int_eq(hw.gic.version, HW_GIC_V2);
	expect_range(&hw.gic.gicd, 0xff841000, 0x1000);
	expect_range(&hw.gic.gicc, 0xff842000, 0x2000);
	expect_range(&hw.gic.gich, 0xff844000, 0x2000);
	expect_range(&hw.gic.gicv, 0xff846000, 0x2000);
	expect_irq(hw.gic.maintenance, 25, false);
	expect_irq(hw.timer_hyp, 26, false);
	ck_assert_uint_eq(hw.nr_uarts, 2); /* the third is disabled */
	ck_assert_int_eq(hw.uarts[0].kind, HW_UART_PL011);
	ck_assert_uint_eq(hw.uarts[0].base.raw, 0xfe201000);
	expect_irq(hw.uarts[0].irq, 153, false);
	ck_assert_int_eq(hw.uarts[1].kind, HW_UART_BCM2835_AUX);
	ck_assert_uint_eq(hw.uarts[1].base.raw, 0xfe215040);
	ck_assert_uint_eq(hw.uarts[1].reg_shift, 2);
	expect_irq(hw.uarts[1].irq, 125, false);
	ck_assert_uint_eq(hw.console, 1); /* serial0 */
	ck_assert(hw.console_is_named);
	ck_assert_int_eq(hw.power.kind, HW_POWER_BCM2835_PM);
	expect_range(&hw.power.registers, 0xfe100000, 0x114);
}
END_TEST

START_TEST(banks_with_holes)
{
	scan_file("banks.dtb");
	ck_assert_uint_eq(hw.nr_memory, 3);
	expect_range(&hw.memory[0], 0, 0x3b400000);
	expect_range(&hw.memory[1], 0x40000000, 0xbc000000);
	expect_range(&hw.memory[2], 0x100000000, 0x100000000);
	/* Whole pages; a pool that has no place yet, and a disabled node, reserve nothing. */
	ck_assert_uint_eq(hw.nr_reserved, 8);
	ck_assert(dtb_is_reserved());
	ck_assert(is_reserved(0x200000, 0x1000));
	ck_assert(is_reserved(0, 0x80000));
	ck_assert(is_reserved(0x50000000, 0x800000));
	ck_assert(is_reserved(0x60000000, 0x2000));
	ck_assert(is_reserved(0x180000000, 0x10000000));
	/* Spin tables that firmware forgot to reserve. */
	ck_assert(is_reserved(0x300000, 0x1000));
	ck_assert(is_reserved(0x301000, 0x1000));
	/* The framebuffer may be mapped, the others not. */
	ck_assert_uint_eq(hw.nr_no_map, 3);
	expect_range(&hw.no_map[0], 0, 0x80000);
	expect_range(&hw.no_map[1], 0x60000000, 0x2000);
	expect_range(&hw.no_map[2], 0x180000000, 0x10000000);
	ck_assert_int_eq(hw.power.kind, HW_POWER_NONE);
}
END_TEST

/* --- made here --- */

static int node_at(int parent, const char *name)
{
	int node = fdt_add_subnode(tree, parent, name);

	ck_assert_int_ge(node, 0);
	return node;
}

static void add_memory(uint64_t base, uint64_t size)
{
	char name[40];
	int node;

	snprintf(name, sizeof(name), "memory@%lx", (unsigned long)base);
	node = node_at(0, name);
	fdt_setprop_string(tree, node, "device_type", "memory");
	ck_assert_int_eq(fdt_appendprop_addrrange(tree, 0, node, "reg", base, size), 0);
}

static void begin(void)
{
	ck_assert_int_eq(fdt_create_empty_tree(tree, sizeof(tree)), 0);
	fdt_setprop_u32(tree, 0, "#address-cells", 2);
	fdt_setprop_u32(tree, 0, "#size-cells", 2);
}

static void add_uart(const char *name, uint64_t base)
{
	int node = node_at(0, name);

	fdt_setprop_string(tree, node, "compatible", "arm,pl011");
	ck_assert_int_eq(fdt_appendprop_addrrange(tree, 0, node, "reg", base, 0x1000), 0);
}

START_TEST(no_tree)
{
	_Alignas(8) static const char text[64] = "no tree";

	ck_assert_int_eq(scan(NULL), HV_EINVAL);
	ck_assert_str_eq(message, "host device tree: there is none");
	ck_assert_int_eq(scan(text), HV_EINVAL);
	ck_assert_str_eq(message, "host device tree: it does not begin with a device tree's magic number");
	begin();
	fdt_set_totalsize(tree, 0x200001);
	ck_assert_int_eq(scan(tree), HV_EINVAL);
	ck_assert_str_eq(message, "host device tree: it is larger than 2 MiB");
	ck_assert_int_eq(scan(tree + 4), HV_EINVAL);
	ck_assert_str_eq(message, "host device tree: it is not 8-byte aligned in memory");
}
END_TEST

/* The console is known before the lack of memory is told: the sentence needs it. */
START_TEST(no_memory)
{
	begin();
	add_uart("uart@1000", 0x1000);
	add_memory(0x40000000, 0);
	ck_assert_int_eq(scan(tree), HV_EINVAL);
	ck_assert_str_eq(message, "host device tree: it has no memory");
	ck_assert_uint_eq(hw.nr_uarts, 1);
	ck_assert_uint_eq(hw.console, 0);
}
END_TEST

START_TEST(almost_nothing)
{
	begin();
	add_memory(0x40000000, 0x10000000);
	ck_assert_int_eq(scan(tree), HV_OK);
	ck_assert_str_eq(hw.model, "");
	ck_assert_int_eq(hw.gic.version, HW_GIC_NONE);
	ck_assert_uint_eq(hw.nr_cpus, 0);
	ck_assert_uint_eq(hw.nr_uarts, 0);
	ck_assert_uint_eq(hw.console, 0); /* = nr_uarts: none */
	expect_range(&hw.initrd, 0, 0);
	ck_assert_uint_eq(hw.nr_reserved, 1);
	ck_assert(dtb_is_reserved());
}
END_TEST

START_TEST(memory_is_merged_and_sorted)
{
	begin();
	add_memory(0x80000000, 0x1000);
	add_memory(0x50000000, 0x2000);
	add_memory(0x50001000, 0x3000); /* overlaps */
	add_memory(0x60000000, 0x1000);
	add_memory(0x60002000, 0x1000);
	add_memory(0x60001000, 0x1000);		/* joins its neighbours */
	add_memory(0x70000800, 0x1800);		/* one whole page */
	add_memory(0x71000800, 0x1000);		/* none */
	add_memory(UINT64_MAX - 0xfff, 0x1000); /* no such place */
	add_memory(BIT(52) - 0x1000, 0x2000);
	ck_assert_int_eq(scan(tree), HV_OK);
	ck_assert_uint_eq(hw.nr_memory, 4);
	expect_range(&hw.memory[0], 0x50000000, 0x4000);
	expect_range(&hw.memory[1], 0x60000000, 0x3000);
	expect_range(&hw.memory[2], 0x70001000, 0x1000);
	expect_range(&hw.memory[3], 0x80000000, 0x1000);
}
END_TEST

/* More memory than the table holds is left unused; more reserved regions would be given away, so they are refused. */
START_TEST(tables_overflow)
{
	char name[16];

	begin();
	for (uint64_t i = 0; i < HW_MAX_MEMORY + 2; i++)
		add_memory(0x40000000 + i * 0x100000, 0x1000);
	for (unsigned int i = 0; i < HW_MAX_CPUS + 2; i++) {
		int cpus = fdt_subnode_offset(tree, 0, "cpus"), cpu;

		if (cpus < 0)
			cpus = node_at(0, "cpus");
		snprintf(name, sizeof(name), "cpu@%x", i);
		cpu = node_at(cpus, name);
		fdt_setprop_string(tree, cpu, "device_type", "cpu");
		fdt_setprop_u32(tree, cpu, "reg", i);
	}
	for (unsigned int i = 0; i < HW_MAX_RESERVED - 1; i++)
		ck_assert_int_eq(fdt_add_mem_rsv(tree, 0x1000 * (i + 1), 0x1000), 0);
	ck_assert_int_eq(scan(tree), HV_OK);
	ck_assert_uint_eq(hw.nr_memory, HW_MAX_MEMORY);
	ck_assert_uint_eq(hw.nr_cpus, HW_MAX_CPUS);
	ck_assert_uint_eq(hw.nr_reserved, HW_MAX_RESERVED);
	ck_assert_int_eq(fdt_add_mem_rsv(tree, 0x100000, 0x1000), 0);
	ck_assert_int_eq(scan(tree), HV_EINVAL);
	ck_assert_str_eq(message,
			 "host device tree: it reserves more than 32 regions of memory, which is Corbel's limit");
}
END_TEST

/* Five UARTs, four places: the console has one of them. libfdt puts a new node in front, so uart@1 comes last. */
START_TEST(console_among_many)
{
	static const char *const stdouts[] = { "/uart@1", "/uart@5", "/uart@2", "/none", "uart@1", "" };
	static const char *const consoles[] = { "/uart@1", "/uart@5", "/uart@2", "/uart@5", "/uart@5", "/uart@5" };
	int chosen;

	begin();
	add_memory(0x40000000, 0x10000000);
	for (uint64_t i = 1; i <= 5; i++) {
		char name[16];

		snprintf(name, sizeof(name), "uart@%lu", (unsigned long)i);
		add_uart(name, i * 0x10000);
	}
	chosen = node_at(0, "chosen");
	fdt_setprop_string(tree, chosen, "linux,stdout-path", stdouts[_i]); /* the old name */
	ck_assert_int_eq(scan(tree), HV_OK);
	ck_assert_uint_eq(hw.nr_uarts, 4);
	ck_assert_uint_lt(hw.console, 4);
	ck_assert_str_eq(hw.uarts[hw.console].path, consoles[_i]);
	ck_assert_int_eq(hw.console_is_named, _i < 3);
}
END_TEST

static void expect_console(const char *stdout_path, const char *alias, const char *path)
{
	int aliases;

	begin();
	add_memory(0x40000000, 0x10000000);
	add_uart("uart@1", 0x10000);
	add_uart("uart@2", 0x20000);
	fdt_setprop_string(tree, node_at(0, "chosen"), "stdout-path", stdout_path);
	aliases = node_at(0, "aliases");
	fdt_setprop_string(tree, aliases, "serial0", alias);
	ck_assert_int_eq(scan(tree), HV_OK);
	ck_assert_str_eq(hw.uarts[hw.console].path, path);
}

START_TEST(stdout_path)
{
	expect_console("serial0", "/uart@1", "/uart@1");
	expect_console("serial0:9600n8", "/uart@1", "/uart@1");
	expect_console("/uart@1:9600n8", "x", "/uart@1");
	expect_console("serial0", "serial0", "/uart@2"); /* a loop: the first one, then */
	expect_console("serial1", "/uart@1", "/uart@2");
	expect_console(":9600", "/uart@1", "/uart@2");
	expect_console("serial", "/uart@1", "/uart@2"); /* no prefix of an alias */
}
END_TEST

START_TEST(initrd_that_is_none)
{
	int chosen;

	begin();
	add_memory(0x40000000, 0x10000000);
	chosen = node_at(0, "chosen");
	fdt_setprop_u64(tree, chosen, "linux,initrd-start", 0x48000000);
	ck_assert_int_eq(scan(tree), HV_OK);
	expect_range(&hw.initrd, 0, 0);
	fdt_setprop_u32(tree, chosen, "linux,initrd-end", 0x48000000);
	ck_assert_int_eq(scan(tree), HV_OK);
	expect_range(&hw.initrd, 0, 0);
	fdt_setprop_u32(tree, chosen, "linux,initrd-end", 0x48000001);
	ck_assert_int_eq(scan(tree), HV_OK);
	expect_range(&hw.initrd, 0x48000000, 1);
}
END_TEST

START_TEST(long_texts_are_cut)
{
	static char text[2000];
	int chosen;

	memset(text, 'x', sizeof(text) - 1);
	begin();
	add_memory(0x40000000, 0x10000000);
	chosen = node_at(0, "chosen");
	fdt_setprop_string(tree, chosen, "bootargs", text);
	fdt_setprop(tree, chosen, "rng-seed", text, 100);
	fdt_setprop_string(tree, 0, "model", text);
	ck_assert_int_eq(scan(tree), HV_OK);
	ck_assert_uint_eq(strlen(hw.bootargs), HW_BOOTARGS_MAX - 1);
	ck_assert_uint_eq(strlen(hw.model), sizeof(hw.model) - 1);
	ck_assert_uint_eq(hw.rng_seed_bytes, sizeof(hw.rng_seed));
}
END_TEST

/* The depth of nesting is bounded: no walk's stack is. */
START_TEST(nested_too_deeply)
{
	int node = 0;

	begin();
	add_memory(0x40000000, 0x10000000);
	for (int depth = 1; depth < 16; depth++)
		node = node_at(node, "n");
	ck_assert_int_eq(scan(tree), HV_OK);
	node_at(node, "n");
	ck_assert_int_eq(scan(tree), HV_EINVAL);
	ck_assert_str_eq(message, "host device tree: its nodes are nested too deeply");
}
END_TEST

/* --- damaged ones, in buffers of just their size, under the sanitizers --- */

static const char *const machines[] = { "virt-gicv2.dtb", "virt-gicv3.dtb", "pi4-shape.dtb", "banks.dtb" };

static void check_counts(void)
{
	ck_assert_uint_le(hw.nr_memory, HW_MAX_MEMORY);
	ck_assert_uint_le(hw.nr_reserved, HW_MAX_RESERVED);
	ck_assert_uint_le(hw.nr_cpus, HW_MAX_CPUS);
	ck_assert_uint_le(hw.gic.nr_gicr, HW_MAX_GICR);
	ck_assert_uint_le(hw.nr_uarts, 4);
	ck_assert(hw.console < hw.nr_uarts || (hw.console == 0 && hw.nr_uarts == 0));
	for (unsigned int i = 1; i < hw.nr_memory; i++)
		ck_assert(hw.memory[i - 1].base.raw + hw.memory[i - 1].size_bytes < hw.memory[i].base.raw);
}

START_TEST(truncated_anywhere)
{
	size_t size = read_tree(machines[_i]);

	for (size_t cut = 40; cut < size; cut += 4) {
		uint8_t *exact = malloc(cut);

		memcpy(exact, tree, cut);
		fdt_set_totalsize(exact, (uint32_t)cut); /* there is no other word on its size */
		ck_assert_int_eq(scan(exact), HV_EINVAL);
		ck_assert_str_ne(message, "");
		free(exact);
	}
}
END_TEST

static uint64_t random_state = 3;
static uint32_t random_next(void)
{
	return (uint32_t)(prng_next(&random_state) >> 32);
}

START_TEST(bytes_flipped)
{
	size_t size = read_tree(machines[_i]);
	unsigned int good = 0;

	for (int round = 0; round < 4000; round++) {
		uint8_t *exact = malloc(size);

		memcpy(exact, tree, size);
		for (uint32_t flips = 1 + random_next() % 3; flips > 0; flips--)
			exact[8 + random_next() % (size - 8)] = (uint8_t)(random_next() % 3 ? random_next() >> 8 : 0);
		if (scan(exact) == HV_OK) {
			good++;
			check_counts();
		} else {
			ck_assert_str_ne(message, "");
		}
		free(exact);
	}
	ck_assert_uint_gt(good, 400); /* else nothing behind the first check was tried */
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fdt_scan");
	TCase *tcase = tcase_create("scan");
	SRunner *runner = srunner_create(suite);
	int failures;

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, virt_gicv2);
	tcase_add_test(tcase, virt_gicv3);
	tcase_add_test(tcase, uarts_behind_buses);
	tcase_add_test(tcase, pi4_shape);
	tcase_add_test(tcase, banks_with_holes);
	tcase_add_test(tcase, no_tree);
	tcase_add_test(tcase, no_memory);
	tcase_add_test(tcase, almost_nothing);
	tcase_add_test(tcase, memory_is_merged_and_sorted);
	tcase_add_test(tcase, tables_overflow);
	tcase_add_loop_test(tcase, console_among_many, 0, 6);
	tcase_add_test(tcase, stdout_path);
	tcase_add_test(tcase, initrd_that_is_none);
	tcase_add_test(tcase, long_texts_are_cut);
	tcase_add_test(tcase, nested_too_deeply);
	tcase_add_loop_test(tcase, truncated_anywhere, 0, ARRAY_SIZE(machines));
	tcase_add_loop_test(tcase, bytes_flipped, 0, ARRAY_SIZE(machines));
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

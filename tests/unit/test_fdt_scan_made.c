/* The scan of trees made here, odd ones, and that no broken one harms it. */
#include "tests/fakes/prng.h"
#include "tests/unit/fdt_scan_rig.h"

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

/* Regions that are not there are not looked for, one by one, for minutes. */
START_TEST(wild_number_of_redistributor_regions)
{
	static const uint32_t numbers[] = { 4, 0x80000000, UINT32_MAX };
	int node;

	begin();
	add_memory(0x40000000, 0x10000000);
	node = node_at(0, "gic@1000");
	fdt_setprop_string(tree, node, "compatible", "arm,gic-v3");
	for (uint64_t n = 1; n <= 3; n++)
		ck_assert_int_eq(fdt_appendprop_addrrange(tree, 0, node, "reg", n << 20, 0x10000), 0);
	ck_assert_int_eq(fdt_setprop_u32(tree, node, "#redistributor-regions", numbers[_i]), 0);
	ck_assert_int_eq(scan(tree), HV_OK);
	expect_range(&hw.gic.gicd, 0x100000, 0x10000);
	ck_assert_uint_eq(hw.gic.nr_gicr, 2);
	expect_range(&hw.gic.gicr[1], 0x300000, 0x10000);
	expect_range(&hw.gic.gicc, 0, 0);
	expect_range(&hw.gic.gicv, 0, 0);
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
	Suite *suite = suite_create("fdt_scan_made");
	TCase *tcase = tcase_create("scan");
	SRunner *runner = srunner_create(suite);
	int failures;

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, no_tree);
	tcase_add_test(tcase, no_memory);
	tcase_add_test(tcase, almost_nothing);
	tcase_add_test(tcase, memory_is_merged_and_sorted);
	tcase_add_test(tcase, tables_overflow);
	tcase_add_loop_test(tcase, wild_number_of_redistributor_regions, 0, 3);
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

/* Host devices for a guest: what a plan takes from the host's tree, what it refuses, and what the guest's tree shows.
 */
#include <check.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/guest_fdt.h"
#include "kernel/passthrough.h"
#include "lib/bits.h"
#include "lib/fdt_blob.h"

static _Alignas(4096) uint8_t tree[32768];
static _Alignas(8) uint8_t guest[GUEST_FDT_MAX_BYTES], scratch[GUEST_FDT_MAX_BYTES];
static struct hw_info hw;
static struct vm_config config;
static struct passthrough plan, other_plan;
static const struct passthrough *others[] = { &other_plan };
static struct passthrough_host host;
static char message[PASSTHROUGH_MESSAGE_MAX];

static void setup(void)
{
	const char *dir = getenv("TEST_DTB_DIR");
	char path[256], text[HW_MESSAGE_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/devices.dtb", dir ? dir : "build/host/dtb");
	file = fopen(path, "rb");
	ck_assert_msg(file != NULL, "%s: no such file (make test-dtbs)", path);
	ck_assert_uint_gt(fread(tree, 1, sizeof(tree), file), 0);
	fclose(file);
	ck_assert_msg(fdt_scan(tree, &hw, text) == HV_OK, "%s", text);
	config = (struct vm_config){
		.name = "vm", .bootargs = "", .nr_vcpus = 1, .memory_bytes = UINT64_C(512) << 20, .gic_version = 2
	};
	memset(&other_plan, 0, sizeof(other_plan));
	host = (struct passthrough_host){ .hw = &hw,
					  .ipa_bytes = BIT(40),
					  .others = others,
					  .nr_others = 1,
					  .own_intid = 32 + 121,
					  .nr_intids = 256 };
	host.own[host.nr_own++] = hw.gic.gicd;
	host.own[host.nr_own++] = (struct hw_range){ hw.uarts[0].base, hw.uarts[0].size_bytes };
}

/* names: each with its NUL, as a property has them. */
static enum hv_err plan_names(const char *names, size_t bytes, struct passthrough *into)
{
	config.passthrough = names;
	config.passthrough_bytes = (uint32_t)bytes;
	return passthrough_plan(&host, &config, &guest_map_virt, into, message);
}
#define PLAN(names) plan_names(names, sizeof(names), &plan)

static void expect_refusal(const char *name, const char *text)
{
	ck_assert_int_eq(plan_names(name, strlen(name) + 1, &plan), HV_EINVAL);
	ck_assert_str_eq(message, text);
}

START_TEST(takes_registers_and_interrupts)
{
	ck_assert_msg(PLAN("/soc/timer@7e003000") == HV_OK, "%s", message);
	ck_assert_uint_eq(plan.nr_devices, 1);
	ck_assert_uint_eq(plan.devices[0].nr_regs, 1);
	ck_assert_uint_eq(plan.devices[0].regs[0].base.raw, 0xfe003000);
	ck_assert_uint_eq(plan.devices[0].regs[0].size_bytes, 0x1000);
	ck_assert_uint_eq(plan.devices[0].nr_irqs, 2);
	ck_assert_uint_eq(plan.devices[0].irqs[0].intid, 96);
	ck_assert(!plan.devices[0].irqs[0].edge);
	ck_assert_uint_eq(plan.devices[0].irqs[1].intid, 97);
	ck_assert(plan.devices[0].irqs[1].edge);
	ck_assert_ptr_null(plan.devices[0].dma_ranges);
}
END_TEST

START_TEST(finds_by_alias)
{
	ck_assert_msg(PLAN("mmc0") == HV_OK, "%s", message);
	ck_assert_uint_eq(plan.devices[0].regs[0].base.raw, 0xfe340000);
	ck_assert_uint_eq(passthrough_pages(&plan.devices[0].regs[0]).size_bytes, 0x1000);
	ck_assert_uint_eq(plan.devices[0].irqs[0].intid, 158);
	ck_assert_uint_eq(plan.devices[0].dma_ranges_bytes, 20);
}
END_TEST

START_TEST(nothing_is_nothing)
{
	ck_assert_int_eq(plan_names(NULL, 0, &plan), HV_OK);
	ck_assert_uint_eq(plan.nr_devices, 0);
}
END_TEST

/* A neighbour that is given too is no obstacle; a disabled one is not there. */
START_TEST(shared_page_as_a_whole)
{
	ck_assert_msg(PLAN("/soc/serial@7e215040\0/soc/aux@7e215000") == HV_OK, "%s", message);
	ck_assert_uint_eq(plan.nr_devices, 2);
}
END_TEST

static const struct {
	const char *name, *text;
} refusals[] = {
	{ "/soc/nope", "/soc/nope is no path or alias in the host's device tree" },
	{ "nothing", "nothing is no path or alias in the host's device tree" },
	{ "", " is no path or alias in the host's device tree" },
	{ "/", "/ is the root of the host's device tree" },
	{ "/soc/spi@7e215080", "/soc/spi@7e215080 is disabled in the host's device tree" },
	{ "/soc/no-registers", "/soc/no-registers has no registers that a CPU can reach" },
	{ "/soc/many@7e400000", "/soc/many@7e400000 has more than 4 ranges of registers" },
	{ "/soc/serial@7e215040",
	  "/soc/serial@7e215040 shares the page at 0xfe215000 with /soc/aux@7e215000: a VM needs both or neither" },
	{ "/soc/serial@7e201000",
	  "/soc/serial@7e201000 has a page, 0xfe201000, with registers that Corbel itself uses" },
	{ "/intc@ff841000", "/intc@ff841000 has a page, 0xff841000, with registers that Corbel itself uses" },
	{ "/soc/silent@7e301000", "/soc/silent@7e301000 has interrupts that do not go to the GIC" },
	{ "/soc/private@7e302000", "/soc/private@7e302000 has interrupt 19, which is private to a CPU" },
	{ "/soc/far@7e303000", "/soc/far@7e303000 has interrupt 256, a guest's GIC ends at 255" },
	{ "/soc/taken@7e304000", "/soc/taken@7e304000 has interrupt 33, which a device of the guest platform has" },
	{ "/soc/console@7e305000", "/soc/console@7e305000 has interrupt 153, which Corbel's console has" },
	{ "/soc/in-guest-ram@50000000",
	  "/soc/in-guest-ram@50000000 has registers at 0x50000000, where the guest has its RAM" },
	{ "/soc/in-ram@10000000", "/soc/in-ram@10000000 has registers at 0x10000000, where the host has RAM" },
	{ "/soc/in-uart@9000800",
	  "/soc/in-uart@9000800 has registers at 0x9000000, where the guest platform has a device of its own" },
	{ "/soc/hidden@7e306800", "/soc/hidden@7e306800 has registers, entry 0 of its reg, that a CPU cannot reach" },
	/* The first entry of its neighbour's reg leads nowhere, the second one into its page. */
	{ "/soc/beside-hidden@7e306000",
	  "/soc/beside-hidden@7e306000 shares the page at 0xfe306000 with /soc/hidden@7e306800: a VM needs both or "
	  "neither" },
	/* Its neighbour's path is longer than any buffer, and what is above it just fills one. */
	{ "/soc/beside-long@7e308000",
	  "/soc/beside-long@7e308000 shares the page at 0xfe308000 with far-down@7e308800: a VM needs both or "
	  "neither" },
	{ "/soc/mixed@7e30a000", "/soc/mixed@7e30a000 has interrupts that do not go to the GIC" },
	{ "/soc/odd-irq@7e30b000", "/soc/odd-irq@7e30b000 has interrupts that do not go to the GIC" },
	{ "/oddbus/odd@7e310000", "/oddbus/odd@7e310000 is on a bus whose dma-ranges have 12 bytes, which are no whole "
				  "entries" },
	{ "/manybus/many@7e311000", "/manybus/many@7e311000 is on a bus that has more than 4 dma-ranges" },
};

START_TEST(refuses)
{
	expect_refusal(refusals[_i].name, refusals[_i].text);
}
END_TEST

/* Whatever the addresses: rounding them to pages must not wrap to nothing. */
static const struct {
	uint64_t base, size_bytes, page;
} far_registers[] = {
	{ 0, UINT64_MAX, 0 },
	{ UINT64_MAX - 0x7ff, 0x400, UINT64_MAX - 0xfff },
	{ UINT64_MAX - 0xfff, 0x1000, UINT64_MAX - 0xfff },
	{ BIT(40) - 0x1000, 0x1001, BIT(40) - 0x1000 },
	{ BIT(40), 0x1000, BIT(40) },
};

START_TEST(no_guest_can_address_it)
{
	fdt64_t reg[2] = { cpu_to_fdt64(far_registers[_i].base), cpu_to_fdt64(far_registers[_i].size_bytes) };
	int node = fdt_path_offset(tree, "/wide/everything");
	char text[PASSTHROUGH_MESSAGE_MAX];

	ck_assert_int_eq(fdt_setprop_inplace(tree, node, "reg", reg, sizeof(reg)), 0);
	snprintf(text, sizeof(text),
		 "/wide/everything@fa000000 has registers at 0x%lx, beyond what a guest can address",
		 (unsigned long)far_registers[_i].page);
	expect_refusal("/wide/everything@fa000000", text);
}
END_TEST

/* The GPIO port's place is free where it is not there. */
START_TEST(place_of_the_power_key)
{
	ck_assert_msg(PLAN("/soc/in-gpio@9030000\0/soc/gpio-irq@7e30c000") == HV_OK, "%s", message);
	config.power_key = true;
	expect_refusal("/soc/in-gpio@9030000", "/soc/in-gpio@9030000 has registers at 0x9030000, where the guest "
					       "platform has a device of its own");
	expect_refusal("/soc/gpio-irq@7e30c000",
		       "/soc/gpio-irq@7e30c000 has interrupt 39, which a device of the guest platform has");
}
END_TEST

START_TEST(named_twice)
{
	ck_assert_int_eq(PLAN("/emmcbus/mmc@7e340000\0mmc0"), HV_EINVAL);
	ck_assert_str_eq(message, "mmc0 is named twice");
}
END_TEST

/* A GIC-400 with 192 SPIs, under a virtual one that has 224. */
START_TEST(host_has_no_such_interrupt)
{
	host.nr_intids = 158;
	expect_refusal("mmc0", "/emmcbus/mmc@7e340000 has interrupt 158, the host's GIC ends at 157");
	host.nr_intids = 159;
	ck_assert_int_eq(plan_names("mmc0", 5, &plan), HV_OK);
}
END_TEST

START_TEST(another_vm_has_it)
{
	host.nr_others = 0;
	ck_assert_int_eq(plan_names("mmc0", 5, &other_plan), HV_OK);
	host.nr_others = 1;
	expect_refusal("mmc0", "/emmcbus/mmc@7e340000 has a page, 0xfe340000, that another VM has");
	other_plan.devices[0].regs[0].base = pa(0xfe900000);
	expect_refusal("mmc0", "/emmcbus/mmc@7e340000 has interrupt 158, which another VM has");
}
END_TEST

START_TEST(too_many)
{
	static char names[4096];
	size_t bytes = 0;
	int node = fdt_path_offset(tree, "/soc");

	for (unsigned int i = 0; i <= PASSTHROUGH_MAX_DEVICES; i++) {
		node = fdt_next_node(tree, node, NULL);
		ck_assert_int_eq(fdt_get_path(tree, node, &names[bytes], (int)(sizeof(names) - bytes)), 0);
		bytes += strlen(&names[bytes]) + 1;
	}
	ck_assert_int_eq(plan_names(names, bytes, &plan), HV_EINVAL);
	ck_assert_ptr_nonnull(strstr(message, " is one too many: a VM can have 16 devices"));
}
END_TEST

/* --- the guest's tree --- */

static void build_tree(void)
{
	uint64_t mpidrs[1] = { 0 };
	struct guest_fdt_facts facts = { .mpidrs = mpidrs, .host_fdt = tree, .devices = &plan };
	char text[160];

	ck_assert_msg(guest_fdt_build(&config, &guest_map_virt, &facts, guest, scratch, sizeof(guest), text) == HV_OK,
		      "%s", text);
	ck_assert_ptr_null(fdt_blob_fault(guest, sizeof(guest)));
}

static const uint8_t *get(const char *path, const char *name, int *length)
{
	int node = fdt_path_offset(guest, path);

	ck_assert_msg(node >= 0, "no node %s", path);
	return fdt_getprop(guest, node, name, length);
}

static void expect_cells(const char *path, const char *name, int nr, const uint32_t *cells)
{
	int length = 0;
	const uint8_t *data = get(path, name, &length);

	ck_assert_msg(data != NULL && length == 4 * nr, "%s %s has %d bytes", path, name, length);
	for (int i = 0; i < nr; i++)
		ck_assert_msg(fdt_blob_cells(data + 4 * i, 1) == cells[i], "%s %s cell %d", path, name, i);
}
#define EXPECT(path, name, ...) \
	expect_cells(path, name, (int)ARRAY_SIZE(((uint32_t[]){ __VA_ARGS__ })), (uint32_t[]){ __VA_ARGS__ })

static void expect_absent(const char *path, const char *name)
{
	int length;

	ck_assert_msg(get(path, name, &length) == NULL, "%s has %s", path, name);
}

#define TIMER "/host@fe003000/timer@fe003000"

START_TEST(guest_sees_the_device)
{
	int length;

	ck_assert_int_eq(PLAN("/soc/timer@7e003000"), HV_OK);
	build_tree();
	EXPECT(TIMER, "reg", 0, 0xfe003000, 0, 0x1000);
	EXPECT(TIMER, "interrupts", 0, 64, 4, 0, 65, 1);
	EXPECT(TIMER, "test,value", 1, 2, 3);
	ck_assert_str_eq((const char *)get(TIMER, "compatible", &length), "test,timer");
	ck_assert_str_eq((const char *)get(TIMER, "clock-names", &length), "tick");
	ck_assert_ptr_nonnull(get(TIMER, "dma-coherent", &length));
	EXPECT("/host@fe003000/clock-0", "clock-frequency", 54000000);
	ck_assert_int_eq(fdt_node_offset_by_phandle(guest, (uint32_t)fdt_blob_cells(get(TIMER, "clocks", &length), 1)),
			 fdt_path_offset(guest, "/host@fe003000/clock-0"));
	ck_assert_int_eq(
		fdt_node_offset_by_phandle(
			guest, (uint32_t)fdt_blob_cells(get("/host@fe003000", "interrupt-parent", &length), 1)),
		fdt_path_offset(guest, "/intc@8000000"));
	/* What names other nodes of the host is not there, and neither are its children. */
	expect_absent(TIMER, "pinctrl-0");
	expect_absent(TIMER, "vmmc-supply");
	expect_absent(TIMER, "gpios");
	expect_absent(TIMER, "nvmem-cells");
	expect_absent(TIMER, "nvmem-cell-names");
	ck_assert_int_lt(fdt_path_offset(guest, TIMER "/child"), 0);
	expect_absent("/host@fe003000", "dma-ranges");
}
END_TEST

START_TEST(guest_sees_how_dma_is_translated)
{
	int length;

	ck_assert_int_eq(PLAN("mmc0"), HV_OK);
	build_tree();
	EXPECT("/host@fe340000", "dma-ranges", 0, 0xc0000000, 0, 0, 0, 0x40000000);
	EXPECT("/host@fe340000/clock-0", "clock-frequency", 100000000);
	ck_assert_ptr_nonnull(get("/host@fe340000/mmc@fe340000", "broken-cd", &length));
	expect_absent("/host@fe340000/mmc@fe340000", "status");
}
END_TEST

/* The host's properties may be of any length. */
START_TEST(too_much_for_the_guests_tree)
{
	static _Alignas(8) uint8_t large[sizeof(tree) + GUEST_FDT_MAX_BYTES];
	static uint8_t property[GUEST_FDT_MAX_BYTES];
	uint64_t mpidrs[1] = { 0 };
	struct guest_fdt_facts facts = { .mpidrs = mpidrs, .host_fdt = large, .devices = &plan };
	char text[160];

	ck_assert_int_eq(fdt_open_into(tree, large, (int)sizeof(large)), 0);
	ck_assert_int_eq(fdt_setprop(large, fdt_path_offset(large, "/soc/timer"), "a", property, sizeof(property)), 0);
	hw.fdt = large;
	ck_assert_msg(PLAN("/soc/timer@7e003000") == HV_OK, "%s", message);
	ck_assert_int_eq(guest_fdt_build(&config, &guest_map_virt, &facts, guest, scratch, sizeof(guest), text),
			 HV_ENOMEM);
	ck_assert_str_eq(text, "the generated tree: the guest's device tree becomes too large");
}
END_TEST

/* A clock whose rate nobody knows is not made up. */
START_TEST(unknown_clocks_are_left_out)
{
	ck_assert_int_eq(PLAN("/soc/strange@7e300000"), HV_OK);
	build_tree();
	expect_absent("/host@fe300000/strange@fe300000", "clocks");
	expect_absent("/host@fe300000/strange@fe300000", "clock-names");
	ck_assert_int_lt(fdt_path_offset(guest, "/host@fe300000/clock-0"), 0);
}
END_TEST

START_TEST(no_clocks)
{
	ck_assert_int_eq(PLAN("/soc/aux@7e215000\0/soc/serial@7e215040"), HV_OK);
	build_tree();
	expect_absent("/host@fe215000/aux@fe215000", "clocks");
	EXPECT("/host@fe215040/clock-0", "clock-frequency", 500000000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("passthrough");
	TCase *tc = tcase_create("plan");
	SRunner *runner;
	int failures;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, takes_registers_and_interrupts);
	tcase_add_test(tc, finds_by_alias);
	tcase_add_test(tc, nothing_is_nothing);
	tcase_add_test(tc, shared_page_as_a_whole);
	tcase_add_loop_test(tc, refuses, 0, ARRAY_SIZE(refusals));
	tcase_add_loop_test(tc, no_guest_can_address_it, 0, ARRAY_SIZE(far_registers));
	tcase_add_test(tc, place_of_the_power_key);
	tcase_add_test(tc, named_twice);
	tcase_add_test(tc, another_vm_has_it);
	tcase_add_test(tc, host_has_no_such_interrupt);
	tcase_add_test(tc, too_many);
	tcase_add_test(tc, guest_sees_the_device);
	tcase_add_test(tc, guest_sees_how_dma_is_translated);
	tcase_add_test(tc, too_much_for_the_guests_tree);
	tcase_add_test(tc, unknown_clocks_are_left_out);
	tcase_add_test(tc, no_clocks);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

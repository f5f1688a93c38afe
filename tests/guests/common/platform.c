/* Reads a flattened device tree as far as a test guest needs it: [Devicetree Specification 0.4, chapter 5]. */
#include "tests/guests/common/platform.h"

struct platform platform; /* nothing in .data: `lives` finds its image as it was loaded */

enum { FDT_BEGIN_NODE = 1, FDT_END_NODE = 2, FDT_PROP = 3, FDT_NOP = 4, FDT_END = 9 };

/* Bytes, since the MMU may be off and cells are only 4-byte aligned. */
static uint32_t be32(uint64_t p)
{
	const volatile uint8_t *b = (const volatile uint8_t *)p;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static uint64_t be64(uint64_t p)
{
	return (uint64_t)be32(p) << 32 | be32(p + 4);
}

static bool starts(const char *s, const char *prefix)
{
	while (*prefix)
		if (*s++ != *prefix++)
			return false;
	return true;
}

static bool same(const char *a, const char *b)
{
	return starts(a, b) && starts(b, a);
}

static bool contains(const char *s, const char *what)
{
	for (; *s; s++)
		if (starts(s, what))
			return true;
	return false;
}

/* One node's properties of interest, judged at its end (or at its first child). */
struct node {
	const char *name;
	const char *compatible, *method, *bootargs;
	uint64_t reg;
	uint32_t reg_bytes;
};

static void copy_bootargs(const char *s)
{
	unsigned int n = 0;

	for (; s[n] && n < sizeof(platform.bootargs) - 1; n++)
		platform.bootargs[n] = s[n];
	platform.under_corbel = contains(platform.bootargs, "under=corbel");
	platform.no_tidcp = contains(platform.bootargs, "no-tidcp");
}

static bool is_gicv2(const char *compatible)
{
	return same(compatible, "arm,cortex-a15-gic") || same(compatible, "arm,gic-400");
}

static bool is_uart(const char *compatible)
{
	return same(compatible, "arm,pl011") || same(compatible, "arm,sbsa-uart");
}

/* #address-cells and #size-cells are 2 at the root of virt's tree and of Corbel's; a cpu's reg has one cell, or two. */
static void judge(const struct node *n)
{
	if (starts(n->name, "cpu@") && platform.nr_cpus < GUEST_MAX_CPUS)
		platform.mpidr[platform.nr_cpus++] = n->reg_bytes == 8 ? be64(n->reg) : be32(n->reg);
	if (starts(n->name, "memory@") && n->reg_bytes >= 16) {
		platform.ram_base = be64(n->reg);
		platform.ram_bytes = be64(n->reg + 8);
	}
	if (n->compatible && same(n->compatible, "arm,gic-v3") && n->reg_bytes >= 32) {
		platform.gic_version = 3;
		platform.gicd = be64(n->reg);
		platform.gicr = be64(n->reg + 16);
	}
	if (n->compatible && is_gicv2(n->compatible) && n->reg_bytes >= 32) {
		platform.gic_version = 2;
		platform.gicd = be64(n->reg);
		platform.gicc = be64(n->reg + 16);
	}
	if (n->compatible && is_uart(n->compatible) && platform.uart == 0 && n->reg_bytes >= 16)
		platform.uart = be64(n->reg);
	if (n->method)
		platform.psci_by_smc = same(n->method, "smc");
	if (n->bootargs)
		copy_bootargs(n->bootargs);
}

static void property(struct node *n, const char *name, uint64_t value, uint32_t bytes)
{
	if (same(name, "compatible")) {
		n->compatible = (const char *)value;
	} else if (same(name, "method")) {
		n->method = (const char *)value;
	} else if (same(name, "bootargs")) {
		n->bootargs = (const char *)value;
	} else if (same(name, "reg")) {
		n->reg = value;
		n->reg_bytes = bytes;
	}
}

static uint64_t begin_node(struct node *n, uint64_t p)
{
	judge(n);
	*n = (struct node){ .name = (const char *)p };
	while (*(const char *)p)
		p++;
	return (p + 4) & ~3UL;
}

bool platform_scan(uint64_t dtb)
{
	struct node node = { .name = "" };
	uint64_t p, strings;

	if (dtb == 0 || (dtb & 7) != 0 || be32(dtb) != 0xd00dfeed)
		return false;
	p = dtb + be32(dtb + 8);
	strings = dtb + be32(dtb + 12);
	for (;;) {
		uint32_t token = be32(p);

		p += 4;
		if (token == FDT_BEGIN_NODE) {
			p = begin_node(&node, p);
		} else if (token == FDT_PROP) {
			property(&node, (const char *)(strings + be32(p + 4)), p + 8, be32(p));
			p += 8 + ((be32(p) + 3) & ~3UL);
		} else if (token == FDT_END_NODE) {
			judge(&node);
			node = (struct node){ .name = "" };
		} else if (token == FDT_END) {
			return platform.gic_version != 0 && platform.nr_cpus != 0;
		} else if (token != FDT_NOP) {
			return false;
		}
	}
}

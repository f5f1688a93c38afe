#include "tests/guests/common/gic.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/tap.h"

#define GICC_CTLR	  0x0000
#define GICC_PMR	  0x0004
#define GICC_BPR	  0x0008
#define GICC_IAR	  0x000c
#define GICC_EOIR	  0x0010
#define GICC_RPR	  0x0014
#define GICC_HPPIR	  0x0018
#define GICC_DIR	  0x1000
#define GICC_CTLR_ENABLE0 1U
#define GICC_CTLR_ENABLE1 2U
#define GICC_CTLR_ACKCTL  (1U << 2)
#define GICC_CTLR_EOIMODE (1U << 9)

#define GICR_WAKER     0x0014
#define GICR_TYPER     0x0008
#define GICR_STRIDE    0x20000
#define GICR_SGI_BASE  0x10000
#define WAKER_SLEEP    2U
#define WAKER_CHILDREN 4U
#define TYPER_LAST     (1U << 4)
#define GICD_CTLR_RWP  (1U << 31)
#define GICD_CTLR_V3   (1U << 4 | 3U) /* ARE and both groups, as DS=1 names them */

#define DEFAULT_PRIORITY 0xa0a0a0a0U

static uint64_t redist[GUEST_MAX_CPUS]; /* v3: each CPU's RD_base */

static bool v3(void)
{
	return platform.gic_version == 3;
}

static uint64_t gicc(uint32_t offset)
{
	return platform.gicc + offset;
}

uint64_t gic_frame(uint32_t intid)
{
	return v3() && intid < 32 ? redist[cpu_index()] + GICR_SGI_BASE : platform.gicd;
}

static void wait_writes(void)
{
	if (v3())
		while (read32(platform.gicd + GICD_CTLR) & GICD_CTLR_RWP)
			;
}

/* The 32 INTIDs of one bank back to what the tests start from. */
static void init_bank(uint32_t first)
{
	uint64_t base = gic_frame(first);
	uint32_t bank = first / 32;

	write32(base + GICD_ICENABLER + 4 * bank, ~0U);
	write32(base + GICD_ICPENDR + 4 * bank, ~0U);
	write32(base + GICD_ICACTIVER + 4 * bank, ~0U);
	write32(base + GICD_IGROUPR + 4 * bank, v3() ? ~0U : 0);
	for (uint32_t i = first; i < first + 32; i += 4)
		write32(base + GICD_IPRIORITYR + i, DEFAULT_PRIORITY);
	if (first == 0)
		return;
	for (uint32_t i = first; i < first + 32; i += 16)
		write32(base + GICD_ICFGR + i / 4, 0);
	for (uint32_t i = first; i < first + 32; i++)
		gic_set_target(i, 0);
}

void gic_init(void)
{
	write32(platform.gicd + GICD_CTLR, v3() ? GICD_CTLR_V3 & ~3U : 0);
	wait_writes();
	for (uint32_t first = 32; first < GIC_NR_INTIDS; first += 32)
		init_bank(first);
	write32(platform.gicd + GICD_CTLR, v3() ? GICD_CTLR_V3 : 3);
	wait_writes();
}

/* The redistributor whose GICR_TYPER has this CPU's affinity. [IHI0069 12.11.35] */
static uint64_t find_redist(void)
{
	uint64_t mpidr = READ_REG(mpidr_el1);
	uint32_t affinity = (uint32_t)((mpidr >> 8 & 0xff000000) | (mpidr & 0xffffff));
	uint64_t rd = platform.gicr;

	for (;; rd += GICR_STRIDE) {
		if (read32(rd + GICR_TYPER + 4) == affinity)
			return rd;
		if (read32(rd + GICR_TYPER) & TYPER_LAST)
			tap_bail("no redistributor for MPIDR %lx", mpidr);
	}
}

static void init_cpu_v3(void)
{
	uint64_t rd = find_redist();

	redist[cpu_index()] = rd;
	write32(rd + GICR_WAKER, read32(rd + GICR_WAKER) & ~WAKER_SLEEP);
	while (read32(rd + GICR_WAKER) & WAKER_CHILDREN)
		;
	init_bank(0);
	WRITE_REG(icc_sre_el1, READ_REG(icc_sre_el1) | 1);
	isb();
	WRITE_REG(icc_pmr_el1, 0xff);
	WRITE_REG(icc_bpr0_el1, 0);
	WRITE_REG(icc_bpr1_el1, 0);
	WRITE_REG(icc_ctlr_el1, 0);
	WRITE_REG(icc_igrpen0_el1, 0);
	WRITE_REG(icc_igrpen1_el1, 1);
	isb();
}

void gic_init_cpu(void)
{
	if (v3()) {
		init_cpu_v3();
		return;
	}
	init_bank(0);
	for (uint32_t i = 0; i < 16; i += 4)
		write32(platform.gicd + GICD_CPENDSGIR + i, ~0U);
	write32(gicc(GICC_PMR), 0xff);
	write32(gicc(GICC_BPR), 0);
	write32(gicc(GICC_CTLR), GICC_CTLR_ENABLE0);
}

static void set_bit(uint32_t reg, uint32_t intid)
{
	dsb();
	write32(gic_frame(intid) + reg + 4 * (intid / 32), 1U << (intid % 32));
	dsb();
}

static bool get_bit(uint32_t reg, uint32_t intid)
{
	return read32(gic_frame(intid) + reg + 4 * (intid / 32)) >> (intid % 32) & 1;
}

void gic_enable(uint32_t intid)
{
	set_bit(GICD_ISENABLER, intid);
}

void gic_disable(uint32_t intid)
{
	set_bit(GICD_ICENABLER, intid);
	wait_writes();
}

/* A v2 SGI is made pending through its own register, here as sent by CPU 0. [IHI0048 4.3.16] */
void gic_set_pending(uint32_t intid)
{
	if (!v3() && intid < 16)
		write8(platform.gicd + GICD_SPENDSGIR + intid, 1);
	else
		set_bit(GICD_ISPENDR, intid);
}

void gic_clear_pending(uint32_t intid)
{
	if (!v3() && intid < 16)
		write8(platform.gicd + GICD_CPENDSGIR + intid, 0xff);
	else
		set_bit(GICD_ICPENDR, intid);
}

void gic_set_active(uint32_t intid)
{
	set_bit(GICD_ISACTIVER, intid);
}

void gic_clear_active(uint32_t intid)
{
	set_bit(GICD_ICACTIVER, intid);
}

bool gic_is_enabled(uint32_t intid)
{
	return get_bit(GICD_ISENABLER, intid);
}

bool gic_is_pending(uint32_t intid)
{
	return get_bit(GICD_ISPENDR, intid);
}

bool gic_is_active(uint32_t intid)
{
	return get_bit(GICD_ISACTIVER, intid);
}

void gic_set_priority(uint32_t intid, uint8_t priority)
{
	write8(gic_frame(intid) + GICD_IPRIORITYR + intid, priority);
}

uint8_t gic_get_priority(uint32_t intid)
{
	return read8(gic_frame(intid) + GICD_IPRIORITYR + intid);
}

void gic_set_edge(uint32_t intid, bool edge)
{
	uint64_t reg = gic_frame(intid) + GICD_ICFGR + 4 * (intid / 16);
	uint32_t bit = 2U << (2 * (intid % 16));

	write32(reg, edge ? read32(reg) | bit : read32(reg) & ~bit);
}

void gic_set_target(uint32_t intid, unsigned int cpu)
{
	if (v3())
		write64(platform.gicd + GICD_IROUTER + 8UL * intid, platform.mpidr[cpu]);
	else
		write8(platform.gicd + GICD_ITARGETSR + intid, (uint8_t)(1U << cpu));
}

void gic_set_group(uint32_t intid, unsigned int group)
{
	uint64_t reg = gic_frame(intid) + GICD_IGROUPR + 4 * (intid / 32);
	uint32_t bit = 1U << (intid % 32);

	write32(reg, group ? read32(reg) | bit : read32(reg) & ~bit);
}

void gic_send(uint32_t intid, uint32_t cpus)
{
	dsb();
	if (v3()) /* Aff1-3 = 0: no test has more than 8 CPUs */
		WRITE_REG(icc_sgi1r_el1, (uint64_t)intid << 24 | cpus);
	else
		write32(platform.gicd + GICD_SGIR, cpus << 16 | intid);
	isb();
}

void gic_send_others(uint32_t intid)
{
	dsb();
	if (v3())
		WRITE_REG(icc_sgi1r_el1, (uint64_t)intid << 24 | 1UL << 40);
	else
		write32(platform.gicd + GICD_SGIR, 1U << 24 | intid);
	isb();
}

uint32_t gic_ack(void)
{
	uint32_t iar = v3() ? (uint32_t)READ_REG(icc_iar1_el1) : read32(gicc(GICC_IAR));

	dsb();
	return iar;
}

void gic_eoi(uint32_t iar)
{
	dsb();
	if (v3())
		WRITE_REG(icc_eoir1_el1, iar);
	else
		write32(gicc(GICC_EOIR), iar);
	isb();
}

void gic_split_eoi(bool split)
{
	uint32_t ctlr;

	if (v3()) {
		WRITE_REG(icc_ctlr_el1, split ? 2 : 0);
		isb();
		return;
	}
	ctlr = read32(gicc(GICC_CTLR)) & ~GICC_CTLR_EOIMODE;
	write32(gicc(GICC_CTLR), split ? ctlr | GICC_CTLR_EOIMODE : ctlr);
}

void gic_deactivate(uint32_t iar)
{
	dsb();
	if (v3())
		WRITE_REG(icc_dir_el1, iar);
	else
		write32(gicc(GICC_DIR), iar);
	isb();
}

void gic_set_pmr(uint8_t priority)
{
	if (v3())
		WRITE_REG(icc_pmr_el1, priority);
	else
		write32(gicc(GICC_PMR), priority);
	dsb();
	isb();
}

uint32_t gic_running_priority(void)
{
	return v3() ? (uint32_t)READ_REG(icc_rpr_el1) : read32(gicc(GICC_RPR));
}

uint32_t gic_highest_pending(void)
{
	return v3() ? (uint32_t)READ_REG(icc_hppir1_el1) : IAR_INTID(read32(gicc(GICC_HPPIR)));
}

unsigned int gic_other_group_number(void)
{
	return v3() ? 0 : 1;
}

void gic_other_group(bool enable)
{
	if (v3())
		WRITE_REG(icc_igrpen0_el1, enable);
	else
		write32(gicc(GICC_CTLR), GICC_CTLR_ENABLE0 | (enable ? GICC_CTLR_ENABLE1 | GICC_CTLR_ACKCTL : 0));
	isb();
}

uint32_t gic_ack_group0_v3(void)
{
	return (uint32_t)READ_REG(icc_iar0_el1);
}

void gic_eoi_group0_v3(uint32_t iar)
{
	WRITE_REG(icc_eoir0_el1, iar);
	isb();
}

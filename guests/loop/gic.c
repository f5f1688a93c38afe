#include "guests/loop/gic.h"
#include "guests/common/cpu.h"

#include <stdbool.h>

/* The distributor, and the CPU's part: memory of its own on GICv2, system registers and a redistributor on GICv3. */
#define GICD 0x08000000UL
#define GICC 0x08010000UL /* [IHI0048 4.1.3] */
#define GICR 0x080a0000UL /* [IHI0069 12.9]: the first CPU's */

#define GICD_CTLR     (GICD + 0x000)
#define GICD_ITARGETS (GICD + 0x800)  /* GICv2: a byte each, a bit for each CPU */
#define GICD_IROUTER  (GICD + 0x6000) /* GICv3: 64 bits each, a CPU's affinity */

/* In the distributor, and at the same offsets for GICv3's private interrupts in the redistributor's second page. */
#define GICR_SGI_BASE (GICR + 0x10000)
#define IGROUPR	      0x080 /* a bit for each interrupt */
#define ISENABLER     0x100
#define IPRIORITY     0x400 /* a byte */

#define GICC_CTLR (GICC + 0x00)
#define GICC_PMR  (GICC + 0x04)
#define GICC_IAR  (GICC + 0x0c)
#define GICC_EOIR (GICC + 0x10)

#define GICR_WAKER	      (GICR + 0x00014)
#define WAKER_PROCESSOR_SLEEP (1U << 1)
#define WAKER_CHILDREN_ASLEEP (1U << 2)

#define FIRST_SHARED 32
#define PRIORITY     0x80U
#define ALL_PRIORITY 0xffU

static bool is_v3;

static void v2_init(void)
{
	device_write(GICD_CTLR, 1);
	device_write(GICC_PMR, ALL_PRIORITY);
	device_write(GICC_CTLR, 1);
}

static void v3_init(void)
{
	device_write(GICD_CTLR, 1U << 4 | 1U << 1); /* ARE, EnableGrp1 */
	device_write(GICR_WAKER, device_read(GICR_WAKER) & ~WAKER_PROCESSOR_SLEEP);
	while (device_read(GICR_WAKER) & WAKER_CHILDREN_ASLEEP)
		;
	WRITE_REG(icc_sre_el1, 1); /* the system registers, not the memory of GICv2 */
	isb();
	WRITE_REG(icc_pmr_el1, ALL_PRIORITY);
	WRITE_REG(icc_igrpen1_el1, 1);
	isb();
}

void gic_init(void)
{
	/* ID_AA64PFR0_EL1.GIC: the system registers of GICv3 or later are there. [DDI0487 D19.2.64] */
	is_v3 = (READ_REG(id_aa64pfr0_el1) >> 24 & 15) != 0;
	if (is_v3)
		v3_init();
	else
		v2_init();
}

void gic_enable(unsigned int intid)
{
	bool is_shared = intid >= FIRST_SHARED;
	uintptr_t base = is_v3 && !is_shared ? GICR_SGI_BASE : GICD;
	uintptr_t word = intid / 32 * 4;
	uint32_t bit = 1U << intid % 32;

	if (is_v3)
		device_write(base + IGROUPR + word, device_read(base + IGROUPR + word) | bit);
	*(volatile uint8_t *)(base + IPRIORITY + intid) = PRIORITY;
	if (is_v3 && is_shared)
		*(volatile uint64_t *)(GICD_IROUTER + 8 * intid) = 0; /* CPU 0.0.0.0 */
	else if (is_shared)
		*(volatile uint8_t *)(GICD_ITARGETS + intid) = 1; /* CPU 0 */
	device_write(base + ISENABLER + word, bit);
}

uint32_t gic_acknowledge(void)
{
	return is_v3 ? (uint32_t)READ_REG(icc_iar1_el1) : device_read(GICC_IAR);
}

void gic_end(uint32_t intid)
{
	if (is_v3)
		WRITE_REG(icc_eoir1_el1, intid);
	else
		device_write(GICC_EOIR, intid);
}

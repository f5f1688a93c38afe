/*
 * A GIC straight from the specifications, to compare Corbel's with: no list registers, no candidates, nothing of dev/
 * and none of its helpers. State by INTID, registers by their maps. Where the specification leaves a choice, it is
 * named at the place, and is Corbel's. [IHI0048] [IHI0069, DS = 1, ARE = 1]
 */
#ifndef TESTS_FAKES_GIC_REFERENCE_H
#define TESTS_FAKES_GIC_REFERENCE_H

#include <stdbool.h>
#include <stdint.h>

#define REF_MAX_CPUS  8
#define REF_NR_INTIDS 256
#define REF_NOBODY    255U
#define REF_DIST      255U /* the frame that is no CPU's redistributor */

struct ref_irq {
	bool enabled, edge, latch, line, active;
	bool forced;	      /* active by ISACTIVER, not by an acknowledge */
	unsigned int sources; /* GICv2 SGI: pending from these CPUs */
	unsigned int priority, group, targets, active_on;
	uint64_t router;
};

struct ref_gic {
	unsigned int version, nr_cpus;
	unsigned int ctlr; /* EnableGrp0, EnableGrp1 */
	bool off[REF_MAX_CPUS], asleep[REF_MAX_CPUS];
	struct ref_irq private[REF_MAX_CPUS][32];
	struct ref_irq spi[REF_NR_INTIDS - 32];
};

/* CPU n has affinity 0.0.0.n. All are on; everything else as after reset. */
void ref_init(struct ref_gic *gic, unsigned int version, unsigned int nr_cpus);
/* A CPU goes off: its private interrupts are as after reset, what it had active is not. */
void ref_cpu_off(struct ref_gic *gic, unsigned int cpu);

struct ref_irq *ref_irq(struct ref_gic *gic, unsigned int cpu, unsigned int intid);

/* Register accesses of `bytes` (1, 2, 4, 8), aligned. frame: REF_DIST, or whose redistributor (SGI_base at 0x10000). */
uint64_t ref_read(struct ref_gic *gic, unsigned int cpu, unsigned int frame, unsigned int offset, unsigned int bytes);
void ref_write(struct ref_gic *gic, unsigned int cpu, unsigned int frame, unsigned int offset, unsigned int bytes,
	       uint64_t value);

void ref_line(struct ref_gic *gic, unsigned int cpu, unsigned int intid, bool level);
/* An SGI of `source` to one CPU; GICv3: as by ICC_SGI1R_EL1. */
void ref_sgi(struct ref_gic *gic, unsigned int source, unsigned int cpu, unsigned int intid);

/* Would the distributor forward it to this CPU? */
bool ref_is_deliverable(struct ref_gic *gic, unsigned int cpu, unsigned int intid);
/* source: of a GICv2 SGI. */
void ref_acknowledge(struct ref_gic *gic, unsigned int cpu, unsigned int intid, unsigned int source);
void ref_deactivate(struct ref_gic *gic, unsigned int cpu, unsigned int intid);

#endif

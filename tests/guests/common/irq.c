#include "tests/guests/common/irq.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/exception.h"
#include "tests/guests/common/tap.h"

uint32_t irq_count[GUEST_MAX_CPUS][GIC_NR_INTIDS];
uint32_t irq_spurious[GUEST_MAX_CPUS];
bool irq_manual_eoi;
static irq_fn handlers[GIC_NR_INTIDS];

void irq_handler(uint32_t intid, irq_fn fn)
{
	handlers[intid] = fn;
}

void irq_forget(void)
{
	unsigned int cpu = cpu_index();

	for (unsigned int i = 0; i < GIC_NR_INTIDS; i++)
		irq_count[cpu][i] = 0;
	irq_spurious[cpu] = 0;
}

/* Group 0 of a GICv3 comes as FIQ, everything else as IRQ. */
__attribute__((weak)) void on_irq(struct frame *frame, bool fiq)
{
	uint32_t iar = fiq ? gic_ack_group0_v3() : gic_ack();
	uint32_t intid = IAR_INTID(iar);
	unsigned int cpu = cpu_index();

	(void)frame;
	if (intid >= GIC_NR_INTIDS) {
		irq_spurious[cpu]++;
		return;
	}
	irq_count[cpu][intid]++;
	if (handlers[intid])
		handlers[intid](iar);
	irq_mask();
	if (fiq)
		gic_eoi_group0_v3(iar);
	else if (!irq_manual_eoi)
		gic_eoi(iar);
}

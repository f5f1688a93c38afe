/* Physical interrupts: see irq.h. */
#include "kernel/irq.h"

#include "arch/arm64/gic/gic.h"
#include "arch/arm64/guest.h"
#include "kernel/console.h"
#include "kernel/cpu.h"
#include "kernel/host_devices.h"
#include "kernel/panic.h"
#include "kernel/snapshot.h"
#include "kernel/soft_timer.h"
#include "kernel/system.h"
#include "kernel/virq.h"
#include "kernel/vm.h"

#define GIC_NR_INTIDS 1020

/* Of SPIs: each is taken on one pCPU at a time. SGIs and PPIs are not counted: many exits are nothing else. */
static uint32_t spi_counts[GIC_NR_INTIDS];

static const struct gic_config *gic_config_of(const struct hw_info *hw)
{
	static struct gic_config config;

	config.version = hw->gic.version;
	config.gicd = hw->gic.gicd.base;
	config.gicc = hw->gic.gicc.base;
	config.gich = hw->gic.gich.base;
	config.gicv = hw->gic.gicv.base;
	config.nr_gicr = hw->gic.nr_gicr;
	config.gicr_stride_bytes = hw->gic.gicr_stride_bytes;
	for (unsigned int n = 0; n < hw->gic.nr_gicr; n++) {
		config.gicr[n].base = hw->gic.gicr[n].base;
		config.gicr[n].size_bytes = hw->gic.gicr[n].size_bytes;
	}
	return &config;
}

void irq_init(const struct hw_info *hw)
{
	const struct gic_config *config = gic_config_of(hw);

	if (gic_select(config) != HV_OK)
		panic("the host's device tree names no GICv2 or GICv3 that Corbel can drive");
	if (gic->init_dist(config) != HV_OK)
		panic("the GIC's distributor does not answer as a GICv%u", config->version);
}

void irq_init_cpu(const struct hw_info *hw)
{
	if (gic->init_cpu(this_cpu(), this_percpu()->mpidr) != HV_OK)
		panic("CPU %u has no GIC CPU interface", this_cpu());
	gic->enable(hw->timer_hyp.intid);
	gic->enable(hw->timer_virt.intid);
	gic->enable(hw->timer_phys_ns.intid);
	gic->enable(hw->gic.maintenance.intid);
	virq_init_cpu();
	host_devices_init_cpu();
}

/* A guest's own timer: its interrupt is linked, so the physical one stays active until the guest ends the virtual one.
 */
static bool handle_guest_timer(uint32_t intid)
{
	struct vcpu *vcpu = cpu_self()->loaded;
	enum guest_timer which;

	if (intid == system_hw->timer_virt.intid)
		which = GUEST_TIMER_VIRT;
	else if (intid == system_hw->timer_phys_ns.intid)
		which = GUEST_TIMER_PHYS_NS;
	else
		return false;
	gic->eoi(intid);
	if (vcpu == NULL)
		gic->deactivate(intid); /* left over from a vCPU that is gone: its timers are off */
	else
		virq_timer_fired(vcpu, vcpu->vm->map->timer_intids[which]);
	return true;
}

static void count_spi(uint32_t intid)
{
	__atomic_fetch_add(&spi_counts[intid], 1, __ATOMIC_RELAXED);
}

uint64_t irq_spi_count(uint32_t intid)
{
	return intid < GIC_NR_INTIDS ? __atomic_load_n(&spi_counts[intid], __ATOMIC_RELAXED) : 0;
}

static void handle_own_spi(uint32_t intid)
{
	count_spi(intid);
	if (console_owns_irq(intid))
		console_irq();
	else
		gic->disable(intid); /* nobody asked for it: once is enough */
}

static void handle_owned(uint32_t intid)
{
	struct cpu *cpu = cpu_self();

	if (intid == IRQ_SGI_KICK)
		return; /* the run loop looks around after every exit */
	if (intid == IRQ_SGI_HALT)
		panic_halt_self();
	if (intid == system_hw->timer_hyp.intid)
		soft_timers_run(&cpu->timers);
	else if (intid == system_hw->gic.maintenance.intid && cpu->loaded != NULL)
		virq_refresh(cpu->loaded);
	else if (intid == system_hw->gic.maintenance.intid)
		gic->virtual_off();
	else if (intid == IRQ_SGI_SNAPSHOT) /* behind those that somebody's deadline waits for */
		snapshot_serve();
	else
		handle_own_spi(intid);
}

void irq_handle(void)
{
	uint32_t intid = gic->ack();

	if (intid >= GIC_NR_INTIDS) /* special INTIDs: it went away again [IHI0069 2.2.1] */
		return;
	if (handle_guest_timer(intid))
		return;
	if (host_devices_take_irq(intid)) {
		count_spi(intid);
		return;
	}
	/* The handler first: a level line must be low again before the interrupt may come back. */
	handle_owned(intid);
	gic->eoi(intid);
	gic->deactivate(intid);
}

bool irq_take_pending(void)
{
	if (!arch_interrupt_is_pending())
		return false;
	irq_handle();
	return true;
}

void irq_wait(void)
{
	arch_wait_for_interrupt();
	(void)irq_take_pending();
}

void cpu_kick(unsigned int id)
{
	gic->send_sgi(id, IRQ_SGI_KICK);
}

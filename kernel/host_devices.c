#include "kernel/host_devices.h"

#include "arch/arm64/gic/gic.h"
#include "arch/arm64/timer.h"
#include "kernel/console.h"
#include "kernel/cpu.h"
#include "kernel/stage2_host.h"
#include "kernel/system.h"
#include "kernel/virq.h"
#include "kernel/vm.h"
#include "lib/bits.h"
#include "lib/log.h"

#define FIRST_SPI 32

/* Who has an SPI. Written while VMs are created. */
static struct vm *owners[VGIC_NR_INTIDS];

enum hv_err host_devices_plan(struct vm *vm)
{
	const struct passthrough *others[MAX_VMS];
	struct passthrough_host host = {
		.ipa_bytes = stage2_host_ipa_bytes(),
		.others = others,
		.nr_others = nr_vms,
		.nr_intids = gic->nr_intids(),
	};
	char message[PASSTHROUGH_MESSAGE_MAX];
	enum hv_err err;

	if (vm->config->passthrough_bytes == 0)
		return HV_OK;
	for (unsigned int n = 0; n < nr_vms; n++)
		others[n] = &vms[n]->passthrough;
	passthrough_take_host(&host, system_hw, console_uart());
	err = passthrough_plan(&host, vm->config, vm->map, &vm->passthrough, message);
	if (err != HV_OK)
		log_error("vm", "vm \"%s\" was not created: corbel,passthrough: %s", vm->config->name, message);
	else if (!vm->config->direct_map)
		log_warn("vm", "%s %s", vm->config->name, PASSTHROUGH_NO_DIRECT_MAP);
	return err;
}

/* Two devices of a VM may have a page, or an interrupt, in common: the first one brings it. */
static enum hv_err map_pages(struct vm *vm, const struct hw_range *pages)
{
	enum hv_err err = HV_OK;

	for (uint64_t at = pages->base.raw; err == HV_OK && at < pages->base.raw + pages->size_bytes; at += PAGE_SIZE)
		if (stage2_walk(&vm->stage2, ipa(at), NULL, NULL, NULL) != HV_OK)
			err = stage2_map(&vm->stage2, ipa(at), pa(at), PAGE_SIZE, STAGE2_R | STAGE2_W, STAGE2_DEVICE);
	return err;
}

enum hv_err host_devices_map(struct vm *vm)
{
	enum hv_err err = HV_OK;

	for (unsigned int i = 0; i < vm->passthrough.nr_devices; i++) {
		const struct passthrough_device *device = &vm->passthrough.devices[i];

		for (unsigned int r = 0; err == HV_OK && r < device->nr_regs; r++) {
			struct hw_range pages = passthrough_pages(&device->regs[r]);

			err = map_pages(vm, &pages);
		}
		for (unsigned int q = 0; err == HV_OK && q < device->nr_irqs; q++)
			owners[device->irqs[q].intid] = vm;
	}
	return err;
}

void host_devices_forget(const struct vm *vm)
{
	for (unsigned int intid = FIRST_SPI; intid < VGIC_NR_INTIDS; intid++)
		if (owners[intid] == vm)
			owners[intid] = NULL;
}

/* Each interrupt of each of its devices. */
static void for_each_irq(const struct vm *vm, void (*visit)(const struct vm *vm, const struct hw_irq *irq))
{
	for (unsigned int i = 0; i < vm->passthrough.nr_devices; i++)
		for (unsigned int q = 0; q < vm->passthrough.devices[i].nr_irqs; q++)
			visit(vm, &vm->passthrough.devices[i].irqs[q]);
}

static void enable_irq(const struct vm *vm, const struct hw_irq *irq)
{
	gic->set_edge(irq->intid, irq->edge);
	gic->set_target(irq->intid, vm->vcpus[0]->run.home_cpu);
	gic->enable(irq->intid);
}

static void let_in(const struct vm *vm, const struct hw_irq *irq)
{
	(void)vm;
	gic->enable(irq->intid);
}

static void disable_irq(const struct vm *vm, const struct hw_irq *irq)
{
	(void)vm;
	gic->disable(irq->intid);
	gic->clear_active(irq->intid);
}

void host_devices_start(struct vm *vm)
{
	spin_lock(&vm->vgic.lock);
	for (unsigned int i = 0; i < vm->passthrough.nr_devices; i++)
		for (unsigned int q = 0; q < vm->passthrough.devices[i].nr_irqs; q++) {
			const struct hw_irq *irq = &vm->passthrough.devices[i].irqs[q];

			vgic_link_spi(&vm->vgic, irq->intid, irq->intid, irq->edge);
		}
	vm->takes_host_irqs = true;
	spin_unlock(&vm->vgic.lock);
	for_each_irq(vm, enable_irq);
}

void host_devices_stop(struct vm *vm)
{
	spin_lock(&vm->vgic.lock);
	vm->takes_host_irqs = false;
	spin_unlock(&vm->vgic.lock);
	for_each_irq(vm, disable_irq);
}

/* --- storms --- */

/* On the pCPU where some were held back. */
static void storm_end(struct soft_timer *timer)
{
	(void)timer;
	for (unsigned int n = 0; n < nr_vms; n++) {
		struct vm *vm = vms[n];

		spin_lock(&vm->vgic.lock);
		if (vm->takes_host_irqs)
			for_each_irq(vm, let_in);
		spin_unlock(&vm->vgic.lock);
	}
}

void host_devices_init_cpu(void)
{
	soft_timer_init(&cpu_self()->storm_end, storm_end);
}

static bool costs_others(const struct cpu *cpu, const struct vm *vm)
{
	const struct run_entity *current = cpu->queue.current;

	return current != NULL && (current->is_job || container_of(current, struct vcpu, run)->vm != vm);
}

static void count(struct cpu *cpu, struct vm *vm, uint32_t intid)
{
	enum irq_storm_answer answer;
	uint64_t until;

	spin_lock(&vm->vgic.lock);
	answer = irq_storm_count(&vm->storm, timer_now_ticks(), timer_us_to_ticks(IRQ_STORM_WINDOW_US));
	if (answer != IRQ_STORM_LET_IN)
		gic->disable(intid);
	until = vm->storm.window_ends_ticks;
	spin_unlock(&vm->vgic.lock);
	if (answer != IRQ_STORM_LET_IN)
		soft_timer_arm(&cpu->timers, &cpu->storm_end, until);
	if (answer == IRQ_STORM_BEGINS)
		log_warn("vm",
			 "%s: host interrupt %u and its like come more than %u times in %u ms while others run: held "
			 "back",
			 vm->config->name, intid, IRQ_STORM_MAX, IRQ_STORM_WINDOW_US / 1000);
}

bool host_devices_take_irq(uint32_t intid)
{
	struct vm *vm = intid >= FIRST_SPI && intid < VGIC_NR_INTIDS ? owners[intid] : NULL;
	struct cpu *cpu = cpu_self();

	if (vm == NULL)
		return false;
	gic->eoi(intid);
	if (costs_others(cpu, vm))
		count(cpu, vm, intid);
	if (!virq_host_irq(vm, intid))
		gic->deactivate(intid);
	return true;
}

/* The kernel's start: what the boot CPU and each secondary do before their run loops. */
#include "kernel/main.h"

#include "arch/arm64/barrier.h"
#include "arch/arm64/gic/gic.h"
#include "arch/arm64/percpu.h"
#include "arch/arm64/timer.h"
#include "arch/arm64/traps.h"
#include "kernel/bundle.h"
#include "kernel/console.h"
#include "kernel/cpu.h"
#include "kernel/entropy.h"
#include "kernel/irq.h"
#include "kernel/monitor.h"
#include "kernel/palloc.h"
#include "kernel/panic.h"
#include "kernel/run.h"
#include "kernel/sched.h"
#include "kernel/stage2_host.h"
#include "kernel/system.h"
#include "kernel/vm.h"
#include "kernel/vm_plan.h"
#include "lib/bits.h"
#include "lib/log.h"
#include "psci/psci_host.h"

/* How long a CPU may take from the firmware's promise to its first line of ours. */
#define SECONDARY_TIMEOUT_US 2000000

_Static_assert(MAX_CPUS == HW_MAX_CPUS, "a pCPU is an index into hw_info.cpus");

struct cpu cpus[MAX_CPUS];
static const struct boot_ops *boot_ops;
static struct vm_config configs[MAX_VMS];

void kernel_set_boot_ops(const struct boot_ops *ops)
{
	boot_ops = ops;
}

static uint64_t now_us(void)
{
	return timer_ticks_to_us(timer_now_ticks());
}

static void look_again(struct soft_timer *timer)
{
	struct cpu *cpu = container_of(timer, struct cpu, next_look);

	__atomic_store_n(&cpu->resched, true, __ATOMIC_SEQ_CST);
}

void cpu_init(unsigned int id)
{
	struct cpu *cpu = &cpus[id];

	cpu->id = id;
	cpu->lock = SPINLOCK_INIT(LOCK_SCHED);
	run_queue_init(&cpu->queue);
	soft_timers_init(&cpu->timers);
	soft_timer_init(&cpu->next_look, look_again);
	this_percpu()->kernel = cpu;
	traps_init_cpu(&cpu->features);
	irq_init_cpu(system_hw);
	__atomic_store_n(&cpu->online, true, __ATOMIC_RELEASE);
}

void kernel_secondary_main(unsigned int cpu)
{
	cpu_init(cpu);
	run_loop(&cpus[cpu]);
}

static bool wait_online(unsigned int id)
{
	uint64_t deadline = now_us() + SECONDARY_TIMEOUT_US;

	while (!__atomic_load_n(&cpus[id].online, __ATOMIC_ACQUIRE)) {
		if (now_us() > deadline)
			return false;
	}
	return true;
}

/* One that fails is reported and done without. */
static bool start_secondary(const struct hw_info *hw, unsigned int id)
{
	switch (boot_ops->start_secondary(hw, id)) {
	case HV_OK:
		if (wait_online(id))
			return true;
		log_warn("boot", "CPU %u did not come up: going on without it", id);
		return false;
	case HV_EUNSUP: log_warn("boot", "CPU %u has no enable-method psci or spin-table: left off", id); return false;
	case HV_ENOENT:
		log_warn("boot", "CPU %u wants PSCI, but no firmware here answers SMC: left off", id);
		return false;
	case HV_EINVAL:
	case HV_ENOMEM:
	case HV_ERANGE:
	case HV_EEXIST:
	case HV_EBUSY:
	case HV_EIO: break;
	}
	log_warn("boot", "CPU %u: %s: left off", id,
		 hw->cpus[id].enable == HW_ENABLE_PSCI ? "the firmware refused CPU_ON" : "its cpu-release-addr is 0");
	return false;
}

static void start_secondaries(const struct hw_info *hw)
{
	unsigned int nr_online = 1;

	for (unsigned int id = 0; id < hw->nr_cpus; id++) {
		if (id == this_cpu())
			continue;
		nr_online += start_secondary(hw, id);
	}
	log_info("boot", "%u of %u CPU%s online", nr_online, hw->nr_cpus, hw->nr_cpus == 1 ? "" : "s");
}

static void init_memory(const struct hw_info *hw)
{
	struct palloc_range memory[HW_MAX_MEMORY], reserved[HW_MAX_RESERVED];

	for (unsigned int n = 0; n < hw->nr_memory; n++)
		memory[n] = (struct palloc_range){ hw->memory[n].base, hw->memory[n].size_bytes };
	for (unsigned int n = 0; n < hw->nr_reserved; n++)
		reserved[n] = (struct palloc_range){ hw->reserved[n].base, hw->reserved[n].size_bytes };
	if (palloc_init(memory, hw->nr_memory, reserved, hw->nr_reserved) != HV_OK)
		panic("no place in RAM for the page allocator's tables");
}

static void report_option(void *ctx, const char *word, const char *text)
{
	(void)ctx;
	log_warn("options", "\"%s\" %s: ignored", word, text);
}

static void report_bundle(void *ctx, bool is_error, const char *vm, const char *property, const char *text)
{
	(void)ctx;
	log_print(is_error ? LOG_ERROR : LOG_WARN, "bundle", "%s%s%s%s%s%s", vm[0] != '\0' ? "vm \"" : "", vm,
		  vm[0] != '\0' ? "\": " : "", property, property[0] != '\0' ? ": " : "", text);
}

/* Is all of it memory that EL2 has mapped? */
static bool is_reachable(const struct hw_info *hw, const struct hw_range *range)
{
	uint64_t base = range->base.raw, size = range->size_bytes;
	bool in_ram = false;

	for (unsigned int n = 0; n < hw->nr_memory; n++)
		in_ram |= range_contains(hw->memory[n].base.raw, hw->memory[n].size_bytes, base, size);
	for (unsigned int n = 0; n < hw->nr_no_map; n++)
		in_ram &= !ranges_overlap(hw->no_map[n].base.raw, hw->no_map[n].size_bytes, base, size);
	return in_ram;
}

static void create_vms(const struct hw_info *hw)
{
	const struct bundle_host host = vm_plan_host(hw, &guest_map_virt, palloc_stats().free_pages * PAGE_SIZE,
						     stage2_host_ipa_bytes(), psci_host_present());
	unsigned int nr_configs = 0;

	if (hw->initrd.size_bytes == 0) {
		log_error("bundle", "no bundle: /chosen has no linux,initrd-start (QEMU: -initrd vms.itb; U-Boot: "
				    "booti's second argument)");
		return;
	}
	if (!is_reachable(hw, &hw->initrd)) {
		log_error("bundle",
			  "no bundle: linux,initrd-start of /chosen is %lx, and from there to -end is not all RAM",
			  (unsigned long)hw->initrd.base.raw);
		return;
	}
	if (bundle_parse(phys_to_virt(hw->initrd.base), hw->initrd.size_bytes, &host, configs, &nr_configs,
			 report_bundle, NULL) != HV_OK)
		return;
	for (unsigned int n = 0; n < nr_configs; n++)
		(void)vm_create(&configs[n], &guest_map_virt); /* a failure was logged; the others go on */
}

static void start_vms(void)
{
	bool started = false;

	for (unsigned int n = 0; n < nr_vms; n++) {
		if (vms[n]->config->autostart && vm_start(vms[n]) == HV_OK) {
			if (!started)
				console_set_focus(vms[n]);
			started = true;
		}
	}
	system_started();
	if (started) {
		system_check_idle(); /* they may all have ended meanwhile */
	} else {
		monitor_open();
		console_rx_pump();
	}
}

void kernel_main(const struct hw_info *hw)
{
	static const struct log_sink sink = { .write = console_log, .now_us = now_us, .this_cpu = this_cpu };
	unsigned int service;

	/* The log has a voice from here on; what was said before waits in its ring. */
	system_hw = hw;
	options_parse(hw->bootargs, &system_options, report_option, NULL);
	log_set_level(system_options.loglevel);
	console_init(options_choose_uart(&system_options, hw, report_option, NULL), &system_options);
	log_set_sink(&sink);
	log_info("boot", "Corbel on %s: %u CPU%s, GICv%u", hw->model, hw->nr_cpus, hw->nr_cpus == 1 ? "" : "s",
		 (unsigned int)hw->gic.version);

	/* Interrupts, the boot CPU's own state, memory. */
	irq_init(hw);
	cpu_init(this_cpu());
	init_memory(hw);
	entropy_init(hw);
	stage2_host_init();
	log_debug("boot", "%s with %u list registers, %lu MiB of RAM free", gic->name, gic->nr_lrs(),
		  (unsigned long)(palloc_stats().free_pages >> 8));

	/* The other CPUs wait in their run loops; the VMs spread over all of them. */
	start_secondaries(hw);
	create_vms(hw);
	service = sched_choose_service();
	monitor_init(service);
	console_start_irq(service);
	start_vms();
	run_loop(cpu_self());
}

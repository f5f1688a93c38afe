/*
 * Rows of two vCPUs that share a CPU. Beside them a less urgent VM never rests (bootargs role=spin), so the hypervisor
 * takes the CPU from a vCPU that waits.
 */
#include <stdbool.h>
#include <stddef.h>

#include "tests/bench/guest/bench.h"
#include "tests/guests/common/gic.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/tap.h"

/* What the second vCPU is to do, and what it does. Each change comes with an SGI, which it takes just once. */
enum job { JOB_SLEEP, JOB_ANSWER, JOB_WATCH, JOB_WATCH_FP };
static uint32_t job, doing;

/* Waits in WFI until an interrupt has come. Masked, so that none is lost between the look and the WFI. */
static void sleep_until_irq(struct seen *mine)
{
	while (LOAD(mine->irq_at) == 0) {
		wfi();
		irq_window();
	}
	mine->irq_at = 0;
}

/* --- a switch at the end of a time slice --- */

/* Whoever runs writes who it is and what time it is, again and again; who runs next sees how long nobody did. */
static struct {
	uint32_t cpu;
	uint32_t nr_switches;
	uint64_t at;
	uint64_t shortest;
} last;

static void watch(uint32_t me, bool with_fp)
{
	uint64_t now;

	if (with_fp)
		__asm__ volatile(".arch_extension fp\n\tfmov d0, #1.0" ::: "memory");
	now = timer_now();
	if (last.cpu != me) {
		if (now - last.at < last.shortest)
			last.shortest = now - last.at;
		last.cpu = me;
		STORE(last.nr_switches, last.nr_switches + 1);
	}
	last.at = now;
}

/* --- the second vCPU --- */

static void set_up_cpu(void)
{
	vectors_use(IRQ_SGI);
	WRITE_REG(cpacr_el1, 3UL << 20); /* FPEN: FP does not trap to EL1 */
	isb();
}

static void second(unsigned int cpu)
{
	bench_gic_init_cpu();
	set_up_cpu();
	for (;;) {
		uint32_t what = LOAD(job);

		STORE(doing, what);
		while (what >= JOB_WATCH && LOAD(job) == what)
			watch(cpu, what == JOB_WATCH_FP);
		sleep_until_irq(&seen[cpu]);
		if (what == JOB_ANSWER && LOAD(job) == what)
			gic_send(SGI_INTID, 1U << 0);
	}
}

static void give_job(uint32_t what)
{
	static bool is_on;

	if (!is_on && cpu_on(1, second, 0) != 0)
		tap_bail("no second vCPU");
	is_on = true;
	set_up_cpu();
	if (LOAD(job) != what) {
		STORE(job, what);
		gic_send(SGI_INTID, 1U << 1);
	}
	while (LOAD(doing) != what)
		;
}

/* --- rows --- */

static uint64_t switch_after(uint32_t nr_switches, uint32_t what)
{
	uint32_t end;

	give_job(what);
	last.shortest = ~0UL;
	end = LOAD(last.nr_switches) + nr_switches;
	while (LOAD(last.nr_switches) < end)
		watch(0, what == JOB_WATCH_FP);
	return last.shortest * nr_switches;
}

static uint64_t switch_clean(uint32_t rounds)
{
	return switch_after(rounds, JOB_WATCH);
}

static uint64_t switch_fp(uint32_t rounds)
{
	return switch_after(rounds, JOB_WATCH_FP);
}

/* There and back is two of them. */
static uint64_t ipi(uint32_t rounds)
{
	give_job(JOB_ANSWER);
	return REPEAT(rounds, ({
			      gic_send(SGI_INTID, 1U << 1);
			      sleep_until_irq(&seen[0]);
		      })) /
	       2;
}

static uint64_t wake(uint32_t rounds)
{
	give_job(JOB_SLEEP);
	return wfi_lateness(rounds);
}

const struct row shared_rows[] = {
	{ "vcpu-wake", wake, 20, 0 },
	{ "vcpu-ipi", ipi, 4, 0 },
	{ "vcpu-switch", switch_clean, 100, 0 },
	{ "vcpu-switch-fp", switch_fp, 100, 0 },
	{ 0 },
};

#include "tests/guests/smp/hunt.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/irq.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/psci.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"

#define LIVES	    200
#define PATIENCE_MS 5000
#define HUNT_CPUS   4U
#define PREY	    2U
#define HUNTER(id)  ((unsigned int)((id) >> 32))
static uint32_t lives, hunters_done;
static struct hunter {
	uint32_t won, lived; /* CPU_ONs that succeeded, and how many of these lives began */
	unsigned int wrong_codes, wrong_info, wrong_order;
} hunters[GUEST_MAX_CPUS];

static void prey(unsigned int cpu)
{
	uint64_t id = arrivals[cpu].context;
	struct hunter *h = &hunters[HUNTER(id)];

	h->wrong_order += (uint32_t)id != h->lived + 1;
	STORE(h->lived, h->lived + 1);
	__atomic_add_fetch(&lives, 1, __ATOMIC_ACQ_REL);
}

static int32_t prey_info(void)
{
	return psci(PSCI_AFFINITY_INFO, platform.mpidr[PREY], 0, 0);
}

/*
 * Gives the CPU up: hunters that share it with their prey would keep it for a time slice. Seldom, since an emulator
 * with busy CPUs wakes a sleeping one late.
 */
#define LOOKS_BEFORE_NAP 256
static void nap(void)
{
	WRITE_REG(cntv_cval_el0, timer_now() + timer_us(20));
	WRITE_REG(cntv_ctl_el0, TIMER_ENABLE);
	isb();
	wfi();
	irq_window();
}

static void nap_over(uint32_t iar)
{
	(void)iar;
	WRITE_REG(cntv_ctl_el0, 0);
	isb();
}

/* Up to the life's beginning nobody else can have a hand in it: never OFF, and not pending again once it was ON. */
static bool watch_birth(struct hunter *h)
{
	uint64_t end = timer_now() + timer_ms(PATIENCE_MS);
	int32_t before = 2;

	for (unsigned int looks = 1; timer_now() < end; looks++) {
		int32_t info = prey_info();

		if (LOAD(h->lived) == h->won)
			return true;
		h->wrong_info += info == 1 || info < 0 || info > before;
		before = info;
		if (looks % LOOKS_BEFORE_NAP == 0)
			nap();
	}
	return false;
}

static void hunt(unsigned int cpu)
{
	struct hunter *h = &hunters[cpu];
	unsigned int refusals = 0;

	gic_init_cpu();
	gic_enable(TIMER_VIRT_INTID);
	while (LOAD(lives) < LIVES) {
		uint64_t id = (uint64_t)cpu << 32 | (h->won + 1);
		int32_t code = psci(PSCI_CPU_ON, platform.mpidr[PREY], (uint64_t)secondary_entry, id);
		int32_t info;

		if (code == 0) {
			h->won++;
			if (!watch_birth(h))
				break; /* won != lived tells */
			if (h->won % 8 == 0)
				nap(); /* the others' turn */
			continue;
		}
		info = prey_info();
		h->wrong_codes += code != PSCI_ON_PENDING && code != PSCI_ALREADY_ON;
		h->wrong_info += info < 0 || info > 2;
		if (++refusals % LOOKS_BEFORE_NAP == 0)
			nap();
	}
	__atomic_add_fetch(&hunters_done, 1, __ATOMIC_ACQ_REL);
}

void test_hunt(void)
{
	unsigned int wrong_codes = 0, wrong_info = 0, wrong_order = 0, unborn = 0;
	uint32_t won = 0;

	if (platform.nr_cpus < HUNT_CPUS || !platform.under_corbel) {
		tap_skip("CPU_ON, CPU_OFF and AFFINITY_INFO race freely",
			 "needs 4 CPUs, and more than QEMU's own PSCI");
		return;
	}
	cpu_on_entry(PREY, prey);
	irq_handler(TIMER_VIRT_INTID, nap_over);
	for (unsigned int cpu = 1; cpu < HUNT_CPUS; cpu++)
		if (cpu != PREY)
			cpu_on(cpu, hunt, 0);
	hunt(0);
	tap_ok(wait_for(&hunters_done, HUNT_CPUS - 1), "hunt: all come to the end");
	tap_ok(wait_cpu_off(PREY), "hunt: the target is off at the end");
	for (unsigned int cpu = 0; cpu < HUNT_CPUS; cpu++) {
		const struct hunter *h = &hunters[cpu];

		won += h->won;
		unborn += h->won != h->lived;
		wrong_codes += h->wrong_codes;
		wrong_info += h->wrong_info;
		wrong_order += h->wrong_order;
		if (cpu != 0 && cpu != PREY)
			wait_cpu_off(cpu);
	}
	tap_ok(lives >= LIVES && lives == won, "hunt: each of %u successes is one life, of %u", won, lives);
	tap_is(unborn, 0, "hunt: each life that a hunter was promised began");
	tap_is(wrong_order, 0, "hunt: each life has the next context id of its hunter");
	tap_is(wrong_codes, 0, "hunt: all others are told ON_PENDING or ALREADY_ON");
	tap_is(wrong_info, 0, "hunt: AFFINITY_INFO goes from ON_PENDING to ON, never to OFF before it ran");
}

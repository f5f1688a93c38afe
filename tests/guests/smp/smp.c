/* PSCI as a guest meets it: versions, CPU_ON and its refusals, CPU_OFF and back, races. [DEN0022 5, DEN0028] */
#include "tests/guests/common/smp.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/gic.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/psci.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"
#include "tests/guests/smp/hunt.h"

#define NOT_THERE 0xff00000fUL /* an MPIDR that no vCPU has */
#define UNMAPPED  0x0b000000UL /* no RAM */

static uint32_t visits[GUEST_MAX_CPUS];

static void visit(unsigned int cpu)
{
	STORE(visits[cpu], visits[cpu] + 1);
}

static uint32_t released;
static void stay(unsigned int cpu)
{
	visit(cpu);
	while (!LOAD(released))
		;
}

static int32_t on(uint64_t mpidr, uint64_t entry, uint64_t context)
{
	return psci(PSCI_CPU_ON, mpidr, entry, context);
}

static int32_t affinity(uint64_t mpidr, uint64_t level)
{
	return psci(PSCI_AFFINITY_INFO, mpidr, level, 0);
}

static void test_versions(void)
{
	int32_t version = psci(PSCI_VERSION, 0, 0, 0);

	tap_ok(version >= 0x10000 && version < 0x20000, "PSCI_VERSION is 1.x (%x)", (unsigned int)version);
	tap_is((uint32_t)psci(PSCI_MIGRATE_INFO_TYPE, 0, 0, 0), 2, "MIGRATE_INFO_TYPE: no migration needed");
	tap_is((uint32_t)psci(PSCI_FEATURES, PSCI_CPU_ON, 0, 0), 0, "FEATURES has CPU_ON");
	tap_is((uint32_t)psci(PSCI_FEATURES, PSCI_CPU_OFF, 0, 0), 0, "FEATURES has CPU_OFF");
	tap_is((uint32_t)psci(PSCI_FEATURES, PSCI_AFFINITY_INFO, 0, 0), 0, "FEATURES has AFFINITY_INFO");
	tap_is((uint32_t)psci(PSCI_FEATURES, PSCI_SYSTEM_RESET, 0, 0), 0, "FEATURES has SYSTEM_RESET");
	tap_ok(psci(PSCI_FEATURES, PSCI_CPU_SUSPEND, 0, 0) >= 0, "FEATURES has CPU_SUSPEND");
	tap_is((uint32_t)psci(PSCI_FEATURES, 0x8400001fU, 0, 0), (uint32_t)PSCI_NOT_SUPPORTED,
	       "FEATURES lacks an unknown one");
}

static void test_unknown(enum conduit conduit, const char *name)
{
	tap_is((uint32_t)smccc_call(conduit, 0x8400001fU, 0, 0, 0).x0, 0xffffffffUL,
	       "%s: unknown PSCI function: NOT_SUPPORTED", name);
	tap_is(smccc_call(conduit, 0xc400001fU, 0, 0, 0).x0, ~0UL, "%s: unknown 64-bit PSCI function: x0 = -1", name);
	tap_is(smccc_call(conduit, 0xc600ff42U, 0, 0, 0).x0, ~0UL, "%s: unknown vendor hypervisor call: x0 = -1", name);
	tap_is(smccc_call(conduit, 0xc2000042U, 0, 0, 0).x0, ~0UL, "%s: SiP call does not reach EL3: x0 = -1", name);
	tap_is(smccc_call(conduit, 0xbf00ff01U, 0, 0, 0).x0, ~0UL, "%s: Trusted OS call: x0 = -1", name);
}

static void test_smccc(void)
{
	struct smccc_result r;

	if (!platform.under_corbel) {
		tap_skip("SMCCC_VERSION and the SMC conduit", "only promised under Corbel");
		return;
	}
	tap_is(smccc_call(CONDUIT_HVC, SMCCC_VERSION, 0, 0, 0).x0, 0x10002, "SMCCC_VERSION is 1.2");
	tap_is(smccc_call(CONDUIT_SMC, SMCCC_VERSION, 0, 0, 0).x0, 0x10002, "SMCCC_VERSION by SMC");
	tap_is((uint32_t)smccc_call(CONDUIT_SMC, PSCI_VERSION, 0, 0, 0).x0, (uint32_t)psci(PSCI_VERSION, 0, 0, 0),
	       "PSCI_VERSION by SMC is the one by HVC");
	test_unknown(CONDUIT_SMC, "smc");
	r = smccc_call(CONDUIT_HVC, PSCI_VERSION, 0x1111, 0x2222, 0x3333);
	tap_ok(r.x1 == 0x1111 && r.x2 == 0x2222 && r.x3 == 0x3333, "a PSCI call keeps x1-x3");
}

static void test_refusals(void)
{
	tap_is((uint32_t)on(platform.mpidr[0], (uint64_t)secondary_entry, 0), (uint32_t)PSCI_ALREADY_ON,
	       "CPU_ON of itself: ALREADY_ON");
	tap_is((uint32_t)on(NOT_THERE, (uint64_t)secondary_entry, 0), (uint32_t)PSCI_INVALID_PARAMETERS,
	       "CPU_ON of no CPU: INVALID_PARAMETERS");
	tap_is((uint32_t)affinity(NOT_THERE, 0), (uint32_t)PSCI_INVALID_PARAMETERS,
	       "AFFINITY_INFO of no CPU: INVALID_PARAMETERS");
	tap_is((uint32_t)affinity(platform.mpidr[0], 0), 0, "AFFINITY_INFO of itself: ON");
	if (platform.under_corbel)
		tap_is((uint32_t)affinity(platform.mpidr[0], 1), (uint32_t)PSCI_INVALID_PARAMETERS,
		       "AFFINITY_INFO of a level above 0: INVALID_PARAMETERS");
	else
		tap_skip("AFFINITY_INFO of a level above 0", "implementation's choice");
}

static void test_bad_entry(unsigned int cpu)
{
	if (!platform.under_corbel) {
		tap_skip("CPU_ON at an address without RAM", "QEMU does not check");
		return;
	}
	tap_is((uint32_t)on(platform.mpidr[cpu], UNMAPPED, 0), (uint32_t)PSCI_INVALID_ADDRESS,
	       "CPU_ON outside RAM: INVALID_ADDRESS");
	tap_is((uint32_t)affinity(platform.mpidr[cpu], 0), 1, "after it the target is still OFF");
}

static void test_on(unsigned int cpu)
{
	uint64_t context = 0xfeedface12345678UL + cpu;
	struct arrival *a = &arrivals[cpu];
	int32_t again;

	STORE(released, 0);
	tap_is((uint32_t)affinity(platform.mpidr[cpu], 0), 1, "cpu %u: OFF at first", cpu);
	tap_is((uint32_t)cpu_on(cpu, stay, context), 0, "cpu %u: CPU_ON succeeds", cpu);
	/* QEMU's own PSCI lets a second one through for a moment */
	again = platform.under_corbel ? on(platform.mpidr[cpu], (uint64_t)secondary_entry, 0xbad) : PSCI_ON_PENDING;
	tap_ok(again == PSCI_ON_PENDING || again == PSCI_ALREADY_ON,
	       "cpu %u: CPU_ON at once again: ON_PENDING or ALREADY_ON (%d)", cpu, again);
	if (!tap_ok(wait_for(&visits[cpu], 1), "cpu %u: arrives", cpu))
		return;
	tap_is(a->context, context, "cpu %u: x0 is the context id", cpu);
	tap_is(a->mpidr & 0xff00ffffffUL, platform.mpidr[cpu], "cpu %u: MPIDR_EL1 is the one of the device tree", cpu);
	tap_is(a->current_el, 4, "cpu %u: enters at EL1", cpu);
	tap_is(a->sctlr & 0x1005, 0, "cpu %u: enters with MMU and caches off", cpu);
	tap_is(a->daif, 0x3c0, "cpu %u: enters with interrupts masked", cpu);
	tap_is((uint32_t)affinity(platform.mpidr[cpu], 0), 0, "cpu %u: ON now", cpu);
	tap_is((uint32_t)on(platform.mpidr[cpu], (uint64_t)secondary_entry, 0), (uint32_t)PSCI_ALREADY_ON,
	       "cpu %u: ALREADY_ON now", cpu);
	STORE(released, 1);
	tap_ok(wait_cpu_off(cpu), "cpu %u: CPU_OFF makes it OFF", cpu);
	tap_is(a->count, 1, "cpu %u: was entered once", cpu);
}

#define CYCLES 50
static void test_cycles(unsigned int cpu)
{
	unsigned int good = 0;

	STORE(visits[cpu], 0);
	for (unsigned int i = 0; i < CYCLES; i++) {
		if (cpu_on(cpu, visit, i) != 0 || !wait_for(&visits[cpu], i + 1) || !wait_cpu_off(cpu))
			break;
		good += arrivals[cpu].context == i;
	}
	tap_is(good, CYCLES, "cpu %u: CPU_ON and CPU_OFF %u times, each with its context id", cpu, CYCLES);
}

/* 32-bit functions see the low halves of their arguments only. [DEN0028 3.1] */
static void test_smc32(unsigned int cpu)
{
	uint64_t junk = 0xabcdef0000000000UL;

	STORE(visits[cpu], 0);
	if (!platform.under_corbel)
		junk = 0;
	cpu_on_entry(cpu, visit);
	tap_is((uint32_t)psci(PSCI_CPU_ON_32, platform.mpidr[cpu] | junk, (uint64_t)secondary_entry | junk,
			      0x55aa | junk),
	       0, "32-bit CPU_ON succeeds");
	tap_ok(wait_for(&visits[cpu], 1), "32-bit CPU_ON: the CPU arrives");
	tap_is(arrivals[cpu].context, 0x55aa, "32-bit CPU_ON: context id is 32 bits wide");
	tap_ok(wait_cpu_off(cpu), "32-bit CPU_ON: off again");
}

/* Two CPUs ask for the same target at the same time: one is told SUCCESS, and the target comes once. */
#define RACES 100
static struct barrier race_start, race_end;
static int32_t race_result[2];
static unsigned int race_target;

static void race_once(unsigned int me)
{
	barrier_wait(&race_start, 2);
	race_result[me] = on(platform.mpidr[race_target], (uint64_t)secondary_entry, me);
	barrier_wait(&race_end, 2);
}

static void racer(unsigned int cpu)
{
	(void)cpu;
	for (unsigned int i = 0; i < RACES; i++)
		race_once(1);
}

static bool refused(int32_t code)
{
	return code == PSCI_ON_PENDING || code == PSCI_ALREADY_ON;
}

static void test_race(void)
{
	unsigned int one_winner = 0, came_once = 0, right_context = 0;
	uint32_t rounds = RACES;

	if (platform.nr_cpus < 3 || !platform.under_corbel) {
		tap_skip("two CPU_ONs of one target race",
			 "needs 3 CPUs, and more than QEMU's own PSCI, where both may succeed");
		return;
	}
	race_target = 2;
	STORE(visits[2], 0);
	cpu_on_entry(2, stay);
	cpu_on(1, racer, 0);
	for (uint32_t i = 0; i < rounds; i++) {
		uint32_t before = arrivals[2].count;

		STORE(released, 0);
		race_once(0);
		one_winner += (race_result[0] == 0 && refused(race_result[1])) ||
			      (race_result[1] == 0 && refused(race_result[0]));
		right_context += wait_for(&visits[2], i + 1) && arrivals[2].context == (race_result[0] == 0 ? 0 : 1);
		STORE(released, 1);
		wait_cpu_off(2);
		came_once += arrivals[2].count == before + 1;
	}
	tap_is(one_winner, RACES, "race: exactly one of two CPU_ONs succeeds, %u times", RACES);
	tap_is(right_context, RACES, "race: the target has the winner's context id");
	tap_is(came_once, RACES, "race: the target comes once each time");
	tap_ok(wait_cpu_off(1), "race: the other CPU is off again");
}

/* CPU_SUSPEND of a standby state returns SUCCESS after an interrupt became pending, also a masked one. [DEN0022 5.4] */
static void test_suspend(void)
{
	uint64_t start = timer_now(), wait = timer_ms(3);
	int32_t result;

	gic_init();
	gic_init_cpu();
	gic_enable(TIMER_VIRT_INTID);
	WRITE_REG(cntv_cval_el0, start + wait);
	WRITE_REG(cntv_ctl_el0, TIMER_ENABLE);
	isb();
	result = psci(PSCI_CPU_SUSPEND, 0, 0, 0);
	/* a standby state may end early, for any reason: go on until it is due */
	while (timer_now() - start < wait)
		result |= psci(PSCI_CPU_SUSPEND, 0, 0, 0);
	tap_is((uint32_t)result, 0, "CPU_SUSPEND returns SUCCESS");
	tap_ok(READ_REG(cntv_ctl_el0) & TIMER_ISTATUS, "CPU_SUSPEND was ended by the timer");
	WRITE_REG(cntv_ctl_el0, 0);
}

static void start_all_visitor(unsigned int cpu)
{
	visit(cpu);
	while (!LOAD(released))
		;
}

static void test_all(void)
{
	bool good = true;

	STORE(released, 0);
	for (unsigned int cpu = 1; cpu < platform.nr_cpus; cpu++) {
		STORE(visits[cpu], 0);
		good &= cpu_on(cpu, start_all_visitor, cpu) == 0;
	}
	for (unsigned int cpu = 1; cpu < platform.nr_cpus; cpu++)
		good &= wait_for(&visits[cpu], 1);
	tap_ok(good, "all %u CPUs run at the same time", platform.nr_cpus);
	STORE(released, 1);
	for (unsigned int cpu = 1; cpu < platform.nr_cpus; cpu++)
		good &= wait_cpu_off(cpu);
	tap_ok(good, "all of them go off");
}

void guest_main(void)
{
	tap_is(READ_REG(mpidr_el1) & 0xff00ffffffUL, platform.mpidr[0],
	       "boot CPU's MPIDR_EL1 is the one of the device tree");
	tap_is(boot_args[1] | boot_args[2] | boot_args[3], 0, "x1-x3 are 0 at entry");
	test_versions();
	test_unknown(CONDUIT_BY_DT, "hvc");
	test_smccc();
	test_refusals();
	test_suspend();
	if (platform.nr_cpus > 1) {
		for (unsigned int cpu = 1; cpu < platform.nr_cpus; cpu++)
			test_on(cpu);
		test_bad_entry(1);
		test_cycles(1);
		test_smc32(1);
		test_race();
		test_hunt();
		test_all();
	} else {
		tap_skip("CPU_ON of others", "one CPU");
	}
	tap_done();
}

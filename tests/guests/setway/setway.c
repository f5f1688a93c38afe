/*
 * Cache maintenance by set/way, as a kernel uses it that turns its caches off and on. That lines reach memory an
 * emulator does not show; but under -icount the time does, which cleaning all RAM takes, and which nothing else here
 * would: at the first operation, and where the caches go off and on. All else takes effect as if nothing trapped.
 * bootargs: slow-us=N: a pass over the RAM takes longer, and nothing else does; without it time is not looked at.
 */
#include "tests/guests/common/bootargs.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/mmu.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"

#define SCTLR_M 1UL
#define SCTLR_C 4UL

static uint64_t slow_ticks;

static void dc_csw(void)
{
	__asm__ volatile("dc csw, xzr" ::: "memory");
}

static void dc_cisw(void)
{
	__asm__ volatile("dc cisw, xzr" ::: "memory");
}

static void dc_isw(void)
{
	__asm__ volatile("dc isw, xzr" ::: "memory");
}

static void caches_off(void)
{
	WRITE_REG(sctlr_el1, READ_REG(sctlr_el1) & ~(SCTLR_M | SCTLR_C));
	isb();
}

static void caches_on(void)
{
	WRITE_REG(sctlr_el1, READ_REG(sctlr_el1) | SCTLR_M | SCTLR_C);
	isb();
}

static void other_control(void)
{
	WRITE_REG(contextidr_el1, 0x5a);
	isb();
}

static bool is_slow(void (*operation)(void))
{
	uint64_t begin = timer_now();

	operation();
	return timer_now() - begin > slow_ticks;
}

/* Off and on again, with a loop of set/way operations at each end. */
static void test_off_and_on(const char *when)
{
	static volatile uint64_t word;

	word = 0x1234;
	tap_ok(is_slow(dc_csw), "%s: the first operation waits for all RAM", when);
	tap_ok(!is_slow(dc_cisw) && !is_slow(dc_isw), "%s: those that follow wait for nothing", when);
	tap_ok(!is_slow(other_control) && READ_REG(contextidr_el1) == 0x5a,
	       "%s: another register takes what is written", when);
	tap_ok(is_slow(caches_off), "%s: RAM is cleaned where the caches go off", when);
	tap_ok((READ_REG(sctlr_el1) & (SCTLR_M | SCTLR_C)) == 0, "%s: they are off", when);
	tap_ok(!is_slow(dc_cisw), "%s: while they are off an operation waits for nothing", when);
	tap_ok(is_slow(caches_on), "%s: and where they go on", when);
	tap_ok((READ_REG(sctlr_el1) & (SCTLR_M | SCTLR_C)) == (SCTLR_M | SCTLR_C) && word == 0x1234, "%s: they are on",
	       when);
	tap_ok(!is_slow(caches_off) && !is_slow(caches_on), "%s: nothing traps any more", when);
}

#define WRITE_AND_READ(name, value)                                                            \
	do {                                                                                   \
		uint64_t was = READ_REG(name), is;                                             \
                                                                                               \
		WRITE_REG(name, value);                                                        \
		isb();                                                                         \
		is = READ_REG(name);                                                           \
		WRITE_REG(name, was);                                                          \
		tap_ok(is == (uint64_t)(value) && READ_REG(name) == was, #name " is its own"); \
	} while (0)

/* With the MMU off they control nothing. */
static void test_controls(void)
{
	dc_csw();
	caches_off();
	WRITE_AND_READ(ttbr0_el1, 0x40111000);
	WRITE_AND_READ(ttbr1_el1, 0x40222000);
	WRITE_AND_READ(tcr_el1, READ_REG(tcr_el1) ^ 0x21);
	WRITE_AND_READ(mair_el1, 0x44ff);
	WRITE_AND_READ(esr_el1, 0x2000000);
	WRITE_AND_READ(far_el1, 0x123456789abc);
	WRITE_AND_READ(contextidr_el1, 0x77);
	WRITE_REG(afsr0_el1, 0);
	WRITE_REG(afsr1_el1, 0);
	WRITE_REG(amair_el1, 0);
	caches_on();
}

static uint32_t nr_done;

/* All CPUs at once. */
static void storm(unsigned int cpu)
{
	(void)cpu;
	mmu_on();
	for (unsigned int n = 0; n < 3; n++) {
		dc_cisw();
		caches_off();
		caches_on();
	}
	__atomic_fetch_add(&nr_done, 1, __ATOMIC_SEQ_CST);
}

void guest_main(void)
{
	slow_ticks = timer_us(bootargs_number("slow-us"));
	mmu_make_tables();
	mmu_on();
	if (slow_ticks != 0) {
		test_off_and_on("at first");
		test_off_and_on("again");
	}
	test_controls();
	for (unsigned int cpu = 1; cpu < platform.nr_cpus; cpu++)
		cpu_on(cpu, storm, 0);
	storm(0);
	for (unsigned int cpu = 1; cpu < platform.nr_cpus; cpu++)
		wait_cpu_off(cpu);
	tap_is(nr_done, platform.nr_cpus, "all CPUs at once: none waits for ever");
	tap_done();
}

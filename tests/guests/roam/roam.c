/*
 * Every CPU works, sleeps and talks to the others at random (bootargs: seed=N), for ever, and looks whether all is
 * still as it was: vector registers, registers of EL1, the page that it alone has at an address (the same ASID on all
 * CPUs), that each timer interrupt comes once and not early, and each SGI once, from whom it was sent by. The boot CPU
 * says so again and again, when all CPUs have done a number of rounds; what is wrong ends with "FAILED". A CPU that a
 * wake-up does not reach stays where it is, and the boot CPU says nothing any more.
 */
#include "tests/guests/common/bootargs.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/irq.h"
#include "tests/guests/common/mmu.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/print.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/timer.h"

#define MAX_CPUS   4
#define ASID	   5UL
#define OWN_VA	   0x80000000UL
#define MAX_WORK   150U /* us of a round */
#define MAX_SLEEP  3000U
#define SAYS_AFTER 30U /* rounds of the slowest CPU */

struct page {
	uint64_t word[PAGE_BYTES / 8];
} __attribute__((aligned(4096)));

enum which { VIRT, PHYS, NR_TIMERS };

static struct per_cpu {
	struct page level1, level2, level3;
	struct page pages[2];
	unsigned int mapped;
	uint64_t random;
	uint64_t v[64], seen[64], el1[6];
	uint64_t due[NR_TIMERS];
	uint32_t armed[NR_TIMERS], fired[NR_TIMERS];
	/* By the other CPU's number. Written by this one alone. */
	uint32_t sent[MAX_CPUS], received[MAX_CPUS];
	uint32_t rounds;
} cpus[MAX_CPUS];
static uint64_t seed;

void v_set(const uint64_t v[64]);
void v_get(uint64_t v[64]);

static void check(bool ok, unsigned int cpu, const char *what, uint64_t got, uint64_t want)
{
	if (!ok)
		print("roam: cpu %u, round %u: FAILED: %s, got 0x%lx, want 0x%lx\n", cpu, cpus[cpu].rounds, what, got,
		      want);
}

/* xorshift64* */
static uint64_t next_random(struct per_cpu *me)
{
	me->random ^= me->random >> 12;
	me->random ^= me->random << 25;
	me->random ^= me->random >> 27;
	return me->random * 0x2545f4914f6cdd1dUL >> 8;
}

/* --- registers --- */

static void set_registers(struct per_cpu *me)
{
	for (unsigned int n = 0; n < 64; n++)
		me->v[n] = next_random(me);
	v_set(me->v);
	for (unsigned int n = 0; n < 6; n++)
		me->el1[n] = next_random(me);
	WRITE_REG(tpidr_el0, me->el1[0]);
	WRITE_REG(tpidrro_el0, me->el1[1]);
	WRITE_REG(tpidr_el1, me->el1[2]);
	WRITE_REG(sp_el0, me->el1[3]);
	me->el1[4] &= 0xffffffff;
	WRITE_REG(contextidr_el1, me->el1[4]);
	me->el1[5] &= 0xfffffffff000UL;
	WRITE_REG(par_el1, me->el1[5]);
	me->el1[5] = READ_REG(par_el1);
}

static void check_registers(struct per_cpu *me, unsigned int cpu)
{
	const uint64_t got[6] = { READ_REG(tpidr_el0), READ_REG(tpidrro_el0),	 READ_REG(tpidr_el1),
				  READ_REG(sp_el0),    READ_REG(contextidr_el1), READ_REG(par_el1) };

	v_get(me->seen);
	for (unsigned int n = 0; n < 64; n++)
		check(me->seen[n] == me->v[n], cpu, "a vector register", me->seen[n], me->v[n]);
	for (unsigned int n = 0; n < 6; n++)
		check(got[n] == me->el1[n], cpu, "a register of EL1", got[n], me->el1[n]);
	check(cpu_index() == cpu, cpu, "MPIDR_EL1", cpu_index(), cpu);
}

/* --- a page of its own --- */

static uint64_t content(unsigned int cpu, unsigned int page)
{
	return seed << 32 | cpu << 8 | page;
}

/* nG: of this ASID only. */
static uint64_t page_descriptor(const struct per_cpu *me)
{
	return (uint64_t)&me->pages[me->mapped] | DESC_ISH | DESC_AF | 1UL << 11 | DESC_PXN | DESC_UXN | DESC_PAGE;
}

/* mmu.c's attributes, and its identity map by blocks. */
static void own_tables(struct per_cpu *me, unsigned int cpu)
{
	me->level1.word[0] = DESC_DEVICE | DESC_AF | DESC_PXN | DESC_UXN | DESC_BLOCK;
	me->level1.word[1] = 0x40000000UL | DESC_ISH | DESC_AF | DESC_BLOCK;
	me->level1.word[OWN_VA >> 30] = (uint64_t)&me->level2 | DESC_TABLE;
	me->level2.word[0] = (uint64_t)&me->level3 | DESC_TABLE;
	me->level3.word[0] = page_descriptor(me);
	for (unsigned int page = 0; page < 2; page++)
		me->pages[page].word[0] = content(cpu, page);
	dsb();
	WRITE_REG(ttbr0_el1, (uint64_t)&me->level1 | ASID << 48);
	isb();
}

static void check_page(const struct per_cpu *me, unsigned int cpu)
{
	uint64_t got = read64(OWN_VA);

	check(got == content(cpu, me->mapped), cpu, "its own page", got, content(cpu, me->mapped));
}

/* For this CPU alone, so the invalidation is a local one. Break before make. [DDI0487 D8.14.1] */
static void remap_own(struct per_cpu *me)
{
	volatile uint64_t *entry = &me->level3.word[0];

	*entry = 0;
	dsb();
	__asm__ volatile("tlbi vae1, %0" ::"r"(ASID << 48 | OWN_VA >> 12) : "memory");
	__asm__ volatile("dsb nsh\n\tisb" ::: "memory");
	me->mapped ^= 1;
	*entry = page_descriptor(me);
	dsb();
	isb();
}

/* --- timers --- */

static void set_timer(enum which which, uint64_t cval, uint64_t ctl)
{
	if (which == VIRT) {
		WRITE_REG(cntv_cval_el0, cval);
		WRITE_REG(cntv_ctl_el0, ctl);
	} else {
		WRITE_REG(cntp_cval_el0, cval);
		WRITE_REG(cntp_ctl_el0, ctl);
	}
	isb();
}

static uint64_t now_of(enum which which)
{
	return which == VIRT ? timer_now() : timer_now_phys();
}

static void timer_fires(enum which which)
{
	unsigned int cpu = cpu_index();
	struct per_cpu *me = &cpus[cpu];
	uint64_t now = now_of(which);

	set_timer(which, me->due[which], 0);
	me->fired[which]++;
	check(now >= me->due[which], cpu, "a timer is not early", now, me->due[which]);
	check(me->fired[which] == me->armed[which], cpu, "times that a timer fired", me->fired[which],
	      me->armed[which]);
}

static void virt_fires(uint32_t iar)
{
	(void)iar;
	timer_fires(VIRT);
}

static void phys_fires(uint32_t iar)
{
	(void)iar;
	timer_fires(PHYS);
}

static bool is_armed(const struct per_cpu *me, enum which which)
{
	return me->fired[which] != me->armed[which];
}

static void arm(struct per_cpu *me, enum which which, uint64_t us)
{
	if (is_armed(me, which))
		return;
	me->due[which] = now_of(which) + timer_us(us);
	me->armed[which]++;
	set_timer(which, me->due[which], TIMER_ENABLE);
}

/* Each SGI has the number of its sender. */
static void sgi_comes(uint32_t iar)
{
	unsigned int cpu = cpu_index(), from = IAR_INTID(iar);
	struct per_cpu *me = &cpus[cpu];
	uint32_t sent;

	if (platform.gic_version == 2)
		check(IAR_SOURCE(iar) == from, cpu, "the sender of an SGI", IAR_SOURCE(iar), from);
	/* As soon as it is counted the next one may be sent. */
	sent = LOAD(cpus[from].sent[cpu]);
	STORE(me->received[from], me->received[from] + 1);
	check(me->received[from] == sent, cpu, "SGIs received", me->received[from], sent);
}

/* --- what it does --- */

/* The next one only when the last has come: two could become one. Interrupts are masked: else one could come back. */
static void send(struct per_cpu *me, unsigned int cpu, unsigned int to)
{
	if (to == cpu || LOAD(cpus[to].received[cpu]) != me->sent[to])
		return;
	STORE(me->sent[to], me->sent[to] + 1);
	dsb();
	gic_send(cpu, 1U << to);
}

static void work(const struct per_cpu *me, unsigned int cpu, uint64_t us)
{
	uint64_t end = timer_now() + timer_us(us);

	do
		check_page(me, cpu);
	while (timer_now() < end);
}

/* Until all that it has armed has come; others' SGIs wake it meanwhile. Interrupts are masked between look and WFI. */
static void sleep(const struct per_cpu *me, unsigned int cpu)
{
	while (is_armed(me, VIRT) || is_armed(me, PHYS)) {
		wfi();
		irq_window();
		check_page(me, cpu);
	}
}

static void one_round(struct per_cpu *me, unsigned int cpu)
{
	uint64_t random = next_random(me);

	set_registers(me);
	irq_mask();
	if (random % 8 < 6)
		arm(me, VIRT, next_random(me) % MAX_SLEEP);
	if (random % 8 > 2)
		arm(me, PHYS, next_random(me) % MAX_SLEEP);
	send(me, cpu, (unsigned int)(random >> 8) % platform.nr_cpus);
	irq_unmask();
	work(me, cpu, (random >> 16) % MAX_WORK);
	if (random >> 32 & 1)
		remap_own(me);
	irq_mask();
	if ((random >> 33 & 3) != 0)
		sleep(me, cpu);
	send(me, cpu, (unsigned int)(random >> 40) % platform.nr_cpus);
	irq_unmask();
	check_page(me, cpu);
	check_registers(me, cpu);
	STORE(me->rounds, me->rounds + 1);
}

static uint32_t slowest(void)
{
	uint32_t rounds = ~0U;

	for (unsigned int cpu = 0; cpu < platform.nr_cpus; cpu++) {
		if (LOAD(cpus[cpu].rounds) < rounds)
			rounds = LOAD(cpus[cpu].rounds);
	}
	return rounds;
}

static void run(unsigned int cpu)
{
	struct per_cpu *me = &cpus[cpu];
	uint32_t says_at = SAYS_AFTER;

	me->random = (seed * MAX_CPUS + cpu + 1) * 0x9e3779b97f4a7c15UL;
	WRITE_REG(cpacr_el1, 3UL << 20);
	own_tables(me, cpu);
	gic_init_cpu();
	gic_enable(TIMER_VIRT_INTID);
	gic_enable(TIMER_PHYS_INTID);
	for (unsigned int from = 0; from < platform.nr_cpus; from++)
		gic_enable(from);
	for (;;) {
		one_round(me, cpu);
		if (cpu != 0 || slowest() < says_at)
			continue;
		says_at = slowest() + SAYS_AFTER;
		print("roam: %u rounds\n", slowest());
	}
}

void guest_main(void)
{
	seed = bootargs_number("seed");
	if (platform.nr_cpus > MAX_CPUS)
		platform.nr_cpus = MAX_CPUS;
	gic_init();
	irq_handler(TIMER_VIRT_INTID, virt_fires);
	irq_handler(TIMER_PHYS_INTID, phys_fires);
	for (unsigned int from = 0; from < platform.nr_cpus; from++)
		irq_handler(from, sgi_comes);
	for (unsigned int cpu = 1; cpu < platform.nr_cpus; cpu++)
		(void)cpu_on(cpu, run, 0);
	run(0);
}

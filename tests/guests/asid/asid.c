/*
 * Two vCPUs of one VM with the same ASID, each with tables of its own: the same virtual page is another physical page
 * for each. They share a VMID, so on one host CPU nothing but the hypervisor's care keeps the translations of one from
 * serving the other. [DDI0487 D8.14: a TLB entry is matched by VMID, ASID and address] Under QEMU a hypervisor that
 * parks VTTBR_EL2 at each switch passes even without that care, since the emulator forgets all then; a board does not.
 */
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/irq.h"
#include "tests/guests/common/mmu.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"

#define NR_CPUS	  2
#define ASID	  5UL
#define SHARED_VA 0x80000000UL
#define SGI_TURN  4
#define TURNS	  4000
#define SPIN_MS	  500

/* [DDI0487 D8.3 VMSAv8-64 descriptor formats] */
#define DESC_BLOCK  1UL
#define DESC_TABLE  3UL
#define DESC_PAGE   3UL
#define DESC_DEVICE (1UL << 2) /* AttrIndx: byte 1 of mmu.c's MAIR */
#define DESC_ISH    (3UL << 8)
#define DESC_AF	    (1UL << 10)
#define DESC_NG	    (1UL << 11) /* of this ASID only */
#define DESC_XN	    (3UL << 53)

/* The two pages that a CPU maps in turn, and what stands in their first word. */
struct page {
	uint64_t word[PAGE_BYTES / 8];
} __attribute__((aligned(4096)));

static struct per_cpu {
	struct page level1, level2, level3;
	struct page pages[2];
	unsigned int mapped;
	uint32_t ready, done;
	unsigned int turns, wrong_in_turn, wrong_after_remap, wrong_store, wrong_in_spin;
	uint64_t spins;
} cpus[NR_CPUS];
static uint32_t turn;

static uint64_t content(unsigned int cpu, unsigned int page)
{
	return 0xa51d000000000000UL + cpu * 0x100 + page;
}

static uint64_t page_descriptor(const struct per_cpu *me)
{
	return (uint64_t)&me->pages[me->mapped] | DESC_ISH | DESC_AF | DESC_NG | DESC_XN | DESC_PAGE;
}

/* mmu.c's attributes and size; its identity map by blocks of 1 GiB, and one page of the CPU's own. */
static void own_tables(unsigned int cpu)
{
	struct per_cpu *me = &cpus[cpu];

	me->level1.word[0] = DESC_DEVICE | DESC_AF | DESC_XN | DESC_BLOCK;
	me->level1.word[1] = 0x40000000UL | DESC_ISH | DESC_AF | DESC_BLOCK;
	me->level1.word[SHARED_VA >> 30] = (uint64_t)&me->level2 | DESC_TABLE;
	me->level2.word[0] = (uint64_t)&me->level3 | DESC_TABLE;
	me->level3.word[0] = page_descriptor(me);
	for (unsigned int page = 0; page < 2; page++)
		me->pages[page].word[0] = content(cpu, page);
	dsb();
	WRITE_REG(ttbr0_el1, (uint64_t)&me->level1 | ASID << 48);
	isb();
}

/* For this CPU alone, so the invalidation is a local one. Break before make. [DDI0487 D8.14.1] */
static void remap_own(struct per_cpu *me)
{
	volatile uint64_t *entry = &me->level3.word[0];

	*entry = 0;
	dsb();
	__asm__ volatile("tlbi vae1, %0\n\tdsb nsh\n\tisb" ::"r"(ASID << 48 | SHARED_VA >> 12) : "memory");
	me->mapped ^= 1;
	*entry = page_descriptor(me);
	dsb();
	isb();
}

static void await_turn(unsigned int cpu)
{
	while (LOAD(turn) != cpu) {
		wfi();
		irq_window();
	}
}

static void give_turn(unsigned int cpu)
{
	STORE(turn, cpu);
	gic_send(SGI_TURN, 1U << cpu);
}

/* What the page says right after the other had the CPU, after a store, and after a change of the map. */
static void one_turn(unsigned int cpu, uint64_t round)
{
	struct per_cpu *me = &cpus[cpu];
	uint64_t *other_word = &me->pages[me->mapped].word[1];

	me->wrong_in_turn += read64(SHARED_VA) != content(cpu, me->mapped);
	write64(SHARED_VA + 8, round);
	me->wrong_store += *other_word != round;
	if (round % 4 == 3) {
		remap_own(me);
		me->wrong_after_remap += read64(SHARED_VA) != content(cpu, me->mapped);
	}
	me->turns++;
}

/* Without giving the CPU up: the host takes it away at the end of a time slice, anywhere. */
static void spin(unsigned int cpu)
{
	struct per_cpu *me = &cpus[cpu];
	uint64_t end = timer_now() + timer_ms(SPIN_MS);

	for (; timer_now() < end; me->spins++) {
		me->wrong_in_spin += read64(SHARED_VA) != content(cpu, me->mapped);
		if (me->spins % 1024 == 0)
			remap_own(me);
	}
}

static void run(unsigned int cpu)
{
	gic_init_cpu();
	gic_enable(SGI_TURN);
	own_tables(cpu);
	STORE(cpus[cpu].ready, 1);
	wait_for(&cpus[1 - cpu].ready, 1);
	for (uint64_t round = 0; round < TURNS; round++) {
		await_turn(cpu);
		one_turn(cpu, round);
		give_turn(1 - cpu);
	}
	spin(cpu);
	STORE(cpus[cpu].done, 1);
}

static void report(unsigned int cpu)
{
	const struct per_cpu *me = &cpus[cpu];

	tap_is(me->turns, TURNS, "cpu %u: %u turns", cpu, TURNS);
	tap_is(me->wrong_in_turn, 0, "cpu %u: each turn reads its own page", cpu);
	tap_is(me->wrong_store, 0, "cpu %u: each store reaches its own page", cpu);
	tap_is(me->wrong_after_remap, 0, "cpu %u: after TLBI VAE1 it reads the page that it mapped", cpu);
	tap_ok(me->spins > TURNS, "cpu %u: %lu reads while both spin", cpu, me->spins);
	tap_is(me->wrong_in_spin, 0, "cpu %u: each of them reads its own page", cpu);
}

void guest_main(void)
{
	if (platform.nr_cpus != NR_CPUS)
		tap_bail("wants %u CPUs, not %u", NR_CPUS, platform.nr_cpus);
	gic_init();
	tap_is((uint32_t)cpu_on(1, run, 0), 0, "the other CPU is on");
	run(0);
	tap_ok(wait_for(&cpus[1].done, 1), "the other CPU comes to its end");
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		report(cpu);
	tap_done();
}

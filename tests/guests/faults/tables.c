/*
 * Stage 1 tables where none may be: nowhere, in devices that Corbel emulates, in one that stage 2 maps. Whoever walks
 * them, an access, a fetch or an AT, takes an external abort on the walk with the level of the table that could not be
 * read. Then the same while another CPU moves the tables all the time. [DDI0487 ESR_EL1 DFSC, D8.2]
 */
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/mmu.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/psci.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"
#include "tests/guests/faults/faults.h"

/* The upper half of the address space, 39 bits by TTBR1_EL1: EPD1 = 0, as TTBR0's half else. */
#define UPPER	    0xffffff8000000000UL
#define UPPER_TABLE (UPPER + (1UL << 30)) /* of the second GiB */
#define TCR_EPD1    (1UL << 23)
#define TCR_UPPER   (25UL << 16 | 1UL << 24 | 1UL << 26 | 3UL << 28 | 2UL << 30)
#define SVC	    0x56000001UL
#define PV_TIME_ST  0xc5000021U
#define BLOCK_BYTES (2UL << 20)
#define RTC_ID2	    0xff8 /* 0x05, then 0xb1 in the last word of the page */

extern char a64_load[], a64_store[], a64_pair[], a64_at_read[], a64_at_el0_write[];

static uint64_t upper1[512] __attribute__((aligned(4096)));
static uint64_t upper2[512] __attribute__((aligned(4096)));
static uint64_t steady3[512] __attribute__((aligned(4096)));
static uint64_t moving3[512] __attribute__((aligned(4096)));

static void forget_translations(void)
{
	__asm__ volatile("dsb sy\n\ttlbi vmalle1is\n\tdsb sy\n\tisb" ::: "memory");
}

/* TTBR1_EL1 to a table, which may lie anywhere. */
static void use_upper(uint64_t table)
{
	WRITE_REG(ttbr1_el1, table);
	WRITE_REG(tcr_el1, (READ_REG(tcr_el1) & ~TCR_EPD1) | TCR_UPPER);
	isb();
	forget_translations();
}

struct way {
	const char *name, *code; /* no code: a fetch */
	uint64_t spsr, esr;
};
static const struct way ways[] = {
	{ "a load", a64_load, EL1H, DATA_ABORT },
	{ "a store", a64_store, EL1T, DATA_ABORT | WNR },
	{ "a load at EL0", a64_load, EL0, DATA_ABORT - FROM_LOWER },
	{ "a pair", a64_pair, EL1H, DATA_ABORT },
	{ "AT S1E1R", a64_at_read, EL1H, DATA_ABORT | CM | WNR },
	{ "AT S1E0W", a64_at_el0_write, EL1H, DATA_ABORT | CM | WNR },
	{ "a fetch", 0, EL1H, FETCH_ABORT },
	{ "a fetch at EL0", 0, EL0, FETCH_ABORT - FROM_LOWER },
};
#define NR_WAYS (sizeof(ways) / sizeof(ways[0]))

static bool walk_aborts(const struct way *way, uint64_t va, unsigned int level)
{
	uint64_t pc = way->code != 0 ? at(way->code) : va;
	struct taken t;

	forget_translations();
	t = run_probe(&(struct probe){ .pc = pc, .spsr = way->spsr, .x0 = va });
	if (t.esr == (way->esr | EXTERNAL_WALK(level)) && t.far == va && t.elr == pc)
		return true;
	tap_note("%s: esr %lx far %lx elr %lx, not esr %lx", way->name, t.esr, t.far, t.elr,
		 way->esr | EXTERNAL_WALK(level));
	return false;
}

/* A table of level 1, 2, 3 at `place`, the ones above in RAM. */
static void test_place(const char *name, uint64_t place)
{
	bool good[4] = { false, true, true, true };

	upper1[0] = place | DESC_TABLE;
	upper1[1] = (uint64_t)upper2 | DESC_TABLE;
	upper2[0] = place | DESC_TABLE;
	for (unsigned int n = 0; n < NR_WAYS; n++) {
		use_upper(place);
		good[1] &= walk_aborts(&ways[n], UPPER + 0x18, 1);
		use_upper((uint64_t)upper1);
		good[2] &= walk_aborts(&ways[n], UPPER + 0x18, 2);
		good[3] &= walk_aborts(&ways[n], UPPER_TABLE + 0x1018, 3);
	}
	for (unsigned int level = 1; level < 4; level++)
		tap_ok(good[level], "tables of level %u in %s: external aborts on the walk", level, name);
}

void test_tables(void)
{
	test_place("no memory at all", NOBODY);
	if (!platform.under_corbel)
		return;
	test_place("the RTC", RTC_BASE);
	test_place("the distributor", platform.gicd);
	if (platform.gic_version == 2)
		test_place("GICC, which stage 2 maps", platform.gicc);
}

static bool race_is_over;

/* Descriptors of level 2 that come by turns; every other one is the good one. */
static void move_table(unsigned int cpu)
{
	const uint64_t bad[] = { 0, NOBODY | DESC_TABLE, RTC_BASE | DESC_TABLE, platform.gicd | DESC_TABLE,
				 (platform.gic_version == 2 ? platform.gicc : platform.gicr) | DESC_TABLE };
	unsigned int delay = 0;

	(void)cpu;
	for (unsigned int n = 0; !LOAD(race_is_over); n++) {
		STORE(upper2[1], n % 2 != 0 ? bad[n / 2 % 5] : (uint64_t)moving3 | DESC_TABLE);
		__asm__ volatile("dsb sy\n\ttlbi vmalle1is\n\tdsb sy" ::: "memory");
		for (volatile unsigned int wait = 0; wait < delay % 1024; wait++)
			;
		delay += 67;
	}
}

/* What may come of an access at va: its own end, or a fault of a table at the place where the table moves. */
struct race {
	const char *name;
	uint64_t pc, x0, x2, x3; /* what it loads, where it loads */
	bool is_time;		 /* x3 is seconds, and may have gone on */
	uint64_t end_esr;	 /* SVC, or the abort of the access itself */
	uint64_t fault_esr;	 /* without a status */
	uint64_t fault_va;	 /* FAR of a fault of the tables */
	unsigned int nr_ends, nr_walks, nr_translations, nr_bad;
};

static void run_race(struct race *race)
{
	struct taken t = run_probe(&(struct probe){ .pc = race->pc, .spsr = EL1H, .x0 = race->x0 });
	bool end = t.esr == race->end_esr &&
		   (race->end_esr != SVC || (t.x[2] == race->x2 && t.x[3] - race->x3 <= race->is_time));
	/* Behind the instruction lies the next one, whose fetch may be what faults. */
	uint64_t next = race->fault_esr == FETCH_ABORT && t.far == race->fault_va + 4 ? 4 : 0;
	bool fault = (t.esr & ~0x3fUL) == race->fault_esr && t.far == race->fault_va + next && t.elr == race->pc + next;

	if (end)
		race->nr_ends++;
	else if (fault && (t.esr & 0x3c) == EXTERNAL_WALK(0))
		race->nr_walks++;
	else if (fault && (t.esr & 0x3f) == 0x06)
		race->nr_translations++;
	else if (race->nr_bad++ == 0)
		tap_note("%s: esr %lx far %lx elr %lx x2 %lx x3 %lx", race->name, t.esr, t.far, t.elr, t.x[2], t.x[3]);
}

#define NR_RACES 4

static bool has_seen_both(const struct race races[NR_RACES])
{
	bool seen = true;

	for (unsigned int n = 0; n < NR_RACES; n++)
		seen &= races[n].nr_ends != 0 && races[n].nr_walks + races[n].nr_translations != 0;
	return seen;
}

static void fill_tables(uint64_t record)
{
	uint64_t rtc = RTC_BASE | DESC_DEVICE | DESC_AF | DESC_PAGE;

	upper1[1] = (uint64_t)upper2 | DESC_TABLE;
	upper2[0] = (uint64_t)steady3 | DESC_TABLE;
	steady3[511] = rtc;
	moving3[0] = rtc;
	moving3[1] = record | DESC_NORMAL | DESC_ISH | DESC_AF | DESC_PAGE;
	moving3[2] = ((uint64_t)a64_pair & ~(PAGE_BYTES - 1)) | DESC_NORMAL | DESC_ISH | DESC_AF | DESC_PAGE;
	use_upper((uint64_t)upper1);
}

void test_racing_tables(void)
{
	uint64_t record = smccc_call(CONDUIT_BY_DT, PV_TIME_ST, 0, 0, 0).x0 & ~(PAGE_BYTES - 1);
	uint64_t moving = UPPER_TABLE + BLOCK_BYTES, in_page = (uint64_t)a64_pair % PAGE_BYTES;
	uint64_t begin = timer_now();
	struct race races[NR_RACES] = {
		{ .name = "a store that is denied",
		  .pc = at(a64_store),
		  .x0 = moving + PAGE_BYTES + 8,
		  .end_esr = DATA_ABORT | WNR | EXTERNAL,
		  .fault_esr = DATA_ABORT | WNR,
		  .fault_va = moving + PAGE_BYTES + 8 },
		{ .name = "a pair on a device",
		  .pc = at(a64_pair),
		  .x0 = moving + RTC_ID2,
		  .x2 = 0x05,
		  .x3 = 0xb1,
		  .end_esr = SVC,
		  .fault_esr = DATA_ABORT,
		  .fault_va = moving + RTC_ID2 },
		{ .name = "a pair whose second page's table moves",
		  .pc = at(a64_pair),
		  .x0 = moving - 4, /* the last word of the RTC's page and its first: 0xb1, and the time */
		  .x2 = 0xb1,
		  .is_time = true,
		  .end_esr = SVC,
		  .fault_esr = DATA_ABORT,
		  .fault_va = moving },
		{ .name = "code that is to be read",
		  .pc = moving + 2 * PAGE_BYTES + in_page,
		  .x0 = RTC_BASE + RTC_ID2,
		  .x2 = 0x05,
		  .x3 = 0xb1,
		  .end_esr = SVC,
		  .fault_esr = FETCH_ABORT,
		  .fault_va = moving + 2 * PAGE_BYTES + in_page },
	};

	if (!platform.under_corbel || platform.nr_cpus < 2) {
		tap_skip("tables that move", "needs Corbel, and two CPUs");
		return;
	}
	fill_tables(record);
	cpu_on(1, move_table, 0);
	/* Longer where a host stops one of the CPUs for a while. */
	while (timer_now() - begin < timer_ms(1200) ||
	       (!has_seen_both(races) && timer_now() - begin < timer_ms(20000))) {
		races[2].x3 = read32(RTC_BASE);
		for (unsigned int n = 0; n < NR_RACES; n++)
			run_race(&races[n]);
	}
	STORE(race_is_over, true);
	tap_ok(wait_cpu_off(1), "the other CPU goes off");
	for (unsigned int n = 0; n < NR_RACES; n++) {
		tap_note("%u ends, %u external aborts on the walk, %u translation faults", races[n].nr_ends,
			 races[n].nr_walks, races[n].nr_translations);
		tap_ok(races[n].nr_bad == 0 && races[n].nr_ends != 0 &&
			       races[n].nr_walks + races[n].nr_translations != 0,
		       "tables that move: %s", races[n].name);
	}
}

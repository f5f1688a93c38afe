#include "tests/bench/guest/bench.h"

#include <stdbool.h>
#include <stddef.h>

#include "tests/guests/common/bootargs.h"
#include "tests/guests/common/exception.h"
#include "tests/guests/common/gic.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/print.h"
#include "tests/guests/common/tap.h"

#define BATCHES 8

struct seen seen[2];
uint64_t bench_gicc; /* for vectors.S */

extern char bench_v2_sgi[], bench_v2_virt[], bench_v2_phys[], bench_v3_sgi[], bench_v3_virt[], bench_v3_phys[];

void bench_unexpected(void);
void bench_unexpected(void)
{
	tap_bail("unexpected exception: esr=%lx elr=%lx far=%lx", READ_REG(esr_el1), READ_REG(elr_el1),
		 READ_REG(far_el1));
}

void vectors_use(enum irq_source source)
{
	char *const tables[2][3] = { { bench_v2_sgi, bench_v2_virt, bench_v2_phys },
				     { bench_v3_sgi, bench_v3_virt, bench_v3_phys } };

	WRITE_REG(tpidr_el1, (uint64_t)&seen[cpu_index()]);
	WRITE_REG(vbar_el1, (uint64_t)tables[platform.gic_version == 3][source]);
	isb();
}

/* One whose operation is refused in the first batch, as not every hypervisor has every register, gives no figure. */
static void run_row(const struct row *row, uint32_t rounds)
{
	uint64_t best = ~0UL;

	if (row->seldom != 0)
		rounds = rounds / row->seldom + 1;
	for (unsigned int batch = 0; batch < BATCHES; batch++) {
		uint64_t ticks;

		vectors_use(IRQ_SGI); /* unless the row wants another source */
		seen[0].nr_faults = 0;
		ticks = row->run(rounds);
		if (seen[0].nr_faults != (uint64_t)rounds * row->faults) {
			print("bench: %s none\n", row->name);
			return;
		}
		best = ticks < best ? ticks : best;
	}
	print("bench: %s ticks=%lu rounds=%u\n", row->name, best, rounds);
}

/* The one that the command line names as `row`, or all. */
static void run_rows(const struct row *rows, uint32_t rounds)
{
	for (; rows->name != NULL; rows++)
		if (bootargs_is("row", "all") || bootargs_is("row", rows->name))
			run_row(rows, rounds);
}

/* Xen refuses some registers that the common code writes to be sure: those writes are stepped over. */
void bench_gic_init_cpu(void)
{
	catch_begin(0);
	gic_init_cpu();
	catch_end();
	gic_enable(SGI_INTID);
	gic_enable(TIMER_VIRT_INTID);
	gic_enable(TIMER_PHYS_INTID);
}

void guest_main(void)
{
	uint32_t rounds = (uint32_t)bootargs_number("rounds");

	while (bootargs_is("role", "spin"))
		__asm__ volatile("");
	bench_gicc = platform.gicc;
	catch_begin(0);
	gic_init();
	catch_end();
	bench_gic_init_cpu();
	print("bench: hz=%lu gic=%u\n", READ_REG(cntfrq_el0), platform.gic_version);
	if (bootargs_is("rows", "shared")) {
		run_rows(shared_rows, rounds);
	} else {
		run_rows(alone_rows, rounds);
		if (platform.gic_version == 3)
			run_rows(alone_rows_v3, rounds);
	}
	print("bench: done\n");
	for (;;) /* time goes on, and the line comes out of the hypervisor, too */
		;
}

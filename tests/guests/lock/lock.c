/*
 * All CPUs take a ticket lock in turn, as kernels' spin locks are: who has waited longest is next, whether it runs or
 * not. On fewer pCPUs than vCPUs most of the waiting is for one that does not. bootargs: wait=spin, or
 * wait=stand-in: the HVC that stands for WFE in Corbel's DEBUG image, since QEMU traps no WFE; ms=N (500). Says how
 * often the lock was taken in that time.
 */
#include "tests/guests/common/bootargs.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/print.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/timer.h"

#define HOLD_US 20

static struct {
	uint32_t next, serving;
	uint64_t rounds; /* under the lock */
} ticket;
static void (*wait)(void);

static void spin(void)
{
}

static void stand_in(void)
{
	__asm__ volatile("hvc #0x7766" ::: "memory"); /* kernel/run.c: WFE_STAND_IN */
}

static void take_a_turn(void)
{
	uint32_t mine = __atomic_fetch_add(&ticket.next, 1, __ATOMIC_RELAXED);

	while (LOAD(ticket.serving) != mine)
		wait();
	spin_ticks(timer_us(HOLD_US));
	ticket.rounds++;
	STORE(ticket.serving, mine + 1);
}

static void contend(unsigned int cpu)
{
	(void)cpu;
	for (;;)
		take_a_turn();
}

void guest_main(void)
{
	uint64_t ms = bootargs_number("ms"), begin, before;

	wait = bootargs_is("wait", "stand-in") ? stand_in : spin;
	for (unsigned int cpu = 1; cpu < platform.nr_cpus; cpu++)
		(void)cpu_on(cpu, contend, 0);
	for (begin = timer_now(); timer_now() - begin < timer_ms(20);)
		take_a_turn();
	before = ticket.rounds;
	for (begin = timer_now(); timer_now() - begin < timer_ms(ms ? ms : 500);)
		take_a_turn();
	print("lock: taken %lu times in %lu ms\n", ticket.rounds - before,
	      (timer_now() - begin) * 1000 / READ_REG(cntfrq_el0));
}

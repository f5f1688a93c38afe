/*
 * Guests that go wrong for good, each in its own way (bootargs: how=KIND), and two that only look like it. The MMU
 * stays off: what is not there is a stage 2 abort.
 */
#include "tests/guests/common/bootargs.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/gic.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/print.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"

bool guest_wants_mmu = false;

#define NOWHERE	     0x20000000UL
#define UNMAPPED     0x30000000UL
#define RAM_BASE     0x40000000UL
#define PROBES	     200000UL
#define VECTOR_BYTES 2048

extern char vectors_retry[], vectors_fault[], vectors_push[], vectors_skip[], vectors_flaky[];
uint64_t load(uint64_t address);
uint64_t probe(uint64_t address, uint64_t times);
void lose_stack(uint64_t sp);

static char zeros[VECTOR_BYTES] __attribute__((aligned(VECTOR_BYTES)));

static void set_vectors(uint64_t table)
{
	WRITE_REG(vbar_el1, table);
	isb();
}

/* Jumps to where nothing is; its vectors are there, too. */
static void nowhere(void)
{
	set_vectors(NOWHERE);
	((void (*)(void))NOWHERE)();
}

/* The handler returns to the load that aborted. */
static void access(void)
{
	set_vectors((uint64_t)vectors_retry);
	load(UNMAPPED);
}

/* The handler of an abort aborts. */
static void handler(void)
{
	set_vectors((uint64_t)vectors_fault);
	load(UNMAPPED);
}

/* A stack that ran out of RAM: the handler pushes its frame, and each push is another abort further down. */
static void stack(void)
{
	set_vectors((uint64_t)vectors_push);
	lose_stack(RAM_BASE + 16);
}

/* No vectors at all, found by an exception that no hypervisor sees. */
static void no_vectors(void)
{
	set_vectors(UNMAPPED);
	__asm__ volatile("brk #0");
}

/* Vectors of zeros: UDF, whose vector is UDF, without an exit; only the timer's interrupt lets the hypervisor look. */
static void zero_vectors(void)
{
	gic_init();
	gic_init_cpu();
	gic_enable(TIMER_VIRT_INTID);
	WRITE_REG(cntv_cval_el0, timer_now() + timer_ms(50));
	WRITE_REG(cntv_ctl_el0, TIMER_ENABLE);
	set_vectors((uint64_t)zeros);
	load(UNMAPPED);
}

static void access_of(unsigned int cpu)
{
	(void)cpu;
	access();
}

static void access_by_another(void)
{
	if (cpu_on(1, access_of, 0) != 0)
		tap_bail("there is no second CPU to crash");
	for (;;)
		__asm__ volatile("yield");
}

/* What a driver does that looks for a device which is not there. */
static void probing(void)
{
	set_vectors((uint64_t)vectors_skip);
	print("probe: %lu aborts taken\n", probe(UNMAPPED, PROBES));
}

static void flaky(void)
{
	WRITE_REG(tpidr_el1, 0);
	set_vectors((uint64_t)vectors_flaky);
	load(UNMAPPED);
	print("flaky: recovered after %lu aborts\n", READ_REG(tpidr_el1));
}

static const struct kind {
	const char *name;
	void (*run)(void);
} kinds[] = {
	{ "nowhere", nowhere },
	{ "access", access },
	{ "handler", handler },
	{ "stack", stack },
	{ "vectors", no_vectors },
	{ "zeros", zero_vectors },
	{ "smpaccess", access_by_another },
	{ "probe", probing },
	{ "flaky", flaky },
};

void guest_main(void)
{
	for (unsigned int i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!bootargs_is("how", kinds[i].name))
			continue;
		/* The physical counter goes on while the guest is not there. */
		print("crash: begins at %lu ms\n", timer_now_phys() / timer_ms(1));
		print("crash: about to %s\n", kinds[i].name);
		print_flush();
		kinds[i].run();
		return;
	}
	tap_bail("needs bootargs how=KIND, one that it knows");
}

/*
 * Every register that EL1 can write holds a pattern of this VM's own (bootargs: seed=N) over thousands of short sleeps,
 * each with new patterns. Two such VMs on one host CPU take turns: a round's work takes longer than its sleep, so when
 * one goes to sleep the other's timer is due, and it runs. The MMU stays off, so that its registers can hold anything.
 */
#include <stddef.h>

#include "tests/guests/common/bootargs.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/exception.h"
#include "tests/guests/common/gic.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"
#include "tests/guests/patterns/hold.h"
#include "tests/guests/patterns/registers.h"

bool guest_wants_mmu = false;

#define SLEEPS	     12000
#define SLEEP_US     20 /* more where the machine is too slow for it */
#define STEP_US	     5
#define SLEEP_MAX_US 500
#define MAX_REGS     128
#define NR_PLACES    8

/* Element 31 of x is NZCV. sp is filled in afterwards; it has to be this structure's address. */
struct held {
	uint64_t x_in[32], x_out[32];
	uint64_t v_in[64], v_out[64];
	uint64_t sp;
} __attribute__((aligned(16)));
_Static_assert(sizeof(struct held) == HELD_BYTES, "hold.S knows the layout");
_Static_assert(offsetof(struct held, v_in) == HELD_V_IN && offsetof(struct held, sp) == HELD_SP, "likewise");
void hold_and_wait(struct held *held);

static struct held places[NR_PLACES]; /* each seed uses another one: its address is SP_EL1's pattern */
static struct held *held;
static uint64_t state;

/* The first difference of each, and how many there were. */
struct difference {
	unsigned int count;
	uint64_t got, want;
};
static struct difference reg_difference[MAX_REGS], x_difference[32], v_difference[64], sp_difference;
static struct difference timer_cval_difference, timer_ctl_difference;
static uint64_t want[MAX_REGS];
static bool usable[MAX_REGS];

/* xorshift64*: no two seeds and no two rounds have the same patterns. */
static uint64_t next_pattern(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1dUL;
}

static void compare(struct difference *d, uint64_t got, uint64_t wanted)
{
	if (got == wanted)
		return;
	if (d->count++ == 0) {
		d->got = got;
		d->want = wanted;
	}
}

/* A register that is undefined now will be so later. */
static void find_usable(void)
{
	for (unsigned int i = 0; i < nr_regs; i++) {
		if (regs[i].present && !regs[i].present())
			continue;
		catch_begin(0);
		regs[i].set(0);
		regs[i].get();
		usable[i] = catch_end().count == 0;
	}
}

static void set_regs(void)
{
	uint64_t written[MAX_REGS];

	for (unsigned int i = 0; i < nr_regs; i++) {
		written[i] = next_pattern() & regs[i].mask;
		if (usable[i])
			regs[i].set(written[i]);
	}
	isb();
	for (unsigned int i = 0; i < nr_regs; i++) {
		if (!usable[i])
			continue;
		want[i] = regs[i].get();
		if (regs[i].kind == REG_KEEPS)
			compare(&reg_difference[i], want[i] & regs[i].mask, written[i]);
	}
}

static void check_regs(void)
{
	for (unsigned int i = 0; i < nr_regs; i++) {
		uint64_t got;

		if (!usable[i])
			continue;
		got = regs[i].get();
		if (regs[i].kind != REG_HIDDEN || got != 0)
			compare(&reg_difference[i], got, want[i]);
	}
}

static void set_held(void)
{
	for (unsigned int n = 0; n < 31; n++)
		held->x_in[n] = next_pattern();
	held->x_in[31] = next_pattern() & 0xf0000000;
	for (unsigned int n = 0; n < 64; n++)
		held->v_in[n] = next_pattern();
	held->sp = 0;
}

static void check_held(void)
{
	for (unsigned int n = 0; n < 32; n++)
		compare(&x_difference[n], held->x_out[n], held->x_in[n]);
	for (unsigned int n = 0; n < 64; n++)
		compare(&v_difference[n], held->v_out[n], held->v_in[n]);
	compare(&sp_difference, held->sp, (uint64_t)held);
}

/* Until the timer ends it, since a WFI may return early. False when it was due at once: there was nothing to wait for.
 */
static bool sleep(uint64_t us)
{
	uint64_t due = timer_now() + timer_us(us);
	bool waits;

	WRITE_REG(cntv_cval_el0, due);
	WRITE_REG(cntv_ctl_el0, TIMER_ENABLE);
	isb();
	waits = !(READ_REG(cntv_ctl_el0) & TIMER_ISTATUS);
	do {
		hold_and_wait(held);
		check_held();
		isb();
	} while (!(READ_REG(cntv_ctl_el0) & TIMER_ISTATUS));
	compare(&timer_cval_difference, READ_REG(cntv_cval_el0), due);
	compare(&timer_ctl_difference, READ_REG(cntv_ctl_el0), TIMER_ENABLE | TIMER_ISTATUS);
	WRITE_REG(cntv_ctl_el0, 0);
	isb();
	return waits;
}

/* On a busy machine a timer may come before its sleep: later ones are longer, and there are more rounds. */
static unsigned int run(void)
{
	unsigned int sleeps = 0;
	uint64_t us = SLEEP_US;

	for (unsigned int round = 0; round < 2 * SLEEPS && sleeps < SLEEPS; round++) {
		set_held();
		set_regs();
		if (sleep(us))
			sleeps++;
		else if (us < SLEEP_MAX_US)
			us += STEP_US;
		check_regs();
		if (round % 1000 == 0)
			tap_note("seed %lu, %u sleeps", bootargs_number("seed"), sleeps);
	}
	return sleeps;
}

static void report(const struct difference *d, const char *name, unsigned int number)
{
	if (!tap_ok(d->count == 0, name, number))
		tap_note("%u times; the first: got 0x%lx, want 0x%lx", d->count, d->got, d->want);
}

static void report_regs(void)
{
	for (unsigned int i = 0; i < nr_regs; i++) {
		if (regs[i].present && !regs[i].present())
			continue;
		if (usable[i])
			report(&reg_difference[i], regs[i].name, 0);
		else
			tap_ok(regs[i].kind == REG_HIDDEN, "%s is undefined", regs[i].name);
	}
}

void guest_main(void)
{
	uint64_t seed = bootargs_number("seed");
	unsigned int sleeps;

	if (seed == 0 || nr_regs > MAX_REGS)
		tap_bail("needs bootargs seed=N, N > 0, and room for %u registers", nr_regs);
	state = seed * 0x9e3779b97f4a7c15UL;
	held = &places[seed % NR_PLACES];
	gic_init();
	gic_init_cpu();
	gic_set_priority(TIMER_VIRT_INTID, 0);
	gic_enable(TIMER_VIRT_INTID);
	find_usable();
	sleeps = run();
	tap_ok(sleeps == SLEEPS, "%u sleeps", sleeps);
	for (unsigned int n = 0; n < 31; n++)
		report(&x_difference[n], "x%u", n);
	report(&x_difference[31], "NZCV", 0);
	for (unsigned int n = 0; n < 64; n++)
		report(&v_difference[n], n % 2 ? "V%u, upper half" : "V%u, lower half", n / 2);
	report(&sp_difference, "SP_EL1", 0);
	report(&timer_cval_difference, "CNTV_CVAL_EL0", 0);
	report(&timer_ctl_difference, "CNTV_CTL_EL0", 0);
	report_regs();
	tap_done();
}

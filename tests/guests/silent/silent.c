/*
 * Guests that say what they are about to do and then nothing more, each for another reason (bootargs: how=KIND, and
 * mmu=on). Every CPU but the first is left off, if KIND does not say otherwise.
 */
#include "tests/guests/common/bootargs.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/irq.h"
#include "tests/guests/common/mmu.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/print.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"

bool guest_wants_mmu = false;

#define NOWHERE 0x20000000UL

extern char vectors_fault[];

static void sleep_for_ever(void)
{
	for (;;)
		wfi();
}

/* Timers off, nothing pending. */
static void in_wfi(void)
{
	gic_init();
	gic_init_cpu();
	sleep_for_ever();
}

/* The event register is empty after the first. */
static void in_wfe(void)
{
	for (;;)
		__asm__ volatile("wfe" ::: "memory");
}

static void arm_timer(uint64_t ticks, uint64_t ctl)
{
	WRITE_REG(cntv_cval_el0, timer_now() + ticks);
	WRITE_REG(cntv_ctl_el0, ctl);
	isb();
}

/* A healthy sleeper. */
static void idle(void)
{
	gic_init();
	gic_init_cpu();
	gic_enable(TIMER_VIRT_INTID);
	arm_timer(timer_ms(3600000), TIMER_ENABLE);
	sleep_for_ever();
}

static void timer_without_intid(void)
{
	gic_init();
	gic_init_cpu();
	arm_timer(timer_ms(1), TIMER_ENABLE);
	sleep_for_ever();
}

static void timer_with_imask(void)
{
	gic_init();
	gic_init_cpu();
	gic_enable(TIMER_VIRT_INTID);
	arm_timer(timer_ms(1), TIMER_ENABLE | TIMER_IMASK);
	sleep_for_ever();
}

static void below_the_mask(void)
{
	gic_init();
	gic_init_cpu();
	gic_enable(TIMER_VIRT_INTID);
	gic_set_pmr(0x10);
	arm_timer(timer_ms(1), TIMER_ENABLE);
	sleep_for_ever();
}

/* An interrupt whose handler never comes to the EOI: nothing of its priority comes any more. */
static void never_ends(uint32_t iar)
{
	(void)iar;
	gic_set_pending(40);
	sleep_for_ever();
}

static void without_eoi(void)
{
	gic_init();
	gic_init_cpu();
	gic_enable(TIMER_VIRT_INTID);
	gic_set_edge(40, true);
	gic_enable(40);
	irq_handler(TIMER_VIRT_INTID, never_ends);
	arm_timer(timer_ms(1), TIMER_ENABLE);
	irq_unmask();
	for (;;)
		wfi();
}

static void masked(void)
{
	gic_init();
	gic_init_cpu();
	gic_enable(TIMER_VIRT_INTID);
	arm_timer(timer_ms(1), TIMER_ENABLE);
	for (;;)
		__asm__ volatile("nop\n\tnop" ::: "memory");
}

static void in_a_loop(void)
{
	__asm__ volatile("1: nop\n\tnop\n\tnop\n\tb 1b" ::: "memory");
}

static void at_el0(void)
{
	WRITE_REG(spsr_el1, 0);
	WRITE_REG(elr_el1, in_a_loop);
	__asm__ volatile("eret" ::: "memory");
}

static void polls(void)
{
	while ((read32(UART_BASE + UART_FR) & 1U << 31) == 0)
		;
}

static void vectors(void)
{
	WRITE_REG(vbar_el1, vectors_fault);
	isb();
	__asm__ volatile("brk #0");
}

/* No translation leads anywhere, not even that of the vectors. */
static void no_tables(void)
{
	WRITE_REG(vbar_el1, 0xfffffffffffff803);
	WRITE_REG(tcr_el1, ~0UL);
	WRITE_REG(ttbr1_el1, ~0UL);
	WRITE_REG(ttbr0_el1, 0x0000fffffffffffe);
	WRITE_REG(sctlr_el1, READ_REG(sctlr_el1) | 1UL);
	isb();
	__asm__ volatile("tlbi vmalle1\n\tdsb nsh\n\tisb" ::: "memory");
}

static void nothing(unsigned int cpu)
{
	(void)cpu;
}

/* The second CPU comes and goes; the first one waits for it as if it had stayed. */
static void secondary_gone(void)
{
	gic_init();
	gic_init_cpu();
	(void)cpu_on(1, nothing, 0);
	(void)wait_cpu_off(1);
	in_a_loop();
}

static const struct kind {
	const char *name;
	void (*run)(void);
} kinds[] = {
	{ "wfi", in_wfi },
	{ "wfe", in_wfe },
	{ "idle", idle },
	{ "intid", timer_without_intid },
	{ "imask", timer_with_imask },
	{ "pmr", below_the_mask },
	{ "eoi", without_eoi },
	{ "masked", masked },
	{ "loop", in_a_loop },
	{ "el0", at_el0 },
	{ "poll", polls },
	{ "vectors", vectors },
	{ "tables", no_tables },
	{ "gone", secondary_gone },
};

void guest_main(void)
{
	for (unsigned int i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!bootargs_is("how", kinds[i].name))
			continue;
		if (bootargs_is("mmu", "on")) {
			mmu_make_tables();
			mmu_on();
		}
		print("silent: about to %s, at %lx\n", kinds[i].name, (uint64_t)kinds[i].run);
		print_flush();
		kinds[i].run();
		return;
	}
	tap_bail("needs bootargs how=KIND, one that it knows");
}

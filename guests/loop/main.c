/*
 * A real-time guest: a control loop off the virtual timer, which measures how late each of its periods begins.
 *
 * What must be on time is done in the interrupt handler. What may wait, drawing and keys, is done by main() with
 * interrupts enabled, so it never delays the loop.
 */
#include "guests/common/cpu.h"
#include "guests/common/uart.h"
#include "guests/loop/bootargs.h"
#include "guests/loop/gic.h"
#include "guests/loop/mini_uart.h"
#include "guests/loop/motor.h"
#include "guests/loop/stats.h"
#include "guests/loop/tree.h"
#include "guests/loop/view.h"

#define TIMER_INTID	   27 /* the virtual timer's private interrupt */
#define CNTV_CTL_ENABLE	   1U
#define KEY_CHECKS_PER_SEC 10

static struct options options = { .period_us = 1000 };
static uint64_t counter_hz, period_ticks;
static uint64_t due_ticks;		/* when the next period begins */
static volatile uint64_t periods_total; /* since the start, missed ones too */

static bool is_finished(void)
{
	return options.periods != 0 && stats.periods >= options.periods;
}

/* A period begins at due_ticks, whenever the last one really began: lateness does not add up. */
static void period_begins(uint64_t now_ticks)
{
	uint64_t late_ticks = now_ticks - due_ticks, missed = late_ticks / period_ticks;

	motor_step(periods_total);
	due_ticks += (missed + 1) * period_ticks;
	WRITE_REG(cntv_cval_el0, due_ticks);
	isb(); /* the timer's line is low before the interrupt ends, or it comes again at once */
	periods_total += missed + 1;
	if (!is_finished())
		stats_add(late_ticks * 1000000000 / counter_hz, missed);
}

/* vectors.S */
void on_interrupt(void);
void on_interrupt(void)
{
	uint64_t now_ticks = READ_REG(cntvct_el0);
	uint32_t intid = gic_acknowledge();

	/* On a board the end of a level may reach the GIC late: then it was no period. */
	if (intid == TIMER_INTID && now_ticks >= due_ticks)
		period_begins(now_ticks);
	if (intid == MINI_UART_INTID)
		mini_uart_on_interrupt();
	if (intid < 1020)
		gic_end(intid);
}

/* vectors.S: a bug in this guest. */
void on_fault(void);
void on_fault(void)
{
	uart_text("loop: exception: ESR_EL1 ");
	uart_hex(READ_REG(esr_el1));
	uart_text(" ELR_EL1 ");
	uart_hex(READ_REG(elr_el1));
	uart_text(" FAR_EL1 ");
	uart_hex(READ_REG(far_el1));
	uart_text("\n");
	power_off();
}

/* A VM that was given the Pi's mini UART has a serial line of its own; the console is left to the other VMs. */
static void choose_line(const void *dtb)
{
	if (!tree_has(dtb, MINI_UART_COMPATIBLE))
		return;
	uart_text("loop: frames and keys are on the mini UART\n");
	mini_uart_init();
	gic_enable(MINI_UART_INTID);
}

static void start_timer(void)
{
	gic_enable(TIMER_INTID);
	counter_hz = READ_REG(cntfrq_el0);
	period_ticks = counter_hz * options.period_us / 1000000;
	due_ticks = READ_REG(cntvct_el0) + period_ticks;
	WRITE_REG(cntv_cval_el0, due_ticks);
	WRITE_REG(cntv_ctl_el0, CNTV_CTL_ENABLE);
}

/* False when it is time to go. */
static bool obey_key(int key)
{
	if (key == 'r')
		stats_reset();
	return key != 'q';
}

void main(const void *dtb)
{
	extern char vectors[];
	uint64_t per_second, next_frame, next_key = 0;

	uart_init();
	bootargs_parse(tree_bootargs(dtb), &options);
	WRITE_REG(vbar_el1, vectors);
	gic_init();
	choose_line(dtb);
	start_timer();
	__asm__ volatile("msr daifclr, #2");
	next_frame = per_second = 1000000 / options.period_us;
	while (!is_finished()) {
		__asm__ volatile("wfi"); /* the timer goes on, so there is always a next time to look */
		if (periods_total >= next_key) {
			next_key = periods_total + per_second / KEY_CHECKS_PER_SEC;
			if (!obey_key(uart_poll()))
				break;
		}
		if (periods_total >= next_frame) {
			next_frame = periods_total + per_second;
			if (!options.quiet)
				view_draw(options.plain, options.period_us);
		}
	}
	__asm__ volatile("msr daifset, #2");
	view_summary();
}

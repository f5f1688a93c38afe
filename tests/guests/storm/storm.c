/*
 * A storm of interrupts, and its victim. The storm (2 CPUs) has the host's PL061, whose line its second CPU holds high:
 * it takes the interrupt, routes it to the first CPU, where others run, and ends it there, again and again; and says
 * once a second how often it came so. The victim (bootargs: victim=1) never rests, and says once a second that it is
 * there. Both yield at each round: under -icount QEMU gives the other CPU its turn then.
 */
#include "tests/guests/common/bootargs.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/gic.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/print.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/timer.h"

#define GPIO_BASE  0x09030000UL
#define GPIO_INTID 39 /* virt: SPI 7 */
#define GPIOIS	   0x404
#define GPIOIEV	   0x40c
#define GPIOIE	   0x410

static void gpio_write(uint32_t offset, uint32_t value)
{
	*(volatile uint32_t *)(GPIO_BASE + offset) = value;
}

static void yield(void)
{
	__asm__ volatile("yield" ::: "memory");
}

/* Until the storm has begun: the victim is more important. Masked: WFI ends all the same. */
static void sleep_first(void)
{
	uint64_t due = timer_now() + timer_ms(300);

	gic_init();
	gic_init_cpu();
	gic_enable(TIMER_VIRT_INTID);
	WRITE_REG(cntv_cval_el0, due);
	WRITE_REG(cntv_ctl_el0, TIMER_ENABLE);
	while (timer_now() < due)
		wfi();
	WRITE_REG(cntv_ctl_el0, 0);
}

static void victim(void)
{
	sleep_first();
	for (;;) {
		uint64_t begin = timer_now();

		while (timer_now() - begin < timer_ms(1000))
			yield();
		print("storm: its victim lives\n");
	}
}

static void one_round(unsigned int cpu)
{
	uint32_t iar;

	gic_set_target(GPIO_INTID, cpu);
	while (IAR_INTID(iar = gic_ack()) != GPIO_INTID)
		yield();
	gic_set_target(GPIO_INTID, 0);
	gic_eoi(iar);
	while (!gic_is_pending(GPIO_INTID)) /* until the other CPU was interrupted */
		yield();
}

static void rage(unsigned int cpu)
{
	gic_init_cpu();
	for (;;) {
		uint64_t begin = timer_now();
		unsigned int rounds = 0;

		for (; timer_now() - begin < timer_ms(1000); rounds++)
			one_round(cpu);
		print("storm: %u rounds in a second\n", rounds);
	}
}

void guest_main(void)
{
	if (bootargs_number("victim") != 0)
		victim();
	gic_init();
	gic_init_cpu();
	gpio_write(GPIOIS, 1);	/* a level, */
	gpio_write(GPIOIEV, 0); /* low, as the pin is */
	gpio_write(GPIOIE, 1);
	gic_enable(GPIO_INTID);
	print("storm: begins\n");
	(void)cpu_on(1, rage, 0);
	for (;;)
		yield();
}

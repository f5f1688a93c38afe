/*
 * What one CPU sees of, and does to, interrupts that another one has: CPU 1 runs without a pause, interrupts masked,
 * and acknowledges and ends by polling what CPU 0 tells it to. So under a hypervisor nothing takes CPU 1 out but what
 * CPU 0 does. [IHI0048] [IHI0069]
 */
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/irq.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/print.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"

#define SPI    200U
#define NR     16U
#define ROUNDS 10U

/* --- CPU 1 ------------------------------------------------------------------------------------ */

enum command { ACK, EOI, DIR, SPLIT, STOP };

static struct {
	enum command command;
	uint32_t argument, result;
	uint32_t asked, done;
} worker;

static void work(unsigned int cpu)
{
	(void)cpu;
	gic_init_cpu();
	for (uint32_t i = 0; i < 16; i++)
		gic_enable(i);
	for (uint32_t n = 1;; n++) {
		while (LOAD(worker.asked) != n)
			;
		switch (worker.command) {
		case ACK: worker.result = gic_ack(); break;
		case EOI: gic_eoi(worker.argument); break;
		case DIR: gic_deactivate(worker.argument); break;
		case SPLIT: gic_split_eoi(worker.argument); break;
		case STOP: STORE(worker.done, n); return;
		}
		STORE(worker.done, n);
	}
}

static uint32_t ask(enum command command, uint32_t argument)
{
	worker.command = command;
	worker.argument = argument;
	STORE(worker.asked, worker.asked + 1);
	if (!wait_for(&worker.done, worker.asked))
		tap_bail("CPU 1 does not answer");
	return worker.result;
}

/* One look. */
static uint32_t look(void)
{
	return IAR_INTID(ask(ACK, 0));
}

/* Until there is one: its INTID, or 1023 when it does not come. */
static uint32_t take(void)
{
	uint64_t end = timer_now() + timer_ms(4000);
	uint32_t iar;

	do
		iar = ask(ACK, 0);
	while (IAR_INTID(iar) == GIC_SPURIOUS && timer_now() < end);
	return IAR_INTID(iar);
}

/* --- CPU 0 ------------------------------------------------------------------------------------ */

static void start(void)
{
	gic_init();
	for (uint32_t i = SPI; i < SPI + NR; i++) {
		gic_set_edge(i, true);
		gic_set_target(i, 1);
		gic_enable(i);
	}
}

static void test_states(void)
{
	bool active = true, pending = true, ended = true;

	start();
	for (uint32_t n = 0; n < ROUNDS; n++) {
		gic_set_pending(SPI);
		pending &= gic_is_pending(SPI) && !gic_is_active(SPI);
		if (!tap_ok(take() == SPI, "round %u: CPU 1 takes it", n))
			return;
		active &= gic_is_active(SPI);
		pending &= !gic_is_pending(SPI);
		ask(EOI, SPI);
		ended &= !gic_is_active(SPI) && !gic_is_pending(SPI);
	}
	tap_ok(pending, "ISPENDR: until the other CPU has acknowledged, no longer");
	tap_ok(active, "ISACTIVER: active on the other CPU as soon as that has acknowledged");
	tap_ok(ended, "ISACTIVER: no longer when it has ended");
}

static void test_taken_back(void)
{
	uint32_t disabled = 0, cleared = 0, group_off = 0;

	start();
	for (uint32_t n = 0; n < ROUNDS; n++) {
		gic_set_pending(SPI);
		spin_ticks(timer_us(50));
		gic_disable(SPI);
		disabled += look() == GIC_SPURIOUS;
		gic_clear_pending(SPI);
		gic_enable(SPI);
		gic_set_pending(SPI);
		spin_ticks(timer_us(50));
		gic_clear_pending(SPI);
		cleared += look() == GIC_SPURIOUS;
		gic_set_pending(SPI);
		spin_ticks(timer_us(50));
		write32(platform.gicd + GICD_CTLR, read32(platform.gicd + GICD_CTLR) & ~3U);
		while (platform.gic_version == 3 && read32(platform.gicd + GICD_CTLR) >> 31)
			;
		group_off += look() == GIC_SPURIOUS;
		write32(platform.gicd + GICD_CTLR, read32(platform.gicd + GICD_CTLR) | 3U);
		if (take() != SPI)
			break;
		ask(EOI, SPI);
	}
	tap_is(disabled, ROUNDS, "disabled here while pending there: not taken any more");
	tap_is(cleared, ROUNDS, "ICPENDR here while pending there: not taken any more");
	tap_is(group_off, ROUNDS, "GICD_CTLR off: not taken; on again: taken");
}

static void test_active_written(void)
{
	start();
	gic_set_pending(SPI);
	tap_is(take(), SPI, "active on CPU 1");
	gic_set_pending(SPI);
	tap_ok(gic_is_active(SPI) && gic_is_pending(SPI), "and pending again");
	gic_clear_active(SPI);
	tap_ok(!gic_is_active(SPI), "ICACTIVER from here: no longer active");
	ask(EOI, SPI); /* its priority drops */
	tap_is(take(), SPI, "the next comes");
	ask(EOI, SPI);
	gic_set_active(SPI);
	gic_set_pending(SPI);
	tap_ok(gic_is_active(SPI), "ISACTIVER for CPU 1");
	tap_is(look(), GIC_SPURIOUS, "it is not taken");
	gic_clear_active(SPI);
	tap_is(take(), SPI, "until ICACTIVER");
	ask(EOI, SPI);
}

static uint32_t count_active(void)
{
	uint32_t n = 0;

	for (uint32_t i = SPI; i < SPI + NR; i++)
		n += gic_is_active(i);
	return n;
}

/* EOImode = 1: acknowledged and dropped there, deactivated here. */
static void test_dir(void)
{
	uint32_t taken = 0, left = 0;

	start();
	gic_split_eoi(true);
	ask(SPLIT, 1);
	gic_set_pending(SPI);
	tap_is(take(), SPI, "EOImode 1: acknowledged on CPU 1");
	ask(EOI, SPI);
	tap_ok(gic_is_active(SPI), "EOImode 1: active after its EOI");
	gic_set_pending(SPI);
	tap_is(look(), GIC_SPURIOUS, "EOImode 1: the next waits");
	gic_deactivate(SPI);
	tap_ok(!gic_is_active(SPI), "EOImode 1: DIR on CPU 0 ends it");
	tap_is(take(), SPI, "EOImode 1: and the next comes");
	ask(EOI, SPI);
	ask(DIR, SPI);
	tap_ok(!gic_is_active(SPI), "EOImode 1: DIR on CPU 1 does, too");
	for (uint32_t i = SPI; i < SPI + NR; i++) {
		gic_set_pending(i);
		taken += take() == i;
		ask(EOI, i);
	}
	tap_is(taken, NR, "EOImode 1: %u acknowledged, more than any GIC has list registers", NR);
	tap_is(count_active(), NR, "EOImode 1: all of them active");
	for (uint32_t n = 0; n < NR; n++) {
		uint32_t intid = SPI + n * 7 % NR; /* 7 and 16 have no common factor */

		if (n % 2)
			gic_deactivate(intid);
		else
			ask(DIR, intid);
		left += !gic_is_active(intid) && count_active() == NR - n - 1;
	}
	tap_is(left, NR, "EOImode 1: ended in any order from either CPU, each DIR just its own");
	gic_split_eoi(false);
	ask(SPLIT, 0);
	gic_deactivate(SPI); /* EOImode 0: it must at least do no harm */
	gic_set_pending(SPI);
	tap_is(take(), SPI, "EOImode 0 again");
	ask(EOI, SPI);
	tap_ok(!gic_is_active(SPI), "EOImode 0: EOI ends it");
}

/* PL011's transmit interrupt is a level. [DDI0183 3.3.11] */
#define UART_INTID 33U
#define UART_IMSC  0x38
#define UART_TX	   0x20

static void test_level_drop(void)
{
	bool rises = true, falls = true, none = true;

	start();
	gic_set_target(UART_INTID, 1);
	gic_enable(UART_INTID);
	print("# a line for the transmit interrupt\n");
	print_flush();
	for (uint32_t n = 0; n < ROUNDS; n++) {
		write32(UART_BASE + UART_IMSC, UART_TX);
		rises &= gic_is_pending(UART_INTID);
		write32(UART_BASE + UART_IMSC, 0);
		falls &= !gic_is_pending(UART_INTID);
		none &= look() == GIC_SPURIOUS;
	}
	tap_ok(rises, "a level is pending while its line is high");
	tap_ok(falls, "not when it falls before CPU 1 takes it");
	tap_ok(none, "which then finds none");
	write32(UART_BASE + UART_IMSC, UART_TX);
	tap_is(take(), UART_INTID, "taken while it is high");
	write32(UART_BASE + UART_IMSC, 0);
	ask(EOI, UART_INTID);
	tap_is(look(), GIC_SPURIOUS, "and when it has fallen before the EOI, not again");
}

/* A CPU interface that takes one group, with many of the other before it. */
static void test_groups(void)
{
	unsigned int other = gic_other_group_number();
	uint32_t taken = 0;

	if (!platform.under_corbel || platform.gic_version == 2) {
		tap_skip("one group behind the other", "a GICv2, and QEMU's own GICs, look at the most urgent only");
		return;
	}
	start();
	for (uint32_t i = 0; i < NR; i++) {
		gic_set_target(SPI + i, 0);
		if (i % 2)
			gic_set_group(SPI + i, other);
		gic_set_priority(SPI + i, i % 2 ? 0x40 : 0x80);
		gic_set_pending(SPI + i);
	}
	for (uint32_t n = 0; n < NR; n++) {
		uint32_t iar = gic_ack();

		if (IAR_INTID(iar) == GIC_SPURIOUS)
			break;
		taken += IAR_INTID(iar) % 2 == SPI % 2;
		gic_eoi(iar);
	}
	tap_is(taken, NR / 2, "all of the group that is on come, with as many more urgent ones of the other in front");
	gic_other_group(true);
	spin_ticks(timer_us(50));
	for (taken = 0; taken < NR; taken++) {
		uint32_t iar = gic_ack_group0_v3();

		if (IAR_INTID(iar) >= GIC_NR_INTIDS)
			break;
		gic_eoi_group0_v3(iar);
	}
	gic_other_group(false);
	tap_is(taken, NR / 2, "and those of the other when that is turned on");
	for (uint32_t i = 0; i < NR; i++) {
		gic_clear_pending(SPI + i);
		gic_set_group(SPI + i, !other);
	}
}

/* What preempts: the priority's upper bits, as many as the binary point says. [IHI0069 4.8.5] */
static void set_binary_point(unsigned int value)
{
	if (platform.gic_version == 3)
		WRITE_REG(icc_bpr1_el1, value);
	else
		write32(platform.gicc + 8, value - 1); /* group 0's: one more bit */
	isb();
}

static void test_binary_point(void)
{
	uint32_t low, high;

	start();
	for (uint32_t i = SPI; i < SPI + 3; i++)
		gic_set_target(i, 0);
	gic_set_priority(SPI, 0x98);
	gic_set_priority(SPI + 1, 0x80);
	gic_set_priority(SPI + 2, 0x78);
	set_binary_point(5); /* bits 7 to 5 */
	gic_set_pending(SPI);
	low = gic_ack();
	tap_is(IAR_INTID(low), SPI, "binary point 5: the first is taken");
	gic_set_pending(SPI + 1);
	tap_is(IAR_INTID(gic_ack()), GIC_SPURIOUS, "one of the same upper three bits does not preempt");
	gic_set_pending(SPI + 2);
	high = gic_ack();
	tap_is(IAR_INTID(high), SPI + 2, "one of lower upper bits does");
	gic_eoi(high);
	gic_eoi(low);
	high = gic_ack();
	tap_is(IAR_INTID(high), SPI + 1, "the other one comes afterwards");
	gic_eoi(high);
	set_binary_point(1);
}

/* CPU 1's private interrupts, by its redistributor; a GICv2 has none, but sources. */
#define GICR_STRIDE   0x20000
#define GICR_SGI_BASE 0x10000

static void test_redistributor(void)
{
	uint64_t frame = platform.gicr + GICR_STRIDE + GICR_SGI_BASE;
	bool good = true;

	for (uint32_t n = 0; n < ROUNDS; n++) {
		write32(frame + GICD_ISPENDR, 1U << 9);
		good &= take() == 9;
		good &= read32(frame + GICD_ISACTIVER) == 1U << 9 && read32(frame + GICD_ISPENDR) == 0;
		ask(EOI, 9);
		good &= read32(frame + GICD_ISACTIVER) == 0;
	}
	tap_ok(good, "an SGI of CPU 1 by its redistributor: made pending, seen active, seen ended");
	write32(frame + GICD_ISPENDR, 1U << 9);
	write32(frame + GICD_ICPENDR, 1U << 9);
	tap_is(look(), GIC_SPURIOUS, "taken back there");
}

static void test_sgi_sources(void)
{
	uint32_t first, second;

	start();
	write32(platform.gicd + GICD_SPENDSGIR + 4, 0x00000300); /* SGI 5 as from CPUs 0 and 1 */
	tap_is(read8(platform.gicd + GICD_CPENDSGIR + 5), 3, "SPENDSGIR: two sources of one SGI, read by CPENDSGIR");
	first = gic_ack();
	tap_is(read8(platform.gicd + GICD_SPENDSGIR + 5), 3U & ~(1U << IAR_SOURCE(first)),
	       "SPENDSGIR: the one that is acknowledged is not pending any more");
	gic_eoi(first);
	second = gic_ack();
	tap_ok(IAR_INTID(first) == 5 && IAR_INTID(second) == 5 && IAR_SOURCE(first) + IAR_SOURCE(second) == 1,
	       "each source is acknowledged once");
	gic_eoi(second);
	tap_is(IAR_INTID(gic_ack()), GIC_SPURIOUS, "and no more");
	write8(platform.gicd + GICD_SPENDSGIR + 6, 3);
	write8(platform.gicd + GICD_CPENDSGIR + 6, 1);
	first = gic_ack();
	tap_ok(IAR_INTID(first) == 6 && IAR_SOURCE(first) == 1, "CPENDSGIR takes one source back, the other comes");
	gic_eoi(first);
	tap_is(IAR_INTID(gic_ack()), GIC_SPURIOUS, "and no more");
}

void guest_main(void)
{
	if (platform.nr_cpus < 2)
		tap_bail("needs two CPUs");
	gic_init();
	gic_init_cpu();
	if (!tap_ok(cpu_on(1, work, 0) == 0, "CPU 1 starts"))
		return;
	test_states();
	test_taken_back();
	test_active_written();
	test_dir();
	test_level_drop();
	test_groups();
	test_binary_point();
	if (platform.gic_version == 3)
		test_redistributor();
	else
		test_sgi_sources();
	ask(STOP, 0);
	tap_ok(wait_cpu_off(1), "CPU 1 goes off");
	tap_done();
}

/* The interrupt controller as a guest sees it: delivery, order, preemption, state and registers. [IHI0048] [IHI0069] */
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/irq.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/print.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"

#define PPI	20U  /* no device has it */
#define SPI	200U /* nor these, up to SPI + 31 */
#define NR_SPIS 32U

/* In what order interrupts were taken on CPU 0. */
#define LOG_SIZE 128
static uint32_t order[LOG_SIZE];
static unsigned int nr_order;

static void log_intid(uint32_t iar)
{
	if (nr_order < LOG_SIZE)
		order[nr_order++] = IAR_INTID(iar);
}

static uint32_t count(uint32_t intid)
{
	return irq_count[0][intid];
}

/* Everything off and as gic_init() leaves it; forgets what was seen. */
static void start(void)
{
	gic_init();
	gic_init_cpu();
	gic_split_eoi(false);
	irq_manual_eoi = false;
	for (uint32_t i = 0; i < GIC_NR_INTIDS; i++)
		irq_handler(i, log_intid);
	irq_forget();
	nr_order = 0;
	for (uint32_t i = 0; i < 16; i++) {
		gic_clear_pending(i);
		gic_enable(i);
	}
	gic_enable(PPI);
	for (uint32_t i = SPI; i < SPI + NR_SPIS; i++) {
		gic_set_edge(i, true);
		gic_enable(i);
	}
}

/* Lets in what may preempt: in steps, since the last of many may need a word between guest and hypervisor. */
static void let_in(void)
{
	irq_unmask();
	for (unsigned int i = 0; i < 4; i++)
		spin_ticks(timer_us(10));
	irq_mask();
}

/* Long enough for what was sent to have arrived. */
static void settle(void)
{
	irq_unmask();
	spin_ticks(timer_us(200));
	irq_mask();
}

static uint32_t total(void)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < GIC_NR_INTIDS; i++)
		n += count(i);
	return n;
}

static void test_identity(void)
{
	uint32_t offset = platform.gic_version == 3 ? GICD_PIDR2_V3 : GICD_PIDR2_V2;
	uint32_t typer = read32(platform.gicd + GICD_TYPER);

	tap_is(read32(platform.gicd + offset) >> 4 & 0xf, platform.gic_version, "GICD_PIDR2.ArchRev is the version");
	tap_ok((typer & 0x1f) >= 7, "GICD_TYPER: 256 INTIDs or more (%u)", 32 * ((typer & 0x1f) + 1));
	if (platform.gic_version == 2)
		tap_is((typer >> 5 & 7) + 1, platform.nr_cpus, "GICD_TYPER.CPUNumber");
	else
		tap_is(READ_REG(icc_sre_el1) & 1, 1, "ICC_SRE_EL1.SRE is 1");
	tap_is(gic_ack() & 0x3ff, GIC_SPURIOUS, "IAR is 1023 when nothing is pending");
	tap_is(gic_highest_pending(), GIC_SPURIOUS, "HPPIR is 1023 when nothing is pending");
	tap_is(gic_running_priority() & 0xf8, 0xf8, "RPR is idle");
}

static void test_sgi_self(void)
{
	bool good = true;

	start();
	for (uint32_t i = 0; i < 16; i++) {
		gic_send(i, 1);
		settle();
		good &= count(i) == 1 && total() == i + 1;
	}
	tap_ok(good, "SGI 0-15 to itself: each taken once");
	gic_send_others(1);
	settle();
	tap_is(total(), 16, "an SGI to all others does not come back");
	start();
	gic_disable(5);
	if (gic_is_enabled(5)) {
		tap_skip("a disabled SGI", "this GIC's SGIs cannot be disabled, which GICv2 allows");
	} else {
		gic_send(5, 1);
		settle();
		tap_is(count(5), 0, "a disabled SGI is not taken");
		tap_ok(gic_is_pending(5), "but it is pending");
		gic_enable(5);
		settle();
		tap_is(count(5), 1, "and is taken when enabled");
	}
	gic_send(6, 1);
	gic_send(6, 1);
	settle();
	tap_is(count(6), 1, "sent twice while masked: taken once");
}

static void one_spi(uint32_t intid, bool edge, const char *name)
{
	start();
	gic_set_edge(intid, edge);
	gic_enable(intid);
	gic_set_pending(intid);
	tap_ok(gic_is_pending(intid), "%s: ISPENDR reads back", name);
	settle();
	tap_is(count(intid), 1, "%s: made pending by ISPENDR, taken once", name);
	tap_ok(!gic_is_pending(intid) && !gic_is_active(intid), "%s: neither pending nor active afterwards", name);
	gic_set_pending(intid);
	gic_clear_pending(intid);
	settle();
	tap_is(count(intid), 1, "%s: taken back by ICPENDR, not taken", name);
	gic_disable(intid);
	gic_set_pending(intid);
	settle();
	tap_is(count(intid), 1, "%s: disabled, not taken", name);
	gic_enable(intid);
	settle();
	tap_is(count(intid), 2, "%s: enabled, taken", name);
}

/* ISPENDR, ISACTIVER and RPR from within the handler. */
static bool handler_good;
static void look_inside(uint32_t iar)
{
	uint32_t intid = IAR_INTID(iar);

	handler_good = gic_is_active(intid) && !gic_is_pending(intid) && (gic_running_priority() & 0xff) == 0x60;
	log_intid(iar);
}

static void again_inside(uint32_t iar)
{
	log_intid(iar);
	if (nr_order == 1) {
		gic_set_pending(IAR_INTID(iar));
		irq_window();
	}
}

static void test_states(void)
{
	start();
	irq_handler(SPI, look_inside);
	gic_set_priority(SPI, 0x60);
	gic_set_pending(SPI);
	settle();
	tap_ok(count(SPI) == 1 && handler_good, "in the handler: active, not pending, RPR is its priority");
	start();
	irq_handler(SPI, again_inside);
	gic_set_pending(SPI);
	settle();
	tap_is(count(SPI), 2, "pending again while active: taken again after its end, once");
	start();
	gic_set_active(SPI);
	tap_ok(gic_is_active(SPI), "ISACTIVER reads back");
	gic_set_pending(SPI);
	settle();
	tap_is(count(SPI), 0, "made active by ISACTIVER: a pending one waits");
	gic_clear_active(SPI);
	settle();
	tap_is(count(SPI), 1, "ICACTIVER lets it through");
}

/* A device's level: PL011's transmit interrupt stays until the handler clears it. [DDI0183 3.3.11] */
#define UART_INTID 33U
#define UART_IMSC  0x38
#define UART_ICR   0x44
#define UART_TX	   0x20
static void uart_interrupt(uint32_t iar)
{
	log_intid(iar);
	if (nr_order == 4)
		write32(UART_BASE + UART_ICR, UART_TX);
	if (nr_order > 50) /* keeps a storm from hanging the run */
		write32(UART_BASE + UART_IMSC, 0);
}

static void test_level(void)
{
	start();
	irq_handler(UART_INTID, uart_interrupt);
	gic_enable(UART_INTID);
	print("# a line for the transmit interrupt\n");
	print_flush();
	write32(UART_BASE + UART_IMSC, UART_TX);
	irq_unmask();
	spin_ticks(timer_ms(20));
	irq_mask();
	write32(UART_BASE + UART_IMSC, 0);
	tap_is(nr_order, 4, "level: comes again after EOI until the device is quiet, then no more");
	tap_ok(!gic_is_pending(UART_INTID), "level: not pending when the device is quiet");
	start();
}

/* 16 SGIs and 15 SPIs at once, all of different priority: more than any GIC has list registers. */
#define NR_ALL 31U
static uint32_t all_intid(unsigned int i)
{
	return i < 16 ? i : SPI + i - 16;
}

static void set_all_pending(void)
{
	for (unsigned int i = 0; i < NR_ALL; i++) {
		/* 7 and 31 have no common factor: a permutation */
		gic_set_priority(all_intid(i), (uint8_t)(8 * (7 * i % NR_ALL)));
		if (i >= 16)
			gic_set_pending(all_intid(i));
	}
	for (unsigned int i = 0; i < 16; i++)
		gic_send(i, 1);
}

static void test_order(void)
{
	bool in_order = true, once = true;

	start();
	set_all_pending();
	settle();
	for (unsigned int i = 1; i < nr_order; i++)
		in_order &= gic_get_priority(order[i - 1]) < gic_get_priority(order[i]);
	for (unsigned int i = 0; i < NR_ALL; i++)
		once &= count(all_intid(i)) == 1;
	tap_is(nr_order, NR_ALL, "16 SGIs and 15 SPIs pending at once: all taken");
	tap_ok(once, "each of them once");
	tap_ok(in_order, "in the order of their priorities");
}

/* The same, with the state looked at and changed while they wait. */
static void test_many_pending(void)
{
	bool all_pending = true, good = true;

	start();
	set_all_pending();
	spin_ticks(timer_us(200));
	for (unsigned int i = 0; i < NR_ALL; i++)
		all_pending &= gic_is_pending(all_intid(i));
	tap_ok(all_pending, "31 pending: ISPENDR shows all");
	gic_clear_pending(SPI + 3);
	gic_disable(SPI + 4);
	gic_disable(SPI + 5);
	settle();
	tap_is(nr_order, NR_ALL - 3, "one taken back, two disabled while pending: the others are taken");
	good = count(SPI + 3) == 0 && count(SPI + 4) == 0 && count(SPI + 5) == 0;
	tap_ok(good, "those three are not");
	gic_enable(SPI + 4);
	gic_enable(SPI + 5);
	settle();
	tap_ok(count(SPI + 4) == 1 && count(SPI + 5) == 1 && count(SPI + 3) == 0, "the two disabled come when enabled");
}

/* Level n of nesting is SPI + n, each more urgent than the last; each sets the next pending and lets it in. */
static unsigned int depth, max_depth, levels;
static uint32_t active_at_bottom;
static bool nested_good;

static void nest(uint32_t iar)
{
	uint32_t level = IAR_INTID(iar) - SPI;

	log_intid(iar);
	nested_good &= depth == level && gic_running_priority() == gic_get_priority(IAR_INTID(iar));
	depth++;
	if (depth > max_depth)
		max_depth = depth;
	if (level + 1 < levels) {
		gic_set_pending(SPI + level + 1);
		let_in();
	} else {
		for (unsigned int i = 0; i < levels; i++)
			active_at_bottom += gic_is_active(SPI + i);
	}
	depth--;
	nested_good &= gic_running_priority() == gic_get_priority(IAR_INTID(iar));
}

static void test_nesting(unsigned int n)
{
	start();
	depth = max_depth = active_at_bottom = 0;
	levels = n;
	nested_good = true;
	for (unsigned int i = 0; i < n; i++) {
		irq_handler(SPI + i, nest);
		gic_set_priority(SPI + i, (uint8_t)(0xf0 - 8 * (i + 1)));
	}
	gic_set_pending(SPI);
	settle();
	tap_is(max_depth, n, "%u levels of preemption", n);
	tap_is(active_at_bottom, n, "%u levels: all active at the deepest", n);
	tap_ok(nested_good, "%u levels: RPR is right on the way in and out", n);
	tap_is(nr_order, n, "%u levels: each taken once", n);
	tap_is(gic_running_priority() & 0xf8, 0xf8, "%u levels: RPR is idle at the end", n);
	active_at_bottom = 0;
	for (unsigned int i = 0; i < n; i++)
		active_at_bottom += gic_is_active(SPI + i);
	tap_is(active_at_bottom, 0, "%u levels: none left active", n);
	gic_set_priority(SPI + NR_SPIS - 1, 0xe8);
	gic_set_pending(SPI + NR_SPIS - 1);
	settle();
	tap_is(count(SPI + NR_SPIS - 1), 1, "%u levels: an interrupt of low priority comes afterwards", n);
}

/* Preemption by all the SGIs while 8 SPIs are active. */
static void nest_then_storm(uint32_t iar)
{
	uint32_t level = IAR_INTID(iar) - SPI;

	if (level == 7)
		for (uint32_t i = 0; i < 16; i++)
			gic_send(i, 1);
	else
		gic_set_pending(SPI + level + 1);
	let_in();
	log_intid(iar);
}

static void test_storm_while_nested(void)
{
	bool order_good = true;

	start();
	for (unsigned int i = 0; i < 8; i++) {
		irq_handler(SPI + i, nest_then_storm);
		gic_set_priority(SPI + i, (uint8_t)(0xe0 - 8 * i));
	}
	for (uint32_t i = 0; i < 16; i++) /* half of them less urgent than the active ones: they wait */
		gic_set_priority(i, i % 2 ? (uint8_t)(4 * i) : 0xe8);
	gic_set_pending(SPI);
	settle();
	tap_is(nr_order, 24, "8 active and 16 more pending: all are taken");
	for (unsigned int i = 0; i < 8 && nr_order == 24; i++)
		order_good &= order[i] < 16 && order[i] % 2 == 1;
	for (unsigned int i = 8; i < 16 && nr_order == 24; i++)
		order_good &= order[i] == SPI + 15 - i;
	for (unsigned int i = 16; i < 24 && nr_order == 24; i++)
		order_good &= order[i] < 16 && order[i] % 2 == 0;
	tap_ok(order_good, "urgent ones preempt, the others wait until all 8 have ended");
}

static void no_preemption(uint32_t iar)
{
	gic_set_pending(SPI + 1); /* the same priority */
	gic_set_pending(SPI + 2); /* less urgent */
	let_in();
	log_intid(iar);
}

static void test_no_preemption(void)
{
	start();
	irq_handler(SPI, no_preemption);
	gic_set_priority(SPI, 0x40);
	gic_set_priority(SPI + 1, 0x40);
	gic_set_priority(SPI + 2, 0x48);
	gic_set_pending(SPI);
	settle();
	tap_ok(nr_order == 3 && order[0] == SPI && order[1] == SPI + 1 && order[2] == SPI + 2,
	       "the same or a lower priority does not preempt");
}

static void test_pmr(void)
{
	start();
	gic_set_pmr(0x80);
	gic_set_priority(SPI, 0x80);
	gic_set_priority(SPI + 1, 0x78);
	gic_set_pending(SPI);
	settle();
	tap_is(count(SPI), 0, "PMR holds back an interrupt of its own priority");
	gic_set_pending(SPI + 1);
	settle();
	tap_ok(count(SPI) == 0 && count(SPI + 1) == 1, "PMR lets a more urgent one through");
	gic_set_pmr(0xff);
	settle();
	tap_is(count(SPI), 1, "the other one comes when PMR opens");
}

/* EOI drops the priority, DIR ends the interrupt; in between the next of the same priority may come. */
static uint32_t first_iar;
static void split_handler(uint32_t iar)
{
	log_intid(iar);
	gic_eoi(iar);
	if (IAR_INTID(iar) == SPI)
		first_iar = iar;
	else
		gic_deactivate(iar);
}

static void test_split_eoi(void)
{
	start();
	irq_manual_eoi = true;
	gic_split_eoi(true);
	irq_handler(SPI, split_handler);
	irq_handler(SPI + 1, split_handler);
	gic_set_pending(SPI);
	settle();
	tap_ok(count(SPI) == 1 && gic_is_active(SPI), "EOImode 1: still active after EOI");
	tap_is(gic_running_priority() & 0xf8, 0xf8, "EOImode 1: EOI drops the priority");
	gic_set_pending(SPI);
	gic_set_pending(SPI + 1);
	settle();
	tap_ok(count(SPI) == 1 && count(SPI + 1) == 1, "EOImode 1: another comes, the active one does not");
	gic_deactivate(first_iar);
	tap_ok(!gic_is_active(SPI), "EOImode 1: DIR deactivates");
	settle();
	tap_is(count(SPI), 2, "EOImode 1: after DIR it comes again");
	gic_deactivate(first_iar);
	gic_split_eoi(false);
	irq_manual_eoi = false;
}

/* QEMU's own GICv2: no PPI by ISPENDR, and an SPI that is pending does not follow ITARGETSR. */
static bool qemu_gicv2(void)
{
	return platform.gic_version == 2 && !platform.under_corbel;
}

static void test_ppi(void)
{
	if (qemu_gicv2()) {
		tap_skip("a PPI made pending", "QEMU's GICv2 lacks it");
		return;
	}
	start();
	gic_set_pending(PPI);
	settle();
	tap_is(count(PPI), 1, "a PPI made pending is taken once");
}

/* The group that the guest does not use otherwise. */
static void test_group(void)
{
	unsigned int other = gic_other_group_number();

	start();
	gic_set_group(SPI, other);
	tap_is(read32(platform.gicd + GICD_IGROUPR + 4 * (SPI / 32)) >> (SPI % 32) & 1, other, "IGROUPR reads back");
	gic_set_pending(SPI);
	settle();
	tap_is(count(SPI), 0, "an interrupt of the group that is off is not taken");
	gic_other_group(true);
	settle();
	tap_is(count(SPI), 1,
	       other == 0 ? "group 0 comes as FIQ when its group is on" : "group 1 is taken when its group is on");
	gic_other_group(false);
	gic_set_group(SPI, !other);
	gic_set_pending(SPI + 1);
	settle();
	tap_is(count(SPI + 1), 1, "the usual group still works");
}

static void test_registers(void)
{
	uint64_t frame = platform.gicd, sgi = gic_frame(0);
	uint32_t word;

	start();
	write32(frame + GICD_IPRIORITYR + SPI, 0x08182838);
	tap_is(read8(frame + GICD_IPRIORITYR + SPI + 2), 0x18, "IPRIORITYR: a byte of a word written");
	write8(frame + GICD_IPRIORITYR + SPI + 1, 0x48);
	tap_is(read32(frame + GICD_IPRIORITYR + SPI), 0x08184838, "IPRIORITYR: a byte written changes that byte only");
	write32(sgi + GICD_IPRIORITYR, 0x10203040);
	tap_is(read32(sgi + GICD_IPRIORITYR), 0x10203040, "IPRIORITYR of SGIs");
	gic_set_priority(SPI, 0xff);
	tap_is(read8(frame + GICD_IPRIORITYR + SPI) & 0xf8, 0xf8, "IPRIORITYR: the upper five bits are there");
	word = read32(sgi + GICD_ISENABLER);
	tap_is(word, read32(sgi + GICD_ICENABLER), "ISENABLER and ICENABLER read the same");
	gic_set_edge(SPI + 1, true);
	gic_set_edge(SPI + 2, false);
	word = read32(frame + GICD_ICFGR + 4 * ((SPI + 1) / 16));
	tap_ok((word >> (2 * ((SPI + 1) % 16)) & 2) == 2 && (word >> (2 * ((SPI + 2) % 16)) & 2) == 0,
	       "ICFGR reads back");
	tap_is(read32(sgi + GICD_ICFGR) & 0xaaaaaaaa, 0xaaaaaaaa, "ICFGR: SGIs are edge-triggered");
	write32(frame + GICD_ISENABLER + 4 * (SPI / 32), 0);
	tap_ok(gic_is_enabled(SPI), "ISENABLER: zeros change nothing");
	if (platform.gic_version == 2) {
		if (platform.nr_cpus == 1) {
			tap_skip("ITARGETSR", "may read as zero on a GICv2 with one CPU");
			return;
		}
		tap_is(read8(frame + GICD_ITARGETSR), 1, "ITARGETSR of an SGI: the reading CPU's own bit");
		write32(frame + GICD_ITARGETSR + SPI, 0x01020103);
		write8(frame + GICD_ITARGETSR + SPI + 1, 2);
		tap_is(read32(frame + GICD_ITARGETSR + SPI), 0x01020203, "ITARGETSR: a word and a byte written");
		return;
	}
	write64(frame + GICD_IROUTER + 8 * SPI, platform.mpidr[platform.nr_cpus - 1]);
	tap_is(read64(frame + GICD_IROUTER + 8 * SPI), platform.mpidr[platform.nr_cpus - 1],
	       "IROUTER: 64 bits at once");
	tap_is(read32(frame + GICD_IROUTER + 8 * SPI), (uint32_t)platform.mpidr[platform.nr_cpus - 1],
	       "IROUTER: its lower half");
	write32(frame + GICD_IROUTER + 8 * SPI, 0);
	tap_is(read64(frame + GICD_IROUTER + 8 * SPI), 0, "IROUTER: written by its lower half");
}

/* GICD_SPENDSGIR, GICD_CPENDSGIR. [IHI0048 4.3.15] */
static void test_sgi_pending_registers(void)
{
	if (platform.gic_version == 3) {
		start();
		gic_set_pending(7);
		settle();
		tap_is(count(7), 1, "an SGI made pending through GICR_ISPENDR0 is taken once");
		return;
	}
	start();
	gic_send(7, 1);
	tap_is(read8(platform.gicd + GICD_SPENDSGIR + 7), 1, "SPENDSGIR shows the sender");
	write8(platform.gicd + GICD_CPENDSGIR + 7, 1);
	settle();
	tap_is(count(7), 0, "CPENDSGIR takes it back");
	write8(platform.gicd + GICD_SPENDSGIR + 7, 1);
	settle();
	tap_is(count(7), 1, "SPENDSGIR makes it pending");
}

/* --- other CPUs ------------------------------------------------------------------------------- */

static uint32_t ready, stop_others;
static uint32_t source_seen[GUEST_MAX_CPUS];

static void on_other_cpu(uint32_t iar)
{
	source_seen[cpu_index()] = IAR_SOURCE(iar);
}

static void other(unsigned int cpu)
{
	gic_init_cpu();
	for (uint32_t i = 0; i < 16; i++)
		gic_enable(i);
	(void)cpu;
	irq_unmask();
	__atomic_add_fetch(&ready, 1, __ATOMIC_ACQ_REL);
	while (!LOAD(stop_others))
		;
	irq_mask();
}

static bool count_becomes(unsigned int cpu, uint32_t intid, uint32_t value)
{
	return wait_for(&irq_count[cpu][intid], value) && LOAD(irq_count[cpu][intid]) == value;
}

static void test_sgi_others(void)
{
	bool each = true, all = true;
	uint32_t everyone = (1U << platform.nr_cpus) - 1;

	for (uint32_t i = 0; i < 16; i++)
		irq_handler(i, on_other_cpu);
	for (unsigned int cpu = 1; cpu < platform.nr_cpus; cpu++) {
		for (uint32_t i = 0; i < 16; i++)
			gic_send(i, 1U << cpu);
		for (uint32_t i = 0; i < 16; i++)
			each &= count_becomes(cpu, i, 1);
	}
	tap_ok(each, "SGI 0-15 to each other CPU: taken there once");
	tap_is(total(), 0, "and none here");
	if (platform.gic_version == 2)
		tap_is(source_seen[1], 0, "IAR names the sender");
	gic_send_others(2);
	for (unsigned int cpu = 1; cpu < platform.nr_cpus; cpu++)
		all &= count_becomes(cpu, 2, 2);
	settle();
	tap_ok(all && count(2) == 0, "an SGI to all others: every other CPU, not this one");
	gic_send(3, everyone);
	settle();
	for (unsigned int cpu = 0; cpu < platform.nr_cpus; cpu++)
		all &= count_becomes(cpu, 3, cpu == 0 ? 1 : 2);
	tap_ok(all, "an SGI to a list of all CPUs: all, this one too");
}

#define PINGS 200
static void test_sgi_many(void)
{
	bool good = true;

	for (uint32_t n = 1; n <= PINGS && good; n++) {
		gic_send(4, 2);
		good &= count_becomes(1, 4, n + 1);
	}
	tap_ok(good, "%u SGIs one after the other: none lost, none doubled", PINGS);
}

static void test_retarget(void)
{
	gic_set_target(SPI, 1);
	gic_set_pending(SPI);
	tap_ok(count_becomes(1, SPI, 1), "an SPI goes to the CPU that it is routed to");
	settle();
	tap_is(count(SPI), 0, "and not here");
	gic_set_target(SPI, 0);
	gic_set_pending(SPI);
	/* It may have to be fetched from the other CPU, which takes a finite time, no more is promised. */
	irq_unmask();
	(void)wait_for(&irq_count[0][SPI], 1);
	settle();
	tap_ok(count(SPI) == 1 && LOAD(irq_count[1][SPI]) == 1, "routed back, it comes here");
	if (qemu_gicv2()) {
		tap_skip("routed on while pending", "QEMU's GICv2 lacks it");
		return;
	}
	gic_set_pending(SPI); /* pending here, masked */
	spin_ticks(timer_us(100));
	gic_set_target(SPI, 1);
	tap_ok(count_becomes(1, SPI, 2), "routed on while pending, it is taken there");
	settle();
	tap_is(count(SPI), 1, "and not here as well");
}

#define MOVES 200
static void test_retarget_race(void)
{
	uint32_t before = count(SPI + 1) + LOAD(irq_count[1][SPI + 1]), sum = 0;
	bool good = true;

	if (qemu_gicv2())
		return;
	irq_unmask();
	for (uint32_t n = 1; n <= MOVES && good; n++) {
		uint64_t end = timer_now() + timer_ms(5000);

		gic_set_pending(SPI + 1);
		gic_set_target(SPI + 1, n & 1);
		do {
			sum = LOAD(irq_count[0][SPI + 1]) + LOAD(irq_count[1][SPI + 1]) - before;
		} while (sum != n && timer_now() < end);
		good = sum == n;
	}
	irq_mask();
	tap_is(sum, MOVES, "routed elsewhere just when it becomes pending: taken once each time, on one of the two");
}

static void test_others(void)
{
	bool good = true;

	if (platform.nr_cpus < 2) {
		tap_skip("SGIs and SPIs to other CPUs", "one CPU");
		return;
	}
	start();
	for (unsigned int cpu = 1; cpu < platform.nr_cpus; cpu++)
		good &= cpu_on(cpu, other, 0) == 0;
	if (!tap_ok(good && wait_for(&ready, platform.nr_cpus - 1), "the other CPUs are up"))
		return;
	test_sgi_others();
	test_sgi_many();
	test_retarget();
	test_retarget_race();
	STORE(stop_others, 1);
	for (unsigned int cpu = 1; cpu < platform.nr_cpus; cpu++)
		good &= wait_cpu_off(cpu);
	tap_ok(good, "the other CPUs go off");
}

void guest_main(void)
{
	gic_init();
	gic_init_cpu();
	test_identity();
	test_sgi_self();
	one_spi(SPI, true, "edge SPI");
	one_spi(SPI + 1, false, "level SPI");
	one_spi(255, true, "SPI 255");
	test_states();
	test_level();
	test_order();
	test_many_pending();
	test_nesting(4);
	test_nesting(8);
	test_nesting(16);
	test_storm_while_nested();
	test_no_preemption();
	test_pmr();
	test_split_eoi();
	test_ppi();
	test_group();
	test_registers();
	test_sgi_pending_registers();
	test_others();
	tap_done();
}

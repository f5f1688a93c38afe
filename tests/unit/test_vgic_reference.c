/*
 * Corbel's vGIC, under the fake hardware, against the reference GIC (tests/fakes/gic_reference.h): random accesses to
 * every register in every width, lines, SGIs, acknowledges, EOIs, DIRs from anywhere, CPU interfaces that mask, CPUs
 * that go off and come back. At each step every read is the reference's, and every CPU is signalled what the reference
 * would forward. GICv2 and v3, 1 to 4 vCPUs, 1, 2, 4 and 16 list registers, EOImode 0 and 1.
 */
#include <check.h>
#include <string.h>

#include "lib/bits.h"
#include "tests/fakes/fake_gic.h"
#include "tests/fakes/gic_reference.h"
#include "tests/fakes/prng.h"

#define NR_STEPS  3000
#define NR_ROUNDS 96
#define SGI_FRAME 0x10000U

static struct {
	struct fake_gic gic;
	struct ref_gic ref;
	uint64_t seed;
	unsigned int step;
	/* Acknowledged and not ended by EOI, by vCPU. */
	unsigned int stack[REF_MAX_CPUS][64];
	unsigned long nr_acks, nr_dirs, nr_reads, nr_resets;
} world;

static unsigned int below(unsigned int bound)
{
	return (unsigned int)prng_below(&world.seed, bound);
}

static bool chance(unsigned int in)
{
	return below(in) == 0;
}

/* Some of each kind, at the edges of words and of the range: often the same, so that something happens to them. */
static unsigned int pick_intid(void)
{
	static const unsigned int intids[] = { 0,  1,  7,  15, 16, 20, 30, 31, 32, 33, 58,
					       59, 60, 61, 62, 63, 64, 65, 66, 67, 255 };

	return chance(20) ? below(REF_NR_INTIDS) : intids[below(ARRAY_SIZE(intids))];
}

/* One that is on: CPU 0 always is. */
static unsigned int pick_cpu(void)
{
	unsigned int cpu = below(world.ref.nr_cpus);

	return world.ref.off[cpu] ? 0 : cpu;
}

static bool stands_on_a_stack(unsigned int cpu, unsigned int intid)
{
	for (unsigned int n = 0; n < world.ref.nr_cpus; n++)
		for (unsigned int d = 0; (intid >= 32 || n == cpu) && d < world.gic.pe[n].depth; d++)
			if (world.stack[n][d] == intid)
				return true;
	return false;
}

/* --- what is signalled --- */

static const struct vgic_cpu_interface *interface_of(unsigned int cpu)
{
	return &world.gic.pe[cpu].cpu_interface;
}

static bool passes(unsigned int cpu, const struct ref_irq *irq)
{
	return irq->priority < interface_of(cpu)->priority_mask &&
	       (irq->priority & (unsigned int)interface_of(cpu)->preempts[irq->group]) <
		       fake_gic_running_priority(&world.gic.pe[cpu]);
}

/*
 * [IHI0069 4.8.3] The most urgent of the groups that the CPU interface takes, if it passes mask and running priority.
 * Among equals the choice is free. Returns its priority, or 0x100: none is to be signalled. *must: none may be left
 * out.
 */
static unsigned int best_priority(unsigned int cpu, bool *must)
{
	unsigned int best = 0x100;
	bool any = false, all = true;

	for (unsigned int intid = 0; intid < REF_NR_INTIDS; intid++) {
		const struct ref_irq *irq = ref_irq(&world.ref, cpu, intid);

		if (!ref_is_deliverable(&world.ref, cpu, intid) || !interface_of(cpu)->group_on[irq->group] ||
		    irq->priority > best)
			continue;
		if (irq->priority < best)
			any = false, all = true;
		best = irq->priority;
		any |= passes(cpu, irq);
		all &= passes(cpu, irq);
	}
	*must = any && all;
	return any ? best : 0x100;
}

static void check_signalled(unsigned int cpu)
{
	const struct fake_pe *pe = &world.gic.pe[cpu];
	int n = fake_gic_signalled(&world.gic, cpu);
	bool must;
	unsigned int best = best_priority(cpu, &must);

	if (n < 0) {
		ck_assert_msg(!must, "step %u: vCPU %u is not signalled its %#x", world.step, cpu, best);
		return;
	}
	ck_assert_msg(best == pe->file.lr[n].priority && ref_is_deliverable(&world.ref, cpu, pe->file.lr[n].vintid),
		      "step %u: vCPU %u is signalled %u of %#x, not one of %#x", world.step, cpu, pe->file.lr[n].vintid,
		      pe->file.lr[n].priority, best);
	ck_assert(passes(cpu, ref_irq(&world.ref, cpu, pe->file.lr[n].vintid)));
}

/* After a sync: would WFI end? */
static void check_deliverable(unsigned int cpu)
{
	struct vgic_cpu_interface interface = *interface_of(cpu);
	bool must, is;
	unsigned int best = best_priority(cpu, &must);

	fake_gic_refresh(&world.gic, cpu);
	interface.running_priority = fake_gic_running_priority(&world.gic.pe[cpu]);
	is = vgic_has_deliverable(&world.gic.vgic, cpu, &interface);
	ck_assert_msg(is ? best != 0x100 : !must, "step %u: vCPU %u deliverable: %d", world.step, cpu, is);
}

/* --- accesses --- */

static uint64_t access_vgic(unsigned int cpu, unsigned int frame, unsigned int offset, enum access_width width,
			    bool write, uint64_t value)
{
	if (frame != REF_DIST)
		return fake_gic_access_redist(&world.gic, cpu, frame, offset, width, write, value);
	if (!write)
		return fake_gic_read(&world.gic, cpu, offset, width);
	fake_gic_write(&world.gic, cpu, offset, width, value);
	return 0;
}

static void read_both(unsigned int cpu, unsigned int frame, unsigned int offset, enum access_width width)
{
	uint64_t got = access_vgic(cpu, frame, offset, width, false, 0);
	uint64_t want = ref_read(&world.ref, cpu, frame, offset, 1U << width);

	world.nr_reads++;
	ck_assert_msg(got == want, "step %u: vCPU %u reads %#lx at %#x of frame %u, %u bytes: not %#lx", world.step,
		      cpu, (unsigned long)got, offset, frame, 1U << width, (unsigned long)want);
}

static void write_both(unsigned int cpu, unsigned int frame, unsigned int offset, enum access_width width,
		       uint64_t value)
{
	value &= access_width_mask(width);
	ref_write(&world.ref, cpu, frame, offset, 1U << width, value);
	(void)access_vgic(cpu, frame, offset, width, true, value);
}

static enum access_width pick_width(unsigned int *offset)
{
	enum access_width width = chance(2) ? ACCESS_DWORD : (enum access_width)below(4);

	*offset &= ~(access_width_bytes(width) - 1);
	return width;
}

static unsigned int pick_frame(unsigned int intid)
{
	if (world.ref.version == 2 || (intid >= 32 && !chance(20)))
		return REF_DIST;
	return chance(20) ? REF_DIST : below(world.ref.nr_cpus);
}

/* Somewhere, of everything that there is. */
static void read_anything(void)
{
	unsigned int cpu = pick_cpu(), frame = pick_frame(below(64)), offset;

	offset = below(world.ref.version == 2 ? 0x1000 : frame == REF_DIST ? 0x10000 : 0x20000);
	if (chance(2))
		offset = (offset & 0x10000) + (chance(2) ? offset & 0x1f : 0xffd0 + (offset & 0x2f));
	if (world.ref.version == 2)
		offset &= 0xfff;
	read_both(cpu, frame, offset, pick_width(&offset));
}

enum { A_GROUP, A_ISENABLE, A_ICENABLE, A_ISPEND, A_ICPEND, A_ISACT, A_ICACT, A_PRIORITY, A_TARGET, A_CFG, NR_ARRAYS };

static unsigned int array_offset(unsigned int array, unsigned int intid)
{
	switch (array) {
	case A_PRIORITY: return 0x400 + intid;
	case A_TARGET: return world.ref.version == 2 ? 0x800 + intid : 0x6000 + 8 * intid;
	case A_CFG: return 0xc00 + intid / 4;
	default: return 0x80 + array * 0x80 + intid / 8;
	}
}

static void read_array(void)
{
	unsigned int intid = pick_intid(), frame = pick_frame(intid), offset = array_offset(below(NR_ARRAYS), intid);

	offset += frame == REF_DIST ? 0 : SGI_FRAME;
	read_both(pick_cpu(), frame, offset, pick_width(&offset));
}

/*
 * What no guest may do, since it would end what it has acknowledged twice: ICACTIVER for an interrupt whose EOI is to
 * come, or another priority for it, which its EOI in no LR is told by.
 */
static bool is_forbidden(unsigned int array, unsigned int owner, unsigned int offset, enum access_width width)
{
	unsigned int bits = array == A_PRIORITY ? 8 : 1, base = array == A_PRIORITY ? 0x400 : 0x380;
	unsigned int first = (offset % SGI_FRAME - base) * 8 / bits;

	if (array != A_PRIORITY && array != A_ICACT)
		return false;
	for (unsigned int n = 0; n < 8 * access_width_bytes(width) / bits; n++)
		if (first + n < REF_NR_INTIDS && stands_on_a_stack(owner, first + n))
			return true;
	return false;
}

static void write_array(void)
{
	unsigned int array = below(NR_ARRAYS), intid = pick_intid(), frame = pick_frame(intid), cpu = pick_cpu();
	unsigned int offset = array_offset(array, intid) + (frame == REF_DIST ? 0 : SGI_FRAME), bit = intid % 32;
	enum access_width width = pick_width(&offset);
	uint64_t value = prng_next(&world.seed);

	/* Mostly one bit, or few: else everything is on, or pending, or active, and stays so. */
	if (array >= A_ISENABLE && array <= A_ICACT)
		value &= chance(10) ? prng_next(&world.seed) : BIT(bit);
	if (array == A_ISACT && !chance(8))
		return;
	if (array == A_TARGET && world.ref.version == 3 && !chance(10))
		value = below(world.ref.nr_cpus);
	if (!is_forbidden(array, frame == REF_DIST ? cpu : frame, offset, width))
		write_both(cpu, frame, offset, width, value);
}

static void write_ctlr(void)
{
	unsigned int offset = 0;
	enum access_width width = pick_width(&offset);

	write_both(pick_cpu(), REF_DIST, 0, width, chance(3) ? prng_next(&world.seed) : 3);
	if (world.ref.version == 3 && chance(3))
		write_both(pick_cpu(), below(world.ref.nr_cpus), 0x14, ACCESS_DWORD, below(8));
}

/* Read-only, reserved, or of no effect here: nothing may come of it. */
static void write_nothing(void)
{
	static const unsigned int offsets[] = { 0x004, 0x008, 0x00c, 0x010, 0x040, 0x048, 0x050,
						0x058, 0xd00, 0xe00, 0xf04, 0xfd0, 0xfe8, 0xffc };
	unsigned int offset = offsets[below(ARRAY_SIZE(offsets))];

	write_both(pick_cpu(), REF_DIST, offset, pick_width(&offset), prng_next(&world.seed));
	if (world.ref.version == 2)
		return;
	write_both(pick_cpu(), below(world.ref.nr_cpus), offset, pick_width(&offset), prng_next(&world.seed));
	offset = 0x80 * (8 + below(24)); /* ITARGETSR to NSACR: not with ARE; ICFGR is at 0xC00 */
	if (offset < 0xc00 || offset >= 0xd00)
		write_both(pick_cpu(), REF_DIST, offset + (offset < 0x800 ? 0x800 : 0), pick_width(&offset), 0x5a);
}

/* --- interrupts --- */

static void change_line(void)
{
	unsigned int intid = pick_intid(), cpu = intid < 32 ? below(world.ref.nr_cpus) : 0;
	bool level = !ref_irq(&world.ref, cpu, intid)->line;

	if (intid < 16 || intid == FAKE_TIMER_VINTID)
		return;
	ref_line(&world.ref, cpu, intid, level);
	fake_gic_line(&world.gic, cpu, intid, level);
}

static void send_sgi(void)
{
	unsigned int source = pick_cpu(), cpu = below(world.ref.nr_cpus), intid = below(16);

	if (world.ref.version == 2 && chance(2)) {
		/* GICD_SGIR by a store with a plan, and the registers of the pending ones. */
		switch (below(3)) {
		case 0: write_both(source, REF_DIST, 0xf00, ACCESS_DWORD, prng_next(&world.seed)); break;
		case 1: write_both(source, REF_DIST, 0xf10 + intid, ACCESS_BYTE, prng_next(&world.seed)); break;
		default: write_both(source, REF_DIST, 0xf20 + (intid & 12), ACCESS_DWORD, prng_next(&world.seed));
		}
		return;
	}
	ref_sgi(&world.ref, source, cpu, intid);
	fake_gic_sgi(&world.gic, source, cpu, intid);
}

static void acknowledge(void)
{
	unsigned int cpu = pick_cpu(), source = 0, intid;

	if (world.gic.pe[cpu].depth >= 40)
		return;
	intid = fake_gic_ack(&world.gic, cpu, &source);
	if (intid == FAKE_SPURIOUS)
		return;
	ck_assert(ref_is_deliverable(&world.ref, cpu, intid));
	if (world.ref.version == 2 && intid < 16)
		ck_assert((ref_irq(&world.ref, cpu, intid)->sources >> source & 1) != 0);
	ref_acknowledge(&world.ref, cpu, intid, source);
	world.stack[cpu][world.gic.pe[cpu].depth - 1] = intid;
	world.nr_acks++;
}

static void end(unsigned int cpu)
{
	struct fake_pe *pe = &world.gic.pe[cpu];
	unsigned int intid;

	if (pe->depth == 0)
		return;
	intid = world.stack[cpu][pe->depth - 1];
	if (!pe->eoi_split)
		ref_deactivate(&world.ref, cpu, intid);
	fake_gic_eoi(&world.gic, cpu, intid);
}

/* From any CPU that splits: any SPI, its own private ones; what is not active, or no INTID, too. */
static void deactivate(void)
{
	unsigned int cpu = pick_cpu(), intid = pick_intid();

	if (!world.gic.pe[cpu].eoi_split || stands_on_a_stack(cpu, intid))
		return;
	if (chance(30))
		intid = 256 + below(1024);
	else if (ref_irq(&world.ref, cpu, intid)->active)
		world.nr_dirs++;
	if (intid < REF_NR_INTIDS)
		ref_deactivate(&world.ref, cpu, intid);
	fake_gic_dir(&world.gic, cpu, intid);
}

/* The CPU interface: PMR, binary point, groups. */
static void change_interface(void)
{
	unsigned int cpu = pick_cpu();
	struct fake_pe *pe = &world.gic.pe[cpu];
	unsigned int bits = 0xff << (3 + below(5)) & 0xff;

	pe->cpu_interface.priority_mask = chance(2) ? 0x100 : below(32) * 8;
	fake_gic_groups(&world.gic, cpu, !chance(3), !chance(3));
	/* While something is active it would mix up what preempted what. */
	if (pe->depth == 0)
		pe->cpu_interface.preempts[0] = pe->cpu_interface.preempts[1] = (uint8_t)bits;
}

static bool any_forced_spi(void)
{
	for (unsigned int intid = 32; intid < REF_NR_INTIDS; intid++)
		if (ref_irq(&world.ref, 0, intid)->forced)
			return true;
	return false;
}

/* CPU_OFF, CPU_ON. Where an SPI by ISACTIVER would end is nobody's promise. */
static void power(void)
{
	unsigned int cpu = below(world.ref.nr_cpus);

	if (cpu == 0 || any_forced_spi())
		return;
	if (world.ref.off[cpu]) {
		world.ref.off[cpu] = false;
		vgic_cpu_on(&world.gic.vgic, cpu);
		return;
	}
	ref_cpu_off(&world.ref, cpu);
	fake_gic_cpu_off(&world.gic, cpu);
	world.nr_resets++;
}

static void step(void)
{
	switch (below(32)) {
	case 0:
	case 1:
	case 2:
	case 3: change_line(); break;
	case 4:
	case 5:
	case 6: send_sgi(); break;
	case 7:
	case 8:
	case 9:
	case 10:
	case 11:
	case 12: acknowledge(); break;
	case 13:
	case 14:
	case 15:
	case 16:
	case 17: end(pick_cpu()); break;
	case 18:
	case 19:
	case 20:
	case 21: deactivate(); break;
	case 22:
	case 23:
	case 24:
	case 25:
	case 26: write_array(); break;
	case 27: read_array(); break;
	case 28: read_anything(); break;
	case 29: write_nothing(); break;
	case 30: check_deliverable(pick_cpu()); break;
	default:
		switch (below(16)) {
		case 0: power(); break;
		case 1:
		case 2: write_ctlr(); break;
		case 3:
		case 4: change_interface(); break;
		default: read_array(); break;
		}
	}
}

/* The same start for both: everything on, in both groups, of all priorities, routed everywhere. */
static void start(unsigned int version, unsigned int nr_cpus, unsigned int nr_lrs)
{
	unsigned int nr_private = version == 3 ? nr_cpus : 1;

	fake_gic_init(&world.gic, version, nr_cpus, nr_lrs);
	ref_init(&world.ref, version, nr_cpus);
	ref_write(&world.ref, 0, REF_DIST, 0, 4, 3);
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
		world.gic.pe[cpu].eoi_split = chance(2);
		if (version == 3)
			ref_write(&world.ref, 0, cpu, SGI_FRAME + 0x100, 4, 0xffff);
	}
	for (unsigned int n = 0; n < 40; n++) {
		unsigned int intid = pick_intid(), frame = version == 3 && intid < 32 ? below(nr_private) : REF_DIST;
		unsigned int base = frame == REF_DIST ? 0 : SGI_FRAME, cpu = below(nr_cpus);

		write_both(cpu, frame, base + array_offset(A_ISENABLE, intid & ~31U), ACCESS_DWORD, BIT(intid % 32));
		write_both(cpu, frame, base + array_offset(A_GROUP, intid & ~31U), ACCESS_DWORD,
			   prng_next(&world.seed));
		write_both(cpu, frame, base + array_offset(A_PRIORITY, intid), ACCESS_BYTE, below(256));
		if (intid >= 32)
			write_both(cpu, REF_DIST, array_offset(A_TARGET, intid),
				   version == 2 ? ACCESS_BYTE : ACCESS_QWORD,
				   version == 2 ? 1U << below(nr_cpus) : below(nr_cpus));
	}
}

/* Everything is read once more, whole. */
static void compare_all(void)
{
	for (unsigned int offset = 0; offset < 0x1000; offset += 4)
		read_both(0, REF_DIST, offset, ACCESS_DWORD);
	for (unsigned int frame = 0; world.ref.version == 3 && frame < world.ref.nr_cpus; frame++)
		for (unsigned int offset = 0; offset < 0x1000; offset += 4)
			read_both(0, frame, SGI_FRAME + offset, ACCESS_DWORD);
	for (unsigned int intid = 32; world.ref.version == 3 && intid < REF_NR_INTIDS; intid++)
		read_both(0, REF_DIST, 0x6000 + 8 * intid, ACCESS_QWORD);
}

static const unsigned int lr_counts[] = { 1, 2, 4, 16 };

START_TEST(agrees_with_the_reference)
{
	unsigned int round = (unsigned int)_i;

	memset(&world, 0, sizeof(world));
	world.seed = round + 1;
	start(2 + round % 2, 1 + round / 8 % 4, lr_counts[round / 2 % 4]);
	for (; world.step < NR_STEPS; world.step++) {
		step();
		for (unsigned int cpu = 0; cpu < world.ref.nr_cpus; cpu++)
			check_signalled(cpu);
	}
	compare_all();
	ck_assert_uint_gt(world.nr_acks, NR_STEPS / 100);
	ck_assert(world.ref.nr_cpus == 1 || world.gic.nr_waits > 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vgic_reference");
	TCase *tc = tcase_create("vgic_reference");
	SRunner *runner;
	int failures;

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, agrees_with_the_reference, 0, NR_ROUNDS);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

/*
 * Random operations on the vGIC against an oracle that knows no list registers: what is pending, enabled, targeted and
 * active. After every operation the fake hardware must signal exactly as urgent an interrupt as the oracle has, with 1,
 * 2, 4 and 16 LRs.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bits.h"
#include "tests/fakes/fake_gic.h"
#include "tests/fakes/prng.h"

#define NR_VCPUS 3
#define NR_SPIS	 12
#define NOBODY	 99U
#define NR_STEPS 6000

/* The INTIDs in play: SGIs, an edge and a level PPI, the linked timer, SPIs of which the odd are level. */
static const uint32_t private_intids[] = { 0, 1, 7, 20, 21, FAKE_TIMER_VINTID };
#define NR_PRIVATE   ARRAY_SIZE(private_intids)
#define NR_INSTANCES (NR_VCPUS * NR_PRIVATE + NR_SPIS)

struct instance {
	uint32_t intid;
	unsigned int owner; /* private: its vCPU */
	unsigned int target, active_on;
	unsigned int priority, group;
	bool edge, enabled, line, latch;
	bool written;	      /* ISPENDR has been used on it */
	unsigned int sources; /* GICv2 SGI */
	/* With late kicks: how often it may come, by source. One pending in the LR and one in the model are two. */
	unsigned int allowed[NR_VCPUS];
};

struct world {
	struct fake_gic gic;
	struct instance all[NR_INSTANCES];
	uint32_t stack[NR_VCPUS][64]; /* INTIDs acknowledged and not ended */
	unsigned int ctlr;
	bool late; /* kicks are served late: order is not owed */
	uint64_t seed;
	unsigned long nr_acks;
};

static struct world world;

static bool is_private(const struct instance *irq)
{
	return irq->intid < VGIC_NR_PRIVATE;
}

static bool is_v2_sgi(const struct instance *irq)
{
	return world.gic.vgic.version == 2 && irq->intid < 16;
}

static bool is_timer(const struct instance *irq)
{
	return irq->intid == FAKE_TIMER_VINTID;
}

static struct instance *find(unsigned int vcpu, uint32_t intid)
{
	for (unsigned int n = 0; n < NR_INSTANCES; n++)
		if (world.all[n].intid == intid && (intid >= VGIC_NR_PRIVATE || world.all[n].owner == vcpu))
			return &world.all[n];
	abort();
}

static bool has_line(const struct instance *irq)
{
	return is_timer(irq) ? world.gic.pe[irq->owner].timer_line : irq->line && !irq->edge;
}

static bool is_pending(const struct instance *irq)
{
	return irq->latch || irq->sources != 0 || has_line(irq);
}

static bool is_deliverable(const struct instance *irq, unsigned int vcpu)
{
	return irq->target == vcpu && irq->enabled && (world.ctlr & BIT(irq->group)) != 0 && irq->active_on == NOBODY &&
	       is_pending(irq);
}

static unsigned int best_priority(unsigned int vcpu)
{
	const struct fake_pe *pe = &world.gic.pe[vcpu];
	unsigned int running = pe->depth == 0 ? FAKE_IDLE_PRIORITY : pe->running[pe->depth - 1], best = running;

	for (unsigned int n = 0; n < NR_INSTANCES; n++)
		if (is_deliverable(&world.all[n], vcpu) && world.all[n].priority < best)
			best = world.all[n].priority;
	return best == running ? FAKE_IDLE_PRIORITY : best;
}

/* The most urgent is signalled, nothing else is, and no timer is dead. */
static void check_vcpu(unsigned int vcpu)
{
	const struct fake_pe *pe = &world.gic.pe[vcpu];
	const struct instance *timer = find(vcpu, FAKE_TIMER_VINTID);
	int n = fake_gic_signalled(&world.gic, vcpu);

	ck_assert_uint_eq(n < 0 ? FAKE_IDLE_PRIORITY : pe->file.lr[n].priority, best_priority(vcpu));
	if (n >= 0)
		ck_assert(is_deliverable(find(vcpu, pe->file.lr[n].vintid), vcpu));
	/*
	 * Active while the line is high; cleared when the guest owes no end either, so that the timer can fire again.
	 */
	if (pe->timer_line)
		ck_assert(pe->timer_active);
	else if (!timer->latch && timer->active_on == NOBODY)
		ck_assert(!pe->timer_active);
}

static void check_reads(const struct instance *irq)
{
	unsigned int vcpu = is_private(irq) ? irq->owner : 0;

	/* What others have in LRs is known as of their last sync. */
	for (unsigned int n = 0; n < NR_VCPUS; n++)
		fake_gic_refresh(&world.gic, n);
	/* A timer's line cannot be seen while the interrupt before is active. */
	if (!is_timer(irq) || irq->active_on == NOBODY)
		ck_assert(fake_gic_get_bit(&world.gic, vcpu, REG_ISPENDR, irq->intid) == is_pending(irq));
	ck_assert(fake_gic_get_bit(&world.gic, vcpu, REG_ICACTIVER, irq->intid) == (irq->active_on != NOBODY));
	ck_assert(fake_gic_get_bit(&world.gic, vcpu, REG_ICENABLER, irq->intid) == irq->enabled);
}

static void acknowledge(unsigned int vcpu)
{
	unsigned int source = NOBODY;
	uint32_t intid = fake_gic_ack(&world.gic, vcpu, &source);
	struct instance *irq;

	if (intid == FAKE_SPURIOUS)
		return;
	irq = find(vcpu, intid);
	if (irq->edge) {
		unsigned int *allowed = &irq->allowed[is_v2_sgi(irq) ? source : 0];

		ck_assert(*allowed > 0 || irq->written);
		*allowed -= *allowed > 0;
	}
	if (is_v2_sgi(irq)) {
		ck_assert(world.late || (irq->sources & BIT(source)) != 0);
		irq->sources &= ~(unsigned int)BIT(source);
	}
	irq->latch = false;
	irq->active_on = vcpu;
	world.stack[vcpu][world.gic.pe[vcpu].depth - 1] = intid;
	world.nr_acks++;
}

static void end(unsigned int vcpu)
{
	struct fake_pe *pe = &world.gic.pe[vcpu];
	struct instance *irq;

	if (pe->depth == 0)
		return;
	irq = find(vcpu, world.stack[vcpu][pe->depth - 1]);
	irq->active_on = NOBODY;
	fake_gic_eoi(&world.gic, vcpu, irq->intid);
}

static void allow(struct instance *irq, unsigned int source)
{
	if (irq->allowed[source] < 2)
		irq->allowed[source]++;
}

static void change_line(struct instance *irq)
{
	if (is_timer(irq)) {
		fake_gic_timer(&world.gic, irq->owner, !has_line(irq));
		/* A line that falls is no exit: the next one sees it. */
		fake_gic_refresh(&world.gic, irq->owner);
	} else if (irq->intid < 16) {
		unsigned int source = (unsigned int)prng_below(&world.seed, NR_VCPUS);

		allow(irq, is_v2_sgi(irq) ? source : 0);
		if (is_v2_sgi(irq))
			irq->sources |= (unsigned int)BIT(source);
		else
			irq->latch = true;
		fake_gic_sgi(&world.gic, source, irq->owner, irq->intid);
	} else if (irq->edge) {
		allow(irq, 0);
		irq->latch = true;
		fake_gic_pulse(&world.gic, irq->owner, irq->intid);
	} else {
		irq->line = !irq->line;
		fake_gic_line(&world.gic, irq->owner, irq->intid, irq->line);
	}
}

static void change_enable(struct instance *irq, unsigned int vcpu)
{
	if (is_v2_sgi(irq))
		return;
	irq->enabled = !irq->enabled;
	fake_gic_set_bit(&world.gic, vcpu, irq->enabled ? REG_ISENABLER : REG_ICENABLER, irq->intid);
}

/* A guest that changes the priority of an active interrupt confuses itself: not here. */
static void change_priority(struct instance *irq, unsigned int vcpu)
{
	if (irq->active_on != NOBODY)
		return;
	irq->priority = (unsigned int)prng_below(&world.seed, 8) * 0x20;
	fake_gic_set_priority(&world.gic, vcpu, irq->intid, (uint8_t)(irq->priority | 5)); /* low bits do not exist */
}

static void change_target(struct instance *irq)
{
	if (is_private(irq))
		return;
	irq->target = (unsigned int)prng_below(&world.seed, NR_VCPUS);
	fake_gic_set_target(&world.gic, irq->intid, irq->target);
}

static void change_pending(struct instance *irq, unsigned int vcpu)
{
	bool set = prng_below(&world.seed, 2) == 0;

	/* GICv2: SGIs ignore the write, and so does the oracle. */
	if (!is_v2_sgi(irq)) {
		irq->latch = set;
		irq->written = true;
	}
	fake_gic_set_bit(&world.gic, vcpu, set ? REG_ISPENDR : REG_ICPENDR, irq->intid);
}

static void change_ctlr(void)
{
	world.ctlr = prng_below(&world.seed, 4) == 0 ? (unsigned int)prng_below(&world.seed, 4) : 3;
	fake_gic_write(&world.gic, (unsigned int)prng_below(&world.seed, NR_VCPUS), 0, ACCESS_DWORD, world.ctlr);
}

static void step(void)
{
	struct instance *irq = &world.all[prng_below(&world.seed, NR_INSTANCES)];
	unsigned int vcpu = (unsigned int)prng_below(&world.seed, NR_VCPUS);
	unsigned int writer = is_private(irq) ? irq->owner : vcpu;

	switch (prng_below(&world.seed, 16)) {
	case 0:
	case 1:
	case 2: change_line(irq); break;
	case 3:
	case 4:
	case 5:
	case 6: acknowledge(vcpu); break;
	case 7:
	case 8:
	case 9:
	case 10: end(vcpu); break;
	case 11: change_enable(irq, writer); break;
	case 12: change_priority(irq, writer); break;
	case 13: change_target(irq); break;
	case 14: change_pending(irq, writer); break;
	default:
		if (prng_below(&world.seed, 8) == 0)
			change_ctlr();
		else if (prng_below(&world.seed, 2) == 0)
			check_reads(irq);
		else
			fake_gic_refresh(&world.gic, vcpu);
	}
}

static void world_init(unsigned int version, unsigned int nr_lrs, uint64_t seed)
{
	unsigned int n = 0;

	memset(&world, 0, sizeof(world));
	world.seed = seed;
	world.ctlr = 3;
	fake_gic_init(&world.gic, version, NR_VCPUS, nr_lrs);
	for (unsigned int vcpu = 0; vcpu < NR_VCPUS; vcpu++)
		for (unsigned int p = 0; p < NR_PRIVATE; p++)
			world.all[n++] = (struct instance){ .intid = private_intids[p], .owner = vcpu, .target = vcpu };
	for (uint32_t spi = 0; spi < NR_SPIS; spi++) /* on both sides of a word of the bitmaps */
		world.all[n++] = (struct instance){ .intid = 58 + spi, .owner = 0, .target = spi % NR_VCPUS };
	for (n = 0; n < NR_INSTANCES; n++) {
		struct instance *irq = &world.all[n];

		irq->active_on = NOBODY;
		irq->edge = irq->intid < 16 || irq->intid % 2 == 0;
		irq->group = (unsigned int)prng_below(&world.seed, 2);
		irq->enabled = irq->intid < 16;
		if (irq->intid >= 16)
			fake_gic_set_edge(&world.gic, irq->owner, irq->intid, irq->edge);
		if (irq->group != 0)
			fake_gic_set_group(&world.gic, irq->owner, irq->intid);
		if (!is_private(irq))
			fake_gic_set_target(&world.gic, irq->intid, irq->target);
		change_priority(irq, irq->owner);
	}
}

/* Everything on and no new work: all that is owed must come, and then nothing. */
static void drain(void)
{
	fake_gic_write(&world.gic, 0, 0, ACCESS_DWORD, world.ctlr = 3);
	for (unsigned int n = 0; n < NR_INSTANCES; n++) {
		struct instance *irq = &world.all[n];

		if (!irq->enabled)
			change_enable(irq, irq->owner);
		if (has_line(irq))
			change_line(irq);
	}
	for (unsigned int vcpu = 0; vcpu < NR_VCPUS; vcpu++) {
		for (unsigned int n = 0; n < 1000; n++) {
			acknowledge(vcpu);
			end(vcpu);
		}
	}
}

static void check_drained(void)
{
	for (unsigned int n = 0; n < NR_INSTANCES; n++)
		ck_assert(!is_pending(&world.all[n]) && world.all[n].active_on == NOBODY);
	for (unsigned int vcpu = 0; vcpu < NR_VCPUS; vcpu++) {
		fake_gic_refresh(&world.gic, vcpu);
		ck_assert_uint_eq(world.gic.pe[vcpu].file.used, 0);
		ck_assert_uint_eq(world.gic.pe[vcpu].depth, 0);
		ck_assert(!world.gic.pe[vcpu].timer_active);
		world.gic.pe[vcpu].cpu_interface.running_priority = FAKE_IDLE_PRIORITY;
		ck_assert(!vgic_has_deliverable(&world.gic.vgic, vcpu, &world.gic.pe[vcpu].cpu_interface));
	}
}

static const unsigned int lr_counts[] = { 1, 2, 4, 16 };

START_TEST(hardware_signals_what_the_oracle_says)
{
	unsigned int version = 2 + (unsigned int)_i % 2, nr_lrs = lr_counts[_i / 2 % 4];

	world_init(version, nr_lrs, (uint64_t)_i + 1);
	for (unsigned int n = 0; n < NR_STEPS; n++) {
		step();
		for (unsigned int vcpu = 0; vcpu < NR_VCPUS; vcpu++)
			check_vcpu(vcpu);
	}
	ck_assert_uint_gt(world.nr_acks, NR_STEPS / 20);
	drain();
	check_drained();
}
END_TEST

/*
 * Kicks that arrive late: order is not owed then, but nothing may be lost or come twice. Edges only: what a line owes
 * is not countable.
 */
static void late_step(void)
{
	struct instance *irq = &world.all[prng_below(&world.seed, NR_INSTANCES)];
	unsigned int vcpu = (unsigned int)prng_below(&world.seed, NR_VCPUS);

	switch (prng_below(&world.seed, 10)) {
	case 0:
	case 1:
		if (irq->edge && !is_timer(irq))
			change_line(irq);
		break;
	case 2:
	case 3: acknowledge(vcpu); break; /* which checks that it was owed */
	case 4:
	case 5: end(vcpu); break;
	case 6: change_enable(irq, is_private(irq) ? irq->owner : vcpu); break;
	case 7: change_target(irq); break;
	default:
		if ((world.gic.kicks & BIT(vcpu)) != 0)
			fake_gic_refresh(&world.gic, vcpu);
	}
}

START_TEST(late_kicks_lose_and_double_nothing)
{
	unsigned int version = 2 + (unsigned int)_i % 2, nr_lrs = lr_counts[_i / 2 % 4];

	world_init(version, nr_lrs, (uint64_t)_i + 100);
	world.gic.manual_kicks = world.late = true;
	for (unsigned int n = 0; n < NR_STEPS; n++)
		late_step();
	ck_assert_uint_gt(world.nr_acks, NR_STEPS / 20);
	world.gic.manual_kicks = false;
	fake_gic_settle(&world.gic);
	drain();
	check_drained();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vgic_random");
	TCase *tc = tcase_create("vgic_random");
	SRunner *runner;
	int failures;

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, hardware_signals_what_the_oracle_says, 0, 16);
	tcase_add_loop_test(tc, late_kicks_lose_and_double_nothing, 0, 16);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

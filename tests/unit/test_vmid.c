/* VMIDs: unique among the live, kept through a rollover, never 0, and flushed before one is given out again. */
#include <check.h>
#include <pthread.h>
#include <string.h>

#include "arch/arm64/vmid.h"
#include "tests/fakes/prng.h"

#define NR_CPUS 4
#define NR_VMS	5

static struct vmid_space space;
static unsigned int nr_flushes;
static struct vmid vms[64];

/* Which VM's translations each VMID may still have in some TLB: 0 none, n: vms[n-1]. Every load leaves some. */
static unsigned int tlb_owner[256];

static void flush_all(void)
{
	nr_flushes++;
	memset(tlb_owner, 0, sizeof(tlb_owner));
}

static void setup(void)
{
	nr_flushes = 0;
	memset(vms, 0, sizeof(vms));
	memset(tlb_owner, 0, sizeof(tlb_owner));
}

static uint32_t load(unsigned int cpu, unsigned int vm)
{
	uint32_t id = vmid_load(&space, cpu, &vms[vm]);

	ck_assert_uint_ne(id, 0);
	ck_assert_uint_lt(id, 1U << space.bits);
	if (id < 256) {
		ck_assert_msg(tlb_owner[id] == 0 || tlb_owner[id] == vm + 1, "VMID %u still has VM %u's translations",
			      id, tlb_owner[id] - 1);
		tlb_owner[id] = vm + 1;
	}
	return id;
}

/*
 * Each vCPU of a VM has a page of its own at one address under one ASID. What a pCPU's TLB holds under (VMID, ASID,
 * address) stays there until somebody flushes it: 0 none, else 1 + the vCPU whose page it is.
 */
#define NR_VCPUS 3
static unsigned int stage1_tlb[NR_CPUS][8];
static unsigned int nr_local_flushes;

static void flush_all_stages(void)
{
	flush_all();
	memset(stage1_tlb, 0, sizeof(stage1_tlb));
}

static void run_and_read(unsigned int cpu, unsigned int vm, unsigned int vcpu)
{
	unsigned int *entry = &stage1_tlb[cpu][load(cpu, vm)];

	if (vmid_switch_vcpu(&vms[vm], cpu, vcpu)) {
		*entry = 0;
		nr_local_flushes++;
	}
	if (*entry == 0)
		*entry = 1 + vm * NR_VCPUS + vcpu;
	ck_assert_uint_eq(*entry, 1 + vm * NR_VCPUS + vcpu);
}

/* Five VMs of three vCPUs on two pCPUs, with seven VMIDs: nobody reads another one's page. */
START_TEST(same_asid_other_tables)
{
	uint64_t random = 11;
	unsigned int runs = 0;

	memset(stage1_tlb, 0, sizeof(stage1_tlb));
	nr_local_flushes = 0;
	vmid_space_init(&space, 3, flush_all_stages);
	for (; runs < 200000; runs++) {
		unsigned int cpu = (unsigned int)prng_below(&random, 2);

		run_and_read(cpu, (unsigned int)prng_below(&random, NR_VMS),
			     (unsigned int)prng_below(&random, NR_VCPUS));
	}
	ck_assert_uint_gt(nr_local_flushes, runs / 2);
	ck_assert_uint_lt(nr_local_flushes, runs); /* the same vCPU again costs none */
}
END_TEST

START_TEST(first_ids_are_distinct_and_flush_nothing)
{
	vmid_space_init(&space, 8, flush_all);
	for (unsigned int vm = 0; vm < 64; vm++) {
		uint32_t id = load(0, vm);

		for (unsigned int other = 0; other < vm; other++)
			ck_assert_uint_ne(id, vms[other].id);
	}
	ck_assert_uint_eq(nr_flushes, 0);
}
END_TEST

START_TEST(same_generation_keeps_the_id)
{
	vmid_space_init(&space, 8, flush_all);
	uint32_t a = load(0, 0), b = load(0, 1);

	ck_assert_uint_ne(a, b);
	ck_assert_uint_eq(load(0, 0), a);
	ck_assert_uint_eq(load(0, 0), a);
	ck_assert_uint_eq(load(3, 0), a);
	vmid_unload(&space, 0);
	ck_assert_uint_eq(load(0, 1), b);
	ck_assert_uint_eq(nr_flushes, 0);
}
END_TEST

/* All 255 of 8 bits, then the 256th VM: one flush, not earlier; the live one keeps its own. */
START_TEST(eight_bits_are_used_up_once)
{
	static struct vmid many[256];
	uint32_t live;

	memset(many, 0, sizeof(many));
	vmid_space_init(&space, 8, flush_all);
	live = vmid_load(&space, 1, &many[0]);
	for (unsigned int i = 1; i < 255; i++)
		ck_assert_uint_ne(vmid_load(&space, 0, &many[i]), 0);
	ck_assert_uint_eq(nr_flushes, 0);
	uint32_t id = vmid_load(&space, 0, &many[255]);
	ck_assert_uint_eq(nr_flushes, 1);
	ck_assert_uint_ne(id, live);
	ck_assert_uint_eq(vmid_load(&space, 1, &many[0]), live);
	ck_assert_uint_eq(vmid_load(&space, 2, &many[0]), live);
	/* 253 more fit now. */
	for (unsigned int i = 1; i < 254; i++)
		ck_assert_uint_ne(vmid_load(&space, 0, &many[i]), live);
	ck_assert_uint_eq(nr_flushes, 1);
}
END_TEST

START_TEST(sixteen_bits)
{
	static struct vmid many[65536];

	memset(many, 0, sizeof(many));
	vmid_space_init(&space, 16, flush_all);
	for (unsigned int i = 0; i < 65535; i++) {
		uint32_t id = vmid_load(&space, 0, &many[i]);

		ck_assert_uint_gt(id, 0);
		ck_assert_uint_lt(id, 65536);
	}
	ck_assert_uint_eq(nr_flushes, 0);
	vmid_load(&space, 0, &many[65535]);
	ck_assert_uint_eq(nr_flushes, 1);
}
END_TEST

/* A VM that is live on two pCPUs takes up one VMID after the rollover, not two. */
START_TEST(live_twice_counts_once)
{
	vmid_space_init(&space, 2, flush_all);
	uint32_t a = load(0, 0);

	load(1, 0);
	load(2, 1);
	load(2, 2);
	load(2, 3); /* rolls over: only VM 0 is live */
	ck_assert_uint_eq(nr_flushes, 1);
	load(2, 4); /* the third of three */
	ck_assert_uint_eq(nr_flushes, 1);
	ck_assert_uint_eq(vms[0].id, a);
	ck_assert_uint_ne(vms[3].id, vms[4].id);
	ck_assert_uint_eq(load(0, 0), a);
}
END_TEST

START_TEST(unloaded_loses_its_id_in_a_rollover)
{
	vmid_space_init(&space, 2, flush_all);
	load(0, 0);
	load(1, 1);
	vmid_unload(&space, 0);
	load(2, 2);
	load(2, 3); /* rolls over: VM 1 alone is kept */
	uint64_t generation = vms[1].generation;
	ck_assert_uint_eq(vms[3].generation, generation);
	ck_assert_uint_ne(vms[0].generation, generation);
	load(0, 0);
	ck_assert_uint_eq(vms[0].generation, generation);
	ck_assert_uint_eq(nr_flushes, 1);
}
END_TEST

START_TEST(released_id_comes_back_after_the_rollover_only)
{
	vmid_space_init(&space, 2, flush_all);
	uint32_t a = load(0, 0);

	vmid_unload(&space, 0);
	vmid_release(&space, &vms[0]);
	/* A new VM in the same struct is another VM: its translations must not meet the old ones. */
	tlb_owner[a] = 99;
	ck_assert_uint_ne(load(0, 0), a);
	load(1, 1);
	ck_assert_uint_eq(nr_flushes, 0);
	load(2, 2);
	ck_assert_uint_eq(nr_flushes, 1);
}
END_TEST

/* Even where a pCPU did not unload it, the struct's next VM gets a VMID of its own. */
START_TEST(release_empties_the_slots)
{
	vmid_space_init(&space, 8, flush_all);
	uint32_t a = load(0, 0);

	vmid_release(&space, &vms[0]);
	tlb_owner[a] = 99;
	ck_assert_uint_ne(load(0, 0), a);
}
END_TEST

/* Five VMs on four pCPUs, three VMIDs: loads and unloads at random, at most three VMs live at once. */
START_TEST(random_rollovers)
{
	unsigned int on[NR_CPUS] = { 0 }; /* VM + 1, 0: none */
	uint64_t seed = 0x1d + (uint64_t)_i;

	vmid_space_init(&space, 2, flush_all);
	for (unsigned int step = 0; step < 20000; step++) {
		unsigned int cpu = (unsigned int)prng_below(&seed, NR_CPUS),
			     vm = (unsigned int)prng_below(&seed, NR_VMS);
		unsigned int nr_live = 0, before[NR_CPUS];

		/* This load must find room: leave when three others would be live. */
		on[cpu] = 0;
		for (unsigned int v = 0; v < NR_VMS; v++)
			for (unsigned int c = 0; c < NR_CPUS; c++)
				if (on[c] == v + 1) {
					nr_live++;
					break;
				}
		if (nr_live == 3 || prng_below(&seed, 8) == 0) {
			vmid_unload(&space, cpu);
			continue;
		}
		for (unsigned int c = 0; c < NR_CPUS; c++)
			before[c] = on[c] ? vms[on[c] - 1].id : 0;
		uint32_t id = load(cpu, vm);
		on[cpu] = vm + 1;
		for (unsigned int c = 0; c < NR_CPUS; c++) {
			if (!on[c])
				continue;
			if (c != cpu)
				ck_assert_uint_eq(vms[on[c] - 1].id, before[c]);
			/* The TLB of a live VM is in use all the time. */
			tlb_owner[vms[on[c] - 1].id] = on[c];
			if (on[c] != vm + 1)
				ck_assert_uint_ne(vms[on[c] - 1].id, id);
		}
	}
	ck_assert_uint_gt(nr_flushes, 100);
}
END_TEST

/* --- several threads -------------------------------------------------------------------------- */

/* live_vm[id]: how many threads run with it, and as which VM. */
static struct {
	pthread_mutex_t lock;
	unsigned int vm, nr;
} live[8];
static unsigned int nr_clashes;

static void count_flush(void)
{
	nr_flushes++;
}

static void enter(uint32_t id, unsigned int vm)
{
	pthread_mutex_lock(&live[id].lock);
	if (live[id].nr && live[id].vm != vm)
		__atomic_fetch_add(&nr_clashes, 1, __ATOMIC_RELAXED);
	live[id].vm = vm;
	live[id].nr++;
	pthread_mutex_unlock(&live[id].lock);
}

static void leave(uint32_t id)
{
	pthread_mutex_lock(&live[id].lock);
	live[id].nr--;
	pthread_mutex_unlock(&live[id].lock);
}

static void *pcpu(void *arg)
{
	unsigned int cpu = (unsigned int)(uintptr_t)arg;
	uint64_t seed = 77 + cpu;

	for (unsigned int step = 0; step < 5000; step++) {
		unsigned int vm = (unsigned int)prng_below(&seed, 12);
		uint32_t id = vmid_load(&space, cpu, &vms[vm]);

		enter(id, vm);
		/* A re-entry while others roll over. */
		if (vmid_load(&space, cpu, &vms[vm]) != id)
			__atomic_fetch_add(&nr_clashes, 1, __ATOMIC_RELAXED);
		leave(id);
	}
	vmid_unload(&space, cpu);
	return NULL;
}

START_TEST(threads_never_share_an_id)
{
	pthread_t threads[NR_CPUS];

	vmid_space_init(&space, 3, count_flush);
	nr_clashes = 0;
	for (unsigned int i = 0; i < 8; i++)
		pthread_mutex_init(&live[i].lock, NULL);
	/* Twelve VMs on seven VMIDs: it rolls over all the time. */
	for (uintptr_t cpu = 0; cpu < NR_CPUS; cpu++)
		ck_assert_int_eq(pthread_create(&threads[cpu], NULL, pcpu, (void *)cpu), 0);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		pthread_join(threads[cpu], NULL);
	ck_assert_uint_eq(nr_clashes, 0);
	ck_assert_uint_gt(nr_flushes, 100);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vmid");
	TCase *tc = tcase_create("vmid");
	SRunner *runner;
	int failures;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, first_ids_are_distinct_and_flush_nothing);
	tcase_add_test(tc, same_asid_other_tables);
	tcase_add_test(tc, same_generation_keeps_the_id);
	tcase_add_test(tc, eight_bits_are_used_up_once);
	tcase_add_test(tc, sixteen_bits);
	tcase_add_test(tc, live_twice_counts_once);
	tcase_add_test(tc, unloaded_loses_its_id_in_a_rollover);
	tcase_add_test(tc, released_id_comes_back_after_the_rollover_only);
	tcase_add_test(tc, release_empties_the_slots);
	tcase_add_loop_test(tc, random_rollovers, 0, 4);
	tcase_add_test(tc, threads_never_share_an_id);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

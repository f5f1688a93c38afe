/*
 * A plugin for QEMU's TCG, for make bench-jitter: how many instructions the first CPU itself executed between the
 * hypervisor's vector and the interrupt handler of the loop that runs on it.
 *
 * Under -icount QEMU's CPUs take turns, and time passes for all of them with the instructions of the one whose turn it
 * is. So what a guest reads from its counter has the other CPUs' instructions in it wherever a turn ends between the
 * timer and the handler. On a board those run beside, not between. This counts the first CPU's alone.
 *
 * A guest cannot mask the hypervisor's interrupts, so a timer that is due while the guest runs or waits is at the
 * vector with its next instruction. One that is due while the hypervisor does something else is counted from where
 * *that* began, and so is one that comes to the vector with no instruction of the guest between, or while the guest is
 * on its way from its own vectors to the handler. So the count is never less than what the loop's CPU took. A
 * translation block that is left in its middle counts whole.
 *
 * The guest has code at the hypervisor's addresses: whose a block is, the place of its instructions in QEMU's memory
 * tells, since the hypervisor runs at physical addresses, and the guest's RAM is elsewhere.
 *
 * Arguments: vectors= the address of the hypervisor's vector table; entry= that of the loop's for IRQs, handler= that
 * of its handler; periods= so many of its calls are counted; out= the file that is written when QEMU ends, in the words
 * of guests/loop's summary. [QEMU, "QEMU TCG Plugins"; DDI0487 D1.3.1 vector tables]
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/qemu_plugin.h"

/* Corbel and its bare-metal guests run at the addresses of virt's RAM. What Debian executes elsewhere is not counted
 * anyhow, and runs faster when it is not looked at. */
#define RAM_FIRST 0x40000000UL
#define RAM_LAST  0x7fffffffUL

#define BUCKET_INSNS 32
#define NR_BUCKETS   4096

/* From a lower EL in AArch64 state: synchronous, IRQ, FIQ and SError, 0x80 bytes each. */
#define FROM_LOWER_EL	    0x400
#define FROM_LOWER_EL_AFTER 0x600

struct block {
	uint64_t address;
	uint32_t nr_insns;
	bool is_hypervisors, ends_in_wfi;
};

static uint64_t vectors, entry, handler, periods;
static const char *out_path;

/* Of the first CPU. */
static uint64_t insns;	    /* since the hypervisor was last entered, or its own WFI ended */
static bool guest_ran;	    /* since the ERET */
static bool guest_enters;   /* it has been at its vector, and not at its handler yet */
static bool el2_has_waited; /* its last instruction was a WFI of the hypervisor */
static bool has_begun;	    /* the vector has been seen */

static uint64_t nr_counted, total_insns, worst_insns;
static uint64_t buckets[NR_BUCKETS]; /* the last has all that are beyond */

static void count_period(void)
{
	uint64_t bucket = insns / BUCKET_INSNS;

	buckets[bucket < NR_BUCKETS ? bucket : NR_BUCKETS - 1]++;
	nr_counted++;
	total_insns += insns;
	if (insns > worst_insns)
		worst_insns = insns;
}

static bool is_vector(uint64_t address)
{
	return address >= vectors + FROM_LOWER_EL && address < vectors + FROM_LOWER_EL_AFTER &&
	       (address - vectors) % 0x80 == 0;
}

static void block_executed(unsigned int cpu, void *data)
{
	const struct block *block = data;

	if (cpu != 0)
		return;
	if (block->is_hypervisors && is_vector(block->address)) {
		if (guest_ran && !guest_enters)
			insns = 0;
		has_begun = true;
		guest_ran = false;
	} else if (!block->is_hypervisors) {
		guest_ran = true;
		guest_enters = guest_enters || block->address == entry;
	}
	if (el2_has_waited)
		insns = 0;
	if (!block->is_hypervisors && block->address == handler) {
		guest_enters = false;
		if (has_begun && nr_counted < periods)
			count_period();
	}
	insns += block->nr_insns;
	el2_has_waited = block->is_hypervisors && block->ends_in_wfi;
}

static bool is_mnemonic(const struct qemu_plugin_insn *insn, const char *mnemonic)
{
	char *text = qemu_plugin_insn_disas(insn);
	bool is = !strncmp(text, mnemonic, strlen(mnemonic));

	free(text);
	return is;
}

static void block_translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	uint64_t address = qemu_plugin_tb_vaddr(tb);
	struct qemu_plugin_insn *last;
	struct block *block;

	(void)id;
	if (address < RAM_FIRST || address > RAM_LAST)
		return;
	block = malloc(sizeof(*block)); /* as long as QEMU runs: it does not say when it forgets a block */
	if (!block)
		abort();
	block->address = address;
	block->nr_insns = (uint32_t)qemu_plugin_tb_n_insns(tb);
	last = qemu_plugin_tb_get_insn(tb, block->nr_insns - 1);
	block->ends_in_wfi = is_mnemonic(last, "wfi");
	block->is_hypervisors = is_physical(address, qemu_plugin_tb_get_insn(tb, 0));
	qemu_plugin_register_vcpu_tb_exec_cb(tb, block_executed, 0, block);
}

static void write_summary(qemu_plugin_id_t id, void *data)
{
	FILE *out = fopen(out_path, "w");

	(void)id;
	(void)data;
	if (!out) {
		perror(out_path);
		return;
	}
	fprintf(out, "periods=%" PRIu64 " missed=0 worst_ns=%" PRIu64 " mean_ns=%" PRIu64 "\n", nr_counted, worst_insns,
		nr_counted ? total_insns / nr_counted : 0);
	for (uint64_t n = 0; n < NR_BUCKETS; n++)
		if (buckets[n])
			fprintf(out, "bucket from_ns=%" PRIu64 " to_ns=%" PRIu64 " count=%" PRIu64 "\n",
				n * BUCKET_INSNS, (n + 1) * BUCKET_INSNS, buckets[n]);
	fclose(out);
}

static bool take_argument(char *argument)
{
	char *value = strchr(argument, '=');

	if (!value)
		return false;
	*value++ = '\0';
	if (!strcmp(argument, "vectors"))
		vectors = strtoull(value, NULL, 0);
	else if (!strcmp(argument, "entry"))
		entry = strtoull(value, NULL, 0);
	else if (!strcmp(argument, "handler"))
		handler = strtoull(value, NULL, 0);
	else if (!strcmp(argument, "periods"))
		periods = strtoull(value, NULL, 0);
	else if (!strcmp(argument, "out"))
		out_path = value; /* QEMU keeps its arguments */
	else
		return false;
	return true;
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	(void)info;
	for (int n = 0; n < argc; n++) {
		if (!take_argument(argv[n])) {
			fprintf(stderr, "own_cpu: argument not understood: %s\n", argv[n]);
			return -1;
		}
	}
	if (!vectors || !entry || !handler || !periods || !out_path) {
		fprintf(stderr, "own_cpu: needs vectors=, entry=, handler=, periods= and out=\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, block_translated);
	qemu_plugin_register_atexit_cb(id, write_summary, NULL);
	return 0;
}

/*
 * A plugin for QEMU's TCG, for make bench-where: how often the hypervisor executed each block of its instructions.
 *
 * Arguments: first= and last= the hypervisor's addresses; out= the file that is written when QEMU ends: a line for each
 * block, its address, its number of instructions, and how often it was executed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/qemu_plugin.h"

struct block {
	struct block *next;
	uint64_t address, nr_insns, count;
};

static uint64_t first, last;
static const char *out_path;
static struct block *blocks; /* the same one may be there several times, as QEMU forgets and translates again */

static void block_executed(unsigned int cpu, void *data)
{
	struct block *block = data;

	(void)cpu;
	block->count++;
}

static void block_translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	uint64_t address = qemu_plugin_tb_vaddr(tb);
	bool physical = is_physical(address, qemu_plugin_tb_get_insn(tb, 0));
	struct block *block;

	(void)id;
	if (!physical || address < first || address > last)
		return;
	block = malloc(sizeof(*block));
	if (!block)
		abort();
	*block = (struct block){ .next = blocks, .address = address, .nr_insns = qemu_plugin_tb_n_insns(tb) };
	blocks = block;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, block_executed, 0, block);
}

static void write_counts(qemu_plugin_id_t id, void *data)
{
	FILE *out = fopen(out_path, "w");

	(void)id;
	(void)data;
	if (!out) {
		perror(out_path);
		return;
	}
	for (const struct block *block = blocks; block; block = block->next)
		fprintf(out, "%" PRIx64 " %" PRIu64 " %" PRIu64 "\n", block->address, block->nr_insns, block->count);
	fclose(out);
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	(void)info;
	for (int n = 0; n < argc; n++) {
		char *value = strchr(argv[n], '=');

		if (value && !strncmp(argv[n], "first=", 6))
			first = strtoull(value + 1, NULL, 0);
		else if (value && !strncmp(argv[n], "last=", 5))
			last = strtoull(value + 1, NULL, 0);
		else if (value && !strncmp(argv[n], "out=", 4))
			out_path = value + 1; /* QEMU keeps its arguments */
		else
			return -1;
	}
	if (!last || !out_path)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, block_translated);
	qemu_plugin_register_atexit_cb(id, write_counts, NULL);
	return 0;
}

/*
 * What our plugins use of QEMU's interface for them; no package brings its header. QEMU_PLUGIN_API is the interface's
 * version, 1 or 2. [QEMU, "QEMU TCG Plugins"]
 */
#ifndef BENCH_QEMU_PLUGIN_H
#define BENCH_QEMU_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef uint64_t qemu_plugin_id_t;
typedef void qemu_plugin_tb_translated_t(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void qemu_plugin_tb_executed_t(unsigned int cpu, void *data);
typedef void qemu_plugin_exit_t(qemu_plugin_id_t id, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, qemu_plugin_tb_translated_t *translated);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, qemu_plugin_tb_executed_t *executed, int regs,
					  void *data);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, qemu_plugin_exit_t *ends, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t n);
void *qemu_plugin_insn_haddr(const struct qemu_plugin_insn *insn);
char *qemu_plugin_insn_disas(const struct qemu_plugin_insn *insn);

EXPORT int qemu_plugin_version = QEMU_PLUGIN_API;
EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv);

/*
 * Is the instruction at this address where a physical address is? So is the hypervisor's, and a guest's is not, though
 * it has code at the same addresses. To be asked of each block: the first of all is QEMU's boot loader's, with the MMU
 * off.
 */
static inline bool is_physical(uint64_t address, const struct qemu_plugin_insn *insn)
{
	static uint64_t first_distance;
	static bool has_first;
	uint64_t distance = (uint64_t)(uintptr_t)qemu_plugin_insn_haddr(insn) - address;

	if (!has_first)
		first_distance = distance;
	has_first = true;
	return distance == first_distance;
}

#endif

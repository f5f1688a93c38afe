/*
 * The VMs of a bundle as Corbel would create them, step by step as kernel/vm_create.c does, by the same functions.
 * Without a board what needs one is left out: memory, CPUs, host devices; the rest is checked.
 */
#ifndef TOOLS_CORBEL_CHECK_VMS_H
#define TOOLS_CORBEL_CHECK_VMS_H

#include "kernel/guest_fdt.h"
#include "kernel/vm_layout.h"
#include "tools/corbel-check/board.h"

struct planned_vm {
	struct vm_config config;
	struct guest_map map;
	struct vm_layout layout;
	struct passthrough passthrough;
	unsigned int homes[MAX_VCPUS_PER_VM]; /* with a board */
	/* The guest's device tree. Seeds are 0: each start has its own. */
	_Alignas(8) uint8_t fdt[GUEST_FDT_MAX_BYTES];
};

/* What VMs may have and what of it they got. */
struct plan {
	const struct board *board; /* NULL: none */
	struct bundle_host host;
	struct vm_plan_cpus cpus; /* with those that live there */
	struct planned_vm vms[MAX_VMS];
	unsigned int nr_vms;
	uint64_t ram_bytes; /* of all VMs */
	unsigned int nr_vcpus;
};

/* Every problem is reported; what is good is in the plan. */
void vms_plan(struct plan *plan, const struct board *board, const struct file *bundle, struct report *report);

#endif

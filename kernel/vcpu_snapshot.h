/*
 * A vCPU as it was at one moment, and what several such looks have in common: data alone, for whoever tells of it.
 * kernel/snapshot.h takes one, kernel/vcpu_hint.h and vcpu_words.h make words of it. Pure.
 */
#ifndef KERNEL_VCPU_SNAPSHOT_H
#define KERNEL_VCPU_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "dev/vgic.h"
#include "kernel/guest_map.h"
#include "vcpu/stage1_walk.h"
#include "vcpu/vcpu.h"

struct vcpu_snapshot {
	uint64_t now_ticks; /* CNTPCT */
	unsigned int home_cpu;
	enum vcpu_power power;
	bool was_on; /* since its VM was started */

	/* Where it stands in its pCPU's queue. */
	enum run_state state;
	bool is_held;		     /* its VM is suspended */
	uint64_t stands_since_ticks; /* CNTPCT: with that, its virtual counter stands; 0: it goes on */
	uint32_t requests;
	const char *runs_instead;   /* RUNNABLE: the vCPU that has the pCPU; NULL: none */
	uint64_t budget_ticks;	    /* 0: none */
	uint64_t period_ends_ticks; /* CNTPCT, with a budget */
	uint32_t waits_for;	    /* PENDING: vCPUs whose list registers it waits for */

	/* Registers. */
	struct trap_frame frame;
	struct el1_state el1;
	struct timer_state timer;
	uint64_t cntvoff;

	/* Interrupts. */
	unsigned int gic_version;
	struct vgic_cpu_interface interface;
	struct vgic_shown irqs;
	uint32_t timer_intids[GUEST_NR_TIMERS];
	bool timer_irq_on[GUEST_NR_TIMERS]; /* its INTID is enabled, and its group */

	/* Exits. */
	uint64_t own_exits; /* all but interrupts */
	struct vcpu_history {
		struct exit_trace trace[VCPU_NR_TRACED_EXITS];
		uint32_t trace_next;
	} history;
};

/* Of several snapshots in a row. */
struct vcpu_looks {
	unsigned int nr, nr_ran;	  /* nr_ran: it had run since the look before; the first counts */
	uint32_t exits;			  /* by the last, trace_next */
	const char *runs_instead;	  /* by the last that found one */
	uint64_t first_ticks, last_ticks; /* CNTPCT */
	uint64_t pc_min, pc_max;
	uint64_t own_exits_first, own_exits_last;
	bool always_ran;	 /* RUNNING or RUNNABLE each time */
	bool always_same_elr;	 /* ELR_EL1 */
	bool always_masked;	 /* PSTATE.I */
	uint64_t elr_el1;	 /* of the first */
	unsigned int nr_at_sync; /* looks that found it in its vectors for synchronous exceptions from EL1 */
};

/* What stands where its PC points. */
struct vcpu_code {
	bool stage1_off;
	struct stage1_walk stage1; /* unless it is off */
	bool has_ipa;
	uint64_t ipa;
	bool has_pa; /* stage 2 maps it */
	uint64_t pa, stage2_bytes;
	unsigned int access; /* STAGE2_* */
	bool has_insn, has_insn_before;
	uint32_t insn, insn_before; /* at PC, at PC - 4 */
};

/* All that is known. */
struct vcpu_view {
	struct vcpu_snapshot last;
	struct vcpu_looks looks;
	struct vcpu_history history; /* as the first look found it: each look is an exit of its own */
	struct vcpu_code code;
};

#endif

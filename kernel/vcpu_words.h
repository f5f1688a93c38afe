/*
 * What a snapshot of a vCPU says, in words of a line each: for the monitor's `why` and the report of a crash. Pure.
 * Each function fills in `text`, of VCPU_WORDS_MAX bytes, without a newline.
 */
#ifndef KERNEL_VCPU_WORDS_H
#define KERNEL_VCPU_WORDS_H

#include "kernel/vcpu_snapshot.h"

#define VCPU_WORDS_MAX 200

/* "waits for an interrupt (WFI), on CPU 1", "off", "wants to run; CPU 1 is at rt.0". */
void vcpu_words_state(const struct vcpu_view *view, char text[VCPU_WORDS_MAX]);
/* PC, PSTATE, SP, LR. */
void vcpu_words_place(const struct trap_frame *frame, const struct el1_state *el1, char text[VCPU_WORDS_MAX]);
/* The registers of EL1 that tell of its last exception. */
void vcpu_words_el1(const struct el1_state *el1, char text[VCPU_WORDS_MAX]);

/* [DDI0487 C5.2.18 SPSR_EL2.M]: "EL1", "EL0 (A32)". */
const char *vcpu_words_level(uint64_t spsr);
/* The SP that its instructions use. */
uint64_t vcpu_words_sp(const struct trap_frame *frame, const struct el1_state *el1);

/* Where PC leads. */
void vcpu_words_stage1(const struct vcpu_code *code, char text[VCPU_WORDS_MAX]);
void vcpu_words_stage2(const struct vcpu_code *code, char text[VCPU_WORDS_MAX]);
void vcpu_words_insn(const struct vcpu_code *code, char text[VCPU_WORDS_MAX]);

/* One of the EL1 timers; GUEST_TIMER_VIRT or GUEST_TIMER_PHYS_NS. */
struct vcpu_timer_view {
	const char *name;
	uint32_t intid;
	bool is_on, is_masked, is_due, irq_on; /* irq_on: its INTID, and its group, in the distributor */
	bool stands;			       /* its counter does: the VM is suspended */
	uint64_t ticks;			       /* until it is due, or since */
};
struct vcpu_timer_view vcpu_timer_of(const struct vcpu_snapshot *snapshot, enum guest_timer which);
/* hz: of CNTPCT. */
void vcpu_words_timer(const struct vcpu_timer_view *timer, uint64_t hz, char text[VCPU_WORDS_MAX]);
void vcpu_words_interface(const struct vgic_cpu_interface *interface, char text[VCPU_WORDS_MAX]);
void vcpu_words_irq(const struct vgic_shown_irq *irq, char text[VCPU_WORDS_MAX]);

/* The next of its exits that are alike, oldest first: how many, and one of them; NULL behind the last. *next is 0
 * before the first. */
const struct exit_trace *vcpu_words_next_exits(const struct vcpu_history *history, unsigned int *next,
					       unsigned int *times);
/* What the vCPU did, and at which PC. */
void vcpu_words_exit(const struct exit_trace *trace, char text[VCPU_WORDS_MAX]);

#endif

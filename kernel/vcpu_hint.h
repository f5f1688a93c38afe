/*
 * Why a guest may be silent: a sentence that a view of a vCPU bears out. It says what was found, and guesses no
 * further. Pure.
 */
#ifndef KERNEL_VCPU_HINT_H
#define KERNEL_VCPU_HINT_H

#include "kernel/vcpu_snapshot.h"

#define VCPU_HINT_MAX 200 /* bytes, with the end */

/* Would further looks tell no more? hz: of CNTPCT. */
bool vcpu_view_is_enough(const struct vcpu_view *view, uint64_t hz);
/* It wants to run, and looks->runs_instead has the pCPU. */
bool vcpu_gets_no_turn(const struct vcpu_view *view);

/* What a vCPU waits for in the middle of its program. */
enum vcpu_wait { VCPU_WAIT_NONE, VCPU_WAIT_WFI, VCPU_WAIT_WFE, VCPU_WAIT_CPU_SUSPEND, VCPU_WAIT_SYSTEM_SUSPEND };

/* A vCPU that is alone on its pCPU waits in the machine: then it is RUNNING, and its instructions tell. */
enum vcpu_wait vcpu_wait_of(const struct vcpu_view *view);

/* view->last was taken anew: it is counted. The struct is zeroed before the first. */
void vcpu_view_add_look(struct vcpu_view *view);

/* Fills in the sentence, without a full stop. Never empty. hz: of CNTPCT. */
void vcpu_hint(const struct vcpu_view *view, uint64_t hz, char text[VCPU_HINT_MAX]);

#endif

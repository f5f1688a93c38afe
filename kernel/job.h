/*
 * A job: work of Corbel's own that is too long for one turn at EL2 (loading an image, scrubbing memory, the monitor's
 * answers), cut into steps. It is scheduled like a vCPU, with a priority of its own, by the run loop of its home pCPU,
 * which looks at interrupts and for something more urgent after every step.
 */
#ifndef KERNEL_JOB_H
#define KERNEL_JOB_H

#include "lib/run_entity.h"

struct job {
	struct run_entity run;
	/* One step, on the home pCPU, no lock held: of 1,500 instructions at most, about, since interrupts wait for it.
	 * Returns false when there is nothing more to do for now. */
	bool (*step)(struct job *job);
};

/* Prepares a job with nothing to do. */
void job_init(struct job *job, bool (*step)(struct job *job), unsigned int home_cpu, uint32_t priority);

#endif

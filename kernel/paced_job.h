/*
 * A job for what the operator waits for, one step at a time with a pause behind it. It comes before VMs of the default
 * priority, and behind those that were given one; but those who spin delay it by JOB_PATIENCE_US and no more: nobody
 * can lock the operator out.
 *
 * Hand-shake: `awake` is cleared before a step looks for work and set again where there is more, so a wake-up that
 * comes meanwhile makes the job look again; one that comes during the pause changes nothing.
 */
#ifndef KERNEL_PACED_JOB_H
#define KERNEL_PACED_JOB_H

#include "kernel/job.h"
#include "kernel/soft_timer.h"

struct paced_job {
	/* Constant after paced_job_init(). */
	bool (*step)(void); /* returns true when there is more to do; on the home pCPU, no lock held */
	uint32_t pause_us;

	bool awake; /* atomic: queued, running or in its pause */
	struct job job;
	struct soft_timer pause; /* its home pCPU's */
};

void paced_job_init(struct paced_job *paced, bool (*step)(void), unsigned int home_cpu, uint32_t pause_us);
/* There is work. Any pCPU, no lock from LOCK_SCHED on held. */
void paced_job_wake(struct paced_job *paced);

#endif

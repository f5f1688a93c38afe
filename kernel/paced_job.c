/* Paced jobs: see paced_job.h. */
#include "kernel/paced_job.h"

#include "arch/arm64/timer.h"
#include "kernel/sched.h"
#include "lib/bits.h"

static bool step(struct job *job)
{
	struct paced_job *paced = container_of(job, struct paced_job, job);

	__atomic_store_n(&paced->awake, false, __ATOMIC_SEQ_CST);
	if (paced->step()) {
		__atomic_store_n(&paced->awake, true, __ATOMIC_SEQ_CST);
		soft_timer_arm(&cpu_self()->timers, &paced->pause,
			       timer_now_ticks() + timer_us_to_ticks(paced->pause_us));
	}
	return false;
}

static void pause_is_over(struct soft_timer *timer)
{
	sched_wake_job(&container_of(timer, struct paced_job, pause)->job);
}

void paced_job_init(struct paced_job *paced, bool (*work)(void), unsigned int home_cpu, uint32_t pause_us)
{
	paced->step = work;
	paced->pause_us = pause_us;
	paced->awake = false;
	job_init(&paced->job, step, home_cpu, PACED_JOB_PRIORITY);
	paced->job.run.patience_ticks = timer_us_to_ticks(JOB_PATIENCE_US);
	soft_timer_init(&paced->pause, pause_is_over);
	/* Else it would come while one whom the same interrupt has woken is on its way in. */
	paced->pause.may_be_early = true;
}

void paced_job_wake(struct paced_job *paced)
{
	if (!__atomic_exchange_n(&paced->awake, true, __ATOMIC_SEQ_CST))
		sched_wake_job(&paced->job);
}

/* The limits of this build, named. A bundle or a board that passes one of them gets a sentence that names it. */
#ifndef KERNEL_CONFIG_H
#define KERNEL_CONFIG_H

#define MAX_CPUS	      16 /* pCPUs */
#define MAX_VMS		      16
#define MAX_VCPUS_PER_VM      8
#define MAX_VCPUS	      64 /* of all VMs */
#define MAX_SMC_RANGES	      16 /* of a VM's corbel,smc-allow */
#define EL2_STACK_BYTES	      16384
#define DIRECT_MAP_MAX_BYTES  (UINT64_C(1) << 30) /* one block of the page allocator's */
#define TIME_SLICE_US	      10000		  /* of the default weight; others in proportion */
#define WEIGHT_DEFAULT	      256
#define WEIGHT_MIN	      16 /* a slice that is long beside a switch */
#define WEIGHT_MAX	      4096
#define BUDGET_MIN_US	      100
#define PERIOD_MAX_US	      1000000
#define PERIOD_DEFAULT_US     10000
#define RESTART_LIMIT	      10 /* restarts in a row of a VM that crashes: kernel/restart_policy.h */
#define RESTART_PAUSE_MIN_US  UINT64_C(100000)
#define RESTART_PAUSE_MAX_US  UINT64_C(10000000)
#define RESTART_WELL_US	      UINT64_C(60000000) /* a life as long as this ends the row */
#define REBOOT_PATIENCE_S     120		 /* longer than systemd gives its units to stop: then `reboot` lapses */
#define SOFT_TIMER_EARLY_US   5			 /* longer than a switch */
#define PACED_JOB_PRIORITY    1			 /* above a VM's default */
#define JOB_PATIENCE_US	      10000		 /* then a job takes a step, whoever is more important */
#define VM_CONSOLE_RING_BYTES 4096
#define NR_CONSOLE_KEYS	      9 /* Ctrl-] 1 to 9: further VMs get the keys by the monitor's `console` */

#endif

/*
 * How often a VM that crashes is started again (corbel,on-crash = "restart"), and after what pause: one that crashes at
 * once takes less and less of the machine, and in the end stays off. The pause doubles from restart to restart, up to a
 * most (RESTART_... in kernel/config.h); a life that went well makes the next crash the first one again. Pure: told the
 * time. The caller holds the VM's lock.
 *
 * A reset that the guest asks for is no crash: it is neither counted nor delayed, as on a board.
 */
#ifndef KERNEL_RESTART_POLICY_H
#define KERNEL_RESTART_POLICY_H

#include <stdbool.h>
#include <stdint.h>

struct restart_policy {
	uint32_t nr_restarts; /* in a row, without a life between them that went well */
};

/* It has crashed after a life of ran_us. Returns true, and the pause before its next start; or false: it stays off. */
bool restart_policy_crashed(struct restart_policy *policy, uint64_t ran_us, uint64_t *pause_us);
/* The operator has started it, or reset it: what was before does not count. */
void restart_policy_forget(struct restart_policy *policy);

#endif

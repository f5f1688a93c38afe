/* The client of the firmware's PSCI at EL3. Issues an SMC only where the device tree says method = "smc". [DEN0022] */
#ifndef PSCI_PSCI_HOST_H
#define PSCI_PSCI_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "smc/smccc.h"

/*
 * smc: the firmware answers PSCI by SMC. The call itself is handed down (psci/ includes no arch): X0-X17 go out of x,
 * and the answer comes back in it.
 */
void psci_host_init(bool smc, void (*call)(uint64_t x[SMCCC_NR_REGS]));
/* Is there firmware that may be called at all? */
bool psci_host_present(void);
/* HV_ENOENT without firmware, HV_EBUSY/HV_EEXIST/HV_EINVAL/HV_EIO by the firmware's answer. */
enum hv_err psci_host_cpu_on(uint64_t mpidr, uint64_t entry_pa, uint64_t context_id);
/*
 * What the firmware's SMCCC_ARCH_FEATURES says of a function of the architecture's range; negative: it has it not, or
 * is older than SMCCC 1.1, and is not asked. Boot CPU. [DEN0022 5.15.2; DEN0028 7.3, 7.4]
 */
int32_t psci_host_arch_features(uint32_t function);
/* These return only when there is no firmware or it refused. */
void psci_host_system_off(void);
void psci_host_system_reset(void);

#endif

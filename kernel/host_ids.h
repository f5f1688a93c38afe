/* The host's ID registers, read once by the boot CPU. */
#ifndef KERNEL_HOST_IDS_H
#define KERNEL_HOST_IDS_H

#include <stdint.h>

/* ID_REGS_NR values by slot (vcpu/idregs.h). */
const uint64_t *host_id_regs(void);

#endif

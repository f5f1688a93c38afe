#include "vcpu/vcpu.h"

#include <string.h>

#include "arch/arm64/regs/mpidr.h"
#include "arch/arm64/regs/spsr.h"

#define VCPUS_PER_CLUSTER 16 /* Aff0 0..15: what a GICv3 SGI target list reaches */

void vcpu_init(struct vcpu *vcpu, uint8_t index)
{
	vcpu->index = index;
	vcpu->mpidr = FIELD_PREP(MPIDR_EL1_Aff0, index % VCPUS_PER_CLUSTER) |
		      FIELD_PREP(MPIDR_EL1_Aff1, index / VCPUS_PER_CLUSTER);
	vcpu->vmpidr = MPIDR_EL1_RES1 | vcpu->mpidr;
	vcpu->power = VCPU_POWER_OFF;
	vcpu->run.state = RUN_OFFLINE;
	vcpu->log_limit.burst_left = LOG_BURST;
	list_init(&vcpu->run.node);
}

void vcpu_reset_regs(struct vcpu *vcpu, uint64_t entry, uint64_t context_id)
{
	/* Zero first: what another life of this VM left must not show in the next one. */
	memset(&vcpu->frame, 0, sizeof(vcpu->frame));
	memset(&vcpu->fp, 0, sizeof(vcpu->fp));
	memset(&vcpu->timer, 0, sizeof(vcpu->timer));
	memset(&vcpu->debug, 0, sizeof(vcpu->debug));
	vcpu->debug.os_locked = true; /* [DDI0487 OSLSR_EL1.OSLK] after a Cold reset, as each power-up is one */
	memset(&vcpu->pauth, 0, sizeof(vcpu->pauth));
	vcpu->hcr = 0;

	/* [DEN0022 6.4] initial state of a core; x1-x3 = 0 is the arm64 boot protocol's. */
	vcpu->frame.elr = entry;
	vcpu->frame.x[0] = context_id;
	vcpu->frame.spsr = SPSR_M_EL1H | SPSR_DAIF;

#define EL1_REG(name, accessor, reset) vcpu->el1.accessor = (reset);
#include "arch/arm64/regs/el1_regs.def"
#undef EL1_REG
}

void vcpu_forget_exits(struct vcpu *vcpu)
{
	memset(vcpu->nr_exits, 0, sizeof(vcpu->nr_exits));
	vcpu->trace_next = 0;
}

uint64_t vcpu_own_exits(const struct vcpu *vcpu)
{
	uint64_t count = 0;

	for (unsigned int reason = 0; reason < EXIT_NR_REASONS; reason++)
		count += reason == EXIT_EXTERNAL_INTERRUPT ? 0 : vcpu->nr_exits[reason];
	return count;
}

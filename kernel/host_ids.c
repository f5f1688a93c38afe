/*
 * The host's ID registers: op0=3, op1=0, CRn=0, CRm=1..7, op2=0..7, by encoding, since older assemblers do not know all
 * names; those not allocated read zero [DDI0487 D12.3.1 ID space].
 */
#include "kernel/host_ids.h"

#include "arch/arm64/id_space.h"
#include "vcpu/idregs.h"

const uint64_t *host_id_regs(void)
{
	static uint64_t values[ID_REGS_NR];
	static bool have;

	if (!have) {
		id_space_read(values);
		have = true;
	}
	return values;
}

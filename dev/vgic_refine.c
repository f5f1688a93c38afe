/* Exits that send software-generated interrupts, recognised for what they are. Pure. */
#include "dev/vgic.h"
#include "dev/vgic_regs.h"
#include "lib/bits.h"
#include "vcpu/sysreg_trap.h"

#define ICC_DIR_EL1    SYSREG_ADDR(3, 0, 12, 11, 1)
#define ICC_SGI1R_EL1  SYSREG_ADDR(3, 0, 12, 11, 5)
#define ICC_ASGI1R_EL1 SYSREG_ADDR(3, 0, 12, 11, 6)
#define ICC_SGI0R_EL1  SYSREG_ADDR(3, 0, 12, 11, 7)

#define ICC_DIR_INTID GENMASK(23, 0)

/* [IHI0069 ICC_SGI1R_EL1] */
#define ICC_SGIR_TargetList GENMASK(15, 0)
#define ICC_SGIR_Aff1	    GENMASK(23, 16)
#define ICC_SGIR_INTID	    GENMASK(27, 24)
#define ICC_SGIR_Aff2	    GENMASK(39, 32)
#define ICC_SGIR_IRM	    BIT(40)
#define ICC_SGIR_RS	    GENMASK(47, 44)
#define ICC_SGIR_Aff3	    GENMASK(55, 48)

#define MPIDR_Aff1 GENMASK(15, 8)
#define MPIDR_Aff2 GENMASK(23, 16)
#define MPIDR_Aff3 GENMASK(39, 32)

/* [IHI0048 4.3.15 GICD_SGIR] */
#define GICD_SGIR		      0xF00
#define GICD_SGIR_TargetListFilter    GENMASK(25, 24)
#define GICD_SGIR_CPUTargetList	      GENMASK(23, 16)
#define GICD_SGIR_SGIINTID	      GENMASK(3, 0)
#define TargetListFilter_list	      0
#define TargetListFilter_all_but_self 1
#define TargetListFilter_self	      2

void vgic_decode_sgir(uint32_t value, struct vcpu_exit *exit)
{
	uint64_t filter = FIELD_GET(GICD_SGIR_TargetListFilter, value);

	exit->reason = EXIT_SEND_IPI;
	exit->send_ipi.target = filter == TargetListFilter_list ? FIELD_GET(GICD_SGIR_CPUTargetList, value) : 0;
	exit->send_ipi.aux = 0;
	exit->send_ipi.to_all = filter == TargetListFilter_all_but_self;
	exit->send_ipi.to_self = filter == TargetListFilter_self;
	exit->send_ipi.vector = (uint32_t)FIELD_GET(GICD_SGIR_SGIINTID, value);
	exit->send_ipi.group = 0; /* NSATT is for the Security Extensions: whatever group the SGI has */
	exit->send_ipi.is_mmio = true;
}

static void decode_icc_sgir(uint64_t value, uint8_t group, struct vcpu_exit *exit)
{
	uint64_t range = FIELD_GET(ICC_SGIR_RS, value);

	exit->reason = EXIT_SEND_IPI;
	exit->send_ipi.target = FIELD_PREP(MPIDR_Aff1, FIELD_GET(ICC_SGIR_Aff1, value)) |
				FIELD_PREP(MPIDR_Aff2, FIELD_GET(ICC_SGIR_Aff2, value)) |
				FIELD_PREP(MPIDR_Aff3, FIELD_GET(ICC_SGIR_Aff3, value));
	/* RS >= 4 names Aff0 64 and up: no vCPU is there. */
	exit->send_ipi.aux = range < 4 ? FIELD_GET(ICC_SGIR_TargetList, value) << (16 * range) : 0;
	exit->send_ipi.to_all = (value & ICC_SGIR_IRM) != 0;
	exit->send_ipi.to_self = false;
	exit->send_ipi.vector = (uint32_t)FIELD_GET(ICC_SGIR_INTID, value);
	exit->send_ipi.group = group;
	exit->send_ipi.is_mmio = false;
}

static void refine_sysreg(struct vcpu_exit *exit)
{
	uint32_t addr = exit->sysreg.addr;

	/* With one security state ASGI1R has no other state to reach: it acts as SGI0R [IHI0069 ICC_ASGI1R_EL1]. */
	if (addr == ICC_SGI1R_EL1)
		decode_icc_sgir(exit->sysreg.value, 1, exit);
	else if (addr == ICC_SGI0R_EL1 || addr == ICC_ASGI1R_EL1)
		decode_icc_sgir(exit->sysreg.value, 0, exit);
}

void vgic_refine(struct vcpu *vcpu, unsigned int version, ipa_t gicd)
{
	struct vcpu_exit *exit = &vcpu->exit;

	if (version == 3 && exit->reason == EXIT_SYSREG_WRITE)
		refine_sysreg(exit);
	else if (version == 2 && exit->reason == EXIT_MMIO_WRITE && exit->mmio.addr.raw == gicd.raw + GICD_SGIR &&
		 exit->mmio.width == ACCESS_DWORD && !exit->mmio.plan.from_insn)
		vgic_decode_sgir((uint32_t)exit->mmio.data, exit);
}

bool vgic_is_dir(const struct vcpu_exit *exit, uint32_t *intid)
{
	if (exit->reason != EXIT_SYSREG_WRITE || exit->sysreg.addr != ICC_DIR_EL1)
		return false;
	*intid = (uint32_t)FIELD_GET(ICC_DIR_INTID, exit->sysreg.value);
	return true;
}

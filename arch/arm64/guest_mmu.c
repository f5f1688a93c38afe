/* The registers behind stage 2: see guest_mmu.h. */
#include "arch/arm64/guest_mmu.h"

#include "arch/arm64/barrier.h"
#include "arch/arm64/regs/id_fields.h"
#include "arch/arm64/sysreg.h"
#include "arch/arm64/tlb.h"
#include "lib/bits.h"

#define VMIDBITS_16 2

#define VTTBR_EL2_VMID GENMASK(63, 48)
#define VTCR_EL2_VS    BIT(19) /* 16-bit VMIDs */
#define VTCR_EL2_RES1  BIT(31)
#define TCR_EL1_EPD0   BIT(7)
#define TCR_EL1_EPD1   BIT(23)

/* Beyond so many pages one flush of the whole VMID is cheaper. */
#define FLUSH_BY_PAGE_MAX 64

unsigned int guest_mmu_pa_bits(void)
{
	static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48 };
	uint64_t parange = FIELD_GET(ID_AA64MMFR0_EL1_PARange, read_sysreg(id_aa64mmfr0_el1));

	return parange < ARRAY_SIZE(bits) ? bits[parange] : 48;
}

bool guest_mmu_has_vmid16(void)
{
	return FIELD_GET(ID_AA64MMFR1_EL1_VMIDBits, read_sysreg(id_aa64mmfr1_el1)) == VMIDBITS_16;
}

uint64_t guest_mmu_vttbr(pa_t root, uint32_t vmid)
{
	return root.raw | FIELD_PREP(VTTBR_EL2_VMID, vmid);
}

uint64_t guest_mmu_vtcr(uint64_t stage2_vtcr)
{
	return stage2_vtcr | VTCR_EL2_RES1 | (guest_mmu_has_vmid16() ? VTCR_EL2_VS : 0);
}

void guest_mmu_park(void)
{
	/*
	 * A57 1319537, A72 1319367: a speculative walk while EL1's registers change would mix two guests' tables and
	 * leave the result in the TLB. Stage 1 walks are off, and VMID 0, which nobody has, tags whatever is walked
	 * without stage 1.
	 */
	write_sysreg(TCR_EL1_EPD0 | TCR_EL1_EPD1, tcr_el1);
	write_sysreg(0, vttbr_el2);
	isb();
}

void guest_mmu_load(uint64_t vttbr, uint64_t vtcr)
{
	write_sysreg(vtcr, vtcr_el2);
	write_sysreg(vttbr, vttbr_el2);
	isb();
}

void guest_mmu_flush_local(void)
{
	tlb_flush_vmid_local();
}

void guest_mmu_flush_range(uint64_t vttbr, ipa_t base, uint64_t size_bytes)
{
	uint64_t loaded = read_sysreg(vttbr_el2);

	/* TLBIs work on the VMID in VTTBR_EL2, so it is put there for their time. */
	write_sysreg(vttbr, vttbr_el2);
	isb();
	if (size_bytes <= FLUSH_BY_PAGE_MAX * PAGE_SIZE) {
		dsb(ishst);
		for (uint64_t offset = 0; offset < size_bytes; offset += PAGE_SIZE)
			tlb_flush_ipa_is(ipa(base.raw + offset));
		tlb_flush_stage1_is();
	} else {
		tlb_flush_vmid_is();
	}
	write_sysreg(loaded, vttbr_el2);
	isb();
}

void guest_mmu_flush_all(void)
{
	tlb_flush_guests_is();
}
